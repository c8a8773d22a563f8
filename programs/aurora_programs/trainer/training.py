"""Trains gradient boosting on the rows, in stages: after each it reports, and keeps its progress where it may."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import structlog
from numpy.typing import NDArray
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score
from sklearn.model_selection import train_test_split

from aurora_programs import model_form
from aurora_programs.store import files
from aurora_programs.trainer.columns import FEATURES
from aurora_programs.trainer.dataset import Data
from aurora_programs.trainer.plan import ConversionError, Plan, Report

SEED = 20640
HELD_OUT = 0.2
INTERVALS = 10
TRUSTED = ["sklearn.tree._tree.Tree"]
"""The type that skops does not make without being told to, and that a checkpoint of gradient boosting holds."""
OPSET = 17
TOLERANCE = 1e-3
"""How far predictions of the published form, in 32 bits, may be from those of scikit-learn, relative and absolute."""

LOG = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Trained:
    """A model in its published form, and what it measured on the rows that were held out."""

    artifact: bytes
    metrics: dict[str, float]


def train(data: Data, plan: Plan, checkpoint: Path | None, report: Report) -> Trained:
    """Train a model, going on from `checkpoint` where there is one for this data and plan.

    Raises:
        ConversionError: its published form is not equal to it.
        OSError: the checkpoint cannot be written.
    """
    fit, held, fit_target, held_target = train_test_split(
        data.features, data.target, test_size=HELD_OUT, random_state=SEED
    )
    model = _begun(checkpoint, plan)
    while (done := _rounds(model)) < plan.rounds:
        model.set_params(n_estimators=min(done + plan.stage, plan.rounds)).fit(fit, fit_target)
        if checkpoint:
            files.replace(checkpoint, _skops().dumps(model))
        losses = {
            "train": float(mean_squared_error(fit_target, model.predict(fit))),
            "validation": float(mean_squared_error(held_target, model.predict(held))),
        }
        report(_rounds(model) / plan.rounds, losses)
    predicted = model.predict(held)
    metrics = {
        "rmse": float(np.sqrt(mean_squared_error(held_target, predicted))),
        "mae": float(mean_absolute_error(held_target, predicted)),
        "r2": float(r2_score(held_target, predicted)),
    }
    return Trained(_published_form(model, fit, held), metrics)


def _begun(checkpoint: Path | None, plan: Plan) -> GradientBoostingRegressor:
    fresh = GradientBoostingRegressor(max_depth=4, learning_rate=0.1, warm_start=True, random_state=SEED)
    if checkpoint is None or not checkpoint.exists():
        return fresh
    try:
        kept = _skops().loads(checkpoint.read_bytes(), trusted=TRUSTED)
    # skops documents no errors, and a checkpoint only saves time.
    except Exception as error:
        LOG.warning("the checkpoint cannot be read: training begins anew", path=str(checkpoint), error=str(error))
        return fresh
    same = isinstance(kept, GradientBoostingRegressor) and _rounds(kept) <= plan.rounds
    if not same or {**kept.get_params(), "n_estimators": 0} != {**fresh.get_params(), "n_estimators": 0}:
        LOG.warning("the checkpoint is of another training: training begins anew", path=str(checkpoint))
        return fresh
    LOG.info("training goes on", path=str(checkpoint), rounds=_rounds(kept))
    return kept


def _skops() -> Any:
    """Give the library of checkpoints, which takes a second to import and which most runs do without."""
    from skops import io  # noqa: PLC0415

    return io


def _rounds(model: GradientBoostingRegressor) -> int:
    return len(getattr(model, "estimators_", ()))


def _published_form(model: Any, fit: NDArray[np.float32], held: NDArray[np.float32]) -> bytes:
    types = [(model_form.INPUT, FloatTensorType([None, len(FEATURES)]))]
    graph = convert_sklearn(model, name="aurora", initial_types=types, target_opset=OPSET)
    onnx.helper.set_model_props(graph, model_form.described(_features(fit)))
    artifact: bytes = graph.SerializeToString()
    session = onnxruntime.InferenceSession(artifact, providers=["CPUExecutionProvider"])
    given = session.run(None, {model_form.INPUT: held})[0].ravel()
    if not np.allclose(given, model.predict(held), rtol=TOLERANCE, atol=TOLERANCE):
        raise ConversionError("the model's ONNX form predicts other values than scikit-learn: nothing is published")
    return artifact


def _features(rows: NDArray[np.float32]) -> list[model_form.Feature]:
    """Describe how the values are spread: intervals that hold equally many, where values do not repeat."""
    found = []
    for name, values in zip(FEATURES, rows.T, strict=True):
        edges = np.unique(np.quantile(values, np.linspace(0, 1, INTERVALS + 1)[1:-1]).astype(float))
        counts = np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
        found.append(model_form.Feature(name, tuple(edges.tolist()), tuple((counts / len(values)).tolist())))
    return found
