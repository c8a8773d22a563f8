"""Measures what Aurora promises, prints a table, and writes it as JSON.

Every figure is the median of several whole processes on this machine, measured one after the other. Promised
seconds grow with the time that a plain loop takes before and after each figure, so that a busy machine does not
look like slower code. Names of modules as arguments measure only those.
"""

import json
import os
import platform
import sys
from dataclasses import asdict, replace
from importlib import import_module

from measuring import ROOT, Figure, pace

MODULES = ("compiling", "cached", "server", "policies", "pages", "diffs", "foreign")
"""The modules beside this file whose `figures` are measured, in order: the only list of them."""

RESULT = ROOT / "benchmarks" / "results" / "latest.json"


def measured(names: list[str]) -> list[Figure]:
    """Measure modules, printing each figure as soon as it is known."""
    unknown = set(names) - set(MODULES)
    if unknown:
        raise SystemExit(f"no such measurements: {', '.join(sorted(unknown))}; there are {', '.join(MODULES)}")
    found: list[Figure] = []
    before = pace()
    for name in names or MODULES:
        for figure in import_module(name).figures():
            after = pace()
            found.append(replace(figure, pace=(before + after) / 2))
            print(line(found[-1]), flush=True)
            before = after
    return found


def line(figure: Figure) -> str:
    """Write a figure with its promise."""
    word = "at least" if figure.at_least else "at most"
    promise = f"promised {word} {figure.promised:g} {figure.unit}" if figure.promised is not None else ""
    now = f", now {figure.bound:.2g}" if figure.bound != figure.promised else ""
    mark = "" if figure.kept else "  MISSED"
    return f"{figure.what:<68}  {figure.value:9.2f} {figure.unit:<2}  {promise}{now}{mark}".rstrip()


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
