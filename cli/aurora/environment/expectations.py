"""Says in Aurora's words what a specification demands: `expectations.yaml` has every error that a file can cause.

Knows neither places nor rules.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any, get_args

from pydantic import StringConstraints

from aurora import tables
from aurora.environment.problems import Problem
from aurora.environment.wording import visible
from aurora.model.json_value import JsonValue
from aurora_constructs import spec
from aurora_constructs.spelling import closest

_BLANK = re.compile(r"\{(?P<name>\w+)(?: (?P<one>\w+)/(?P<many>\w+))?\}")


def _pattern(annotated: Any) -> str:
    patterns = [mark.pattern for mark in get_args(annotated)[1:] if isinstance(mark, StringConstraints)]
    return str(patterns[0])


PATTERNS: dict[str, str] = {
    _pattern(spec.Name): "be a DNS label: lower-case letters, digits, and `-` inside",
    _pattern(spec.Hostname): "be a host name in lower case, such as `ml.example.com`",
    _pattern(spec.Quantity): "be a quantity, such as `500m` or `2Gi`",
    _pattern(spec.ModelVersion): "be a model version: lower-case letters, digits, `.` and `-`",
}


@cache
def phrases() -> dict[str, str]:
    """Give what a value must do by the type of pydantic's error.

    Raises:
        TableError: the table is not what it should be.
    """
    with tables.opened(Path(__file__).with_suffix(".yaml")) as table:
        return {type_: phrase for phrase in table.values for type_ in table.texts(phrase, required=True)}


def demanded(problem: Problem) -> str:
    """Say what the value must do, as it follows "must"; the members of a union are joined."""
    phrases = dict.fromkeys(_phrase(part) for part in (problem, *problem.others))
    return " or ".join(phrases)


def _phrase(problem: Problem) -> str:
    phrase = phrases().get(problem.type)
    if phrase is None:
        return "fit: " + visible(problem.words, longest=200)
    known = PATTERNS.get(str(problem.context.get("pattern")))
    return known or _BLANK.sub(lambda blank: _filled(problem.context, blank), phrase)


def _filled(context: dict[str, Any], blank: re.Match[str]) -> str:
    """Fill a blank in; pydantic puts words in single quotes."""
    value = context[blank["name"]]
    if blank["one"]:
        return f"{value} {blank['one'] if value == 1 else blank['many']}"
    return str(value) if blank["name"] == "pattern" else str(value).replace("'", "`")


def stated(problem: Problem) -> str | None:
    """Give the words of a specification's own check, where it has spoken."""
    error = problem.context.get("error")
    if problem.type not in ("value_error", "assertion_error") or error is None:
        return None
    return visible(" ".join(str(error).split()), longest=300)


def advice(problem: Problem, value: JsonValue, written: str | None = None) -> str | None:
    """Say what to do about a value: the word that was meant, or quotes that are missing or too many.

    `written` is an unquoted value as it stands in the file: `1.30` is the number 1.3, and was not meant as that.
    """
    if isinstance(value, str):
        near = closest(value, [word for part in (problem, *problem.others) for word in _words(part)])
        if near is not None:
            return f"did you mean `{near}`?"
    wanted = {part.type for part in (problem, *problem.others)}
    if "string_type" in wanted and isinstance(value, int | float):
        return f'quote it: `"{written or str(value).lower()}"`'
    if isinstance(value, str) and _reads_as(value, wanted):
        return "remove the quotes"
    return None


def meaning(problem: Problem) -> str | None:
    """Give the description of the field as part of a sentence."""
    if not problem.description:
        return None
    text = " ".join(problem.description.split()).removesuffix(".")
    first = text.split(" ", 1)[0]
    return text if len(first) > 1 and first[1:] != first[1:].lower() else text[0].lower() + text[1:]


def _words(problem: Problem) -> tuple[str, ...]:
    shape = problem.shape
    return (*shape.words, *shape.tags, *(word for member in shape.alternatives for word in member.words))


def _reads_as(text: str, wanted: set[str]) -> bool:
    if "bool_type" in wanted:
        return text in ("true", "false")
    if wanted & {"int_type", "float_type"}:
        return text.removeprefix("-").isdecimal() and text.isascii()
    return False
