"""Runs a rule's own examples through its check."""

from __future__ import annotations

from pathlib import Path

from aurora import manifests
from aurora.checks.check import InventoryCheck, SingleCheck
from aurora.checks.table import table
from aurora.model.inventory import Inventory
from aurora.tools.settings import Settings


def no_tool(name: str) -> Path:
    """Stand for the place of a program that nothing may ask for."""
    raise AssertionError(f"an inventory check asks for `{name}`")


INVENTORY_CHECKS = tuple(check for check in table(no_tool) if isinstance(check, InventoryCheck))
"""Every check that is made of rules alone."""


def found_rules(check: SingleCheck, stream: str, settings: Settings, *, closed: bool = True) -> set[str]:
    """Judge a YAML stream with one check and give the ids of the rules that it found broken."""
    return {finding.rule for finding in check.run(inventory(stream, closed=closed), settings).findings}


def inventory(stream: str, *, closed: bool = True) -> Inventory:
    """Read a YAML stream that is free of faults."""
    read = manifests.read(stream.encode(), "example.yaml")
    assert not read.findings, read.findings
    return Inventory(read.manifests, environment="example", closed=closed)
