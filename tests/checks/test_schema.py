"""The check `schema`: what it hands to kubeconform, what it keeps back, and what it makes of the answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora import rule_texts
from aurora.checks import schema
from aurora.checks.schema import SchemaCheck
from aurora.errors import InputError, StorageError, ToolError, ToolOutputError, UsageError
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject
from aurora.schemas.rules import BROKEN_CRD
from aurora.tools.settings import Settings
from schemas.crd_cases import FOLDER, definition, of_spec
from schemas.judging import config_map, judge, shown, stream, thing
from tools import fake_kubeconform as fake


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "workspace").mkdir()
    return Settings(cache=tmp_path / "cache", workspace=tmp_path / "workspace", timeout=60)


def test_everything_is_counted(tmp_path: Path, settings: Settings) -> None:
    bodies = [config_map("a"), config_map("b"), {**config_map(), "kind": "Nonsense"}]
    result = judge(SchemaCheck(lambda _: fake.reading(tmp_path)), settings, stream(*bodies))
    assert (result.examined, result.matched, result.skipped) == (3, 2, 1)
    assert (result.planted, result.caught) == (4, 4)
    assert shown(result.findings) == [
        ("schema/unknown-kind", "/apiVersion", "no definition of the kind `Nonsense` in `v1` is known")
    ]
    assert result.tool is not None
    assert (result.tool.name, result.tool.version) == ("kubeconform", "v0.7.0")


def test_an_empty_input_still_proves_that_the_tool_looks(tmp_path: Path, settings: Settings) -> None:
    result = SchemaCheck(lambda _: fake.reading(tmp_path)).run(Inventory([]), settings)
    assert (result.examined, result.planted, result.caught, result.findings) == (0, 4, 4, ())
    with pytest.raises(ToolOutputError, match="missed the planted violation"):
        SchemaCheck(lambda _: fake.reading(tmp_path, _TRUSTING)).run(Inventory([]), settings)


def test_every_schema_in_use_gets_a_planted_violation_of_its_own(tmp_path: Path, settings: Settings) -> None:
    bodies = [config_map(), {**config_map(), "kind": "Secret"}, definition(of_spec({"type": "object"})), thing({})]
    result = judge(SchemaCheck(lambda _: fake.reading(tmp_path)), settings, stream(*bodies))
    assert (result.planted, result.caught) == (7, 7)


_TRUSTING = "for row in rows: row.update(status='statusValid', msg='')"
TWISTS = {
    "believes everything": _TRUSTING,
    "believes one planted violation": "rows[-1].update(status='statusValid', msg='')",
    "refuses planted violations for another reason": "for row in rows: row['msg'] = row['msg'] and 'missing property'",
    "drops one object": "rows.pop(0)",
    "swaps two objects": "rows[0]['filename'], rows[1]['filename'] = rows[1]['filename'], rows[0]['filename']",
    "prints nothing": "sys.exit(0)",
    "prints half": "print('{\"resources\": ['); sys.exit(1)",
    "crashes": "os.kill(os.getpid(), signal.SIGKILL)",
    "ends with another code": "sys.exit(7)",
}


@pytest.mark.parametrize("twist", TWISTS)
def test_a_tool_that_does_not_do_its_work_never_passes(tmp_path: Path, settings: Settings, twist: str) -> None:
    check = SchemaCheck(lambda _: fake.reading(tmp_path, TWISTS[twist]))
    with pytest.raises(ToolError):
        judge(check, settings, stream(config_map("a"), config_map("b")))


def test_an_object_without_a_schema_never_reaches_the_tool(tmp_path: Path, settings: Settings) -> None:
    stranger = {**config_map(), "apiVersion": "a/b/c", "kind": "../../etc/passwd"}
    check = SchemaCheck(lambda _: fake.reading(tmp_path, "assert not any('..' in row['kind'] for row in rows)"))
    result = judge(check, settings, stream(stranger))
    assert shown(result.findings)[0][0] == "schema/unknown-kind"
    [folder] = settings.workspace.iterdir()
    assert {path.name for path in folder.iterdir()} == {"schemas", *(f"{index:05}.yaml" for index in range(4))}


def test_a_list_that_was_not_opened_is_a_finding(tmp_path: Path, settings: Settings) -> None:
    body: JsonObject = {"apiVersion": "example.com/v1", "kind": "List", "metadata": {"name": "a"}, "spec": {}}
    crd = definition(of_spec({"type": "object"}), name="list")
    result = judge(SchemaCheck(lambda _: fake.reading(tmp_path)), settings, stream(crd, body))
    assert shown(result.findings) == [
        ("schema/invalid", "/kind", "kubeconform opens every object of a kind `List` instead of judging it")
    ]


DISGUISES = [
    ({**config_map(), "apiversion": "v2"}, "/apiversion", "apiVersion"),
    ({**config_map(), "\u212aind": "Secret"}, "/\u212aind", "kind"),
    ({**config_map(), "METADATA": {"name": "b"}}, "/METADATA", "metadata"),
    ({**config_map(), "metadata": {"name": "a", "Name": "b"}}, "/metadata/Name", "name"),
    (
        {**config_map(), "metadata": {"name": "a", "generatename": "b"}},
        "/metadata/generatename",
        "generateName",
    ),
]


@pytest.mark.parametrize(("body", "pointer", "meant"), DISGUISES)
def test_a_key_that_kubeconform_would_follow_by_mistake_is_a_finding(
    settings: Settings, body: JsonObject, pointer: str, meant: str
) -> None:
    result = judge(SchemaCheck(lambda _: fake.reading(settings.workspace)), settings, stream(body))
    assert [(finding.rule, finding.pointer) for finding in result.findings] == [("schema/invalid", pointer)]
    assert result.findings[0].hint == f"did you mean `{meant}`?"
    assert result.skipped == 1


def test_a_text_that_kubeconform_would_cut_is_handed_over_in_another_form(tmp_path: Path, settings: Settings) -> None:
    text = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: "x\n---y"}\n'
    reader = fake.program(tmp_path, "import shutil; shutil.copy('00000.yaml', '../../first'); sys.exit(0)")
    with pytest.raises(ToolOutputError):
        judge(SchemaCheck(lambda _: reader), settings, text)
    assert "\n---" not in (tmp_path / "first").read_text()
    assert "x ---y" in (tmp_path / "first").read_text()


def test_a_version_of_kubernetes_without_schemas_stops_the_run(tmp_path: Path, settings: Settings) -> None:
    own = stream(definition(of_spec({"type": "object"})), thing({}))
    for text in (stream(config_map()), own):
        with pytest.raises(UsageError, match=r"there are no schemas of Kubernetes 1\.99") as caught:
            judge(SchemaCheck(lambda _: fake.reading(tmp_path)), settings, text, kubernetes="1.99")
    assert caught.value.hint == "there are those of 1.25 to 1.37"


def test_a_workspace_that_is_not_there_stops_the_run(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        judge(
            SchemaCheck(lambda _: fake.reading(tmp_path)), settings.within(tmp_path / "nowhere"), stream(config_map())
        )


def test_definitions_of_the_input_and_of_folders_are_used(tmp_path: Path, settings: Settings) -> None:
    check = SchemaCheck(lambda _: fake.reading(tmp_path))
    pipe: JsonObject = {"apiVersion": "plumbing.example.com/v1", "kind": "Pipe", "metadata": {"name": "a"}, "spec": {}}
    assert judge(check, settings, stream(pipe)).skipped == 1
    with_folder = Settings(cache=settings.cache, workspace=settings.workspace, schemas=(FOLDER,))
    assert judge(check, with_folder, stream(pipe)).skipped == 0
    assert judge(check, settings, stream(definition(of_spec({"type": "object"})), thing({}))).skipped == 0


def test_a_broken_folder_of_definitions_stops_the_run(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "crds").mkdir()
    (tmp_path / "crds" / "a.yaml").write_text(rule_texts.text(BROKEN_CRD.id).bad)
    with_folder = Settings(cache=settings.cache, workspace=settings.workspace, schemas=(tmp_path / "crds",))
    with pytest.raises(InputError) as caught:
        judge(SchemaCheck(lambda _: fake.reading(tmp_path)), with_folder, stream(thing({})))
    assert [finding.rule for finding in caught.value.findings] == [BROKEN_CRD.id]


def test_more_objects_than_a_command_line_takes_are_judged_in_several_proved_runs(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "_BATCH", 2)
    result = judge(SchemaCheck(lambda _: fake.reading(tmp_path)), settings, stream(*map(config_map, "abcde")))
    assert (result.examined, result.matched, result.planted, result.caught) == (5, 5, 4, 4)
