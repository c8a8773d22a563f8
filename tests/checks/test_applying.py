"""Remembered findings are those that would be found now, and a rule looks at no more than its scope."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from aurora import rule_texts
from aurora.checks.applying import Applied, apply
from aurora.checks.check import InventoryCheck
from aurora.manifests import duplicates
from aurora.memory.store import FileMemory, Forgetful, Memory
from aurora.model.finding import Finding, order
from aurora.model.inventory import External, Inventory
from aurora.model.manifest import Manifest, Origin
from aurora.model.rule import InventoryRule, Scope, Violation
from checks.inventory_cases import read
from checks.rule_cases import INVENTORY_CHECKS

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: NAME, namespace: shop}
spec: {containers: [{name: web, image: "registry.example.com/web:1.0"}]}
"""


@cache
def examples(check: InventoryCheck) -> tuple[Manifest, ...]:
    """Give the objects of all bad and good examples of a check, those of each example as one component."""
    found: list[Manifest] = []
    for rule in check.rules:
        text = rule_texts.text(rule.id)
        for name, stream in (("bad", text.bad), ("good", text.good)):
            component = f"{rule.id.replace('/', '-')}-{name}"
            path = f"generated/example/{component}/objects.yaml"
            found += [replace(each, component=component, environment="example") for each in read(stream, path)]
    return duplicates(tuple(found))[0]


def inventory(manifests: Sequence[Manifest], **surroundings: bool | Sequence[External]) -> Inventory:
    return Inventory(manifests, environment="example", **{"closed": True, **surroundings})  # type: ignore[arg-type]


def found(rules: Sequence[InventoryRule], seen: Inventory, memory: Memory) -> list[Finding]:
    applied = apply(rules, seen, memory)
    return sorted((finding for each in applied.values() for finding in each.findings), key=order)


def looked_at(applied: dict[str, Applied]) -> dict[str, int]:
    return {name: each.looked_at for name, each in applied.items()}


