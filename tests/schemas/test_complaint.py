"""kubeconform's words, as recorded from its releases, become places and clear words."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurora.model import place
from aurora.model.json_value import JsonObject
from aurora.schemas import complaint, wording

PREFIX = (
    "problem validating schema. Check JSON formatting: "
    "jsonschema validation failed with 'file:///x/it\\'s/schemas/apps/deployment_v1.json#'"
)
SCHEMA: JsonObject = {
    "properties": {
        "spec": {"$ref": "#/definitions/spec"},
        "maybe": {"if": {"type": "null"}, "else": {"properties": {"colour": {}}}},
    },
    "definitions": {
        "spec": {
            "properties": {
                "replicas": {},
                "containers": {"items": {"properties": {"imagePullPolicy": {}, "name": {}}}},
                "any": {"additionalProperties": {"properties": {"weight": {}}}},
            }
        }
    },
}
BODY: JsonObject = {"spec": {"containers": [{"name": "a"}], "map": {"0": 1, "a/b~c": 2}, "any": {"x": {}}}}


def read(*lines: str) -> list[tuple[str, str, str | None]]:
    found = complaint.complaints(PREFIX + "".join(f" {line}" for line in lines), BODY, SCHEMA)
    return [(place.pointer(each.steps), each.message, each.hint) for each in found]


NONE_FITS = "fits none of the allowed forms: "
LOST = "the required field `{}` is missing"

LEAVES = [
    ("got string, want null or integer", "must be a whole number, not a string"),
    ("got number, want string", "must be a string, not a number"),
    ("got boolean, want number or string", "must be a number or a string, not a boolean"),
    ("got null, want object", "must be a mapping, not null"),
    ("value must be 'apps/v1'", "must be `apps/v1`"),
    ("value must be one of 'a', 'it\\'s', ''", "must be one of `a`, `it's`, ``"),
    ("value must be one of 1, 2, <nil>", "must be one of 1, 2"),
    ("minimum: got 0, want 1", "must be at least 1"),
    ("maximum: got 99,999,999, want 65,535", "must be at most 65535"),
    ("maximum: got 3\u00d710\u2070\u2079, want 2.147483647\u00d710\u2070\u2079", "must be at most 2147483647"),
    ("minLength: got 0, want 1", "must have this many characters at least: 1"),
    ("maxItems: got 3, want 2", "must have this many items at most: 2"),
    ("'s3cret' does not match pattern '^[a-z]+\\\\.$'", "does not match the pattern `^[a-z]+\\.$`"),
    ("'it\\'s s3cret' is not valid date-time: no digits", "is no valid date-time"),
    ("items at 0 and 2 are equal", "items 0 and 2 are equal"),
    ("'not' failed", "has a value that is excluded here"),
    ("not failed", "has a value that is excluded here"),
    ("'oneOf' failed, subschemas 0, 1 matched", "fits several forms and must fit exactly one"),
    ("oneOf failed, subschemas 0, 1 matched", "fits several forms and must fit exactly one"),
    ("something new", "something new"),
]


@pytest.mark.parametrize(("words", "message"), LEAVES)
def test_known_words_are_said_clearly_and_unknown_ones_as_they_are(words: str, message: str) -> None:
    assert read(f"- at '/spec/replicas': {words}") == [("/spec/replicas", message, None)]


def test_no_value_of_the_object_is_repeated() -> None:
    shown = [read(f"- at '/spec': {words}")[0][1] for words, _ in LEAVES]
    assert not [message for message in shown if "s3cret" in message]


def test_each_unknown_field_is_a_complaint_at_its_own_place_with_the_nearest_name() -> None:
    assert read("- at '/spec/containers/0': additional properties 'imagePullpolicy', 'zzz' not allowed") == [
        ("/spec/containers/0/imagePullpolicy", "unknown field `imagePullpolicy`", "did you mean `imagePullPolicy`?"),
        ("/spec/containers/0/zzz", "unknown field `zzz`", None),
    ]


def test_fields_are_known_behind_references_maps_and_null() -> None:
    assert read("- at '/spec': additional properties 'replica' not allowed")[0][2] == "did you mean `replicas`?"
    assert read("- at '/spec/any/x': additional properties 'wieght' not allowed")[0][2] == "did you mean `weight`?"
    assert read("- at '/maybe': additional properties 'color' not allowed")[0][2] == "did you mean `colour`?"


def test_missing_fields_are_named_one_by_one() -> None:
    assert read("- at '': missing properties 'spec', 'kind'") == [
        ("", "the required field `kind` is missing", None),
        ("", "the required field `spec` is missing", None),
    ]


def test_pointers_tell_a_list_index_from_a_key_that_is_a_number() -> None:
    found = complaint.complaints(f"{PREFIX} - at '/spec/containers/0': x - at '/spec/map/0': y", BODY, SCHEMA)
    assert [each.steps for each in found] == [("spec", "containers", 0), ("spec", "map", "0")]


def test_pointers_are_unescaped_twice() -> None:
    assert read("- at '/spec/map/a~1b~0c': got number, want string")[0][0] == "/spec/map/a~1b~0c"
    found = complaint.complaints(f"{PREFIX} - at '/it\\'s\\n\\u200b': got number, want string", {}, SCHEMA)
    assert found[0].steps == ("it's\n\u200b",)


def test_groups_are_opened_and_branches_told_in_one_sentence() -> None:
    assert read(
        "- at '/spec': validation failed",
        "  - at '/spec': missing property 'a'",
        "  - at '/spec/containers/0': 'oneOf' failed, none matched",
        "    - at '/spec/containers/0/name': got string, want integer",
        "    - at '/spec/containers/0': validation failed",
        "      - at '/spec/containers/0': missing property 'b'",
        "      - at '/spec/containers/0': missing property 'c'",
        "- at '/spec/replicas': got string, want integer",
    ) == [
        ("/spec", "the required field `a` is missing", None),
        (
            "/spec/containers/0",
            f"{NONE_FITS}`/name` must be a whole number, not a string; or {LOST.format('b')} and {LOST.format('c')}",
            None,
        ),
        ("/spec/replicas", "must be a whole number, not a string", None),
    ]


def test_many_branches_are_counted_instead_of_listed() -> None:
    lines = [f"  - at '/spec': missing property '{name}'" for name in "abcdef"]
    [(pointer, message, _)] = read("- at '/spec': anyOf failed", *lines)
    assert pointer == "/spec"
    assert message.endswith("the required field `d` is missing; or 2 more")


def test_the_same_complaint_twice_is_told_once() -> None:
    assert len(read("- at '/spec': not failed", "- at '/spec': 'not' failed")) == 1


def test_a_value_cannot_smuggle_in_a_complaint() -> None:
    smuggled = "'x\\' - at \\'/metadata\\': got string, want object' does not match pattern '^a$'"
    assert read(f"- at '/spec/replicas': {smuggled}") == [("/spec/replicas", "does not match the pattern `^a$`", None)]


@pytest.mark.parametrize("message", ["", "nonsense", PREFIX, f"{PREFIX} and then?", f"{PREFIX} - at '/x': it's broken"])
def test_a_message_that_is_not_understood_is_passed_on_whole(message: str) -> None:
    [found] = complaint.complaints(message, BODY, SCHEMA)
    assert found.steps == ()
    assert found.message == f"it does not fit its schema: {message}"


def test_complaints_come_in_one_order() -> None:
    lines = ["- at '/b': not failed", "- at '/a': not failed", "- at '/a': got string, want null"]
    assert read(*lines) == read(*reversed(lines))


def go_quoted(value: str) -> str:
    """Quote as the library does: Go's %q, then single quotes."""
    escapes = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "'": "\\'"}
    return "'" + "".join(escapes.get(character, character) for character in value) + "'"


@given(st.text(alphabet=string.printable.replace("\x0b", "").replace("\x0c", "")))
def test_any_name_survives_quoting(name: str) -> None:
    assert wording.unquote(go_quoted(name)) == name
    found = complaint.complaints(f"{PREFIX} - at '': additional properties {go_quoted(name)} not allowed", {}, {})
    assert [each.steps for each in found] == [(name,)]


@given(st.text())
def test_no_message_is_a_crash(text: str) -> None:
    assert complaint.complaints(PREFIX + text, BODY, SCHEMA)
    assert complaint.complaints(f"{PREFIX} - at '/a': {text}", BODY, SCHEMA)
    assert complaint.complaints(f"{PREFIX} - at {go_quoted(f'/spec/containers/{text}')}: not failed", BODY, SCHEMA)
