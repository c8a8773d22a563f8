"""Hostile and broken YAML ends in a message with a place, and Kubernetes' reading of scalars is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurora.model.json_value import JsonValue
from aurora.yamlio import reading, scalars


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("a: 1\na: 2", (2, 1), "the key `a` stands twice"),
        ("a: [1, 2", (2, 1), "did not find expected"),
        ("\ta: 1", (1, 1), "cannot start any token"),
        (
            "a: !!python/object:os.system x",
            (1, 4),
            "the tag `tag:yaml.org,2002:python/object:os.system` is not allowed",
        ),
        ("? [a]\n: 1", (1, 3), "a mapping's key must be a string"),
        ("1: a", (1, 1), "the key `1` is not a string"),
        ("yes: a", (1, 1), "the key `yes` is not a string"),
        ("a: 9007199254740993", (1, 4), "beyond 2^53"),
        ("a: .inf", (1, 4), "has no form in JSON"),
        ("<<: {a: 1}", (1, 1), "merge keys"),
        ("a: *b", (1, 4), "has no anchor"),
        ("[" * 5000, (1, reading.MAX_DEPTH + 1), "levels of nesting"),
        ("a: {" * 5000, (1, None), "levels of nesting"),
        ("a: b: c", (1, 5), "mapping values are not allowed"),
        ('{"a": 1}\n{"b": 2}', (2, 1), "did not find expected <document start>"),
        ("a: 'b", (1, 6), "found unexpected end of stream"),
        ("%YAML 3.0\n", (1, 1), ""),
        ("a: &x [*x]", (1, 8), "has no anchor"),
    ],
)
def test_broken_yaml_is_located(text: str, place: tuple[int, int | None], words: str) -> None:
    with pytest.raises(reading.YamlError) as caught:
        reading.parse(text)
    assert caught.value.line == place[0]
    assert place[1] in (None, caught.value.column)
    assert words in caught.value.message


def test_an_anchor_bomb_is_refused_before_it_expands() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 10)]
    with pytest.raises(reading.YamlError, match="counting what aliases repeat"):
        reading.parse("\n".join(lines))


def test_aliases_that_nest_too_deep_are_refused() -> None:
    lines = ["a0: &a0 [x]", *(f"a{level}: &a{level} [*a{level - 1}]" for level in range(1, reading.MAX_DEPTH + 1))]
    with pytest.raises(reading.YamlError, match="levels of nesting, counting what aliases repeat"):
        reading.parse("\n".join(lines))


def test_a_tab_gets_the_hint_to_use_spaces() -> None:
    with pytest.raises(reading.YamlError) as caught:
        reading.parse("a:\n\tb: 1")
    assert (caught.value.line, caught.value.column) == (2, 1)
    assert caught.value.hint == "indent with spaces: YAML forbids tabs there"


@pytest.mark.parametrize("raw", [b"a: \xff", b"a: \x00", b"a: \x1b[31m", "a: \ud800".encode("utf-8", "surrogatepass")])
def test_bytes_that_are_no_text_are_located(raw: bytes) -> None:
    with pytest.raises(reading.YamlError) as caught:
        reading.decode(raw)
    assert (caught.value.line, caught.value.column) == (1, 4)


@given(st.text(max_size=200))
def test_no_text_raises_anything_else(text: str) -> None:
    for document in reading.split(text):
        try:
            reading.parse(document.text, places=True)
        except reading.YamlError as error:
            assert error.line >= 1
            assert error.column >= 1


@pytest.mark.parametrize(
    ("plain", "value"),
    [
        ("y", True), ("No", False), ("on", True), ("~", None), ("0775", 509), ("0o17", 15), ("0x1F", 31), ("0b11", 3),
        ("08", 8), ("1_000", 1000), ("1e3", 1000), (".5", 0.5), ("+5", 5), ("12:30", "12:30"),
        ("24_10.1", 2410.1), ("12345e999", "12345e999"), ("0_8", 8), ("0X1f", 31),
        ("2026-11-21", "2026-11-21"), ("-", "-"), ("1.2.3", "1.2.3"), ("500m", "500m"),
    ],
)  # fmt: skip
def test_scalars_mean_what_they_mean_to_kubernetes(plain: str, value: JsonValue) -> None:
    resolved = scalars.resolve(plain)
    assert resolved == value
    assert type(resolved) is type(value)


@pytest.mark.parametrize(
    ("plain", "key"),
    [
        ("9000", "9000"), ("010", "8"), ("y", "true"), ("off", "false"), ("1.10", "1.1"), ("1e3", "1000"),
        ("1000000", "1000000"), ("1e6", "1e+06"), ("0.1", "0.1"), ("16777217.5", "1.6777218e+07"), ("x", "x"),
        ("12345e999", "12345e999"), ("2027-01-15", "2027-01-15"), ("1e-5", "1e-05"), ("~", None),
    ],
)  # fmt: skip
def test_keys_become_what_the_api_server_stores(plain: str, key: str | None) -> None:
    assert scalars.as_key(plain) == key


def test_kubectl_reads_merge_keys_tags_and_keys_that_are_no_strings() -> None:
    text = "a: &a {x: 1, y: 2}\nb: {<<: *a, x: 3, 9: !!str 4}\nc: {<<: [{z: 5}, *a, {z: 6}]}\nd: {'<<': 1}\n"
    parsed = reading.parse(text, as_kubectl=True)
    assert parsed.value == {
        "a": {"x": 1, "true": 2},
        "b": {"x": 3, "true": 2, "9": "4"},
        "c": {"x": 1, "true": 2, "z": 5},
        "d": {"<<": 1},
    }
    assert parsed.merges
    turned = reading.parse("{y: {010: 2}}", as_kubectl=True).turned
    assert reading.with_texts_as_keys("{y: {010: 2}}", turned) == '{"true": {"8": 2}}'


@pytest.mark.parametrize("text", ["a: {b: 1, b: 2}", "<<: 1", "~: 1", "a: !!int x", "{8: 1, 010: 2}", "a: !x 1"])
def test_what_kubectl_refuses_or_loses_is_broken(text: str) -> None:
    with pytest.raises(reading.YamlError):
        reading.parse(text, as_kubectl=True)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_byte_order_mark_says_how_to_read(encoding: str) -> None:
    assert reading.decode("a: ä".encode(encoding)) == "a: ä"
    assert [each.text for each in reading.split("\ufeffa: 1\n---\n\ufeffb: 2\n")] == ["a: 1\n", "\nb: 2\n"]


def test_several_documents_in_utf_16_are_refused() -> None:
    with pytest.raises(reading.YamlError, match="the first document"):
        reading.decode("a: 1\n---\nb: 2\n".encode("utf-16"))


@pytest.mark.parametrize(
    "plain", ["y", "OFF", "12:30:45", "0775", "0o7", "1e3", "1_0", "2026-11-21", "0x1", "=", "1.5e3"]
)
def test_what_readers_disagree_about_is_ambiguous(plain: str) -> None:
    assert scalars.ambiguity(plain) is not None


@pytest.mark.parametrize(
    "plain", ["true", "False", "null", "~", "", "12", "-3", "1.5", "v1.2.3", "a b", "500m", "1.5e+3"]
)
def test_what_all_readers_take_alike_is_not_ambiguous(plain: str) -> None:
    assert scalars.ambiguity(plain) is None


def test_a_document_may_begin_on_its_marker_line() -> None:
    parts = list(reading.split("# head\n--- {a: 1}\n--- |\n  text\n...\nb: 2\n"))
    assert [(part.text, part.line) for part in parts] == [("{a: 1}\n", 2), ("|\n  text\n", 3), ("\nb: 2\n", 5)]


def test_a_marker_inside_a_block_scalar_ends_the_document() -> None:
    assert len(list(reading.split("a: |\n  x\n---\nb: 1\n"))) == 2


def test_objects_of_json_may_follow_each_other() -> None:
    parts = list(reading.split('\n{"a": "---"}\n\n{"b":\n1}{"c": 2}\n'))
    assert [(part.text, part.line) for part in parts] == [
        ('{"a": "---"}', 2),
        ('{"b":\n1}', 4),
        ('{"c": 2}', 5),
    ]
    assert len(list(reading.split('{"a": 1}\n---\n{b: 2}\n'))) == 2


TEXT = "# head\nspec:\n  containers:\n    - name: a\n      image: b\n    - {name: c}\n"


@pytest.mark.parametrize(
    ("steps", "place"),
    [
        (("spec",), (2, 1)),
        (("spec", "containers", 0), (4, 7)),
        (("spec", "containers", 0, "image"), (5, 7)),
        (("spec", "containers", 1, "name"), (6, 8)),
        (("spec", "containers", 1, "missing", "deep"), (6, 7)),
        (("nothing",), (2, 1)),
    ],
)
def test_parts_are_located_by_key_and_missing_ones_by_their_parent(
    steps: tuple[str | int, ...], place: tuple[int, int]
) -> None:
    assert reading.locate(TEXT, steps) == place
