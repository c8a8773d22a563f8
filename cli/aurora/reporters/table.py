"""The table of report formats: the only list of them."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import cast

from aurora.model.report import Report

Reporter = Callable[[Report], str]

FORMATS = {
    "text": "aurora.reporters.text",
    "json": "aurora.reporters.json_report",
    "markdown": "aurora.reporters.markdown",
    "sarif": "aurora.reporters.sarif",
    "junit": "aurora.reporters.junit",
    "github": "aurora.reporters.github",
}
"""Format -> the module whose `write` writes it; imported when it is wanted, since some know every rule."""


def reporter(name: str) -> Reporter:
    """Give the writer of a format of `FORMATS`."""
    return cast(Reporter, import_module(FORMATS[name]).write)
