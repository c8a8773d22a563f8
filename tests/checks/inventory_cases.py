"""Judges YAML streams with one check, and makes hostile inventories out of a check's own examples."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path

from hypothesis import strategies as st

from aurora import manifests, rule_texts
from aurora.checks.check import InventoryCheck
from aurora.manifests import located
from aurora.model.finding import Finding
from aurora.model.inventory import External, Inventory
from aurora.model.json_value import JsonObject, JsonValue
from aurora.model.manifest import Manifest, Source, identify
from aurora.model.place import Step
from aurora.tools.settings import Settings
from aurora.yamlio import writing

Steps = tuple[Step, ...]
SETTINGS = Settings(cache=Path("cache"), workspace=Path("workspace"))

SCALARS: st.SearchStrategy[JsonValue] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**31), 2**31),
    st.text(max_size=8),
    st.sampled_from(
        ["", "true", "*", "!*", "{a,b}", "**", "/spec/replicas", "web", "example", "$(A)", "a/b/c", "-1", "~"]
    ),
)
VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["name", "kind", "key", "a", "spec", "*"]), inner, max_size=3),
    ),
    max_leaves=6,
)


def read(stream: str, path: str = "example.yaml") -> tuple[Manifest, ...]:
    """Read a stream that must be faultless."""
    found = manifests.read(stream.encode(), path)
    assert not found.findings, found.findings
    return found.manifests


def judge(
    check: InventoryCheck,
    *streams: str,
    externals: Sequence[External] = (),
    closed: bool = True,
    environment: str | None = "example",
) -> list[Finding]:
    """Give what a check finds in streams that lie in one file."""
    return judge_manifests(
        check,
        [manifest for stream in streams for manifest in read(stream)],
        externals,
        closed=closed,
        environment=environment,
    )


def judge_manifests(
    check: InventoryCheck,
    found: Sequence[Manifest],
    externals: Sequence[External] = (),
    *,
    closed: bool = True,
    environment: str | None = "example",
) -> list[Finding]:
    """Give what a check finds in manifests."""
    inventory = Inventory(found, environment=environment, externals=externals, closed=closed)
    return list(check.run(inventory, SETTINGS).findings)


def pointers(findings: Sequence[Finding], rule: str) -> list[str]:
    """Give the pointers of a rule's findings, in their order."""
    return [finding.pointer or "" for finding in findings if finding.rule == rule]


def nodes(value: JsonValue, at: Steps = ()) -> list[Steps]:
    """List the paths of every value inside a value."""
    found = [at]
    if isinstance(value, dict):
        found += [path for key, inner in value.items() for path in nodes(inner, (*at, key))]
    elif isinstance(value, list):
        found += [path for index, inner in enumerate(value) for path in nodes(inner, (*at, index))]
    return found


def replaced(body: JsonObject, path: Steps, value: JsonValue) -> JsonObject:
    """Copy a body with another value at a path."""
    result = copy.deepcopy(body)
    parent: JsonValue = result
    for step in path[:-1]:
        parent = parent[step]  # type: ignore[index]
    parent[path[-1]] = value  # type: ignore[index]
    return result


@st.composite
def hostile(draw: st.DrawFn, check: InventoryCheck) -> Inventory:
    """Make an inventory of one rule's example objects in which values have been replaced by any others."""
    rule = draw(st.sampled_from(check.rules))
    found: list[Manifest] = []
    for manifest in read(draw(st.sampled_from([rule_texts.text(rule.id).bad, rule_texts.text(rule.id).good]))):
        body = manifest.body
        for _ in range(draw(st.integers(0, 3))):
            path = draw(st.sampled_from(nodes(body)))
            if path:
                body = replaced(body, path, draw(VALUES))
        place = draw(st.sampled_from(["example.yaml", "generated/example/web/shop/pod.web.yaml"]))
        found.append(Manifest(id=identify(body), body=body, text=writing.dump(body), source=Source(place)))
    return Inventory(found, environment=draw(st.sampled_from([None, "example"])), closed=draw(st.booleans()))


def assert_findings_point_at_fields(check: InventoryCheck, inventory: Inventory) -> None:
    """Run every rule and demand of its findings words, and a field that is there."""
    for entry in check.rules:
        for violation in entry.find(inventory):
            found = located(violation.manifest, violation.steps, rule=entry.id, message=violation.message)
            assert found.message
            assert resolves(violation.manifest.body, violation.steps), (entry.id, violation.steps)


def resolves(value: JsonValue, path: Steps) -> bool:
    """Tell whether a path leads to something."""
    for step in path:
        try:
            value = value[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            return False
    return True
