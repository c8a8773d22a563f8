"""The control matrix as people read it on a terminal: a table for namespaces that are protected alike, then the proofs.

Cells carry the numbers of their proofs. Writes no files and no colours.
"""

from collections.abc import Iterator, Mapping

from aurora.console import printable
from aurora.model.control_matrix import Cell, ControlMatrix, Guard, Objects, Proof, Row, Section
from aurora.reporters.text import counted, table

HEAD = ("control", *map(str, Guard))


def write(matrix: ControlMatrix) -> str:
    """Write a matrix as text."""
    numbers = numbered(matrix)
    blocks = [_section(section, numbers) for section in matrix.sections]
    blocks.append("\n".join(["proofs:", *(f"{number:>4}  {shown(proof)}" for proof, number in numbers.items())]))
    blocks += list(_left_over(matrix))
    blocks.append(summary(matrix))
    return "\n\n".join(blocks)


def numbered(matrix: ControlMatrix) -> dict[Proof, int]:
    """Number the proofs in the order of the cells."""
    return {proof: number for number, proof in enumerate(matrix.proofs(), 1)}


def shown(proof: Proof) -> str:
    """Write a proof: its place and what it says, or that there is none."""
    if proof.place is None:
        return printable(f"MISSING: {proof.name}")
    if proof.name.startswith(f"{proof.place.path}::"):
        return printable(proof.name)
    return printable(f"{proof.place.path}:{proof.place.line} {proof.name}")


def rows(section: Section, numbers: Mapping[Proof, int]) -> list[tuple[str, ...]]:
    """Give one row for each control that somebody sees to; those that nobody does are in `idle`."""
    return [
        (printable(row.title), *(_cell(row.cells[guard], numbers) for guard in Guard))
        for row in section.rows
        if not row.idle
    ]


def idle(section: Section) -> list[Row]:
    """Give the controls that nobody sees to in a section."""
    return [row for row in section.rows if row.idle]


def summary(matrix: ControlMatrix) -> str:
    """Write the last line: namespaces, claims, and how many of them no test proves."""
    namespaces = sum(len(section.namespaces) for section in matrix.sections)
    where = f" in {', '.join(matrix.environments)}" if matrix.environments else ""
    missing = len(matrix.unproved)
    committed, rendered = (sum(getattr(each, part) for each in matrix.objects) for part in ("committed", "rendered"))
    return printable(
        f"{counted(namespaces, 'namespace')}, {counted(len(matrix.proofs()), 'proof')}, {missing} missing{where}; "
        f"objects: {Objects(committed, rendered).words}"
    )


def _section(section: Section, numbers: Mapping[Proof, int]) -> str:
    lines = [printable(f"{section.environment}: {', '.join(section.namespaces)}")]
    found = rows(section, numbers)
    lines += [f"  {line}" for line in table([HEAD, *found], words=len(HEAD))] if found else []
    if idle(section):
        lines.append(printable(f"  not protected here: {'; '.join(row.title for row in idle(section))}"))
    return "\n".join(lines)


def _cell(cell: Cell, numbers: Mapping[Proof, int]) -> str:
    marks = ", ".join(str(numbers[proof]) for proof in cell.proofs)
    return printable(f"{cell.words} [{marks}]" if marks else cell.words)


def _left_over(matrix: ControlMatrix) -> Iterator[str]:
    if matrix.unassigned:
        bound = (f"  {environment}: {policy}" for environment, policy in matrix.unassigned)
        yield "\n".join(["bound, but part of no control:", *map(printable, bound)])
    if matrix.unproved:
        yield "\n".join(["claimed, but proved by no test:", *(f"  {printable(claim)}" for claim in matrix.unproved)])
