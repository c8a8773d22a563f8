"""Every object of both sides is in exactly one pair, or is counted as identical; nothing is read without need."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurora import manifests
from aurora.changes.pairing import Pairing, pair
from aurora.changes.sides import Side
from aurora.yamlio.writing import dump

names = st.sampled_from(["a", "b", "c", "web", "web-1"])
bodies = st.builds(
    lambda kind, namespace, name, data: {
        "apiVersion": "v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
        "data": data,
    },
    st.sampled_from(["ConfigMap", "Secret"]),
    st.sampled_from(["x", "y"]),
    names,
    st.dictionaries(names, st.sampled_from(["1", "2"]), max_size=5),
)
trees = st.lists(st.lists(bodies, min_size=1, max_size=3), max_size=5)


def side(tree: list[list[dict[str, Any]]], *, shift: int = 0) -> Side:
    return Side(
        None, {f"{number + shift}.yaml": "---\n".join(map(dump, bodies)).encode() for number, bodies in enumerate(tree)}
    )


def one(text: str, path: str = "a.yaml", environment: str | None = None) -> Side:
    return Side(environment, {path: text.encode()}, name="here")


def config(name: str, data: str, *, more: str = "") -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: x}}\ndata: {data}\n{more}"


def known(given_side: Side) -> Counter[tuple[str, str, str, str]]:
    """Count the objects that a side has: of two with one identity only the first counts."""
    read = manifests.join(given_side.read(path) for path in given_side.files)
    return Counter(entry.id.identity for entry in manifests.duplicates(read.manifests)[0])


def sizes(found: Pairing) -> tuple[int, int]:
    both = [(entry.before is not None, entry.after is not None) for entry in found.pairs]
    return found.identical + sum(old for old, _ in both), found.identical + sum(new for _, new in both)


@given(trees, trees, st.sampled_from([0, 1]))
def test_every_object_is_in_one_pair_or_identical(
    before: list[list[dict[str, Any]]], after: list[list[dict[str, Any]]], shift: int
) -> None:
    old, new = side(before), side(after, shift=shift)
    found = pair(old, new)
    assert sizes(found) == (found.before, found.after)
    paired = [entry.before.id.identity for entry in found.pairs if entry.before]
    assert not Counter(paired) - known(old)
    assert max(Counter(paired).values(), default=1) == 1
    paired = [entry.after.id.identity for entry in found.pairs if entry.after]
    assert not Counter(paired) - known(new)
    assert max(Counter(paired).values(), default=1) == 1


@given(trees)
def test_a_tree_does_not_differ_from_itself(tree: list[list[dict[str, Any]]]) -> None:
    found = pair(side(tree), side(tree))
    assert not found.pairs
    assert not found.findings
    assert found.identical == sum(map(len, tree))


@given(trees)
def test_moving_files_changes_no_object(tree: list[list[dict[str, Any]]]) -> None:
    old, new = side(tree), side(tree, shift=100)
    found = pair(old, new)
    assert not found.pairs
    assert found.identical == known(old).total()


def test_equal_files_are_not_parsed() -> None:
    broken = one("a: [\n", "broken.yaml")
    found = pair(broken, one("a: [\n", "broken.yaml"))
    assert not found.pairs
    assert not broken._read


def test_another_order_of_keys_is_the_same_object() -> None:
    (found,) = pair(one(config("a", "{k: '1', l: '2'}")), one(config("a", "{l: '2', k: '1'}"))).pairs
    assert found.same


def test_true_is_not_one() -> None:
    thing = "apiVersion: a.example.com/v1\nkind: Thing\nmetadata: {name: a}\nspec: {x: %s}\n"
    (found,) = pair(one(thing % "true"), one(thing % "1")).pairs
    assert not found.same


JOB = "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: train-, namespace: x%s}\nspec: {parallelism: %s}\n"


def test_a_changed_object_that_the_server_names_is_another_object() -> None:
    found = pair(one(JOB % ("", 1)), one(JOB % ("", 2)))
    assert sorted((entry.before is None, entry.after is None) for entry in found.pairs) == [
        (False, True),
        (True, False),
    ]
    (rewritten,) = pair(one(JOB % ("", 1)), one(JOB % ("", 1) + "# said\n")).pairs
    assert rewritten.same


def test_hooks_that_the_server_names_are_matched_one_by_one() -> None:
    job = JOB % (", annotations: {argocd.argoproj.io/hook: Sync}", "%s")
    before = one("---\n".join([job % 1, job % 2]))
    found = pair(before, one("---\n".join([job % 2, job % 3, job % 4])))
    assert found.identical == 1
    assert [(entry.before is None, entry.after is None) for entry in found.pairs] == [(False, False), (True, False)]


@pytest.mark.parametrize("beside", ["a.yaml", "b.yaml"])
def test_two_objects_of_one_identity_are_found_also_beside_a_file_that_is_equal(beside: str) -> None:
    same = config("a", "{k: '1'}").encode()
    double = config("a", "{k: '2'}").encode()
    files = {"same.yaml": same, beside: double}
    found = pair(Side(None, {"same.yaml": same}), Side(None, files, name="in `after`"))
    assert [entry.rule for entry in found.findings] == ["yaml/duplicate-object"]
    assert found.findings[0].message.startswith("in `after`: ")
    assert not found.pairs


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"a: [\n", "yaml/broken"),
        (b"\xff\xfe\x00binary", "yaml/broken"),
        (b"apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n", "yaml/not-an-object"),
        (b"- 1\n", "yaml/not-an-object"),
    ],
)
def test_what_cannot_be_read_is_found_and_the_rest_is_compared(content: bytes, rule: str) -> None:
    good = config("a", "{k: '1'}").encode()
    before = Side(None, {"bad.yaml": content, "a.yaml": good}, name="before")
    found = pair(before, Side(None, {"a.yaml": good.replace(b"1'", b"2'")}))
    assert [entry.rule for entry in found.findings] == [rule]
    assert [str(entry.resource) for entry in found.pairs] == ["ConfigMap x/a"]


def test_other_files_of_an_environment_are_named_and_not_compared() -> None:
    before = Side("dev", {"generated/dev/a/notes.txt": b"x"}, name="at `HEAD`")
    found = pair(before, Side("dev", {}))
    assert [(entry.rule, str(entry.severity)) for entry in found.findings] == [("diff/no-manifest", "note")]
    assert not found.pairs
