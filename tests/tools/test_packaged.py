"""Programs of the wheel `aurora-validators` are used where they were built from this Aurora's sources."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from aurora import distribution
from aurora.errors import ToolMissingError, ToolVersionError
from aurora.tools import packaged
from aurora.tools.installed import Toolbox, source_key
from aurora.tools.pins import BY_NAME, KUBECONFORM

SOURCES = distribution.modules()


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    for pin in BY_NAME.values():
        monkeypatch.delenv(pin.variable, raising=False)
    folder = tmp_path / packaged.PACKAGE
    program = folder / "bin" / KUBECONFORM.name
    program.parent.mkdir(parents=True)
    program.write_text(f"#!{sys.executable}\nprint('v0.7.0')\n")
    program.chmod(0o755)
    listed(folder)
    return folder


def listed(folder: Path, *, platform: str | None = None, key: str | None = None) -> None:
    listing = {
        "platform": platform or packaged.this_platform(),
        "programs": {KUBECONFORM.name: key or source_key(SOURCES, KUBECONFORM)},
    }
    (folder / packaged.LISTING).write_text(json.dumps(listing))


def toolbox(wheel: Path, tmp_path: Path) -> Toolbox:
    return Toolbox(cache=tmp_path / "cache", sources=SOURCES, wheel=wheel)


def test_a_program_of_the_wheel_is_used_before_one_is_built(wheel: Path, tmp_path: Path) -> None:
    found = toolbox(wheel, tmp_path).find(KUBECONFORM)
    assert (found.path, found.found_by) == (wheel / "bin" / "kubeconform", "wheel")


def test_a_program_that_the_wheel_has_not_is_looked_for_elsewhere(wheel: Path, tmp_path: Path) -> None:
    with pytest.raises(ToolMissingError):
        toolbox(wheel, tmp_path).find(BY_NAME["promtool"])


def test_a_program_of_other_sources_is_passed_over_with_a_note(wheel: Path, tmp_path: Path) -> None:
    listed(wheel, key="000000000000")
    tools = toolbox(wheel, tmp_path)
    with pytest.raises(ToolMissingError):
        tools.find(KUBECONFORM)
    [note] = tools.notes
    assert "it was built from other sources than this Aurora's" in note


def test_a_wheel_for_another_platform_says_which_and_what_to_do(wheel: Path, tmp_path: Path) -> None:
    listed(wheel, platform="plan9-mips")
    with pytest.raises(
        ToolVersionError, match=f"is for plan9-mips, and this machine is {packaged.this_platform()}"
    ) as e:
        toolbox(wheel, tmp_path).find(KUBECONFORM)
    assert e.value.hint == "uninstall it, and install the wheel of aurora-validators for this machine"


def test_a_program_that_is_not_the_pinned_version_is_refused(wheel: Path, tmp_path: Path) -> None:
    program = wheel / "bin" / "kubeconform"
    program.write_text(f"#!{sys.executable}\nprint('v0.6.7')\n")
    with pytest.raises(ToolVersionError, match=r"says that it is v0\.6\.7, not v0\.7\.0"):
        toolbox(wheel, tmp_path).find(KUBECONFORM)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"platform": "x", "programs": []}', '{"platform": "x"'])
def test_a_damaged_listing_is_an_error_with_its_path(wheel: Path, content: str) -> None:
    (wheel / packaged.LISTING).write_text(content)
    with pytest.raises(ToolVersionError, match=r"programs\.json` is no list of programs"):
        packaged.read(wheel)
