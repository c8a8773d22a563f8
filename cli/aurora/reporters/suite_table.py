"""The formats of the report of `aurora test`: the only list of them."""

from __future__ import annotations

from collections.abc import Callable

from aurora.model.suite_report import SuiteReport
from aurora.reporters import suite_json, suite_junit, suite_markdown, suite_text

TABLE: dict[str, Callable[[SuiteReport], str]] = {
    "text": suite_text.write,
    "json": suite_json.write,
    "junit": suite_junit.write,
    "markdown": suite_markdown.write,
}
