"""The control matrix as Markdown: one table for namespaces that are protected alike, then the proofs.

Writes no files.
"""

from collections.abc import Iterator

from aurora.console import printable
from aurora.model.control_matrix import ControlMatrix
from aurora.reporters import matrix_text
from aurora.reporters.markdown_text import code, table, words

_WORDS_ONLY = len(matrix_text.HEAD)


def write(matrix: ControlMatrix) -> str:
    """Write a matrix as Markdown."""
    numbers = matrix_text.numbered(matrix)
    lines = ["# Control matrix", "", words(matrix_text.summary(matrix)), ""]
    for section in matrix.sections:
        names = ", ".join(code(printable(name)) for name in section.namespaces)
        lines += [f"## {words(printable(section.environment))}: {names}", ""]
        rows = matrix_text.rows(section, numbers)
        if rows:
            lines += [*table(matrix_text.HEAD, rows, numbers_from=_WORDS_ONLY), ""]
        idle = matrix_text.idle(section)
        if idle:
            lines += [f"Not protected here: {words(printable('; '.join(row.title for row in idle)))}.", ""]
    lines += ["## Proofs", ""]
    lines += [f"- {number}: {code(matrix_text.shown(proof))}" for proof, number in numbers.items()]
    return "\n".join([*lines, *_left_over(matrix)]).rstrip()


def _left_over(matrix: ControlMatrix) -> Iterator[str]:
    if matrix.unassigned:
        yield from ("", "## Bound, but part of no control", "")
        yield from (
            f"- {code(printable(policy))} in {words(printable(environment))}"
            for environment, policy in matrix.unassigned
        )
    if matrix.unproved:
        yield from ("", "## Claimed, but proved by no test", "")
        yield from (f"- {words(printable(claim))}" for claim in matrix.unproved)
