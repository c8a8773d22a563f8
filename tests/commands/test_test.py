"""`aurora test` on one's own policies, on anybody's library, and with what is neither."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from aurora import rule_texts
from aurora.tools.installed import Toolbox
from commands.command_line import CommandLine
from suites.library import Library, unpack


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Somebody else's library: one policy with a test."""
    return unpack(tmp_path / "library", rule_texts.text("test/broken").good)


@pytest.mark.real_tools
def test_a_foreign_library_that_proves_itself_is_green(
    aurora: CommandLine, library: Library, real_toolbox: Toolbox
) -> None:
    assert real_toolbox
    outcome = aurora("test", str(library.folder), "--format", "json")
    assert (outcome.code, outcome.json["summary"]["proved"], outcome.json["findings"]) == (0, 2, [])


@pytest.mark.real_tools
def test_a_verdict_that_proves_nothing_is_an_error_in_a_foreign_library(
    aurora: CommandLine, library: Library, real_toolbox: Toolbox
) -> None:
    assert real_toolbox
    library.change("policy.yaml", "[CREATE, UPDATE]", "[DELETE]")
    outcome = aurora("test", str(library.folder), "--format", "json")
    assert outcome.code == 1
    assert set(outcome.rules()) == {"test/unproved"}


@pytest.mark.real_tools
def test_a_rule_without_failing_case_is_a_warning_in_a_foreign_library(
    aurora: CommandLine, library: Library, real_toolbox: Toolbox
) -> None:
    assert real_toolbox
    first = library.text("kyverno-test.yaml").rsplit("  - ", 1)[0]
    library.write("kyverno-test.yaml", first)
    outcome = aurora("test", str(library.folder), "--format", "json")
    assert (outcome.code, outcome.rules()) == (0, ["test/one-sided"])
    assert aurora("test", str(library.folder), "--strict").code == 1


@pytest.mark.real_tools
def test_ones_own_policies_are_tested_with_the_objects_of_every_environment(
    aurora: CommandLine, library: Library, real_toolbox: Toolbox
) -> None:
    assert real_toolbox
    for name in ("kyverno-test.yaml", "policy.yaml", "resources.yaml"):
        aurora.write(f"policies/example/{name}", library.text(name))
    outcome = aurora("synth", "--skip", "schema", "--skip", "server", "--skip", "pod-security", "--skip", "policy")
    assert outcome.code == 0, outcome.err
    outcome = aurora("test", "--format", "json", "--report", "junit=test.xml", "--report", "markdown=test.md")
    assert (outcome.code, outcome.rules()) == (0, ["test/meets-nothing"])
    assert outcome.json["coverage"] == [{"policy": "example", "met": {}}]
    assert ET.fromstring((aurora.folder / "test.xml").read_text()).get("failures") == "0"  # noqa: S314 - our own text
    assert (aurora.folder / "test.md").read_text().startswith("# Policy tests")


@pytest.mark.real_tools
def test_a_policy_without_test_is_an_error(aurora: CommandLine, library: Library, real_toolbox: Toolbox) -> None:
    assert real_toolbox
    aurora.write("policies/example/policy.yaml", library.text("policy.yaml"))
    assert (
        aurora("synth", "--skip", "schema", "--skip", "server", "--skip", "pod-security", "--skip", "policy").code == 0
    )
    outcome = aurora("test", "--format", "json")
    assert outcome.code == 1
    assert "test/untested" in outcome.rules()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["nothing"], "`nothing` is neither a policy nor a path"),
        (["exampel"], "did you mean `example`?"),
        (["--format", "sarif", "."], "`sarif` is no report format"),
        (["--report", "junit", "."], "names no file"),
        (["environments"], "holds no `kyverno-test.yaml`"),
        (["example", "environments"], "is a policy of this repository"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(aurora: CommandLine, args: list[str], words: str, library: Library) -> None:
    aurora.write("policies/example/policy.yaml", library.text("policy.yaml"))
    outcome = aurora("test", *args)
    assert outcome.code == 2
    assert words in outcome.err


def test_a_repository_without_policies_has_nothing_to_test(aurora: CommandLine) -> None:
    outcome = aurora("test")
    assert outcome.code == 2
    assert "holds no policies" in outcome.err


def test_the_json_report_names_its_schema() -> None:
    schema = json.loads((Path(__file__).parents[2] / "cli/aurora/reporters/test-v1.schema.json").read_text())
    assert schema["properties"]["schema"] == {"const": "aurora.test/v1"}
