"""Reads what a build made of images: a file of JSON that any builder's output can be turned into."""

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from aurora.errors import StorageError, UsageError
from aurora_constructs.spec import ImageDigest, ImageRepository, ImageTag, Name, Spec

LARGEST = 1 << 20
_FORM = 'the form is {"images": [{"name": "trainer", "tag": "v1.5.0", "digest": "sha256:…"}]}'


class Built(Spec):
    """One image as it was built; `repository`, where it is given, must be the one that environments pull from."""

    name: Name
    tag: ImageTag
    digest: ImageDigest
    repository: ImageRepository | None = None


class _File(Spec):
    images: Annotated[list[Built], Field(min_length=1, max_length=200)]


def read(file: Path) -> tuple[Built, ...]:
    """Give the images that a file lists, in its order.

    Raises:
        StorageError: the file cannot be read.
        UsageError: it is no such file, an entry is malformed, or an image is listed twice.
    """
    try:
        with file.open("rb") as stream:
            raw = stream.read(LARGEST + 1)
    except OSError as error:
        raise StorageError(f"`{file}` cannot be read: {error.strerror}") from error
    if len(raw) > LARGEST:
        raise UsageError(f"`{file}` has more than {LARGEST} bytes", hint=_FORM)
    try:
        images = _File.model_validate(json.loads(raw, object_pairs_hook=_once)).images
    except ValidationError as error:
        problems = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise UsageError(f"`{file}` lists no built images: {'; '.join(problems)}", hint=_FORM) from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"`{file}` is no JSON: {error}", hint=_FORM) from error
    names = [image.name for image in images]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        message = f"`{file}` lists {', '.join(f'`{name}`' for name in twice)} twice"
        raise UsageError(message, hint="an image has one tag and one digest: remove the entry of the older build")
    return tuple(images)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object with one key twice, of which JSON readers keep the last one in silence."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("an object has one key twice")
    return found
