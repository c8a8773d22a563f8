"""The table of effects: every row decides its own example, in the server's eyes too."""

from __future__ import annotations

import dataclasses

import pytest

from aurora import manifests, packs, pipeline
from aurora.changes import comparison, structural
from aurora.changes.effects import Row, decide, rows
from aurora.changes.pairs import Pair
from aurora.changes.sides import Side
from aurora.kinds.table import is_builtin_group
from aurora.model.change import Effect, FieldChange
from aurora.model.manifest import Manifest
from aurora.tools.installed import Toolbox

SPECIAL = {
    "object/deleted-orphaned": {"stays": "its Application is gone"},
    "custom/status": {
        "same": False,
        "fields": (FieldChange(pointer="/status/ready", path="status.ready", before=True, after=False),),
    },
}
"""What an example needs beside its texts: no diff compares the status."""


def manifest(text: str) -> Manifest | None:
    """Read the one object of a text; None for an empty one."""
    found = manifests.read(text.encode(), "example.yaml")
    assert not found.findings, found.findings
    assert len(found.manifests) == bool(text)
    return found.manifests[0] if found.manifests else None


def pair(before: str, after: str) -> Pair:
    """Make the pair of two texts as the diff would, without the server's word."""
    old, new = manifest(before), manifest(after)
    fields = structural.differences(old.body, new.body) if old and new else ()
    return Pair(before=old, after=new, fields=fields, same=bool(old and new and not fields))


def example(row: Row) -> Pair:
    found = pair(row.before, row.after)
    if row.effect is Effect.REFUSED and not row.by_webhook:
        found = dataclasses.replace(found, refusals=("field is immutable",))
    return dataclasses.replace(found, **SPECIAL.get(row.id, {}))  # type: ignore[arg-type]


@pytest.mark.parametrize("row", rows.every(), ids=lambda row: row.id)
def test_the_example_of_a_row_is_decided_by_it(row: Row) -> None:
    verdict = decide(example(row))
    assert (verdict.rule, verdict.effect) == (row.id, row.effect)
    assert row.words in verdict.reason


@pytest.mark.real_tools
def test_the_server_agrees_with_every_row_of_its_kinds(real_toolbox: Toolbox) -> None:
    """Refused examples are refused by the server's own code, all others are taken."""
    judged = [row for row in rows.every() if row.before and row.after and row.id not in UNJUDGED]
    with pipeline.settings(schemas=[packs.pack_of(None)]) as settings:
        compared = comparison.compare(
            [pair(row.before, row.after) for row in judged],
            Side(None, {}),
            settings,
            locate_tool=real_toolbox.locate,
            kubernetes="1.35",
        )
    wrong = [
        (row.id, verdict.rule, found.refusals, found.unstored)
        for row, found in zip(judged, compared.pairs, strict=True)
        if (verdict := decide(found)).rule != row.id or judged_wrongly(row, found)
    ]
    assert wrong == []


def judged_wrongly(row: Row, found: Pair) -> bool:
    if found.unstored is not None:
        return is_builtin_group(found.resource.group)
    # The server's own code knows no webhooks.
    return bool(found.refusals) != (row.effect is Effect.REFUSED and not row.by_webhook)


UNSERVED = "Kubernetes 1.35 does not serve this version by default"
UNJUDGED = {
    "builtin/field": "the kind does not exist yet",
    "custom/status": "no diff compares the status",
    "devicetaintrule/evicting": UNSERVED,
    "devicetaintrule/taint": UNSERVED,
    "job/manual-selector": "false is the default",
    "object/renamed": "nothing is updated",
    "schedulingworkload/first-controller": UNSERVED,
    "schedulingworkload/immutable": UNSERVED,
    "trustbundle/anchors": UNSERVED,
    "trustbundle/signer": UNSERVED,
}
"""Rows of built-in kinds whose examples the linked server cannot judge, each with the reason."""
