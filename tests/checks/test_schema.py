"""The check `schema`: what it hands to kubeconform, what it keeps back, and what it makes of the answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from aurora import manifests
from aurora.checks import schema
from aurora.checks.check import Settings
from aurora.checks.schema import SchemaCheck
from aurora.errors import InputError, StorageError, ToolError, ToolOutputError, UsageError
from aurora.model.finding import Finding
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue, mapping
from aurora.model.report import CheckResult
from aurora.model.rule import Rule
from aurora.schemas.rules import BROKEN_CRD
from aurora.tools.installed import Toolbox
from checks.rule_cases import found_rules
from schemas.convert_cases import CASES, ConvertCase
from schemas.crd_cases import FOLDER, definition, of_spec
from tools import fake_kubeconform as fake

RULES = [pytest.param(rule, id=rule.id) for rule in SchemaCheck(Path).rules]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "workspace").mkdir()
    return Settings(cache=tmp_path / "cache", workspace=tmp_path / "workspace", timeout=60)


@pytest.fixture
def real(real_toolbox: Toolbox) -> SchemaCheck:
    return SchemaCheck(real_toolbox.locate)


def stream(*bodies: JsonObject) -> str:
    return "\n---\n".join(json.dumps(body) for body in bodies)


def config_map(name: str = "a") -> JsonObject:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "x"}}


def thing(spec: JsonValue, name: str = "a") -> JsonObject:
    return {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": name}, "spec": spec}


def judge(check: SchemaCheck, settings: Settings, text: str, *, kubernetes: str = "1.35") -> CheckResult:
    read = manifests.read(text.encode(), "input.yaml")
    assert not read.findings, read.findings
    return check.run(Inventory(read.manifests, kubernetes=kubernetes), settings)


def shown(findings: Sequence[Finding]) -> list[tuple[str, str | None, str]]:
    return [(finding.rule, finding.pointer, finding.message) for finding in findings]


# With a fake kubeconform: what the check itself decides.


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
    with pytest.raises(UsageError, match=r"there are no schemas of Kubernetes 1\.99") as caught:
        judge(SchemaCheck(lambda _: fake.reading(tmp_path)), settings, stream(config_map()), kubernetes="1.99")
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
    (tmp_path / "crds" / "a.yaml").write_text(BROKEN_CRD.bad)
    with_folder = Settings(cache=settings.cache, workspace=settings.workspace, schemas=(tmp_path / "crds",))
    with pytest.raises(InputError) as caught:
        judge(SchemaCheck(lambda _: fake.reading(tmp_path)), with_folder, stream(thing({})))
    assert [finding.rule for finding in caught.value.findings] == [BROKEN_CRD.id]


def test_more_objects_than_a_command_line_takes_are_judged_in_several_proved_runs(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "_BATCH", 2)
    result = judge(SchemaCheck(lambda _: fake.reading(tmp_path)), settings, stream(*map(config_map, "abcde")))
    assert (result.examined, result.matched, result.planted, result.caught) == (5, 5, 12, 12)


# With the pinned kubeconform.


@pytest.mark.real_tools
@pytest.mark.parametrize("rule", RULES)
def test_the_bad_example_breaks_its_rule_and_the_good_one_none(
    real: SchemaCheck, settings: Settings, rule: schema.Rule
) -> None:
    assert found_rules(real, rule.bad, settings) == {rule.id}
    assert found_rules(real, rule.good, settings) == set()


def named(case: ConvertCase, number: int) -> str:
    return f"thing{number}"


@pytest.mark.real_tools
def test_kubeconform_decides_every_conversion_as_the_api_server_does(real: SchemaCheck, settings: Settings) -> None:
    bodies: list[JsonObject] = []
    for number, case in enumerate(CASES):
        bodies.append(definition(of_spec(case.schema), name=named(case, number)))
        for verdict, specs in (("good", case.good), ("bad", case.bad)):
            for index, spec in enumerate(specs):
                bodies.append({**thing(spec, f"{verdict}-{index}"), "kind": named(case, number).capitalize()})
    result = judge(real, settings, stream(*bodies))
    wrong = {(finding.resource.kind, finding.resource.name) for finding in result.findings if finding.resource}
    for number, case in enumerate(CASES):
        kind = named(case, number).capitalize()
        assert {name for found, name in wrong if found == kind} == {f"bad-{index}" for index in range(len(case.bad))}, (
            case.name
        )
    assert result.matched == len(bodies)


BROKEN_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {"a/b~c": 1}}
spec:
  replicas: 3000000000
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - image: 5
          imagePullpolicy: x
          ports:
            - {containerPort: http, hostPrt: 1}
"""


