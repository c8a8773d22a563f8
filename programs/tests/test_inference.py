"""The runtime is ready only with its model, refuses wrong input with its place, and answers probes whatever it does."""

from __future__ import annotations

import json
import pickle
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from processes import ask, free_port, program, until

from aurora_contract import store
from aurora_programs.inference import model
from aurora_programs.inference.drift import Drift
from aurora_programs.inference.service import Limits, service
from aurora_programs.model_form import Feature, FormError
from aurora_programs.store import versions
from aurora_programs.trainer import dataset
from aurora_programs.trainer.columns import FEATURES
from aurora_programs.trainer.plan import Plan
from aurora_programs.trainer.run import Run, perform
from aurora_programs.trainer.sample import sample

MODEL, VERSION = "california-housing", "v20261120-020000"
ROW = dict(zip(FEATURES, (3.2, 20.0, 5.4, 1.1, 900.0, 3.0, 36.0, -119.0), strict=True))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("store")
    (root / "data.csv").write_text(sample(400, 7))
    run = Run(DATASET=str(root / "data.csv"), MODEL=MODEL, MODEL_STORE=root, MODEL_VERSION=VERSION)
    assert perform(run, Plan(20, 10), root / "said") == 0
    return versions.find(root, MODEL, VERSION).folder


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    limits = Limits(rows=10)
    with TestClient(service(MODEL, VERSION, lambda: model.load(folder, VERSION), limits)) as found:
        while found.get("/ready").status_code != 200:
            time.sleep(0.01)
        yield found


def test_one_row_and_many_are_predicted_as_the_model_does(client: TestClient, folder: Path) -> None:
    loaded = model.load(folder, VERSION)
    expected = loaded.predict(np.asarray([list(ROW.values())], dtype=np.float32))
    served = {"model": MODEL, "model_version": VERSION}
    assert client.post("/predict", json=ROW).json() == {"prediction": expected[0], **served}
    shuffled = dict(reversed(ROW.items()))
    assert client.post("/predict/batch", json={"rows": [shuffled, ROW]}).json() == {
        "predictions": expected * 2,
        **served,
    }


@pytest.mark.parametrize(
    ("path", "content", "place"),
    [
        ("/predict", json.dumps({**ROW, "Rooms": 1}), ["Rooms"]),
        ("/predict", json.dumps({**ROW, "MedInc": float("nan")}), ["MedInc"]),
        ("/predict", json.dumps({**ROW, "MedInc": 1e39}), ["MedInc"]),
        ("/predict", json.dumps({**ROW, "MedInc": "3"}), ["MedInc"]),
        ("/predict", json.dumps({**ROW, "MedInc": None}), ["MedInc"]),
        ("/predict", json.dumps({name: ROW[name] for name in FEATURES[1:]}), ["MedInc"]),
        ("/predict", "[", []),
        ("/predict", "", []),
        ("/predict/batch", json.dumps({"rows": [ROW, {**ROW, "Latitude": float("inf")}]}), ["rows", 1, "Latitude"]),
        ("/predict/batch", json.dumps({"rows": [ROW] * 11}), ["rows"]),
        ("/predict/batch", json.dumps({"rows": []}), ["rows"]),
        ("/predict/batch", json.dumps({"rows": [ROW], "more": 1}), ["more"]),
    ],
)
def test_wrong_input_is_refused_with_its_place(client: TestClient, path: str, content: str, place: list[Any]) -> None:
    reply = client.post(path, content=content)
    assert reply.status_code == 422
    assert [one["place"] for one in reply.json()["detail"]] == [place]


def test_a_body_that_is_too_long_is_not_read_to_its_end(client: TestClient) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 64:
            sent += 1
            yield b" " * (1 << 17)

    assert client.post("/predict", content=endless()).status_code == 413


def test_requests_are_counted_under_the_names_of_the_contract(client: TestClient) -> None:
    client.post("/predict", json=ROW)
    client.post("/predict", json={})
    client.get("/made/up")
    text = client.get("/metrics").text
    labels = f'code="{{}}",model_version="{VERSION}"'
    for code in (200, 422, 404):
        assert f"aurora_inference_requests_total{{{labels.format(code)}}} 1.0" in text
    assert f'aurora_inference_errors_total{{model_version="{VERSION}"}} 0.0' in text
    assert f'aurora_inference_request_duration_seconds_count{{model_version="{VERSION}"}} 3.0' in text
    assert "aurora_model_loaded 1.0" in text
    assert f'aurora_model_version_info{{model_version="{VERSION}"}} 1.0' in text
    assert "made" not in text


def test_inputs_that_drift_are_seen_and_those_of_the_training_are_not(client: TestClient, tmp_path: Path) -> None:
    def drift_of(richer: float) -> float:
        (tmp_path / "now.csv").write_text(sample(300, 99, richer=richer))
        rows = [
            dict(zip(FEATURES, row, strict=True)) for row in dataset.read(str(tmp_path / "now.csv")).features.tolist()
        ]
        for begin in range(0, len(rows), 10):
            assert client.post("/predict/batch", json={"rows": rows[begin : begin + 10]}).status_code == 200
        line = next(line for line in client.get("/metrics").text.splitlines() if 'feature="MedInc"' in line)
        return float(line.rpartition(" ")[2])

    assert "input_drift{" not in client.get("/metrics").text
    assert drift_of(1.0) < 0.2
    assert drift_of(3.0) > 0.25


