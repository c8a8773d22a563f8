"""Whatever stands in a file, and whatever it is called: findings or an environment, never a crash."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from aurora.environment.provenance import explain
from aurora.errors import InputError, UsageError
from aurora.model.finding import Finding
from aurora.model.json_value import JsonObject, JsonValue
from environment.toys import HEAD, KINDS, SERVING, findings, repository

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
