"""What a specification demands, in Aurora's words: one case for each row, provoked in pydantic itself."""

from __future__ import annotations

import datetime
import decimal
import enum
import uuid
from collections.abc import Iterable
from typing import Annotated, Any, Literal, Optional

import pytest
from pydantic import (
    UUID4,
    AfterValidator,
    AwareDatetime,
    Field,
    FutureDate,
    FutureDatetime,
    HttpUrl,
    NaiveDatetime,
    PastDate,
    PastDatetime,
    StringConstraints,
    create_model,
)
from pydantic.networks import AnyUrl, IPvAnyAddress, UrlConstraints

from aurora.environment.expectations import PATTERNS, advice, demanded, meaning, phrases, stated
from aurora.environment.problems import Problem, judge
from aurora.environment.tree import plant
from aurora.model.json_value import JsonValue
from aurora.model.place import Place
from aurora_constructs.spec import Hostname, ModelVersion, Name, Quantity, Spec


class Size(enum.Enum):
    SMALL = "small"
    LARGE = "large"


class Cat(Spec):
    type: Literal["cat"]


class Dog(Spec):
    type: Literal["dog"]


ROWS: list[tuple[Any, JsonValue, str, str]] = [
    (bool, "x", "bool_type", "be `true` or `false`"),
    (bytes, 3, "bytes_type", "be a string"),
    (Annotated[bytes, Field(max_length=2)], "abc", "bytes_too_long", "have at most 2 characters"),
    (Annotated[bytes, Field(min_length=1)], "", "bytes_too_short", "have at least 1 character"),
    (datetime.date, 3, "date_type", "be a date, such as `2026-12-31`"),
    (datetime.date, "2026-02-30", "date_parsing", "be a date, such as `2026-12-31`"),
    (PastDate, "2999-01-01", "date_past", "be a day gone by"),
    (FutureDate, "1999-01-01", "date_future", "be a day to come"),
    (datetime.datetime, 3, "datetime_type", "be a date with time, such as `2026-12-31T14:30:00Z`"),
    (datetime.datetime, "x", "datetime_parsing", "be a date with time, such as `2026-12-31T14:30:00Z`"),
    (PastDatetime, "2999-01-01T00:00:00", "datetime_past", "lie in the past"),
    (FutureDatetime, "1999-01-01T00:00:00", "datetime_future", "lie in the future"),
    (AwareDatetime, "1999-01-01T00:00:00", "timezone_aware", "name its time zone"),
    (NaiveDatetime, "1999-01-01T00:00:00Z", "timezone_naive", "name no time zone"),
    (datetime.time, [], "time_type", "be a time of day, such as `14:30:00`"),
    (datetime.time, "x", "time_parsing", "be a time of day, such as `14:30:00`"),
    (datetime.timedelta, [], "time_delta_type", "be a duration, such as `PT15M`"),
    (datetime.timedelta, "x", "time_delta_parsing", "be a duration, such as `PT15M`"),
    (Annotated[decimal.Decimal, Field(max_digits=2)], "1.23", "decimal_max_digits", "have at most 2 digits"),
    (
        Annotated[decimal.Decimal, Field(decimal_places=1)],
        "1.23",
        "decimal_max_places",
        "have at most 1 digit after the point",
    ),
    (
        Annotated[decimal.Decimal, Field(max_digits=3, decimal_places=2)],
        "12.3",
        "decimal_whole_digits",
        "have at most 1 digit before the point",
    ),
    (decimal.Decimal, "x", "decimal_parsing", "be a number"),
    (decimal.Decimal, [], "decimal_type", "be a number"),
    (dict[str, int], 3, "dict_type", "be a mapping"),
    (Size, "tiny", "enum", "be `small` or `large`"),
    (float, "x", "float_type", "be a number"),
    (frozenset[int], 3, "frozen_set_type", "be a list"),
    (set[int], 3, "set_type", "be a list"),
    (list[int], 3, "list_type", "be a list"),
    (tuple[int, ...], 3, "tuple_type", "be a list"),
    (Iterable[int], 3, "iterable_type", "be a list"),
    (Annotated[int, Field(gt=3)], 3, "greater_than", "be greater than 3"),
    (Annotated[int, Field(ge=3)], 2, "greater_than_equal", "be at least 3"),
    (Annotated[int, Field(lt=3)], 3, "less_than", "be less than 3"),
    (Annotated[int, Field(le=3)], 4, "less_than_equal", "be at most 3"),
    (Annotated[int, Field(multiple_of=3)], 4, "multiple_of", "be a multiple of 3"),
    (int, 3.5, "int_type", "be an integer"),
    (Literal["a", "b", 3], "c", "literal_error", "be `a`, `b` or 3"),
    (Cat, 3, "model_type", "be a mapping"),
    (None, 3, "none_required", "be left out"),
    (str, 3, "string_type", "be a string"),
    (Annotated[str, Field(min_length=3)], "a", "string_too_short", "have at least 3 characters"),
    (Annotated[str, Field(max_length=3)], "aaaa", "string_too_long", "have at most 3 characters"),
    (Annotated[str, Field(pattern="^a$")], "b", "string_pattern_mismatch", "match `^a$`"),
    (Annotated[str, StringConstraints(ascii_only=True)], "é", "string_not_ascii", "have ASCII characters only"),
    (Annotated[list[int], Field(min_length=1)], [], "too_short", "have at least 1 entry"),
    (Annotated[list[int], Field(max_length=1)], [1, 2], "too_long", "have at most 1 entry"),
    (
        Annotated[Cat | Dog, Field(discriminator="type")],
        {"type": "cow"},
        "union_tag_invalid",
        "be one of `cat`, `dog`",
    ),
    (AnyUrl, "x", "url_parsing", "be a URL"),
    (AnyUrl, "http:/x", "url_syntax_violation", "be a URL"),
    (HttpUrl, 3, "url_type", "be a URL"),
    (HttpUrl, "ftp://x", "url_scheme", "be a URL that begins with `http` or `https`"),
    (Annotated[HttpUrl, UrlConstraints(max_length=5)], "http://abc", "url_too_long", "have at most 5 characters"),
    (uuid.UUID, 3, "uuid_type", "be a UUID"),
    (uuid.UUID, "x", "uuid_parsing", "be a UUID"),
    (UUID4, "a6cc5730-2261-11ee-9c43-2eb5a363657c", "uuid_version", "be a UUID"),
]


