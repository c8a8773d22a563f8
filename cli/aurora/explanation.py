"""What `aurora explain` prints: the meaning of a rule, the origin of a value. Starts no Node and no tool."""

from __future__ import annotations

import difflib
import json
import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aurora.checks.table import all_rules
from aurora.environment.provenance import Explanation, explain
from aurora.errors import UsageError
from aurora.model.rule import Rule
from aurora.paths import find_repository


def rule(id_: str) -> Rule:
    """Give a rule by its id.

    Raises:
        UsageError: there is no such rule; the hint names the nearest ones.
    """
    rules = {entry.id: entry for entry in all_rules()}
    if id_ not in rules:
        near = difflib.get_close_matches(id_, rules, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(f'`{name}`' for name in near)}?" if near else "`aurora list rules`"
        raise UsageError(f"`{id_}` is no rule", hint=hint)
    return rules[id_]


def of_rule(id_: str, format_: str) -> str:
    """Explain a rule as text, or as JSON for programs."""
    found = rule(id_)
    if format_ == "json":
        return json.dumps(asdict(found), indent=2)
    blocks = [
        f"{found.id} ({found.severity})\n{found.summary}",
        textwrap.fill(found.why, 100),
        f"bad:\n{textwrap.indent(found.bad.strip(), '    ')}",
        f"good:\n{textwrap.indent(found.good.strip(), '    ')}",
    ]
    return "\n\n".join(blocks)


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
