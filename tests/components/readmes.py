"""Reads what the README of a component kind shows, so that it cannot be wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aurora.yamlio import reading


def readme_entries(folder: str) -> dict[str, Any]:
    """Read the components that a component's README shows."""
    root = Path(__file__).resolve().parents[2]
    text = (root / "constructs/aurora_constructs/components" / folder / "README.md").read_text(encoding="utf-8")
    (block,) = (part.split("```")[0] for part in text.split("```yaml\n")[1:])
    value: Any = reading.parse(block).value
    entries: dict[str, Any] = value["components"]
    return entries
