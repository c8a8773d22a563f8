"""The format of `schemas/lock.yaml`: what the schema pack holds, where it came from, and the hashes that prove it."""

from dataclasses import dataclass
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from aurora.model.json_value import mapping
from aurora.schemas.provenance import SourceComponent, Word
from aurora.yamlio import reading, writing

FILE = "lock.yaml"
_HEADER = "# Written by `aurora schemas build`.\n"


@dataclass(frozen=True, slots=True, order=True)
class SourceText:
    """The file that a definition was taken from, and its SHA-256."""

    file: Word
    sha256: Word


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class PackedCrd:
    """One definition of the pack; hashes are SHA-256 of whole files."""

    file: Word
    group: Word
    kind: Word
    served: tuple[Word, ...]
    unserved: tuple[Word, ...]
    component: Word
    version: Word
    source: SourceText
    sha256: Word


@dataclass(frozen=True, slots=True)
class Lock:
    """Everything in the pack, in the order of its files."""

    crds: tuple[PackedCrd, ...]
    components: tuple[SourceComponent, ...]
    lacking: tuple[Word, ...] = ()
    """The kinds, as `group/Kind`, that components emit and that these releases do not define."""
    format: Literal[1] = 1


_LOCK = TypeAdapter(Lock)


class LockError(Exception):
    """Why a text is no lock."""


def dump(lock: Lock) -> str:
    """Print a lock; equal locks give equal bytes."""
    form = _LOCK.dump_python(lock, mode="json")
    return _HEADER + writing.dump({key: value for key, value in form.items() if key != "lacking" or value})


def parse(content: str) -> Lock:
    """Read a lock.

    Raises:
        LockError: the text is no lock of this format.
    """
    try:
        return _LOCK.validate_python({"format": None, **mapping(reading.parse(content).value)})
    except reading.YamlError as error:
        raise LockError(str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        raise LockError(f"`{'.'.join(map(str, first['loc']))}`: {first['msg']}") from error
