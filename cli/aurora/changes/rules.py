"""The rules of what a diff could not read or judge: each keeps it from being the whole truth."""

from __future__ import annotations

from aurora.model.finding import Finding, Severity
from aurora.model.place import Place
from aurora.model.rule import Rule

_ONE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: x}\n"

HUGE = Rule(
    id="diff/huge-file",
    severity=Severity.ERROR,
    summary="a file that is too large to be compared",
    why="The API server takes no object of that size, and a file that is passed over may hold any change.",
    bad="# more than eight mebibytes of text\n",
    good=_ONE,
)
NO_FILE = Rule(
    id="diff/no-file",
    severity=Severity.ERROR,
    summary="an entry that is no file",
    why="What a link or a submodule leads to is not what is committed here, so nobody knows what it changes.",
    bad="# a submodule in the place of a manifest\n",
    good=_ONE,
)
NO_MANIFEST = Rule(
    id="diff/no-manifest",
    severity=Severity.NOTE,
    summary="a file that differs and is no manifest",
    why="Only YAML and JSON are applied, so the change has no effect; it is named because nothing is passed over.",
    bad="# generated/aurora-dev/notes.txt\n",
    good=_ONE,
)
NOT_JUDGED = Rule(
    id="diff/not-judged",
    severity=Severity.WARNING,
    summary="objects that the API server's code cannot judge",
    why="Without a stored form, defaults and spellings show as differences, and nobody knows what would be refused.",
    bad="apiVersion: nobody.example.com/v1\nkind: Thing\nmetadata: {name: a, namespace: x}\n",
    good=_ONE,
)
NOT_COMPILED = Rule(
    id="diff/not-compiled",
    severity=Severity.WARNING,
    summary="an environment that was there and was not compiled",
    why="Without its objects at the base, every object looks new although the cluster may run it.",
    bad="# environments/aurora-dev.yaml is committed, generated/aurora-dev is not\n",
    good=_ONE,
)
NOT_LOADED = Rule(
    id="diff/not-loaded",
    severity=Severity.WARNING,
    summary="an environment file that cannot be read beside `generated/`, which can",
    why="Without it nobody knows which edit is behind a change, nor for which version of Kubernetes to judge it.",
    bad="# environments/aurora-dev.yaml is no YAML, and `aurora diff --committed` is asked\n",
    good=_ONE,
)
RULES = (HUGE, NO_FILE, NO_MANIFEST, NOT_JUDGED, NOT_COMPILED, NOT_LOADED)


def found(rule: Rule, message: str, *, place: Place | None, environment: str | None, hint: str) -> Finding:
    """Make a finding of a rule."""
    return Finding(
        rule=rule.id, severity=rule.severity, message=message, place=place, environment=environment, hint=hint
    )