def problem(annotation: Any, value: JsonValue) -> Problem:
    model = create_model("Toy", __base__=Spec, field=(annotation, Field(description="The value.")))
    instance, problems = judge(model, plant({"field": value}, Place("toy.yaml")))
    assert instance is None
    assert len(problems) == 1
    return problems[0]


@pytest.mark.parametrize(("annotation", "value", "kind", "phrase"), ROWS, ids=[row[2] for row in ROWS])
def test_an_error_is_told_in_our_words(annotation: Any, value: JsonValue, kind: str, phrase: str) -> None:
    found = problem(annotation, value)
    assert (found.type, demanded(found), found.steps) == (kind, phrase, ("field",))


def test_every_row_of_the_table_is_proved() -> None:
    assert {row[2] for row in ROWS} == set(phrases())


@pytest.mark.parametrize(
    ("annotation", "phrase"),
    [
        (Name, "be a DNS label: lower-case letters, digits, and `-` inside"),
        (Hostname, "be a host name in lower case, such as `ml.example.com`"),
        (Quantity, "be a quantity, such as `500m` or `2Gi`"),
        (ModelVersion, "be a model version: lower-case letters, digits, `.` and `-`"),
    ],
)
def test_well_known_patterns_have_a_name(annotation: Any, phrase: str) -> None:
    assert demanded(problem(annotation, "No!")) == phrase
    assert phrase in PATTERNS.values()


def test_an_error_without_a_row_keeps_its_own_words() -> None:
    assert demanded(problem(IPvAnyAddress, "x")) == "fit: value is not a valid IPv4 or IPv6 address"


def test_a_specification_may_say_itself_what_is_wrong() -> None:
    def refuse(value: str) -> str:
        raise ValueError("this is\nnot right")

    found = problem(Annotated[str, AfterValidator(refuse)], "x")
    assert stated(found) == "this is not right"


@pytest.mark.parametrize(
    ("annotation", "value", "hint"),
    [
        (str, 3, 'quote it: `"3"`'),
        (str, True, 'quote it: `"true"`'),
        (int, "3", "remove the quotes"),
        (int, "-3", "remove the quotes"),
        (int, "three", None),
        (bool, "true", "remove the quotes"),
        (bool, "yes", None),
        (Literal["bare-metal", "eks"], "bare_metal", "did you mean `bare-metal`?"),
        (Literal["bare-metal", "eks"], "BARE-METAL", "did you mean `bare-metal`?"),
        (Literal["bare-metal", "eks"], "zzz", None),
        (Annotated[Cat | Dog, Field(discriminator="type")], {"type": "dig"}, None),
    ],
)
def test_advice_is_given_only_where_it_helps(annotation: Any, value: JsonValue, hint: str | None) -> None:
    assert advice(problem(annotation, value), value) == hint


@pytest.mark.parametrize(
    ("annotation", "value", "phrase"),
    [
        (int | Literal["auto"], "x", "be an integer or be `auto`"),
        (int | str, [], "be an integer or be a string"),
        (Optional[int | Literal["auto"]], 2.5, "be an integer or be `auto`"),  # noqa: UP045 - both forms
        (Cat | Dog, 3, "be a mapping"),
        (list[int] | int, ["x"], "be an integer"),
        (dict[str, int] | str, {"a": []}, "be an integer"),
    ],
)
def test_the_members_of_a_union_are_one_opinion(annotation: Any, value: JsonValue, phrase: str) -> None:
    assert demanded(problem(annotation, value)) == phrase


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("The value.", "the value"),
        ("A share of traffic.", "a share of traffic"),
        ("URL of the repository.", "URL of the repository"),
        ("Two\n\nlines.", "two lines"),
        ("", None),
    ],
)
def test_a_description_becomes_part_of_a_sentence(text: str, sentence: str | None) -> None:
    model = create_model("Toy", __base__=Spec, field=(int, Field(description=text)))
    _, problems = judge(model, plant({}, Place("toy.yaml")))
    assert meaning(problems[0]) == sentence
