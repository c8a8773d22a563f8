"""The formats of the control matrix: the only list of them."""

from __future__ import annotations

from collections.abc import Callable

from aurora.model.control_matrix import ControlMatrix
from aurora.reporters import matrix_json, matrix_markdown, matrix_text
from aurora.reporters.html import matrix_page

TABLE: dict[str, Callable[[ControlMatrix], str]] = {
    "text": matrix_text.write,
    "json": matrix_json.write,
    "markdown": matrix_markdown.write,
    "html": matrix_page.write,
}
