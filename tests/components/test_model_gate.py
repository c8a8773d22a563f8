"""The script that every inference pod runs before it serves, on real folders and as a real process."""

from __future__ import annotations

import hashlib
import json
import os
import runpy
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from aurora.tools.runner import Command, ToolRun, run
from aurora_constructs.components.model_serving.gate import GATE

VERSION = "v20260901-120000"
MODEL = b"a model" * 1000


@dataclass(frozen=True)
class Pod:
    """What the script finds in a pod: the shared volume, the pod's own folder, and itself."""

    versions: Path
    target: Path
    script: Path

    @property
    def version(self) -> Path:
        return self.versions / VERSION

    @property
    def environment(self) -> dict[str, str]:
        return {
            "MODEL_VERSION": VERSION,
            "MODEL_SOURCE": str(self.versions),
            "MODEL_DIR": str(self.target),
            "GATE_SECONDS": "60",
        }

    def publish(self, metadata: object, model: bytes = MODEL) -> None:
        (self.version / "model.pkl").write_bytes(model)
        (self.version / "metadata.json").write_text(json.dumps(metadata), encoding="utf-8")

    def start(self, **environment: str) -> ToolRun:
        return run(
            Command(
                args=(sys.executable, "-I", str(self.script)),
                cwd=self.target,
                timeout=60,
                accepted_codes=frozenset({0, 1}),
                environment={**self.environment, **environment},
            )
        )


def described(model: bytes = MODEL, version: str = VERSION) -> dict[str, str]:
    return {"version": version, "sha256": hashlib.sha256(model).hexdigest()}


@pytest.fixture
def pod(tmp_path: Path) -> Pod:
    found = Pod(tmp_path / "versions", tmp_path / "model", tmp_path / GATE.file_name)
    found.version.mkdir(parents=True)
    found.target.mkdir()
    found.script.write_text(GATE.text, encoding="utf-8")
    return found


def test_a_whole_version_is_copied(pod: Pod) -> None:
    pod.publish(described())
    assert pod.start().code == 0
    assert (pod.target / "model.pkl").read_bytes() == MODEL
    assert json.loads((pod.target / "metadata.json").read_text(encoding="utf-8")) == described()
    assert {path.name for path in pod.target.iterdir()} == {"model.pkl", "metadata.json"}


def test_a_second_run_replaces_what_the_first_left(pod: Pod) -> None:
    pod.publish(described())
    pod.start()
    pod.publish(described(b"other"), b"other")
    assert pod.start().code == 0
    assert (pod.target / "model.pkl").read_bytes() == b"other"


def test_a_checksum_in_capitals_is_the_same_checksum(pod: Pod) -> None:
    pod.publish({**described(), "sha256": described()["sha256"].upper()})
    assert pod.start().code == 0


@pytest.mark.parametrize("name", ["model.pkl", "metadata.json"])
def test_a_missing_file_ends_with_code_1_and_its_name(pod: Pod, name: str) -> None:
    pod.publish(described())
    (pod.version / name).unlink()
    ended = pod.start()
    assert ended.code == 1
    assert f"{pod.version / name} does not exist or is no file" in ended.stderr
    assert list(pod.target.iterdir()) == []


def test_a_missing_version_ends_with_code_1(pod: Pod) -> None:
    pod.version.rmdir()
    assert pod.start().code == 1


def test_a_folder_in_place_of_the_model_ends_with_code_1(pod: Pod) -> None:
    pod.publish(described())
    (pod.version / "model.pkl").unlink()
    (pod.version / "model.pkl").mkdir()
    assert "is no file" in pod.start().stderr


def test_another_checksum_ends_with_code_1_and_leaves_no_model(pod: Pod) -> None:
    pod.publish(described(), MODEL + b"!")
    ended = pod.start()
    assert ended.code == 1
    assert described()["sha256"] in ended.stderr
    assert list(pod.target.iterdir()) == []


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        (described(version="v20000101-000000"), "describes version"),
        ({"version": VERSION}, "states no sha256"),
        ({"version": VERSION, "sha256": 7}, "states no sha256"),
        ({"version": VERSION, "sha256": "abc"}, "states no sha256"),
        ([described()], "no JSON object"),
    ],
)
def test_metadata_that_prove_nothing_end_with_code_1(pod: Pod, metadata: object, reason: str) -> None:
    pod.publish(metadata)
    ended = pod.start()
    assert (ended.code, reason in ended.stderr) == (1, True)
    assert list(pod.target.iterdir()) == []


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe\x00"])
def test_metadata_that_are_no_json_end_with_code_1(pod: Pod, raw: bytes) -> None:
    pod.publish(described())
    (pod.version / "metadata.json").write_bytes(raw)
    ended = pod.start()
    assert ended.code == 1
    assert "Traceback" not in ended.stderr


def test_a_full_or_read_only_folder_ends_with_code_1(pod: Pod) -> None:
    pod.publish(described())
    ended = pod.start(MODEL_DIR=str(pod.target / "absent"))
    assert ended.code == 1
    assert "FileNotFoundError" in ended.stderr


@pytest.fixture
def alarms() -> Iterator[None]:
    handler = signal.getsignal(signal.SIGALRM)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, handler)


@pytest.mark.usefixtures("alarms")
def test_a_read_that_takes_too_long_ends_the_script(pod: Pod, monkeypatch: pytest.MonkeyPatch) -> None:
    pod.publish(described())
    for name, value in pod.environment.items():
        monkeypatch.setenv(name, value)
    runpy.run_path(str(pod.script), run_name="__main__")
    assert 0 < signal.getitimer(signal.ITIMER_REAL)[0] <= 60
    with pytest.raises(SystemExit, match="could not be read within 60 s"):
        os.kill(os.getpid(), signal.SIGALRM)
