"""Which sections of a table apply: those about something that the environment has. Pure; imports no cdk8s."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aurora_constructs.spec import Subject


def chosen(section: Mapping[str, Any], subjects: Sequence[Subject]) -> list[Subject]:
    """Give what a section is about: nothing where none of `about` is there, or none of what it needs `beside`."""
    there = {subject.kind for subject in subjects}
    if "beside" in section and there.isdisjoint(section["beside"]):
        return []
    return [subject for subject in subjects if subject.kind in section.get("about", ())]


def any_of(values: Iterable[str]) -> str:
    """Write a matcher's regular expression for one of several names, none of which needs escaping."""
    return "|".join(sorted(set(values)))
