"""Which images are Ray's own, and the version that the tag of one tells. Imports no cdk8s."""

import re

_NAMES = ("ray", "ray-ml", "ray-llm")
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")


def version(repository: str, tag: str) -> str | None:
    """Give the version of Ray in an image of its own; None for other images, and for tags that tell none."""
    found = _VERSION.match(tag) if repository.rpartition("/")[2] in _NAMES else None
    return found.group() if found else None
