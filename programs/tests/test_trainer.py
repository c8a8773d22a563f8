"""A run publishes a version that predicts, once, and says why where it does not."""

from __future__ import annotations

import json
import shutil
import threading
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from processes import program

from aurora_contract import pipeline
from aurora_programs import model_form
from aurora_programs.store import aliases, versions
from aurora_programs.trainer import __main__ as command
from aurora_programs.trainer import dataset, training
from aurora_programs.trainer.columns import FEATURES
from aurora_programs.trainer.plan import Plan
from aurora_programs.trainer.run import Run, perform
from aurora_programs.trainer.sample import sample

MODEL, VERSION = "california-housing", "v20261120-020000"
PLAN = Plan(rounds=12, stage=4)


def run_of(tmp_path: Path, text: str | None = None, **more: Any) -> Run:
    source = tmp_path / "data.csv"
    source.write_text(sample(400, 7) if text is None else text)
    given = {"DATASET": str(source), "MODEL": MODEL, "MODEL_STORE": tmp_path / "store", "MODEL_VERSION": VERSION}
    return Run(**{**given, **more})


def said(tmp_path: Path) -> dict[str, Any]:
    text = (tmp_path / "said").read_text()
    assert len(text.encode()) <= 4096
    found: dict[str, Any] = json.loads(text)
    return found


def test_a_run_publishes_a_version_that_predicts_and_says_what_it_measured(tmp_path: Path) -> None:
    assert perform(run_of(tmp_path), Plan(rounds=60, stage=20), tmp_path / "said") == 0
    found = versions.find(tmp_path / "store", MODEL, VERSION)
    assert said(tmp_path) == {"version": VERSION, "metrics": found.metadata["metrics"], "sha256": found.sha256}
    assert found.metadata["metrics"]["r2"] > 0.5
    session = onnxruntime.InferenceSession(found.read(), providers=["CPUExecutionProvider"])
    features = model_form.features_of(session.get_modelmeta().custom_metadata_map)
    assert [one.name for one in features] == list(FEATURES)
    assert all(abs(sum(one.shares) - 1) < 1e-6 for one in features)
    data = dataset.read(str(tmp_path / "data.csv"))
    predicted = session.run(None, {"features": data.features})[0].ravel()
    assert np.corrcoef(predicted, data.target)[0, 1] > 0.9


def test_another_try_gives_the_version_that_is_there_and_other_data_is_refused(tmp_path: Path) -> None:
    assert perform(run_of(tmp_path), PLAN, tmp_path / "said") == 0
    first = versions.find(tmp_path / "store", MODEL, VERSION).metadata
    assert perform(run_of(tmp_path), PLAN, tmp_path / "said") == 0
    assert versions.find(tmp_path / "store", MODEL, VERSION).metadata == first
    assert perform(run_of(tmp_path, sample(400, 8)), PLAN, tmp_path / "said") == pipeline.DATA_ERROR
    assert said(tmp_path)["reason"] == "Taken"
    assert versions.find(tmp_path / "store", MODEL, VERSION).metadata == first


GOOD = sample(120, 1).splitlines()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "lacks the columns MedInc"),
        ("\n".join(line.rpartition(",")[0] for line in GOOD), "lacks the columns MedHouseVal"),
        ("\n".join(GOOD[:50]), "has 49 rows, fewer than 100"),
        ("\n".join([*GOOD, "nan,2,3,4,5,6,7,8,9", "1,2,x,4,5,6,7,8,9"]), "line 122, MedInc holds 'nan'"),
        ("\n".join([*GOOD, "1,2"]), "line 122, AveRooms holds None"),
        ("\n".join([*GOOD, "1e300,2,3,4,5,6,7,8,9"]), "line 122, MedInc holds '1e300'"),
    ],
)
def test_wrong_data_is_named_by_its_place_and_nothing_is_published(text: str, reason: str, tmp_path: Path) -> None:
    assert perform(run_of(tmp_path, text), PLAN, tmp_path / "said") == pipeline.DATA_ERROR
    assert reason in said(tmp_path)["error"]
    assert not (tmp_path / "store").exists()


def test_what_trains_is_imported_only_when_the_data_is_right(tmp_path: Path) -> None:
    run_of(tmp_path, "a,b\n1,2\n")
    code = (
        "import pathlib, sys\n"
        "from aurora_programs.trainer.run import Run, perform\n"
        f"assert perform(Run(), termination_log=pathlib.Path('{tmp_path}/said')) == {pipeline.DATA_ERROR}\n"
        "sys.exit('; '.join({'sklearn', 'skl2onnx', 'onnx', 'onnxruntime', 'skops'} & sys.modules.keys()) or 0)\n"
    )
    variables = {"DATASET": f"{tmp_path}/data.csv", "MODEL_STORE": f"{tmp_path}/store"}
    with program("-c", code, MODEL=MODEL, MODEL_VERSION=VERSION, **variables) as process:
        process.communicate(timeout=60)
    assert process.returncode == 0
    assert "lacks the columns" in said(tmp_path)["error"]


