"""The formats of the report of `aurora diff`: the only list of them."""

from __future__ import annotations

from collections.abc import Callable

from aurora.model.diff import Diff
from aurora.reporters import diff_json, diff_markdown, diff_text


def _html(diff: Diff) -> str:
    """Write the page; its templates are slow to import, and only it needs them."""
    from aurora.reporters.html import diff_page  # noqa: PLC0415 - as said

    return diff_page.write(diff)


TABLE: dict[str, Callable[[Diff], str]] = {
    "text": diff_text.write,
    "json": diff_json.write,
    "markdown": diff_markdown.write,
    "html": _html,
}
