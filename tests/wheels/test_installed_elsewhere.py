"""What an installation from the wheels can do where there is no Go and no index, and how long it takes."""

from __future__ import annotations

import json
import os
import time
import zipfile
from email.parser import Parser
from pathlib import Path

from aurora.tools.pins import PINS
from wheels.elsewhere import Elsewhere

SECONDS = 90.0
"""Installation, the first repository and its first synthesis together, on two idle cores."""


def test_the_wheel_of_the_validators_names_its_licences_and_what_is_linked(wheels: list[Path]) -> None:
    [file] = [wheel for wheel in wheels if wheel.name.startswith("aurora_validators")]
    with zipfile.ZipFile(file) as wheel:
        [bill] = [name for name in wheel.namelist() if name.endswith(".cdx.json")]
        [metadata] = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
        document = json.loads(wheel.read(bill))
        terms = [name.rpartition("/")[2] for name in wheel.namelist() if "/licenses/" in name]
        declared = Parser().parsestr(wheel.read(metadata).decode()).get_all("License-File")
    by_type = {kind: [c for c in document["components"] if c["type"] == kind] for kind in ("application", "library")}
    assert {(one["name"], one["version"]) for one in by_type["application"]} == {
        (pin.name, pin.version) for pin in PINS
    }
    assert len(by_type["library"]) > 300
    for module in by_type["library"]:
        written = f"{module['name'].replace('/', '_')}@{module['version']}-"
        assert module["name"] == "std" or any(name.startswith(written) for name in terms), module
    assert declared is not None
    assert len(declared) == len(terms)


def test_an_empty_environment_has_its_first_repository_in_time(elsewhere: Elsewhere, wheels: list[Path]) -> None:
    packages = wheels[0].parent / "packages"
    started = time.monotonic()
    links = ("--no-index", "--find-links", str(packages), "--find-links", str(packages.parent))
    installed = elsewhere("pip", "install", "--quiet", *links, "aurora", "aurora-validators")
    assert installed.code == 0, installed.stderr
    begun = elsewhere("aurora", "init", "platform", "--platform", "eks", "--domain", "ml.acme.org")
    assert begun.code == 0, begun.stderr
    compiled = elsewhere("aurora", "synth", cwd=elsewhere.folder / "platform")
    seconds = time.monotonic() - started
    assert compiled.code == 0, compiled.stdout + compiled.stderr
    assert "0 errors, 0 warnings in platform-dev, platform-prod" in compiled.stdout
    assert elsewhere("aurora", "synth", "--check", cwd=elsewhere.folder / "platform").code == 0
    found = elsewhere("aurora", "doctor", cwd=elsewhere.folder / "platform")
    assert all(f"{pin.version} (wheel: {elsewhere.folder}" in found.stdout for pin in PINS)
    assert seconds <= SECONDS or os.getloadavg()[0] > (os.cpu_count() or 1), f"{seconds:.0f} s"


def test_pip_refuses_a_wheel_for_another_platform(elsewhere: Elsewhere, wheels: list[Path], tmp_path: Path) -> None:
    [file] = [wheel for wheel in wheels if wheel.name.startswith("aurora_validators")]
    other = tmp_path / f"{'-'.join(file.name.split('-')[:4])}-win_arm64.whl"
    other.symlink_to(file)
    outcome = elsewhere("pip", "install", "--no-index", "--no-deps", str(other))
    assert outcome.code == 1
    assert "is not a supported wheel on this platform" in outcome.stderr
