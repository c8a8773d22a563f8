"""The table of report formats: the only list of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from typing import cast

from aurora.model.report import Report
from aurora.model.rule import Rule

Reporter = Callable[[Report], str]

FORMATS = {
    "text": "aurora.reporters.text",
    "json": "aurora.reporters.json_report",
    "markdown": "aurora.reporters.markdown",
    "sarif": "aurora.reporters.sarif",
    "junit": "aurora.reporters.junit",
    "github": "aurora.reporters.github",
}
"""Format -> the module whose `write` writes it; imported when it is wanted."""
DESCRIBING = "sarif"
"""The format that describes the rules of its findings."""


def reporter(name: str, rules: Callable[[], Iterable[Rule]]) -> Reporter:
    """Give the writer of a format of `FORMATS`; `rules` gives every rule that a report can name."""
    write = import_module(FORMATS[name]).write
    return cast(Reporter, partial(write, rules=rules()) if name == DESCRIBING else write)
