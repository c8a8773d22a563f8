"""The command line starts quickly, without Node, and says what it can do."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from typer.main import get_command

from aurora import app
from aurora.tools.pins import BY_NAME
from aurora.tools.runner import Command, run
from commands.command_line import ENVIRONMENT, CommandLine

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = sorted(get_command(app.app).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "args",
    [
        ["--help"],
        ["list"],
        ["explain", "yaml/broken"],
        ["explain", "aurora-prod", "cluster.domain"],
        ["doctor"],
        ["matrix"],
        ["graph", "aurora-prod"],
        ["report", "aurora-dev", "--only", "references"],
    ],
)
def test_what_compiles_nothing_starts_no_node(args: list[str], tmp_path: Path) -> None:
    code = (
        "import sys; sys.argv = ['aurora', *sys.argv[1:]]\n"
        "from aurora.app import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print([name for name in ('cdk8s', 'jsii', 'constructs') if name in sys.modules], file=sys.stderr)"
    )
    result = run(
        Command(
            args=(sys.executable, "-c", code, *args), cwd=ROOT, timeout=60, environment={"AURORA_CACHE": str(tmp_path)}
        )
    )
    assert result.stderr.splitlines()[-1] == "[]"
    assert result.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_what_a_command_does(aurora: CommandLine, command: str) -> None:
    outcome = aurora(command, "--help")
    assert outcome.code == 0
    assert "Usage: " in outcome.out
    grouped = getattr(get_command(app.app).commands[command], "commands", None)  # type: ignore[attr-defined]
    assert grouped or "Example: " in outcome.out


def test_the_version_names_everything_that_decides_a_verdict(aurora: CommandLine) -> None:
    outcome = aurora("--version")
    assert outcome.code == 0
    for pin in BY_NAME.values():
        assert f"{pin.name} {pin.version}" in outcome.out


def test_no_command_shows_help(aurora: CommandLine) -> None:
    outcome = aurora()
    assert outcome.code == 2
    assert "Commands" in outcome.err


@pytest.mark.parametrize(
    ("what", "word"),
    [("environments", "example"), ("components", "ModelServing"), ("checks", "routing"), ("rules", "generated/drift")],
)
def test_what_there_is_can_be_listed(aurora: CommandLine, what: str, word: str) -> None:
    outcome = aurora("list", what)
    assert outcome.code == 0
    assert word in outcome.out


def test_what_there_is_not_cannot_be_listed(aurora: CommandLine) -> None:
    assert aurora("list", "clusters").code == 2


def test_a_rule_is_explained_with_its_examples(aurora: CommandLine) -> None:
    outcome = aurora("explain", "generated/drift")
    assert outcome.code == 0
    assert "bad:\n" in outcome.out
    assert "good:\n" in outcome.out


def test_a_misspelt_rule_names_the_nearest(aurora: CommandLine) -> None:
    outcome = aurora("explain", "generated/drft")
    assert outcome.code == 2
    assert "did you mean `generated/drift`" in outcome.err


def test_a_value_is_traced_through_its_layers(aurora: CommandLine) -> None:
    aurora.write("environments/bases/low.yaml", "cluster: {domain: low.example.com}\n")
    aurora.write("environments/example.yaml", ENVIRONMENT + "extends: [bases/low.yaml]\n")
    outcome = aurora("explain", "example", "cluster.domain")
    assert outcome.code == 0
    assert outcome.out.splitlines() == [
        'cluster.domain = "ml.example.com"',
        "  from: environments/example.yaml:4:61",
        '  overrides: "low.example.com" at environments/bases/low.yaml:1:19',
    ]


def test_a_path_that_leads_nowhere_names_the_nearest(aurora: CommandLine) -> None:
    outcome = aurora("explain", "example", "cluster.domian")
    assert outcome.code == 2
    assert "cluster.domain" in outcome.err


def test_doctor_says_what_is_missing(aurora: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("AURORA_CACHE", str(aurora.folder / "cache"))
    for pin in BY_NAME.values():
        monkeypatch.delenv(pin.variable, raising=False)
    outcome = aurora("doctor")
    assert outcome.code == 3
    assert "missing kubeconform" in " ".join(outcome.out.split())
    assert "hint: run `aurora tools install`" in outcome.out


def test_doctor_says_what_is_wrong_with_the_settings(aurora: CommandLine) -> None:
    (aurora.folder / "aurora.toml").write_text('components = ["Shop"]\n[rules.severity]\nsclaing = "off"\n')
    outcome = aurora("doctor")
    assert outcome.code == 1
    assert [line.split(maxsplit=3)[:3] for line in outcome.out.splitlines() if line.startswith("wrong")] == [
        ["wrong", "settings", "aurora.toml:1:15:"],
        ["wrong", "settings", "aurora.toml:3:1:"],
    ]


@pytest.mark.parametrize("kind", ["environment", "layer", "report", "matrix", "graph"])
def test_schemas_are_printed(aurora: CommandLine, kind: str) -> None:
    outcome = aurora("schema", kind)
    assert outcome.code == 0
    assert '"$schema": "https://json-schema.org/draft/2020-12/schema"' in outcome.out


def test_the_committed_editor_schemas_are_up_to_date(repository: object) -> None:
    from aurora import schema_files
    from aurora.paths import RepositoryPaths

    for path, content in schema_files.committed(RepositoryPaths(ROOT)).items():
        assert (ROOT / path).read_text() == content, "run `aurora schema --write`"


def test_a_bug_is_called_one(aurora: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aurora.paths.find_repository", lambda start: 1 / 0)
    outcome = aurora("synth", "--skip", "schema", "--skip", "policy")
    assert outcome.code == 70
    assert "this is a bug in Aurora: ZeroDivisionError" in outcome.err


def test_an_interruption_is_no_bug(aurora: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(start: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("aurora.paths.find_repository", interrupt)
    outcome = aurora("synth", "--skip", "schema", "--skip", "policy")
    assert outcome.code == 130
    assert "Traceback" not in outcome.err


def test_an_optional_program_that_is_not_there_is_told_before_anything_is_built(aurora: CommandLine) -> None:
    outcome = aurora("tools", "install", "--with", "promtol")
    assert outcome.code == 2
    assert "there is no optional program `promtol`" in outcome.err
    assert "promtool" in outcome.err.partition("hint")[2]
