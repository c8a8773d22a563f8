"""How every JSON report writes the values of the model. Writes no files."""

import dataclasses
import json
import re
from collections.abc import Mapping
from enum import Enum
from fractions import Fraction
from typing import Any

from aurora.model.change import ABSENT
from aurora.model.manifest import Manifest

_WORD = re.compile(r"_(\w)")


def dump(body: dict[str, Any]) -> str:
    """Write a report as one JSON object."""
    return json.dumps(body, indent=2, ensure_ascii=False)


def plain(value: object, *, without: tuple[str, ...] = ()) -> Any:
    """Give a value as JSON has it: of the model's classes the fields, with their names in camel case.

    A field that is absent is left out, since null is a value; of a manifest, whose text is in the repository, only
    its place and its identity are given. `without` names fields to leave out.
    """
    found: Any = value
    match value:
        case Manifest():
            found = {"path": value.source.path, "line": value.source.line, "resource": plain(value.id)}
        case Enum():
            found = value.value
        case Fraction():
            found = int(value) if value.denominator == 1 else float(value)
        case float():
            found = round(value, 3)
        case Mapping():
            found = {str(key): plain(entry) for key, entry in value.items()}
        case list() | tuple():
            found = [plain(entry) for entry in value]
        case _ if dataclasses.is_dataclass(value):
            # A field that is no argument only repeats what others say.
            names = [field.name for field in dataclasses.fields(value) if field.init and field.name not in without]
            fields = {name: getattr(value, name) for name in names}
            found = {_camel(name): plain(entry) for name, entry in fields.items() if entry is not ABSENT}
    return found


def _camel(name: str) -> str:
    return _WORD.sub(lambda match: match[1].upper(), name)