@pytest.mark.real_tools
def test_every_mistake_is_found_with_its_place_and_in_clear_words(real: SchemaCheck, settings: Settings) -> None:
    result = judge(real, settings, BROKEN_DEPLOYMENT)
    found = [
        (f.pointer, f.message, f.hint, (f.place.line, f.place.column) if f.place else None) for f in result.findings
    ]
    container = "/spec/template/spec/containers/0"
    assert found == [
        ("/metadata/labels/a~1b~0c", "must be a string, not a number", None, (3, 49)),
        ("/spec/replicas", "must be at most 2147483647", None, (5, 3)),
        (container, "the required field `name` is missing", None, (11, 11)),
        (f"{container}/image", "must be a string, not a number", None, (11, 11)),
        (
            f"{container}/imagePullpolicy",
            "unknown field `imagePullpolicy`",
            "did you mean `imagePullPolicy`?",
            (12, 11),
        ),
        (f"{container}/ports/0/containerPort", "must be a whole number, not a string", None, (14, 16)),
        (f"{container}/ports/0/hostPrt", "unknown field `hostPrt`", "did you mean `hostPort`?", (14, 37)),
    ]


@pytest.mark.real_tools
def test_generated_names_work(real: SchemaCheck, settings: Settings) -> None:
    body = {**config_map(), "metadata": {"generateName": "run-", "namespace": "x"}}
    assert (
        judge(real, settings, stream(body, {**body, "metadata": {"generateName": "run-", "name": "a"}})).findings == ()
    )


@pytest.mark.real_tools
def test_a_duplicate_key_a_wrong_type_of_name_and_a_cut_text_are_no_way_around(
    real: SchemaCheck, settings: Settings
) -> None:
    odd: JsonObject = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "a-", "name": 5}}
    text = stream(odd) + '\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: "x\n---y"}\n'
    assert shown(judge(real, settings, text).findings) == [
        ("schema/invalid", "/metadata/name", "must be a string, not a number")
    ]


@pytest.mark.real_tools
def test_a_definition_whose_schema_cannot_be_used_is_a_finding_on_every_object_of_its_kind(
    real: SchemaCheck, settings: Settings
) -> None:
    crd = definition(of_spec({"type": "object", "properties": {"a": {"type": "string", "pattern": "(["}}}))
    result = judge(real, settings, stream(crd, thing({}), thing({}, "b"), config_map()))
    assert [(finding.rule, finding.resource and finding.resource.name) for finding in result.findings] == [
        ("schema/broken-crd", "a"),
        ("schema/broken-crd", "b"),
    ]
    assert (result.examined, result.matched, result.skipped) == (4, 2, 2)
    assert result.planted == result.caught == 5


@pytest.mark.real_tools
def test_own_definitions_are_judged_too(real: SchemaCheck, settings: Settings) -> None:
    crd = definition(of_spec({"type": "object"}))
    mapping(crd["spec"])["scop"] = "Cluster"
    assert shown(judge(real, settings, stream(crd)).findings) == [
        ("schema/invalid", "/spec/scop", "unknown field `scop`")
    ]


@pytest.mark.real_tools
def test_a_workspace_with_an_unusual_name_works(real: SchemaCheck, settings: Settings, tmp_path: Path) -> None:
    odd = tmp_path / "it's a w\u00f6rk space"
    odd.mkdir()
    assert judge(real, settings.within(odd), stream(config_map())).findings == ()


@pytest.mark.real_tools
def test_a_workspace_whose_name_kubeconform_cannot_read_is_an_error_and_no_pass(
    real: SchemaCheck, settings: Settings, tmp_path: Path
) -> None:
    odd = tmp_path / "100%zz"
    odd.mkdir()
    with pytest.raises(ToolOutputError, match=r"cannot use the schema of ConfigMap \(v1\)") as caught:
        judge(real, settings.within(odd), stream(config_map()))
    assert caught.value.hint is not None
    assert "in the path of the temporary folder" in caught.value.hint


@pytest.mark.real_tools
def test_every_built_in_kind_refuses_its_planted_violation(real: SchemaCheck, settings: Settings) -> None:
    from aurora.schemas.kubernetes import KubernetesSchemas

    bodies = [
        {**config_map(), "apiVersion": kind.api_version, "kind": kind.kind}
        for kind in sorted(KubernetesSchemas("1.35").kinds)
    ]
    result = judge(real, settings, stream(*bodies))
    assert result.matched == len(bodies)
    assert result.caught == len(bodies) + 3
