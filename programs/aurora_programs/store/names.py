"""Names in the model store, which become names of folders: nothing else may reach the disk."""

import re

from aurora_contract import store

MODEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
"""As the resource definitions have it: a DNS label."""
VERSION = re.compile(r"v[0-9]{8}-[0-9]{6}")


class StoreError(Exception):
    """What is asked of the store, or what lies in it, is wrong; the message says where and what to do."""


class NameRefusedError(StoreError):
    """A name has characters that no name may have."""


class AbsentError(StoreError):
    """What is asked for is not in the store."""


def model_name(text: str) -> str:
    """Give `text` if it names a model.

    Raises:
        NameRefusedError: it does not.
    """
    if MODEL.fullmatch(text) is None or text == store.REGISTRY:
        raise NameRefusedError(
            f"{text[:80]!r} is no name of a model: use at most 63 lower-case letters, digits and `-`, "
            f"and not {store.REGISTRY!r}"
        )
    return text


def version_name(text: str) -> str:
    """Give `text` if it names a version.

    Raises:
        NameRefusedError: it does not.
    """
    if VERSION.fullmatch(text) is None:
        raise NameRefusedError(f"{text[:80]!r} is no name of a version: use the form vYYYYMMDD-HHMMSS")
    return text


def alias_name(text: str) -> str:
    """Give `text` if it names an alias, such as `stable`.

    Raises:
        NameRefusedError: it does not.
    """
    if MODEL.fullmatch(text) is None or VERSION.fullmatch(text):
        raise NameRefusedError(f"{text[:80]!r} is no name of an alias: use lower-case letters, digits and `-`")
    return text
