"""Writes the bill of materials of the programs: CycloneDX 1.6, from what Go wrote into each of them."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from go_modules import BuildInfo, Module


def bill(name: str, version: str, programs: Mapping[Path, BuildInfo], versions: Mapping[str, str]) -> dict[str, Any]:
    """Give the document; `versions` are those of the programs by name. Holds no time: equal programs, equal bytes."""
    modules = sorted({module for info in programs.values() for module in info.modules})
    toolchains = sorted({info.go for info in programs.values()})
    standard = [Module("std", go, "") for go in toolchains]
    own = {path.name: f"program/{path.name}" for path in programs}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": name, "name": name, "version": version}},
        "components": [
            *(_program(path, own[path.name], versions[path.name]) for path in programs),
            *(_library(module) for module in (*standard, *modules)),
        ],
        "dependencies": [
            {"ref": name, "dependsOn": sorted(own.values())},
            *(
                {"ref": own[path.name], "dependsOn": [_purl(Module("std", info.go, "")), *map(_purl, info.modules)]}
                for path, info in programs.items()
            ),
        ],
    }


def _program(path: Path, reference: str, version: str) -> dict[str, Any]:
    with path.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    hashes = [{"alg": "SHA-256", "content": digest}]
    return {"type": "application", "bom-ref": reference, "name": path.name, "version": version, "hashes": hashes}


def _library(module: Module) -> dict[str, Any]:
    made = {
        "type": "library",
        "bom-ref": _purl(module),
        "name": module.path,
        "version": module.version,
        "purl": _purl(module),
    }
    return {**made, "properties": [{"name": "go.sum", "value": module.sum}]} if module.sum else made


def _purl(module: Module) -> str:
    return f"pkg:golang/{module.path}@{module.version}"
