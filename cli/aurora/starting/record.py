"""What `aurora init` wrote, kept beside it: so `aurora upgrade` tells its own changes from those of others."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from aurora.errors import StorageError, UsageError
from aurora.starting.answers import Answers

FILE = "aurora-begun.json"
FORM = "aurora.begun/v1"


@dataclass(frozen=True, slots=True)
class Record:
    """The version that wrote the files, the answers it had, and the digest of each file as it was written."""

    aurora: str
    answers: Answers
    files: Mapping[str, str]


def digest(content: bytes) -> str:
    """Give the SHA-256 of a file's bytes."""
    return hashlib.sha256(content).hexdigest()


def text(answers: Answers, digests: Mapping[str, str]) -> bytes:
    """Give the record of files, by the digests of what Aurora wrote."""
    files = dict(sorted(digests.items()))
    made = {"schema": FORM, "aurora": version("aurora"), "answers": asdict(answers), "files": files}
    return (json.dumps(made, indent=1) + "\n").encode()


def read(root: Path) -> Record:
    """Read the record of a repository.

    Raises:
        UsageError: there is none, or it is damaged.
        StorageError: it cannot be read.
    """
    hint = f"restore `{FILE}` from Git; only a repository that `aurora init` began has one"
    try:
        found = json.loads((root / FILE).read_bytes())
        if found["schema"] != FORM:
            raise UsageError(f"`{FILE}` has the form `{found['schema']}`, and this Aurora reads `{FORM}`", hint=hint)
        answers = Answers(**found["answers"])
        return Record(str(found["aurora"]), answers, {str(path): str(each) for path, each in found["files"].items()})
    except FileNotFoundError as error:
        raise UsageError(f"there is no `{FILE}`", hint=hint) from error
    except ValueError as error:
        raise UsageError(f"`{FILE}` is no JSON in UTF-8: {error}", hint=hint) from error
    except (KeyError, TypeError, AttributeError):
        raise UsageError(f"`{FILE}` is damaged: it is not what `aurora init` writes", hint=hint) from None
    except OSError as error:
        raise StorageError(f"`{FILE}` cannot be read: {error.strerror}") from error
