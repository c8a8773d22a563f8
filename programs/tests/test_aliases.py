"""The hook that the manifests state publishes the aliases of Git's pins: again and again, and in little memory."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from processes import program
from test_manifests import objects

from aurora_contract import programs, variables
from aurora_programs.store import aliases, versions
from aurora_programs.trainer import __main__ as command

MODEL, VERSION = "california-housing", "v20261120-020000"
HOOKS: list[tuple[str, dict[str, Any]]] = [
    (where, one)
    for where, body in objects()
    if body["kind"] == "Job"
    for one in body["spec"]["template"]["spec"]["containers"]
    if one["name"] == programs.ALIASES.container
]


def test_there_is_a_hook_for_every_served_model() -> None:
    served = {
        str(Path(where).parent)
        for where, body in objects()
        if body["kind"] == "Deployment"
        for one in body["spec"]["template"]["spec"].get("initContainers", ())
        if one["name"] == programs.MODEL_GATE.container
    }
    assert served and served == {str(Path(where).parent) for where, _ in HOOKS}


@pytest.mark.parametrize("args", [one["args"] for _, one in HOOKS], ids=[where for where, _ in HOOKS])
def test_what_a_hook_asks_for_is_done_and_may_be_done_again(
    args: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted: dict[str, dict[str, str]] = {}
    for pin in args[1:]:
        place, _, version = pin.partition("=")
        model, _, alias = place.partition("/")
        wanted.setdefault(model, {})[alias] = version
        versions.publish(tmp_path, model, version, b"model", metadata={})
    monkeypatch.setenv(variables.MODEL_STORE, str(tmp_path))
    seen = []
    for _ in range(2):
        assert command.main(args) == 0
        seen.append({file.name: file.read_bytes() for file in (tmp_path / "registry").iterdir()})
        assert {model: aliases.listed(tmp_path, model) for model in wanted} == wanted
    assert seen[0] == seen[1] and seen[0].keys() == {"current-version", "metadata.json"}


def test_aliases_are_published_in_the_memory_that_the_manifest_gives(tmp_path: Path) -> None:
    """An artifact larger than the limit is hashed, and nothing that trains is imported."""
    limits = {container["resources"]["limits"]["memory"] for _, container in HOOKS}
    assert limits == {"128Mi"}
    artifact = versions.publish(tmp_path, MODEL, VERSION, b"", metadata={}).artifact
    os.truncate(artifact, 256 << 20)
    metadata = artifact.parent / "metadata.json"
    with artifact.open("rb") as file:
        described = {**json.loads(metadata.read_text()), "sha256": hashlib.file_digest(file, "sha256").hexdigest()}
    metadata.write_text(json.dumps(described))
    code = (
        "import pathlib, sys\n"
        "from aurora_programs.trainer.__main__ import main\n"
        f"code = main(['{programs.PUBLISH_ALIASES}', '{MODEL}/stable={VERSION}'])\n"
        "assert not {'sklearn', 'numpy', 'onnxruntime'} & sys.modules.keys()\n"
        "print(pathlib.Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])\n"
        "sys.exit(code)\n"
    )
    with program("-c", code, MODEL_STORE=str(tmp_path)) as process:
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0, out
    assert aliases.listed(tmp_path, MODEL) == {"stable": VERSION}
    assert int(out.splitlines()[-1]) < 100 * 1024
