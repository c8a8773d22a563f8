"""What an installation from the wheels can do where there is no Go and no index, and how long it takes."""

from __future__ import annotations

import json
import zipfile
from email.parser import Parser
from pathlib import Path

from aurora.tools.pins import PINS


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
