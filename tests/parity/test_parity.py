"""In what two environments differ, which of it was declared, and how that is told."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from markdown_it import MarkdownIt

from aurora import parity
from aurora.model.parity import Parity
from aurora.reporters import parity_json, parity_markdown, parity_text
from commands.command_line import ENVIRONMENT, CommandLine
from environment.toys import HEAD, SERVING, load_toy, repository

LAYER = """\
components:
  store: {kind: Store, size: 10Gi}
  inference:
    kind: Serving
    namespace: aurora
    model: housing
    stable: {version: v1, weight: 100}
    sources: [{folder: one}, {folder: two}]
"""
DEV = HEAD.replace("name: prod", "name: dev") + "extends: [bases/all.yaml]\n"
PROD = HEAD + "extends: [bases/all.yaml]\n"


def compared(folder: Path, dev: str, prod: str, layer: str = LAYER) -> Parity:
    paths = repository(folder, {"dev.yaml": DEV + dev, "prod.yaml": PROD + prod, "bases/all.yaml": layer})
    return parity.compare(load_toy(paths, "dev"), load_toy(paths, "prod"))


def told(found: Parity) -> list[str]:
    return [f"{each.path}: {each.declared.reason if each.declared else None}" for each in found.differences]


def test_environments_that_say_the_same_do_not_differ(tmp_path: Path) -> None:
    found = compared(tmp_path, "", "")
    assert (found.differences, found.unneeded, found.standings) == ((), (), frozenset())


def test_a_default_that_is_written_out_is_no_difference_and_another_value_is(tmp_path: Path) -> None:
    dev = "components: {inference: {replicas: 1, probe: {seconds: 10}, debug: true}}\n"
    found = compared(tmp_path, dev, "")
    assert told(found) == ["components.inference.debug: None"]
    [each] = found.differences
    assert (each.first.value, str(each.first.place)) == (True, "environments/dev.yaml:8:68")
    assert (each.second.value, each.second.place) == (False, None)


def test_a_list_is_one_value_and_a_mapping_is_compared_by_its_keys(tmp_path: Path) -> None:
    prod = (
        "components:\n  inference:\n    sources: [{folder: two}, {bucket: three}]\n    labels: {a: b}\n"
        "    stable: {version: v2}\n    values: {grafana.ini: {shown: true}}\n"
    )
    assert told(compared(tmp_path, "", prod)) == [
        "/components/inference/values/grafana.ini: None",
        "components.inference.labels.a: None",
        "components.inference.sources: None",
        "components.inference.stable.version: None",
    ]


def test_numbers_texts_and_flags_are_different_values(tmp_path: Path) -> None:
    dev = "components: {inference: {values: {a: 1, b: true, c: '1'}}}\n"
    prod = "components: {inference: {values: {a: true, b: 'true', c: 1}}}\n"
    assert len(compared(tmp_path, dev, prod).differences) == 3


def test_a_component_of_one_environment_is_one_difference(tmp_path: Path) -> None:
    found = compared(tmp_path, "components: {second: {kind: Store, size: 1Gi}}\n", "")
    assert told(found) == ["components.second: None"]
    assert parity_text.value(found.differences[0].second) == "not there"


def test_a_declaration_covers_its_path_and_what_is_below_it_and_nothing_beside(tmp_path: Path) -> None:
    prod = (
        "intended:\n"
        "  components.inference.stable: newer\n"
        "  components.inference.stable.version: the newest\n"
        "  components.*.size: larger\n"
        "  components.inference.stab: of no value\n"
        "  /components/inference/values/grafana.ini: quieter\n"
        "components:\n  store: {size: 20Gi}\n"
        "  inference: {stable: {version: v2, weight: 90}, ratio: 2.0, values: {grafana.ini: {shown: true}}}\n"
    )
    found = compared(tmp_path, "", prod)
    assert told(found) == [
        "/components/inference/values/grafana.ini: quieter",
        "components.inference.ratio: None",
        "components.inference.stable.version: the newest",
        "components.inference.stable.weight: newer",
        "components.store.size: larger",
    ]
    assert [(each.path, str(each.place)) for each in found.unneeded] == [
        ("components.inference.stab", "environments/prod.yaml:12:3")
    ]


def test_a_declaration_in_either_environment_or_in_their_layer_counts_once(tmp_path: Path) -> None:
    layer = LAYER + "intended: {components.inference.replicas: more}\n"
    dev = "intended: {components.inference.debug: seen}\ncomponents: {inference: {debug: true}}\n"
    found = compared(tmp_path, dev, "", layer)
    assert told(found) == ["components.inference.debug: seen"]
    assert [each.path for each in found.unneeded] == ["components.inference.replicas"]


@pytest.mark.parametrize("path", ["", "*", "/*", ".stage", "a\nb"])
def test_a_path_that_declares_everything_or_nothing_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(Exception, match="cannot be compiled"):
        compared(tmp_path, "", f"intended: {{{json.dumps(path)}: because}}\n")


FOUND = (
    "intended: {components.inference.replicas: 'a | b', gitops: of its own}\n"
    "components: {inference: {replicas: 3, values: {'a|b': '<b>|'}}}\n"
)


def test_the_text_tells_what_is_undeclared_first(tmp_path: Path) -> None:
    assert parity_text.write(compared(tmp_path, "", FOUND)).splitlines() == [
        "undeclared: /components/inference/values/a|b",
        "  dev: not there",
        '  prod: "<b>|" (environments/prod.yaml:9:55)',
        "",
        "differ on purpose:",
        "  components.inference.replicas: a | b",
        "",
        "declared, and not different:",
        "  gitops (environments/prod.yaml:8:52): of its own",
        "",
        "2 differences between dev and prod: 1 undeclared; 1 declaration without a difference",
    ]


def test_a_long_value_is_cut_in_the_text_and_whole_in_json(tmp_path: Path) -> None:
    found = compared(tmp_path, "", f"components: {{inference: {{labels: {{a: {'x' * 300}}}}}}}\n")
    assert f'"{"x" * 99}…' in parity_text.write(found)
    assert json.loads(parity_json.write(found))["differences"][0]["second"]["value"] == "x" * 300


def test_the_json_fits_its_schema(tmp_path: Path) -> None:
    schema = json.loads(parity_json.SCHEMA_FILE.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    written = json.loads(parity_json.write(compared(tmp_path, "", FOUND)))
    jsonschema.Draft202012Validator(schema).validate(written)
    assert "value" not in written["differences"][0]["first"]


def test_no_value_breaks_out_of_its_cell_in_markdown(tmp_path: Path) -> None:
    written = parity_markdown.write(compared(tmp_path, "", FOUND))
    page = MarkdownIt("commonmark").enable("table").render(written)
    assert page.count("<table>") == 2
    assert page.count("<td") == 3 + 4
    assert "<code>&quot;&lt;b&gt;|&quot;</code>" in page
    assert "<b>" not in page


@pytest.fixture
def aurora(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """Two environments that differ in one value."""
    command_line = CommandLine(tmp_path, monkeypatch, capsys)
    command_line.write("pyproject.toml", "[tool.aurora]\n")
    command_line.write("environments/example.yaml", ENVIRONMENT)
    command_line.write(
        "environments/other.yaml", ENVIRONMENT.replace("name: example", "name: other").replace("v1.4", "v1.5")
    )
    return command_line


def test_the_exit_code_follows_what_a_run_fails_on(aurora: CommandLine) -> None:
    assert aurora("parity", "example", "other").code == 0
    assert aurora("parity", "example", "other", "--fail-on", "undeclared").code == 1
    assert aurora("parity", "example", "other", "--fail-on", "unneeded").code == 0
    other = aurora.folder / "environments/other.yaml"
    other.write_text(other.read_text() + "intended: {gitops.revision: newer, stage: none}\n")
    assert aurora("parity", "example", "other", "--fail-on", "undeclared").code == 0
    assert aurora("parity", "example", "other", "--fail-on", "undeclared", "--fail-on", "unneeded").code == 1
    outcome = aurora("parity", "example", "other", "--format", "json", "--report", "markdown=parity.md")
    assert [each["path"] for each in outcome.json["differences"]] == ["gitops.revision"]
    assert "## Different on purpose" in (aurora.folder / "parity.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("example", "example"), "does not differ from itself"),
        (("example", "othre"), "did you mean `other`?"),
        (("example", "other", "--fail-on", "undeclred"), "did you mean `undeclared`?"),
        (("example", "other", "--format", "html"), "formats: text, json, markdown"),
        (("example",), "Missing argument"),
    ],
)
def test_a_wrong_command_line_is_told(aurora: CommandLine, arguments: tuple[str, ...], message: str) -> None:
    outcome = aurora("parity", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert message in outcome.err


def test_an_environment_that_cannot_be_compiled_says_why(aurora: CommandLine) -> None:
    aurora.write("environments/other.yaml", SERVING)
    outcome = aurora("parity", "example", "other")
    assert outcome.code == 2
    assert "the environments cannot be compiled" in outcome.err
