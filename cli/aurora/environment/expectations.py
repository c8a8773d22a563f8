"""Says in Aurora's words what a specification demands: one row for each error that a file can cause in pydantic.

Knows neither places nor rules.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

from pydantic import StringConstraints

from aurora.environment.problems import Problem
from aurora.environment.wording import closest, visible
from aurora.model.json_value import JsonValue
from aurora_constructs import spec

Context = dict[str, Any]


def _pattern(annotated: Any) -> str:
    patterns = [mark.pattern for mark in get_args(annotated)[1:] if isinstance(mark, StringConstraints)]
    return str(patterns[0])


PATTERNS: dict[str, str] = {
    _pattern(spec.Name): "be a DNS label: lower-case letters, digits, and `-` inside",
    _pattern(spec.Hostname): "be a host name in lower case, such as `ml.example.com`",
    _pattern(spec.Quantity): "be a quantity, such as `500m` or `2Gi`",
    _pattern(spec.ModelVersion): "be a model version: lower-case letters, digits, `.` and `-`",
}


def _matching(context: Context) -> str:
    pattern = str(context["pattern"])
    return PATTERNS.get(pattern, f"match `{pattern}`")


def _counted(word: str, limit: str, *, one: str, many: str) -> Callable[[Context], str]:
    def phrase(context: Context) -> str:
        number = context[limit]
        return f"have {word} {number} {one if number == 1 else many}"

    return phrase


def _entries(word: str, limit: str) -> Callable[[Context], str]:
    return _counted(word, limit, one="entry", many="entries")


def _characters(word: str, limit: str) -> Callable[[Context], str]:
    return _counted(word, limit, one="character", many="characters")


def _digits(where: str, limit: str) -> Callable[[Context], str]:
    return _counted("at most", limit, one=f"digit{where}", many=f"digits{where}")


def _compared(word: str, limit: str) -> Callable[[Context], str]:
    return lambda context: f"be {word} {context[limit]}"


def _quoted(context: Context) -> str:
    """Turn pydantic's list of words in single quotes into ours."""
    return "be " + str(context["expected"]).replace("'", "`")


def _tag(context: Context) -> str:
    return "be one of " + str(context["expected_tags"]).replace("'", "`")


def _constant(phrase: str) -> Callable[[Context], str]:
    return lambda _: phrase


_LIST = _constant("be a list")
_MAPPING = _constant("be a mapping")
_INTEGER = _constant("be an integer")
_NUMBER = _constant("be a number")
_DATE = _constant("be a date, such as `2026-12-31`")
_TIME = _constant("be a time of day, such as `14:30:00`")
_MOMENT = _constant("be a date with time, such as `2026-12-31T14:30:00Z`")
_DURATION = _constant("be a duration, such as `PT15M`")
_URL = _constant("be a URL")
_UUID = _constant("be a UUID")

# What a value must do, by the type of pydantic's error.
PHRASES: dict[str, Callable[[Context], str]] = {
    "bool_type": _constant("be `true` or `false`"),
    "bytes_too_long": _characters("at most", "max_length"),
    "bytes_too_short": _characters("at least", "min_length"),
    "bytes_type": _constant("be a string"),
    "date_future": _constant("be a day to come"),
    "date_parsing": _DATE,
    "date_past": _constant("be a day gone by"),
    "date_type": _DATE,
    "datetime_future": _constant("lie in the future"),
    "datetime_parsing": _MOMENT,
    "datetime_past": _constant("lie in the past"),
    "datetime_type": _MOMENT,
    "decimal_max_digits": _digits("", "max_digits"),
    "decimal_max_places": _digits(" after the point", "decimal_places"),
    "decimal_parsing": _NUMBER,
    "decimal_type": _NUMBER,
    "decimal_whole_digits": _digits(" before the point", "whole_digits"),
    "dict_type": _MAPPING,
    "enum": _quoted,
    "float_type": _NUMBER,
    "frozen_set_type": _LIST,
    "greater_than": _compared("greater than", "gt"),
    "greater_than_equal": _compared("at least", "ge"),
    "int_type": _INTEGER,
    "iterable_type": _LIST,
    "less_than": _compared("less than", "lt"),
    "less_than_equal": _compared("at most", "le"),
    "list_type": _LIST,
    "literal_error": _quoted,
    "model_type": _MAPPING,
    "multiple_of": _compared("a multiple of", "multiple_of"),
    "none_required": _constant("be left out"),
    "set_type": _LIST,
    "string_not_ascii": _constant("have ASCII characters only"),
    "string_pattern_mismatch": _matching,
    "string_too_long": _characters("at most", "max_length"),
    "string_too_short": _characters("at least", "min_length"),
    "string_type": _constant("be a string"),
    "time_delta_parsing": _DURATION,
    "time_delta_type": _DURATION,
    "time_parsing": _TIME,
    "time_type": _TIME,
    "timezone_aware": _constant("name its time zone"),
    "timezone_naive": _constant("name no time zone"),
    "too_long": _entries("at most", "max_length"),
    "too_short": _entries("at least", "min_length"),
    "tuple_type": _LIST,
    "union_tag_invalid": _tag,
    "url_parsing": _URL,
    "url_scheme": lambda context: f"be a URL that begins with {context['expected_schemes']}".replace("'", "`"),
    "url_syntax_violation": _URL,
    "url_too_long": _characters("at most", "max_length"),
    "url_type": _URL,
    "uuid_parsing": _UUID,
    "uuid_type": _UUID,
    "uuid_version": _UUID,
}


def demanded(problem: Problem) -> str:
    """Say what the value must do, as it follows "must"; the members of a union are joined."""
    phrases = dict.fromkeys(_phrase(part) for part in (problem, *problem.others))
    return " or ".join(phrases)


def _phrase(problem: Problem) -> str:
    phrase = PHRASES.get(problem.type)
    if phrase is None:
        return "fit: " + visible(problem.words, longest=200)
    return phrase(problem.context)


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
