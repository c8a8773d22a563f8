"""Fills in the values that a table leaves open: `<name>` in its texts. Pure; imports no cdk8s."""

import re
from collections.abc import Mapping
from typing import Any

_OPEN = re.compile(r"<([a-z_]+)>")


def fill(table: Any, values: Mapping[str, object]) -> Any:
    """Give a copy of a table's part with every `<name>` in its texts replaced.

    Raises:
        KeyError: a name has no value.
    """
    if isinstance(table, Mapping):
        return {key: fill(entry, values) for key, entry in table.items()}
    if isinstance(table, list):
        return [fill(entry, values) for entry in table]
    if isinstance(table, str):
        return _OPEN.sub(lambda found: str(values[found[1]]), table)
    return table
