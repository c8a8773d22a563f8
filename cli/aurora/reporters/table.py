"""The table of report formats: the only list of them, for the report of each command."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from importlib import import_module

from aurora.model.report import Report
from aurora.model.rule import Rule

Reporter = Callable[[Report], str]

FORMATS = {
    "text": "text",
    "json": "json_report",
    "markdown": "markdown",
    "sarif": "sarif",
    "junit": "junit",
    "github": "github",
}
"""Format of `synth` and `validate` -> the module here whose `write` writes it; imported when it is wanted."""
DIFF_FORMATS = {"text": "diff_text", "json": "diff_json", "markdown": "diff_markdown", "html": "html.diff_page"}
GRAPH_FORMATS = {"mermaid": "graph_mermaid", "dot": "graph_dot", "json": "graph_json", "html": "html.graph_page"}
NETWORK_FORMATS = {
    "text": "network_text",
    "mermaid": "graph_mermaid",
    "dot": "graph_dot",
    "json": "network_json",
    "html": "html.network_page",
}
DRAWN = ("mermaid", "dot")
"""The formats in which a network is drawn as a graph of objects is."""
MATRIX_FORMATS = {
    "text": "matrix_text",
    "json": "matrix_json",
    "markdown": "matrix_markdown",
    "html": "html.matrix_page",
}
PARITY_FORMATS = {"text": "parity_text", "json": "parity_json", "markdown": "parity_markdown"}
PREREQUISITES_FORMATS = {"text": "prerequisites_text", "json": "prerequisites_json"}
REHEARSAL_FORMATS = {"text": "rehearsal_text", "json": "rehearsal_json", "html": "html.rehearsal_page"}
SUITE_FORMATS = {"text": "suite_text", "json": "suite_json", "junit": "suite_junit", "markdown": "suite_markdown"}
DESCRIBING = "sarif"
"""The format that describes the rules of its findings."""


def writer(formats: Mapping[str, str], name: str) -> Callable[..., str]:
    """Give what writes one format of a table."""
    write: Callable[..., str] = import_module(f"{__package__}.{formats[name]}").write
    return write


def reporter(name: str, rules: Callable[[], Iterable[Rule]]) -> Reporter:
    """Give the writer of a format of `FORMATS`; `rules` gives every rule that a report can name."""
    write = writer(FORMATS, name)
    return partial(write, rules=rules()) if name == DESCRIBING else write
