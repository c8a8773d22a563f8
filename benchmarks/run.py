"""Measures what Aurora promises, prints a table, and writes it as JSON.

Every figure is the median of several whole processes on this machine, measured one after the other. Names of
modules as arguments measure only those.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from dataclasses import asdict
from importlib import import_module

from measuring import ROOT, Figure, pace

MODULES = ("compiling", "cached", "server", "policies", "pages", "diffs")
"""The modules beside this file whose `figures` are measured, in order: the only list of them."""

RESULT = ROOT / "benchmarks" / "results" / "latest.json"


def measured(names: list[str]) -> list[Figure]:
    """Measure modules, printing each figure as soon as it is known."""
    unknown = set(names) - set(MODULES)
    if unknown:
        raise SystemExit(f"no such measurements: {', '.join(sorted(unknown))}; there are {', '.join(MODULES)}")
    found: list[Figure] = []
    for name in names or MODULES:
        for figure in (pace(name), *import_module(name).figures()):
            print(line(figure), flush=True)
            found.append(figure)
    return found


def line(figure: Figure) -> str:
    """Write a figure with its promise."""
    word = "at least" if figure.at_least else "at most"
    promise = f"promised {word} {figure.promised:g} {figure.unit}" if figure.promised is not None else ""
    mark = "" if figure.kept else "  MISSED"
    return f"{figure.what:<68}  {figure.value:9.2f} {figure.unit:<2}  {promise}{mark}".rstrip()


def main() -> None:
    """Print the table and write the JSON."""
    found = measured(sys.argv[1:])
    machine = {"processors": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()}
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(
        json.dumps({"machine": machine, "figures": [asdict(figure) for figure in found]}, indent=2) + "\n"
    )
    print(f"written to {RESULT.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
