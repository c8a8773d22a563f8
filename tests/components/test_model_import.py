"""The script that brings versions into a model store, on real folders and as a real process; and what starts it."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from aurora.errors import InputError
from aurora.tools.runner import Command, ToolRun, run
from aurora_constructs.components.model_store.imports import IMPORT
from components.building import MODEL_STORE, Built, build, without
from environment.trialled import STABLE, changed, loaded

MODEL, VERSION, BYTES = "california-housing", "v20260901-120000", b"a model" * 1000
SHA = hashlib.sha256(BYTES).hexdigest()
FETCHED = {"origin": "imported", "uri": "https://models.example.com/a.pkl", "sha256": SHA}
EGRESS = [{"cidr": "203.0.113.0/24", "port": 443}]


def store(versions: dict[str, Any], **changes: Any) -> Built:
    return build("model-store", {"model-store": without(MODEL_STORE, versions={MODEL: versions}, **changes)})


def imported(folder: Path, *, sha256: str = SHA, artifact: bytes | None = BYTES) -> ToolRun:
    """Run the script for one version, whose artifact is a file: the way does not matter to it."""
    source = folder / "a.pkl"
    if artifact is not None:
        source.write_bytes(artifact)
    script = folder / IMPORT.file_name
    script.write_text(IMPORT.text)
    wanted = [{"model": MODEL, "version": VERSION, "uri": source.as_uri(), "sha256": sha256}]
    variables = {"IMPORTED_VERSIONS": json.dumps(wanted), "PATH": os.environ["PATH"]}
    args = (sys.executable, "-I", str(script), str(folder / "store"))
    return run(Command(args=args, cwd=folder, timeout=30, environment=variables, accepted_codes=frozenset({0, 1})))


def version(folder: Path) -> Path:
    return folder / "store" / MODEL / "versions" / VERSION


def test_an_empty_store_gets_the_version_with_its_metadata(tmp_path: Path) -> None:
    assert imported(tmp_path).code == 0
    assert (version(tmp_path) / "model.pkl").read_bytes() == BYTES
    metadata = json.loads((version(tmp_path) / "metadata.json").read_text())
    assert (metadata["version"], metadata["sha256"]) == (VERSION, SHA)
    assert [path.name for path in version(tmp_path).parent.iterdir()] == [VERSION]


def test_what_is_there_is_not_touched(tmp_path: Path) -> None:
    imported(tmp_path)
    (version(tmp_path) / "metadata.json").write_text("{}")
    assert imported(tmp_path, artifact=b"other").code == 0
    assert (version(tmp_path) / "metadata.json").read_text() == "{}"


def test_half_a_version_is_replaced(tmp_path: Path) -> None:
    version(tmp_path).mkdir(parents=True)
    (version(tmp_path) / "model.pkl").write_bytes(b"half")
    assert imported(tmp_path).code == 0
    assert (version(tmp_path) / "model.pkl").read_bytes() == BYTES


@pytest.mark.parametrize(
    ("sha256", "artifact", "words"), [("0" * 64, BYTES, "has SHA-256"), (SHA, None, "model import: URLError")]
)
def test_a_wrong_artifact_leaves_nothing(tmp_path: Path, sha256: str, artifact: bytes | None, words: str) -> None:
    outcome = imported(tmp_path, sha256=sha256, artifact=artifact)
    assert outcome.code == 1 and words in outcome.stderr
    assert list(version(tmp_path).parent.iterdir()) == []


def test_a_job_fetches_the_versions_and_may_go_nowhere_else() -> None:
    built = store({VERSION: FETCHED, "v20261101-090000": {"origin": "trained"}}, egress=EGRESS)
    job = built.one("Job", name="aurora-model-store-import")
    (container,) = job["spec"]["template"]["spec"]["containers"]
    (variable,) = [entry["value"] for entry in container["env"] if entry["name"] == "IMPORTED_VERSIONS"]
    assert [entry["version"] for entry in json.loads(variable)] == [VERSION]
    policy = built.one("NetworkPolicy")["spec"]
    assert policy["podSelector"]["matchLabels"].items() <= job["spec"]["template"]["metadata"]["labels"].items()
    assert policy["egress"][-1]["to"] == [{"ipBlock": {"cidr": "203.0.113.0/24"}}]


def test_without_versions_to_fetch_there_is_no_job() -> None:
    assert store({VERSION: {"origin": "trained"}}).kinds == build("model-store", {"model-store": MODEL_STORE}).kinds


STORE = ("    models: [housing]\n", "    models: [housing]\n    egress: [{cidr: 203.0.113.0/24}]\n    versions: %s\n")


def declared(versions: str) -> tuple[str, str]:
    return STORE[0], STORE[1] % versions


def test_a_declared_version_may_serve(tmp_path: Path) -> None:
    uri = f"uri: 'https://models.example.com/a', sha256: {'a' * 64}"
    fetched = f"{{housing: {{v20260101-000000: {{origin: imported, {uri}}}}}}}"
    swap = (STABLE, STABLE.replace("20260901-120000", "20260101-000000"))
    assert loaded(tmp_path, changed(declared(fetched), swap)).components
    with pytest.raises(InputError) as refused:
        loaded(tmp_path, changed(declared(fetched.replace("v2026", "v2025")), swap))
    (finding,) = refused.value.findings
    assert "v20260101-000000" in finding.message and "did you mean `v20250101-000000`?" in (finding.hint or "")


@pytest.mark.parametrize(
    ("versions", "words"),
    [
        ("{house: {v20260101-000000: {origin: trained}}}", "the store has no model `house`"),
        ("{housing: {v1: {origin: trained}}}", "v1"),
        ("{housing: {v20260101-000000: {origin: imported}}}", "uri"),
        ("{housing: {v20260101-000000: {origin: bought}}}", "origin"),
    ],
)
def test_a_wrong_declaration_is_an_error(versions: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        loaded(tmp_path, changed(declared(versions)))
    assert any(words in finding.message for finding in refused.value.findings)
