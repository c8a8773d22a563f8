"""Sync windows of projects: Argo CD reads their schedules, durations and zones, or nothing is synced any more."""

from __future__ import annotations

import pytest

from aurora.checks.gitops import CHECK
from checks.inventory_cases import judge, pointers

PROJECT = """\
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: shop, namespace: argocd}
spec:
  syncWindows:
    - {%s}
"""
WINDOW = {
    "kind": "allow",
    "schedule": '"0 6 * * 1-5"',
    "duration": "10h",
    "timeZone": "Etc/UTC",
    "applications": '["*"]',
}


def told(**changes: str) -> list[str]:
    written = {**WINDOW, **changes}
    text = PROJECT % ", ".join(f"{key}: {value}" for key, value in written.items() if value)
    return [at.removeprefix("/spec/syncWindows/0") for at in pointers(judge(CHECK, text), "gitops/sync-window")]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"kind": "deny"},
        {"timeZone": ""},
        {"duration": "1h30m"},
        {"schedule": '"*/30 0-5 * jan sun"'},
        {"applications": "", "clusters": "[in-cluster]"},
        {"applications": "", "namespaces": "[shop]"},
    ],
)
def test_a_window_that_argo_cd_reads_is_taken(changes: dict[str, str]) -> None:
    assert told(**changes) == []


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"kind": "block"}, "/kind"),
        ({"schedule": '"@daily"'}, "/schedule"),
        ({"schedule": '"0 25 * * *"'}, "/schedule"),
        ({"schedule": '"0 6 * *"'}, "/schedule"),
        ({"duration": "1d"}, "/duration"),
        ({"duration": '"10"'}, "/duration"),
        ({"timeZone": "Europe/Berlyn"}, "/timeZone"),
        ({"applications": "[]"}, ""),
        ({"duration": ""}, ""),
    ],
)
def test_what_argo_cd_cannot_read_is_told_at_its_place(changes: dict[str, str], at: str) -> None:
    assert told(**changes) == [at]
