"""What `aurora explain ENV PATH` prints: the origin of values. Starts no Node and no tool."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aurora.environment.provenance import Explanation, explain
from aurora.paths import find_repository


def of_value(folder: Path, environment: str, path: str, format_: str) -> str:
    """Explain where a value, or every value below a path, comes from and what it overrode.

    Raises:
        UsageError: the environment or the path does not exist.
        InputError: a layer cannot be read.
    """
    found = explain(find_repository(folder), environment, path)
    if format_ == "json":
        return json.dumps([_as_json(entry) for entry in found], indent=2, ensure_ascii=False)
    return "\n".join(_as_text(entry) for entry in found)


def _as_text(entry: Explanation) -> str:
    origin = str(entry.place) if entry.place else entry.default
    lines = [f"{entry.path} = {json.dumps(entry.value, ensure_ascii=False)}", f"  from: {origin}"]
    lines += [f"  overrides: {json.dumps(value, ensure_ascii=False)} at {place}" for value, place in entry.overridden]
    return "\n".join(lines)


def _as_json(entry: Explanation) -> dict[str, Any]:
    return {
        "path": entry.path,
        "value": entry.value,
        "place": asdict(entry.place) if entry.place else None,
        "default": entry.default,
        "overridden": [{"value": value, "place": asdict(place)} for value, place in entry.overridden],
    }
