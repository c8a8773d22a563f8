"""A program that misbehaves becomes a named error, whatever it does."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from aurora.errors import ToolCrashedError, ToolMissingError, ToolOutputError, ToolTimeoutError
from aurora.tools.runner import Command, run


def python(code: str, tmp_path: Path, **options: object) -> Command:
    return Command(args=(sys.executable, "-c", code), cwd=tmp_path, **{"timeout": 20.0, **options})  # type: ignore[arg-type]


def test_code_and_both_outputs_are_returned(tmp_path: Path) -> None:
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    result = run(python(code, tmp_path, accepted_codes=frozenset({3})))
    assert (result.code, result.stdout, result.stderr) == (3, "out\n", "err\n")


def test_a_code_outside_the_contract_is_a_crash_that_shows_the_last_words(tmp_path: Path) -> None:
    with pytest.raises(ToolCrashedError, match="exit code 4\n  last words"):
        run(python("import sys; print('last words', file=sys.stderr); sys.exit(4)", tmp_path))


def test_a_signal_is_a_crash_even_if_its_code_is_accepted(tmp_path: Path) -> None:
    with pytest.raises(ToolCrashedError, match="signal SIGABRT"):
        run(python("import os; os.abort()", tmp_path, accepted_codes=frozenset({-6})))


def test_a_program_that_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, pathlib, time;"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "pathlib.Path('child').write_text(str(child.pid)); time.sleep(60)"
    )
    with pytest.raises(ToolTimeoutError, match="within 1 s"):
        run(python(code, tmp_path, timeout=1.0))
    child = int((tmp_path / "child").read_text())
    deadline = time.monotonic() + 10
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _runs(child)


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


def test_a_flood_of_output_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(ToolOutputError, match="more than 1000 bytes"):
        run(python("import sys\nwhile True: sys.stdout.write('x' * 4096)", tmp_path, output_limit=1000))


def test_output_that_is_no_text_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ToolOutputError, match="not UTF-8"):
        run(python("import sys; sys.stdout.buffer.write(b'\\xff')", tmp_path))


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(ToolMissingError, match="nowhere/tool") as caught:
        run(Command(args=("/nowhere/tool",), cwd=tmp_path, timeout=1))
    assert caught.value.hint == "run `aurora tools install`"


def test_a_file_that_is_no_program_cannot_be_started(tmp_path: Path) -> None:
    program = tmp_path / "tool"
    program.write_text("")
    with pytest.raises(ToolCrashedError, match="cannot be started"):
        run(Command(args=(str(program),), cwd=tmp_path, timeout=1))


def test_a_program_sees_a_fixed_environment_and_no_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", "/etc/somebody")
    monkeypatch.setenv("LC_ALL", "tr_TR")
    code = "import os, sys; print(os.environ.get('KUBECONFIG'), os.environ['LC_ALL'], repr(sys.stdin.read()))"
    assert run(python(code, tmp_path)).stdout == "None C.UTF-8 ''\n"


def test_what_a_command_adds_to_the_environment_is_seen(tmp_path: Path) -> None:
    code = "import os; print(os.environ['WANTED'])"
    assert run(python(code, tmp_path, environment={"WANTED": "yes"})).stdout == "yes\n"


def test_arguments_are_not_read_by_a_shell(tmp_path: Path) -> None:
    hostile = "$(touch hostile); `touch hostile`"
    result = run(
        Command(args=(sys.executable, "-c", "import sys; print(sys.argv[1])", hostile), cwd=tmp_path, timeout=20)
    )
    assert result.stdout == f"{hostile}\n"
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - the names are all that matters


def test_lines_of_standard_error_are_followed(tmp_path: Path) -> None:
    lines: list[str] = []
    code = "import sys; print('one\\ntwo', file=sys.stderr)"
    run(python(code, tmp_path, on_error_line=lines.append))
    assert lines == ["one", "two"]


def test_a_program_can_be_given_a_file_to_read(tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.write_text("to be read")
    assert run(python("import sys; print(sys.stdin.read())", tmp_path, input=given)).stdout == "to be read\n"
