"""The rules as people read them: `aurora explain RULE`, `aurora list checks` and `rules`. Runs no tool."""

from __future__ import annotations

import difflib
import json
import textwrap
from dataclasses import asdict
from pathlib import Path

from aurora.checks.table import all_rules, table
from aurora.errors import UsageError
from aurora.model.rule import Rule


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


def explained(id_: str, format_: str) -> str:
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


def _nowhere(name: str) -> Path:
    raise AssertionError(f"`{name}` is not needed to list checks")


def checks() -> list[tuple[str, str]]:
    """Give each check with the number of its rules."""
    return [(check.name, f"{len(check.rules)} rules") for check in table(_nowhere)]


def rules() -> list[tuple[str, str]]:
    """Give each rule with its severity and what it finds."""
    return [(entry.id, f"{entry.severity}: {entry.summary}") for entry in all_rules()]
