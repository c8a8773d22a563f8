"""Whatever stands in a file, and whatever it is called: findings or an environment, never a crash."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from aurora.environment.documents import MAX_BYTES, MAX_VALUES
from aurora.environment.provenance import explain
from aurora.errors import InputError, UsageError
from aurora.model.finding import Finding
from aurora.model.json_value import JsonObject, JsonValue
from environment.toys import HEAD, KINDS, SERVING, STORE, findings, repository, shown

TEXT = st.text(max_size=12) | st.sampled_from(
    ["", "store", "inference", "kind", "Serving", "[key]", "..", "a/b", "\0", "\x1b[31m", "\u202e", "\u2028", "x" * 500]
)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    SCALARS | TEXT, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=8
)
FIELDS = st.sampled_from(
    [
        "kind",
        "namespace",
        "model",
        "stable",
        "canary",
        "image",
        "storage",
        "peers",
        "mirrors",
        "route",
        "replicas",
        "sources",
        "ratio",
        "debug",
    ]
)
COMPONENTS = st.dictionaries(
    TEXT | st.sampled_from(["store", "inference"]),
    st.dictionaries(FIELDS | TEXT, VALUES, max_size=5) | VALUES,
    max_size=4,
)
TOP = st.sampled_from(
    ["apiVersion", "kind", "metadata", "extends", "cluster", "gitops", "images", "externals", "waivers", "components"]
)
SOUND: JsonObject = {
    "kind": "Serving",
    "namespace": "aurora",
    "model": "housing",
    "stable": {"version": "v1"},
    "route": {"type": "gateway", "host": "a.example.com"},
    "sources": [{"folder": "a"}, {"bucket": "b"}],
}


def load_bytes(content: bytes) -> tuple[Finding, ...]:
    with tempfile.TemporaryDirectory() as folder:
        found = findings(repository(Path(folder), {"prod.yaml": content}))
    lines = content.count(b"\n") + content.count(b"\r") + content.decode(errors="replace").count("\x85") + 2
    for finding in found:
        assert finding.message.isprintable()
        assert finding.hint is None or finding.hint.isprintable()
        assert len(finding.message) < 1500
        assert finding.place is not None
        assert finding.place.path == "environments/prod.yaml"
        assert 1 <= finding.place.line <= lines + content.decode(errors="replace").count("\u2028") + 2
        assert finding.place.column >= 1
        assert "pydantic" not in finding.message
    return found


@given(st.binary(max_size=200))
def test_any_bytes(content: bytes) -> None:
    assert load_bytes(content)


@given(st.text(max_size=100))
def test_any_text_behind_a_sound_beginning(text: str) -> None:
    load_bytes((HEAD + SERVING + text).encode(errors="replace"))


@given(VALUES)
def test_any_value_for_a_whole_file(value: JsonValue) -> None:
    assert load_bytes(json.dumps(value).encode())


@given(st.dictionaries(TOP | TEXT, VALUES, max_size=10))
def test_any_values_of_the_keys_at_the_top(value: JsonObject) -> None:
    assert load_bytes(json.dumps(value).encode())


@given(COMPONENTS)
def test_any_components(components: JsonValue) -> None:
    load_bytes((HEAD + "components: " + json.dumps(components)).encode())


@given(st.dictionaries(FIELDS, VALUES, min_size=1, max_size=3))
def test_any_values_in_a_sound_component(changes: JsonObject) -> None:
    component = {**SOUND, **changes}
    load_bytes((HEAD + "components: " + json.dumps({"inference": component})).encode())


@given(TEXT, VALUES)
def test_any_path_to_explain(path: str, value: JsonValue) -> None:
    text = HEAD + "components: " + json.dumps({"inference": {**SOUND, "values": {"x": value}}})
    with tempfile.TemporaryDirectory() as folder:
        paths = repository(Path(folder), {"prod.yaml": text})
        for asked in (path, f"/{path}", f"components.inference.{path}", ""):
            try:
                assert explain(paths, "prod", asked, kinds=KINDS)
            except UsageError as error:
                assert error.message.isprintable()
            except InputError as error:
                assert error.findings


@given(st.text(max_size=30))
def test_any_name_of_an_environment(name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = repository(Path(folder), {"prod.yaml": HEAD + SERVING})
        try:
            assert findings(paths, name) == ()
            assert name == "prod"
        except UsageError as error:
            assert error.message.isprintable()
            assert name != "prod"


def test_thousands_of_mistakes_are_thousands_of_findings() -> None:
    stores = "".join(f"  c{number}: {{kind: Store, size: 1Gi, backup: d{number}}}\n" for number in range(1000))
    assert len(load_bytes(f"{HEAD}components:\n{stores}".encode())) == 1000
    keys = "".join(f"key{number}: 1\n" for number in range(2000))
    assert len(load_bytes(f"{HEAD}{STORE}{keys}".encode())) == 2000


def test_a_file_beyond_the_size_limit_is_not_parsed(tmp_path: Path) -> None:
    comment = "#" * MAX_BYTES + "\n"
    assert shown(repository(tmp_path, {"prod.yaml": HEAD + STORE + comment})) == [
        "1:1 syntax: `environments/prod.yaml` is larger than 1024 KiB => split it into layers"
    ]


def test_aliases_cannot_multiply_values_without_bound(tmp_path: Path) -> None:
    text = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
    for name, before in zip("bcde", "abcd", strict=True):
        text += f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    (found,) = shown(repository(tmp_path, {"prod.yaml": text}))
    assert f"syntax: more than {MAX_VALUES} values, counting what aliases repeat" in found


def test_aliases_cannot_nest_values_without_bound(tmp_path: Path) -> None:
    text = "a: &a " + "[" * 60 + "]" * 60 + "\nb: " + "[" * 60 + "*a" + "]" * 60 + "\n"
    (found,) = shown(repository(tmp_path, {"prod.yaml": text}))
    assert found.startswith("2:")
    assert "syntax: more than 100 levels of nesting, counting what aliases repeat" in found
