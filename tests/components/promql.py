"""Reads the names out of a PromQL expression: enough to hold it to the catalogue, not a parser."""

from __future__ import annotations

import re
from dataclasses import dataclass

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_RANGE = re.compile(r"\[[^\]]*\]|\boffset\s+\w+")
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
_MATCHERS = re.compile(r"\{([^}]*)\}")
_MATCHER = re.compile(r"([A-Za-z_]\w*)\s*(?:=~|!~|!=|=)")
_NAME = re.compile(r"(?<![\w.])([A-Za-z_:][\w:]*+)(?!\s*\()")
_WORDS = {"and", "or", "unless", "bool", "by", "on", "without", "ignoring", "group_left", "group_right", "offset"}


@dataclass(frozen=True)
class Names:
    """The series and the labels that an expression names."""

    series: frozenset[str]
    labels: frozenset[str]


def names(expression: str) -> Names:
    """Read an expression."""
    text = _RANGE.sub("", _STRING.sub('""', expression))
    labels = {label.strip() for group in _GROUPING.findall(text) for label in group.split(",") if label.strip()}
    text = _GROUPING.sub(" ", text)
    labels |= {label for matchers in _MATCHERS.findall(text) for label in _MATCHER.findall(matchers)}
    series = set(_NAME.findall(_MATCHERS.sub(" ", text))) - _WORDS
    return Names(frozenset(series), frozenset(labels))
