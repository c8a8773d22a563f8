"""Loads the version that the pod was given, and predicts with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, create_model

from aurora_programs import model_form
from aurora_programs.store import versions

LARGEST = float(np.finfo(np.float32).max)
Number = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-LARGEST, le=LARGEST)]


class Predictor(Protocol):
    """What serves: features in their order, and predictions of rows of them."""

    @property
    def features(self) -> tuple[model_form.Feature, ...]:
        """The features."""

    def predict(self, rows: NDArray[np.float32]) -> list[float]:
        """Give a prediction for each row."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model in ONNX. It is data: loading it runs nothing of it."""

    features: tuple[model_form.Feature, ...]
    session: Any

    def predict(self, rows: NDArray[np.float32]) -> list[float]:
        """Give a prediction for each row."""
        (found, *_) = self.session.run(None, {model_form.INPUT: rows})
        return [float(value) for value in found.ravel()]


def load(folder: Path, version: str) -> Model:
    """Load the version that the model gate copied; its checksum is compared with its metadata again.

    Raises:
        DamagedError: it is missing, is another version, or has another checksum.
        FormError: it is no model that can be served.
    """
    metadata = versions.read_metadata(folder, version)
    content = versions.checked_artifact(folder, str(metadata["sha256"]))
    options = onnxruntime.SessionOptions()
    # One thread a prediction: requests are what runs side by side, within the CPU that the pod asks for.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    # The runtime's errors have no class of their own that it documents.
    except Exception as error:
        raise model_form.FormError(f"{folder} holds no ONNX model: train the version again") from error
    features = model_form.features_of(session.get_modelmeta().custom_metadata_map)
    inputs = [(one.name, one.shape[-1]) for one in session.get_inputs()]
    if inputs != [(model_form.INPUT, len(features))]:
        raise model_form.FormError(f"{folder} has the inputs {inputs}, not {len(features)} features: train it again")
    return Model(features, session)


def row_type(features: Sequence[model_form.Feature]) -> type[BaseModel]:
    """Give the type of one row: every feature, finite, and nothing else."""
    fields: dict[str, Any] = {one.name: (Number, ...) for one in features}
    return create_model("Row", __config__=ConfigDict(extra="forbid", frozen=True), **fields)


def batch_type(row: type[BaseModel], most: int) -> type[BaseModel]:
    """Give the type of many rows, at most `most`."""
    rows: Any = (Annotated[list[row], Field(min_length=1, max_length=most)], ...)  # type: ignore[valid-type]
    return create_model("Batch", __config__=ConfigDict(extra="forbid", frozen=True), rows=rows)


def matrix(features: Sequence[model_form.Feature], rows: Sequence[BaseModel]) -> NDArray[np.float32]:
    """Give the rows as the model takes them."""
    return np.asarray([[getattr(row, one.name) for one in features] for row in rows], dtype=np.float32)
