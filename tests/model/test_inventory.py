"""What is found in an inventory is found once, and for each inventory anew."""

from __future__ import annotations

from collections.abc import Iterator

from aurora.manifests import read
from aurora.model.inventory import Inventory

TWO = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: x}\n---\n" * 2
asked: list[str] = []


def names(inventory: Inventory) -> list[str]:
    asked.append("names")
    return [manifest.id.name for manifest in inventory.manifests]


def each(inventory: Inventory) -> Iterator[str]:
    asked.append("each")
    yield from names(inventory)


def inventory(text: str = TWO) -> Inventory:
    return Inventory(read(text.encode(), "in.yaml").manifests)


def test_a_fact_is_found_at_the_first_call_only() -> None:
    asked.clear()
    known = inventory()
    assert known.once(names) == known.once(names) == ["a", "a"]
    assert known.every(each) == known.every(each) == ("a", "a")
    assert asked == ["names", "each", "names"]


def test_each_inventory_has_facts_of_its_own() -> None:
    assert inventory().once(names) == ["a", "a"]
    assert inventory(TWO.replace("name: a,", "name: b,")).once(names) == ["b", "b"]
    assert inventory().namespaces() == ("x",)
