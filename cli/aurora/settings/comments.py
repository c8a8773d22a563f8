"""Comments in foreign manifests that silence one rule: `# aurora: ignore RULE reason`.

A comment holds for its own line, or, where nothing else stands on it, for the next line that is no comment. It must
say why; one that names no rule, or that silences nothing, is a finding. Reads no files.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace

from aurora.model.finding import Finding
from aurora.model.manifest import Manifest, Source
from aurora.model.place import Place
from aurora.model.rule import Rule
from aurora.settings import rules
from aurora.settings.reading import near
from aurora.yamlio.reading import without_scalars

MARK = "aurora: ignore"
_COMMENT = re.compile(r"(?:^|\s)#[ \t]*aurora: ignore(?:[ \t]+(\S+))?(?:[ \t]+(\S.*))?\s*$")


@dataclass(slots=True)
class Comment:
    """One comment: where it stands, the line that it holds for, what it silences and why; without a line, nothing."""

    place: Place
    line: int | None
    rule: str
    reason: str
    used: bool = field(default=False)

    def holds_for(self, finding: Finding) -> bool:
        """Tell whether the comment silences a finding."""
        at = finding.place
        here = at is not None and (at.path, at.line) == (self.place.path, self.line)
        return here and self.rule == finding.rule and bool(self.reason)


def read(manifests: Iterable[Manifest], bare: Iterable[tuple[Source, str]] = ()) -> list[Comment]:
    """Find the comments in manifests that no component of the repository makes, and in documents without an object."""
    found = [each for one in manifests if one.component is None for each in _comments(one.source, one.text)]
    return [*found, *(replace(each, line=None) for source, text in bare for each in _comments(source, text))]


def _comments(source: Source, written: str) -> Iterator[Comment]:
    if MARK not in written or source.path.lower().endswith(".json"):
        return
    lines = without_scalars(written).split("\n")
    for number, text in enumerate(lines):
        found = _COMMENT.search(text)
        if found:
            meant = number if text[: found.start()].strip() else _next(lines, number)
            place = Place(source.path, source.line + number, found.start() + text[found.start() :].index("#") + 1)
            yield Comment(place, source.line + meant, found[1] or "", (found[2] or "").strip())


def _next(lines: list[str], number: int) -> int:
    """Give the next line that holds more than a comment."""
    following = ((each, lines[each].strip()) for each in range(number + 1, len(lines)))
    return next((each for each, text in following if text and not text.startswith("#")), number)


def problems(
    comments: Iterable[Comment], known: Collection[str], ran: Collection[str], fixed: Collection[str]
) -> Iterator[Finding]:
    """Say which comments name no rule or a fixed one, give no reason, or silence nothing though the check ran."""
    for comment in comments:
        if comment.rule in known and comment.rule.partition("/")[0] in fixed:
            message = f"`{comment.rule}` cannot be ignored: without it nothing is proved"
            yield _finding(rules.COMMENT_INVALID, comment, message, "remove the comment")
        elif comment.rule not in known and not comment.rule.startswith("policy/"):
            what = f"`{comment.rule}` is no rule" if comment.rule else "the comment names no rule"
            yield _finding(rules.COMMENT_INVALID, comment, what, near(comment.rule, known))
        elif not comment.reason:
            message = f"the comment does not say why `{comment.rule}` is ignored"
            yield _finding(rules.COMMENT_INVALID, comment, message, f"write `# {MARK} {comment.rule} REASON`")
        elif not comment.used and (comment.line is None or comment.rule.partition("/")[0] in ran):
            where = f"on line {comment.line}" if comment.line else "in a document without an object"
            message = f"nothing {where} breaks `{comment.rule}`"
            yield _finding(
                rules.COMMENT_UNUSED, comment, message, "put it beside the line that the finding names, or remove it"
            )


def _finding(rule: Rule, comment: Comment, message: str, hint: str) -> Finding:
    return Finding(rule=rule.id, severity=rule.severity, message=message, place=comment.place, hint=hint)