@pytest.mark.parametrize("check", INVENTORY_CHECKS, ids=lambda check: check.name)
def test_after_every_change_memory_makes_no_difference(check: InventoryCheck, tmp_path: Path) -> None:
    memory = FileMemory(tmp_path)
    whole = examples(check)
    components = sorted({each.component or "" for each in whole})
    rules = check.rules
    first = found(rules, inventory(whole), memory)
    assert first
    assert found(rules, inventory(whole), memory) == first == found(rules, inventory(whole), Forgetful())
    for component in components[:: max(1, len(components) // 8)]:
        left = inventory([each for each in whole if each.component != component])
        assert found(rules, left, memory) == found(rules, left, Forgetful())
    for other in (inventory(whole, closed=False), inventory(whole, externals=[External("", "Secret", "shop", "a")])):
        assert found(rules, other, memory) == found(rules, other, Forgetful())


@pytest.mark.parametrize("check", INVENTORY_CHECKS, ids=lambda check: check.name)
def test_a_rule_over_objects_or_namespaces_looks_at_nothing_else(check: InventoryCheck) -> None:
    assert [entry.id for entry in check.rules if wider_than_its_scope(entry, examples(check))] == []


def wider_than_its_scope(entry: InventoryRule, manifests: Sequence[Manifest]) -> bool:
    """Tell whether a rule finds in the parts of its scope anything else than in the whole."""
    if entry.scope is Scope.ENVIRONMENT:
        return False
    own = {id(each): each.id.namespace or "" for each in manifests}
    if entry.scope is Scope.OBJECT:
        own = {id(each): str(number) for number, each in enumerate(manifests)}
    around = [each for each in manifests if not each.id.namespace] if entry.scope is Scope.NAMESPACE else []
    parts: list[tuple[str, tuple[object, ...]]] = []
    for group in set(own.values()):
        part = [each for each in manifests if own[id(each)] == group or (around and each in around)]
        parts += [said(each) for each in entry.find(inventory(part)) if own[id(each.manifest)] == group]
    return sorted(parts) != sorted(said(each) for each in entry.find(inventory(manifests)))


def said(violation: Violation) -> tuple[str, tuple[object, ...]]:
    steps = tuple(map(str, violation.steps))
    return violation.message, (violation.manifest.source.path, str(violation.manifest.id), steps, violation.hint)


def twins(seen: Inventory) -> Iterator[Violation]:
    """Find every Pod when there are two of them."""
    pods = list(seen.of_kind("Pod"))
    yield from (Violation(manifest=pod, message="not the only one") for pod in pods if len(pods) > 1)


def rule(scope: Scope) -> InventoryRule:
    (check,) = [each for each in INVENTORY_CHECKS if each.name == "references"]
    return replace(check.rules[0], find=twins, scope=scope)


def pods(*names: str) -> list[Manifest]:
    made = [read(POD.replace("NAME", name), f"generated/example/{name}/pod.yaml")[0] for name in names]
    return [replace(each, component=each.id.name) for each in made]


def test_a_rule_that_looks_further_than_it_says_is_noticed() -> None:
    assert wider_than_its_scope(rule(Scope.OBJECT), pods("a", "b"))
    assert not wider_than_its_scope(rule(Scope.NAMESPACE), pods("a", "b"))


def test_a_rule_about_parts_of_aurora_is_not_asked_about_foreign_manifests() -> None:
    asked: list[Inventory] = []

    def find(seen: Inventory) -> Iterator[Violation]:
        asked.append(seen)
        yield from (Violation(manifest=each, message="told") for each in seen.manifests)

    entry = replace(rule(Scope.ENVIRONMENT), find=find, own=True)
    (foreign,) = read(POD)
    assert (found([entry], Inventory([foreign]), Forgetful()), asked) == ([], [])
    ours = Inventory([foreign, replace(foreign, environment="example")])
    assert len(found([entry], ours, Forgetful())) == 1


def test_a_rule_over_objects_runs_for_changed_components_alone(tmp_path: Path) -> None:
    memory, entry = FileMemory(tmp_path), rule(Scope.OBJECT)
    before, after = pods("a", "b", "c"), pods("a", "b", "c")
    after[1] = replace(after[1], text=after[1].text + "# edited\n")
    counts = [looked_at(apply([entry], inventory(each), memory)) for each in (before, before, after)]
    assert counts == [{entry.id: 3}, {entry.id: 0}, {entry.id: 1}]


def test_a_rule_over_an_environment_runs_where_a_kind_that_it_asked_for_changed(tmp_path: Path) -> None:
    memory, entry = FileMemory(tmp_path), rule(Scope.ENVIRONMENT)
    (config,) = read("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\n")
    inventories = [pods("a", "b"), [*pods("a", "b"), config], [*pods("a"), config]]
    applied = [apply([entry], inventory(each), memory) for each in inventories]
    assert [looked_at(each)[entry.id] for each in applied] == [2, 0, 2]
    assert [len(each[entry.id].findings) for each in applied] == [2, 2, 0]


def test_what_several_rules_share_counts_for_each_of_them(tmp_path: Path) -> None:
    memory = FileMemory(tmp_path)

    def shared(seen: Inventory) -> list[Manifest]:
        return list(seen.of_kind("Pod"))

    def lonely(seen: Inventory) -> Iterator[Violation]:
        yield from (Violation(manifest=pod, message="alone") for pod in seen.once(shared) if len(seen.once(shared)) < 2)

    first = rule(Scope.ENVIRONMENT)
    entries = [replace(first, find=lonely), replace(first, find=lonely, id="references/b")]
    for manifests, expected in ((pods("a", "b"), 0), (pods("a"), 2), (pods("a"), 2), (pods("a", "c"), 0)):
        assert len(found(entries, inventory(manifests), memory)) == expected


def test_a_remembered_finding_names_the_line_of_today(tmp_path: Path) -> None:
    memory = FileMemory(tmp_path)
    for line in (3, 7):
        origin = Origin("environments/example.yaml", line)
        seen = inventory([replace(each, origin=origin) for each in pods("a", "b")])
        for scope in Scope:
            applied = apply([rule(scope)], seen, memory)
            assert {finding.origin for each in applied.values() for finding in each.findings} <= {origin}
