"""The table of report formats: the only list of them."""

from __future__ import annotations

from collections.abc import Callable

from aurora.model.report import Report
from aurora.reporters import json_report, text

Reporter = Callable[[Report], str]

TABLE: dict[str, Reporter] = {"text": text.write, "json": json_report.write}