def test_drift_is_that_of_the_last_hour() -> None:
    now = 0.0
    drift = Drift([Feature("x", (0.0,), (0.5, 0.5))], lambda: now)
    drift.add(np.full((200, 1), 5, dtype=np.float32))
    assert drift.values()["x"] > 1
    now = 3700.0
    assert drift.values() == {}
    drift.add(np.asarray([[-1], [1]] * 100, dtype=np.float32))
    assert drift.values() == {"x": 0.0}


class Slow:
    """A model that takes its time."""

    features = (Feature("x", (0.0,), (0.5, 0.5)),)

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def predict(self, rows: Any) -> list[float]:
        time.sleep(self.seconds)
        return [1.0] * len(rows)


def test_a_slow_model_blocks_no_probe_is_cut_off_and_keeps_its_place() -> None:
    limits = Limits(seconds=0.2, threads=1, waiting=1)
    with TestClient(service(MODEL, VERSION, lambda: Slow(1.0), limits)) as client:
        while client.get("/ready").status_code != 200:
            time.sleep(0.01)
        statuses: list[int] = []
        threads = [
            threading.Thread(target=lambda: statuses.append(client.post("/predict", json={"x": 1}).status_code))
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        begun = time.monotonic()
        assert client.get("/health").status_code == client.get("/ready").status_code == 200
        assert time.monotonic() - begun < 0.15
        for thread in threads:
            thread.join()
        assert sorted(statuses) == [503, 503, 504, 504]
        assert 'errors_total{model_version="v20261120-020000"} 4.0' in client.get("/metrics").text


def test_without_a_model_it_lives_is_not_ready_and_loads_it_when_it_is_there() -> None:
    there = threading.Event()

    def load() -> Slow:
        if not there.is_set():
            raise versions.DamagedError("the volume is gone")
        return Slow(0)

    with TestClient(service(MODEL, VERSION, load, Limits(again=0.05))) as client:
        assert client.get("/health").status_code == 200
        assert client.get("/ready").status_code == client.post("/predict", json={"x": 1}).status_code == 503
        assert "aurora_model_loaded 0.0" in client.get("/metrics").text
        there.set()
        time.sleep(0.3)
        assert client.get("/ready").status_code == client.post("/predict", json={"x": 1}).status_code == 200


class Evil:
    """Runs code where somebody unpickles it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("the model ran code",))


@pytest.mark.parametrize("content", [pickle.dumps(Evil()), b"", b"not a model"])
def test_what_is_no_onnx_is_refused_and_runs_nothing(content: bytes, tmp_path: Path) -> None:
    found = versions.publish(tmp_path, MODEL, VERSION, content, metadata={})
    with pytest.raises(FormError, match="holds no ONNX model"):
        model.load(found.folder, VERSION)


def test_a_damaged_model_or_another_version_is_not_loaded(folder: Path, tmp_path: Path) -> None:
    for name in (store.METADATA, store.ARTIFACT):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    with pytest.raises(versions.DamagedError, match="describes version"):
        model.load(tmp_path, "v20260101-000000")
    content = bytearray((tmp_path / store.ARTIFACT).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / store.ARTIFACT).write_bytes(content)
    with pytest.raises(versions.DamagedError, match="SHA-256"):
        model.load(tmp_path, VERSION)


SLOW = """
import sys, time
from aurora_programs import logs, web
from aurora_programs.inference.service import service
from aurora_programs.model_form import Feature

class Slow:
    features = (Feature("x", (0.0,), (0.5, 0.5)),)

    def predict(self, rows):
        time.sleep(1)
        return [1.0] * len(rows)

logs.configure("inference")
web.serve(service("wine", "v20261120-020000", Slow), int(sys.argv[1]))
"""


def test_on_sigterm_requests_that_are_underway_are_answered_and_new_ones_are_not_taken() -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with program("-c", SLOW, str(port)) as process:
        until(f"{url}/ready", 200)
        replies: list[Any] = []
        thread = threading.Thread(target=lambda: replies.append(ask(f"{url}/predict", {"x": 1})))
        thread.start()
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert ask(f"{url}/health")[0] == 0
        thread.join()
        assert replies[0][0] == 200
        assert process.wait(timeout=5) in (0, -signal.SIGTERM)


def test_the_program_serves_and_logs_json_with_the_callers_request_id(folder: Path) -> None:
    port = free_port()
    variables = {"MODEL_DIR": str(folder), "MODEL_NAME": MODEL, "MODEL_VERSION": VERSION, "PORT": str(port)}
    with program("-m", "aurora_programs.inference", **variables) as process:
        assert until(f"http://127.0.0.1:{port}/ready", 200) < 10
        assert ask(f"http://127.0.0.1:{port}/predict", ROW, **{"X-Request-ID": "abc-1"})[0] == 200
        process.send_signal(signal.SIGTERM)
        lines = [json.loads(line) for line in process.communicate(timeout=10)[0].splitlines()]
    (answered,) = [line for line in lines if line["message"] == "answered"]
    assert answered["request_id"] == "abc-1"
    assert (answered["level"], answered["status"], answered["path"]) == ("info", 200, "/predict")
    assert answered["program"] == "inference"


def test_missing_variables_are_all_named() -> None:
    with program("-m", "aurora_programs.inference", MODEL_DIR="/nowhere") as process:
        text = process.communicate(timeout=20)[0]
        assert process.returncode == 2
    assert set(json.loads(text.splitlines()[-1])["variables"]) == {"MODEL_NAME", "MODEL_VERSION"}
