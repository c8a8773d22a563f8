"""Reads the data of a training, from a file or by HTTPS, and refuses what cannot be trained on."""

import csv
import hashlib
import io
import math
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
from numpy.typing import NDArray

from aurora_programs.trainer.columns import FEATURES, TARGET

SECONDS = 60
"""How long the source of the data may say nothing."""
MOST_BYTES = 1 << 30
LARGEST = float(np.finfo(np.float32).max)
FEWEST_ROWS = 100
"""Below this number a held-out part says nothing about the model."""
SHOWN = 10


class DataError(Exception):
    """The data is wrong and will be so at the next try; the message holds every reason, at most `SHOWN`."""


class SourceError(Exception):
    """The data could not be read now; another try may succeed."""


@dataclass(frozen=True, slots=True)
class Data:
    """The rows, with the checksum of what they were read from."""

    features: NDArray[np.float32]
    target: NDArray[np.float64]
    sha256: str


def read(source: str) -> Data:
    """Give the rows of a CSV at a path, a `file:` or an `https:` URI.

    Raises:
        DataError: the source is of another kind, or its content is wrong.
        SourceError: it cannot be read.
    """
    content = _content(source)
    if len(content) > MOST_BYTES:
        raise DataError(f"{source} has more than {MOST_BYTES} bytes: take a part of it")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise DataError(f"{source} is no UTF-8 text: byte {error.start} is wrong") from error
    features, target = _parse(source, text)
    return Data(features, target, hashlib.sha256(content).hexdigest())


def _content(source: str) -> bytes:
    parts = urlsplit(source)
    try:
        if parts.scheme in ("", "file"):
            path = Path(unquote(parts.path) if parts.scheme else source)
            with path.open("rb") as file:
                return file.read(MOST_BYTES + 1)
        if parts.scheme == "https":
            with urllib.request.urlopen(source, timeout=SECONDS) as reply:  # noqa: S310 - the scheme is checked
                return bytes(reply.read(MOST_BYTES + 1))
    except urllib.error.HTTPError as error:
        kind = SourceError if error.code >= 500 else DataError
        raise kind(f"{source} cannot be read: the server answers {error.code}") from error
    except FileNotFoundError as error:
        raise DataError(f"{source} does not exist: look at the dataset of the run") from error
    except OSError as error:
        raise SourceError(f"{source} cannot be read: {error}") from error
    raise DataError(f"{source} is neither a path nor a `file:` or `https:` URI")


def _parse(source: str, text: str) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    wanted = (*FEATURES, TARGET)
    missing = [name for name in wanted if name not in (reader.fieldnames or ())]
    if missing:
        raise DataError(f"{source} lacks the columns {', '.join(missing)}")
    wrong: list[str] = []
    rows = list(_rows(reader, wanted, wrong))
    if wrong:
        more = f", and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        raise DataError(f"{source}: {'; '.join(wrong[:SHOWN])}{more}")
    if len(rows) < FEWEST_ROWS:
        raise DataError(f"{source} has {len(rows)} rows, fewer than {FEWEST_ROWS}")
    table = np.asarray(rows, dtype=np.float64)
    return table[:, :-1].astype(np.float32), table[:, -1]


def _rows(reader: "csv.DictReader[str]", wanted: tuple[str, ...], wrong: list[str]) -> Iterator[list[float]]:
    for row in reader:
        values = [_number(row[name]) for name in wanted]
        bad = [name for name, value in zip(wanted, values, strict=True) if value is None]
        wrong.extend(f"line {reader.line_num}, {name} holds {row[name]!r}, no finite number" for name in bad)
        if not bad:
            yield [value for value in values if value is not None]


def _number(text: str | None) -> float | None:
    """Give the number, if it is one that 32 bits can hold."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) <= LARGEST else None
