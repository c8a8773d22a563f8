"""Whatever surrounds the command line, it ends with a code of its own and a sentence, never with a traceback."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import pytest

from aurora import app
from aurora.console import Console, paint, printable
from aurora.errors import UsageError
from aurora.tools.runner import Command, run
from commands.command_line import RULES_ONLY, CommandLine, Outcome

MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s, namespace: x}\n"
POLICY = "apiVersion: policies.kyverno.io/v1\nkind: ValidatingPolicy\nmetadata: {name: p}\nspec: {}\n"
JSON = ("--format", "json", *RULES_ONLY)
START = "import sys; sys.argv[0] = 'aurora'; from aurora.app import main; main()"


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def in_a_process(folder: Path, *args: str, before: str = "", code: int = 0, **environment: str) -> Outcome:
    """Run the command line in a process of its own, after some code."""
    finished = run(
        Command(
            args=(sys.executable, "-c", f"{before}\n{START}", *args),
            cwd=folder,
            timeout=60,
            environment=environment,
            accepted_codes=frozenset({code}),
        )
    )
    return Outcome(finished.code, finished.stdout, finished.stderr)


def test_text_of_others_cannot_steer_the_terminal(aurora: CommandLine) -> None:
    aurora.write("in/a.yaml", MAP % r'"a\x1b[31m\nin/a.yaml: all is well"')
    outcome = aurora("validate", "in", *RULES_ONLY)
    assert outcome.code == 1
    assert r"a\u001b[31m\nin/a.yaml: all is well" in outcome.out
    assert "\x1b" not in outcome.out
    console = Console(err=io.StringIO())
    console.error(UsageError("a\x1b[2J\nb", hint="c\x07"))
    assert console.err.getvalue() == "error: a\\u001b[2J\nb\n  hint: c\\u0007\n"  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["plain", "é 🚀", "a→b"])
def test_text_that_prints_is_left_alone(text: str) -> None:
    assert printable(text) == text


def test_colour_needs_a_terminal_and_no_objection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert paint("x", "error", stream=Terminal()) == "\x1b[31;1mx\x1b[0m"
    assert paint("x", "error", stream=io.StringIO()) == "x"
    monkeypatch.setenv("NO_COLOR", "1")
    assert paint("x", "error", stream=Terminal()) == "x"


@pytest.mark.parametrize("encoding", ["ascii", "iso-8859-1", "utf-8"])
def test_no_encoding_of_the_locale_stops_a_report(aurora: CommandLine, encoding: str) -> None:
    aurora.write("in/a.yaml", MAP % '"é🚀"')
    outcome = in_a_process(
        aurora.folder, "validate", "in", *JSON, code=1, PYTHONIOENCODING=encoding, PYTHONUTF8="0", LC_ALL="C"
    )
    assert outcome.json["findings"][0]["resource"]["name"] == "é🚀"


def test_a_file_name_that_is_not_utf_8_is_reported(aurora: CommandLine) -> None:
    (aurora.folder / "in").mkdir()
    Path(os.fsdecode(os.fsencode(aurora.folder / "in") + b"/a\xff.yaml")).write_text("a: [")
    in_a_process(aurora.folder, "validate", "in", *RULES_ONLY, "--report", "json=out.json", code=1)
    assert json.loads((aurora.folder / "out.json").read_text())["findings"][0]["place"]["path"] == "in/a\udcff.yaml"


def test_a_reader_that_leaves_does_not_turn_red_into_green(aurora: CommandLine) -> None:
    aurora.write("in/a.yaml", "a: [")
    gone = "import os, sys; r, w = os.pipe(); os.close(r); sys.stdout = os.fdopen(w, 'w')"
    assert in_a_process(aurora.folder, "validate", "in", *RULES_ONLY, before=gone, code=1).err == ""


@pytest.mark.parametrize(
    ("descriptor", "args", "code"),
    [(0, ("validate", "-"), 2), (1, ("validate", "in"), 1), (2, ("validate", "nowhere"), 2)],
)
def test_a_closed_stream_changes_no_verdict(
    aurora: CommandLine, descriptor: int, args: tuple[str, ...], code: int
) -> None:
    aurora.write("in/a.yaml", "a: [")
    closed = f"import os, sys; os.close({descriptor}); sys.{('stdin', 'stdout', 'stderr')[descriptor]} = None"
    outcome = in_a_process(aurora.folder, *args, *RULES_ONLY, before=closed, code=code)
    assert "Traceback" not in outcome.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_full_disk_behind_standard_output_is_no_bug_of_aurora(aurora: CommandLine) -> None:
    full = "import os; os.dup2(os.open('/dev/full', os.O_WRONLY), 1)"
    outcome = in_a_process(aurora.folder, "list", before=full, code=3)
    assert outcome.err.startswith("error: a stream cannot be used: No space left on device")


def test_a_folder_that_is_gone_is_named(aurora: CommandLine) -> None:
    gone = "import os, tempfile; folder = tempfile.mkdtemp(); os.chdir(folder); os.rmdir(folder)"
    outcome = in_a_process(aurora.folder, "list", before=gone, code=3)
    assert outcome.err.startswith("error: the working folder cannot be used: No such file or directory")


def test_a_cache_that_cannot_be_written_is_named(aurora: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise PermissionError(13, "Permission denied", "/nobody/cache")

    monkeypatch.setattr(app, "app", broken)
    outcome = aurora("list")
    assert outcome.code == 3
    assert outcome.err.startswith("error: `/nobody/cache` cannot be used: Permission denied")


def test_an_interruption_has_its_own_code(aurora: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(app, "app", interrupted)
    outcome = aurora("synth")
    assert (outcome.code, "interrupted" in outcome.err) == (130, True)


@pytest.mark.parametrize("target", ["", "a" * 5000])
def test_a_name_that_can_be_no_path_is_a_bad_invocation(aurora: CommandLine, target: str) -> None:
    outcome = aurora("validate", target, *RULES_ONLY)
    assert outcome.code == 2
    assert "is neither an environment nor a path" in outcome.err


def test_a_pipe_among_files_is_a_finding_and_nobody_waits_for_it(aurora: CommandLine) -> None:
    aurora.write("in/a.yaml", MAP % "a")
    os.mkfifo(aurora.folder / "in" / "pipe.yaml")
    outcome = aurora("validate", "in", *JSON)
    assert (outcome.code, outcome.json["summary"]["objects"]) == (1, 1)
    assert "input/unreadable" in outcome.rules()


def test_a_folder_that_cannot_be_listed_is_a_finding(aurora: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    aurora.write("in/a.yaml", MAP % "a")
    aurora.write("in/closed/b.yaml", MAP % "b")
    scandir = os.scandir

    def refusing(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    outcome = aurora("validate", "in", *JSON)
    (found,) = [entry for entry in outcome.json["findings"] if entry["rule"] == "input/unreadable"]
    assert (outcome.code, found["place"]["path"]) == (1, "in/closed")


def test_a_policy_that_cannot_be_read_is_not_left_out(aurora: CommandLine) -> None:
    aurora.write("in/a.yaml", MAP % "a")
    aurora.write("policies/good/policy.yaml", POLICY)
    aurora.write("policies/broken/policy.yaml", "a: [")
    outcome = aurora("validate", "in", "--policies", "policies", *JSON)
    assert outcome.code == 2
    assert "`policies/broken/policy.yaml` cannot be read" in outcome.err.replace(f"{aurora.folder}/", "")


@pytest.mark.parametrize("entry", ["{kind: Secret, nmespace: x, name: a}", "{kind: Secret, name: 5}", "{name: a}", "7"])
def test_an_external_that_is_not_understood_is_refused(aurora: CommandLine, entry: str) -> None:
    aurora.write("in/a.yaml", MAP % "a")
    aurora.write("externals.yaml", f"[{{kind: Secret, namespace: x, name: a}}, {entry}]")
    assert aurora("validate", "in", "--externals", "externals.yaml", *JSON).code == 2


def test_a_folder_without_schemas_is_a_bad_invocation(aurora: CommandLine) -> None:
    aurora.write("in/a.yaml", MAP % "a")
    aurora.write("empty/README.md", "")
    assert aurora("validate", "in", "--schemas", "empty", *JSON).code == 2


def test_an_environment_named_twice_is_judged_once(aurora: CommandLine) -> None:
    once, twice = aurora("synth", "example", *JSON), aurora("synth", "example", "example", *JSON)
    assert once.json["summary"]["objects"] == twice.json["summary"]["objects"]
    again = aurora("validate", "example", "example", *JSON)
    assert again.json["summary"]["objects"] == once.json["summary"]["objects"]


def test_what_not_every_check_saw_is_said_to_be_unproved(aurora: CommandLine) -> None:
    assert "not every check ran" in aurora("synth", *RULES_ONLY).err


def test_validate_repairs_an_interrupted_swap_first(aurora: CommandLine) -> None:
    aurora("synth", *RULES_ONLY)
    generated = aurora.folder / "generated"
    (generated / ".old").mkdir()
    (generated / "example").rename(generated / ".old" / "example")
    assert aurora("validate", "example", *RULES_ONLY).code == 0
    assert (generated / "example").is_dir()


def test_explain_knows_its_formats(aurora: CommandLine) -> None:
    assert aurora("explain", "example", "cluster", "--format", "yaml").code == 2