@pytest.mark.parametrize("source", ["s3://bucket/key", "http://example.com/x.csv", "ftp://example.com/x"])
def test_only_files_and_https_are_read(source: str) -> None:
    with pytest.raises(dataset.DataError, match="neither a path nor"):
        dataset.read(source)


def test_a_name_that_leaves_the_store_fails_the_run(tmp_path: Path) -> None:
    assert perform(run_of(tmp_path, MODEL="../x"), PLAN, tmp_path / "said") == 1
    assert said(tmp_path)["reason"] == "NameRefused"


def test_training_goes_on_from_its_checkpoint_to_the_same_model(tmp_path: Path) -> None:
    data = dataset.read(str(run_of(tmp_path).dataset))
    whole = training.train(data, PLAN, None, lambda share, losses: None)
    kept, shares = tmp_path / "kept.skops", []

    class StoppedError(Exception):
        pass

    def stop(share: float, losses: dict[str, float]) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        training.train(data, PLAN, kept, stop)
    again = training.train(data, PLAN, kept, lambda share, losses: shares.append(share))
    assert shares == [8 / 12, 1]
    assert again == whole
    kept.write_bytes(b"no checkpoint")
    assert training.train(data, PLAN, kept, lambda share, losses: None) == whole


def test_a_checkpoint_with_other_types_is_not_made(tmp_path: Path) -> None:
    from sklearn.ensemble import RandomForestRegressor
    from skops import io as skops_io

    data = dataset.read(str(run_of(tmp_path).dataset))
    kept = tmp_path / "kept.skops"
    kept.write_bytes(skops_io.dumps(RandomForestRegressor(2).fit(data.features, data.target)))
    shares: list[float] = []
    training.train(data, PLAN, kept, lambda share, losses: shares.append(share))
    assert shares == [4 / 12, 8 / 12, 1]


def test_a_run_keeps_its_checkpoint_where_the_manifest_says_until_it_published(tmp_path: Path) -> None:
    run = run_of(tmp_path, CHECKPOINTS=f"file://{tmp_path}/kept/housing")
    (tmp_path / "store").write_text("a file, so that nothing can be published")
    assert perform(run, PLAN, tmp_path / "said") == 1
    (kept,) = (tmp_path / "kept/housing").iterdir()
    assert kept.name.startswith(VERSION)
    (tmp_path / "store").unlink()
    assert perform(run, PLAN, tmp_path / "said") == 0
    assert list((tmp_path / "kept/housing").iterdir()) == []
    shutil.rmtree(tmp_path / "store")
    assert perform(run_of(tmp_path, CHECKPOINTS="s3://bucket/x"), PLAN, tmp_path / "said") == pipeline.DATA_ERROR


def test_loss_and_progress_are_scraped_under_the_names_of_the_contract() -> None:
    import socket

    from aurora_programs.trainer.run import _reporter

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    _reporter(port)(0.5, {"train": 0.25, "validation": 0.5})
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as reply:
        text = reply.read().decode()
    assert "aurora_training_progress_ratio 0.5" in text
    assert 'aurora_training_loss{split="validation"} 0.5' in text
    assert threading.active_count() >= 2


def test_aliases_are_published_from_pins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "store"
    versions.publish(root, MODEL, VERSION, b"model", metadata={})
    monkeypatch.setenv("MODEL_STORE", str(root))
    assert command.main(["publish-aliases", f"{MODEL}/stable={VERSION}"]) == 0
    assert aliases.listed(root, MODEL) == {"stable": VERSION}
    assert command.main(["publish-aliases", f"{MODEL}/stable=v20260101-000000"]) == 1
    assert command.main(["publish-aliases", f"../{MODEL}/stable={VERSION}"]) == 1
    assert command.main(["publish-aliases", "nothing"]) == 2
    assert aliases.listed(root, MODEL) == {"stable": VERSION}


def test_missing_variables_are_all_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("DATASET", "MODEL", "MODEL_STORE", "MODEL_VERSION"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SystemExit, match="2"):
        command.main([])
    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert set(line["variables"]) == {"DATASET", "MODEL", "MODEL_STORE", "MODEL_VERSION"}
    assert line["level"] == "error"
    assert line["program"] == "trainer"
