"""The page of a control matrix: one table for namespaces that are protected alike, each cell with its proofs.

Writes no files.
"""

from aurora.model.control_matrix import ControlMatrix, Grip, Guard
from aurora.reporters import matrix_text
from aurora.reporters.html import page

STYLES = ("matrix.css",)
TONES = {Grip.FIRM: "good", Grip.REPORTS: "calm", Grip.PARTIAL: "warn", Grip.NONE: "quiet"}
MEANINGS = {
    Grip.FIRM: ("enforced", "violations are refused, or every object has it"),
    Grip.REPORTS: ("reports", "violations are reported and allowed"),
    Grip.PARTIAL: ("partial", "a part of the objects is covered"),
    Grip.NONE: ("none", "no effect here"),
}


def write(matrix: ControlMatrix) -> str:
    """Write a matrix as one HTML page that loads nothing."""
    return page.render("matrix.html.j2", values(matrix), styles=STYLES)


def values(matrix: ControlMatrix) -> dict[str, object]:
    """Give what the templates of a matrix need."""
    return {
        "matrix": matrix,
        "guards": list(Guard),
        "tones": TONES,
        "meanings": MEANINGS,
        "idle": matrix_text.idle,
        "proof_words": matrix_text.shown,
        "matrix_summary": matrix_text.summary(matrix),
    }
