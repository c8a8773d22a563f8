"""Whatever people name is read: streams, JSON, Lists; what is broken is a finding and the rest is kept."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurora import manifests, rule_texts
from aurora.model.manifest import Manifest
from aurora.model.rule import Rule


def config_map(name: str) -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: x}}\n"


def names(read: manifests.Read) -> list[str]:
    return [manifest.id.name for manifest in read.manifests]


def test_a_broken_document_is_located_and_the_others_are_read() -> None:
    read = manifests.read(f"{config_map('a')}---\na: [\n---\n{config_map('b')}".encode(), "in.yaml")
    assert names(read) == ["a", "b"]
    assert [(finding.rule, str(finding.place)) for finding in read.findings] == [("yaml/broken", "in.yaml:6:1")]
    assert read.manifests[1].source.line == 6


def test_items_of_lists_count_as_objects() -> None:
    nested = '{"apiVersion": "v1", "kind": "List", "items": [%s, {"apiVersion": "v1", "kind": "List", "items": [%s]}]}'
    item = '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "%s"}}'
    read = manifests.read((nested % (item % "a", item % "b")).encode(), "in.json")
    assert names(read) == ["a", "b"]
    assert read.manifests[0].text == "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- a\n", "not a mapping"),
        ("kind: A\nmetadata: {name: a}\n", "`apiVersion` is missing"),
        ("apiVersion: v1\nmetadata: {name: a}\n", "`kind` is missing"),
        ("apiVersion: v1\nkind: A\n", "`metadata` is missing"),
        ("apiVersion: v1\nkind: A\nmetadata: {}\n", "`metadata.name` is missing"),
        ("apiVersion: 1\nkind: A\nmetadata: {name: a}\n", "`apiVersion` is missing or no string"),
        (
            "apiVersion: v1\nkind: A\nmetadata: {name: n}\n",
            "`metadata.name` is missing or no string: it is read as `false`",
        ),
        ("apiVersion: v1\nkind: List\nitems: [1]\n", "not a mapping"),
    ],
)
def test_what_is_no_object_is_a_finding(text: str, words: str) -> None:
    read = manifests.read(text.encode(), "in.yaml")
    assert not read.manifests
    assert [finding.rule for finding in read.findings] == ["yaml/not-an-object"]
    assert words in read.findings[0].message


def test_comments_and_empty_documents_are_nothing() -> None:
    read = manifests.read(b"# a\n---\n\n---\n# b\n", "in.yaml")
    assert (read.manifests, read.findings) == ((), ())


def test_bytes_that_are_no_text_are_a_finding() -> None:
    assert [finding.rule for finding in manifests.read(b"\xff", "in.yaml").findings] == ["yaml/broken"]


def test_the_second_manifest_of_an_object_is_named_with_the_first() -> None:
    read = manifests.read(f"{config_map('a')}---\n{config_map('a')}---\n{config_map('b')}".encode(), "in.yaml")
    unique, findings = manifests.duplicates(read.manifests)
    assert [manifest.id.name for manifest in unique] == ["a", "b"]
    assert [(str(finding.place), finding.message) for finding in findings] == [
        ("in.yaml:4:1", "ConfigMap x/a is already at `in.yaml:1:1`")
    ]


def test_versions_of_one_kind_are_one_object() -> None:
    text = "---\n".join(f"apiVersion: autoscaling/v{version}\nkind: H\nmetadata: {{name: a}}\n" for version in (1, 2))
    assert len(manifests.duplicates(manifests.read(text.encode(), "in").manifests)[1]) == 1


def test_one_name_in_two_namespaces_is_two_objects() -> None:
    first, second = (config_map("a").replace("x", namespace) for namespace in ("x", "y"))
    read = manifests.read(f"{first}---\n{second}".encode(), "in")
    assert not manifests.duplicates(read.manifests)[1]


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_bytes_raise(raw: bytes) -> None:
    read = manifests.read(raw, "in")
    assert all(isinstance(manifest, Manifest) for manifest in read.manifests)


@pytest.mark.parametrize(
    "rule", [rule for rule in manifests.RULES if rule != manifests.TOO_LARGE], ids=lambda rule: rule.id
)
def test_rules_find_their_bad_example_and_leave_the_good_one(rule: Rule) -> None:
    def found(text: str) -> set[str]:
        read = manifests.read(text.encode(), "in")
        return {finding.rule for finding in (*read.findings, *manifests.duplicates(read.manifests)[1])}

    assert found(rule_texts.text(rule.id).bad) == {rule.id}
    assert found(rule_texts.text(rule.id).good) == set()


def test_hooks_without_a_name_are_different_objects() -> None:
    hook = "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: a-, namespace: x}\n"
    read = manifests.read(f"{hook}---\n{hook}".encode(), "in")
    assert not manifests.duplicates(read.manifests)[1]


def test_an_empty_item_of_a_list_is_not_passed_over() -> None:
    read = manifests.read(b"apiVersion: v1\nkind: List\nitems: [null]\n", "in.yaml")
    assert [finding.rule for finding in read.findings] == ["yaml/not-an-object"]


@pytest.mark.parametrize("name", ["🚀", "a/b", "\\\\ud83d\\ude80", 'a"🚀'])
def test_characters_that_json_escapes_in_halves_are_read(name: str) -> None:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}
    read = manifests.read(json.dumps(body).replace("/", r"\/").encode(), "in.json")
    assert names(read) == [name]
    assert json.loads(read.manifests[0].text) == body
    assert r"\/" not in read.manifests[0].text


def test_text_that_is_no_json_keeps_its_backslashes() -> None:
    read = manifests.read(rb"{apiVersion: v1, kind: ConfigMap, metadata: {name: '\ud83d\ude80'}}", "in.yaml")
    assert names(read) == [r"\ud83d\ude80"]


def test_the_list_of_one_kind_is_read_like_a_list() -> None:
    item = "{apiVersion: v1, kind: ConfigMap, metadata: {name: %s}}"
    text = f"apiVersion: v1\nkind: ConfigMapList\nitems: [{item % 'a'}, {item % 'b'}]\n"
    assert [manifest.id.name for manifest in manifests.read(text.encode(), "in.yaml").manifests] == ["a", "b"]


def test_a_kind_whose_name_ends_in_list_is_an_object() -> None:
    text = b"apiVersion: x.example.com/v1\nkind: AllowList\nmetadata: {name: a}\nitems: [{kind: Allow}]\n"
    (manifest,) = manifests.read(text, "in.yaml").manifests
    assert manifest.id.kind == "AllowList"


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: ConfigMapList\nitems: [{metadata: {name: a}}, {metadata: {name: b}}]\n",
        """{apiVersion: v1, kind: List, metadata: {name: x}, items: [{apiVersion: v1, kind: ConfigMapList, items: [
        {metadata: {name: a}}, {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}]}]}""",
    ],
)
def test_items_take_what_they_do_not_say_from_their_list(text: str) -> None:
    read = manifests.read(text.encode(), "in.yaml")
    assert [str(manifest.id) for manifest in read.manifests] == ["ConfigMap a", "ConfigMap b"]
    assert not read.findings


def test_items_of_a_plain_list_must_say_their_kind() -> None:
    read = manifests.read(b"apiVersion: v1\nkind: List\nitems: [{metadata: {name: a}}, [1], 2]\n", "in.yaml")
    assert [finding.rule for finding in read.findings] == ["yaml/not-an-object"] * 3


VALUE = "ENC[AES256_GCM,data:p673w==,iv:YY=,tag:UQ==,type:str]"
BLOCK = f"sops: {{pgp: [{{fp: a}}], lastmodified: '2026-11-30T10:00:00Z', mac: '{VALUE}'}}\n"


@pytest.mark.parametrize(
    ("text", "rule", "values"),
    [
        (f"data: {{a: '{VALUE}', b: eA==}}\n{BLOCK}", "yaml/encrypted", {"a": "e30=", "b": "eA=="}),
        (f"spec: '{VALUE}'\n{BLOCK}", "yaml/encrypted", None),
        (f"data: {{a: '{VALUE}'}}\n", "yaml/undecryptable", {"a": "e30="}),
        (f"data: {{a: '{VALUE}'}}\nsops: null\n", "yaml/undecryptable", {"a": "e30="}),
        (f"data: {{a: '{VALUE}'}}\nsops: [1]\n", "yaml/undecryptable", {"a": "e30="}),
        (f"data: {{a: '{VALUE}'}}\n{BLOCK.replace('[{fp: a}]', '[]')}", "yaml/undecryptable", {"a": "e30="}),
        (f"data: {{a: '{VALUE}'}}\n{BLOCK.replace('2026-11', 'then')}", "yaml/undecryptable", {"a": "e30="}),
        (f"data: {{a: '{VALUE}'}}\n{BLOCK.replace('mac', 'mca')}", "yaml/undecryptable", {"a": "e30="}),
    ],
)
def test_what_sops_encrypted_is_said_and_judged_as_far_as_it_goes(text: str, rule: str, values: object) -> None:
    read = manifests.read(f"apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\n{text}".encode(), "in.yaml")
    assert [finding.rule for finding in read.findings] == [rule]
    assert [manifest.body.get("data") for manifest in read.manifests] == ([values] if values else [])
    assert all("sops" not in manifest.body and "ENC" not in manifest.text for manifest in read.manifests)


def test_a_text_about_sops_is_not_encrypted() -> None:
    text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{a: 'values look like {VALUE}'}}\n"
    assert not manifests.read(text.encode(), "in.yaml").findings


def test_items_of_a_list_are_found_where_they_begin() -> None:
    text = "# head\n---\napiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: A\n  metadata: {name: a}\n"
    read = manifests.read(f"{text}- {{apiVersion: v1, kind: B, metadata: {{name: b}}}}\n- 1\n".encode(), "in.yaml")
    assert [manifest.source.line for manifest in read.manifests] == [6, 9]
    assert [finding.place.line for finding in read.findings if finding.place] == [10]


def test_places_in_items_of_a_list_are_those_of_the_file() -> None:
    items = "- metadata: {name: a}\n  data: {port: 80}\n- metadata: {name: b}\n"
    text = f"apiVersion: v1\nkind: ConfigMapList\nitems:\n{items}"
    first, second = manifests.read(text.encode(), "in.yaml").manifests
    found = manifests.located(first, ("data", "port"), rule="a/b", message="")
    assert found.place is not None
    assert (found.place.line, found.place.column, second.id.kind) == (5, 10, "ConfigMap")


@pytest.mark.parametrize(
    ("line", "hinted"), [("name: {{ .Values.name }}", True), ("{{- if .Values.a }}", True), ("name: [", False)]
)
def test_who_gives_a_template_is_told_to_render_it(line: str, hinted: bool) -> None:
    (found,) = manifests.read(f"apiVersion: v1\nkind: A\nmetadata:\n  {line}\n".encode(), "in.yaml").findings
    assert found.rule == "yaml/broken"
    assert ("helm template" in (found.hint or "")) is hinted
