"""The rules about backups: what the examples of the rules do not show."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from aurora import rule_texts
from aurora.checks.recovery import CHECK
from aurora.model.finding import Finding
from aurora.tools.settings import Settings
from aurora_constructs.durations import duration
from checks.rule_cases import inventory

SETTINGS = Settings(cache=Path("cache"), workspace=Path("workspace"))
CASE = rule_texts.text("recovery/not-backed-up").good
CLASS = """
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: shared}
provisioner: PROVISIONER
"""


def found(stream: str, rule: str) -> list[Finding]:
    return [each for each in CHECK.run(inventory(stream), SETTINGS).findings if each.rule == f"recovery/{rule}"]


def without(old: str, new: str, case: str = CASE) -> str:
    assert old in case
    return case.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("includedNamespaces: [ml]", "includedNamespaces: [velero]", "does not take its namespace"),
        ("includedNamespaces: [ml]", "excludedNamespaces: [ml]", "does not take its namespace"),
        ("storageLocation", "excludedResources: [pvc]\n    storageLocation", "takes no claims"),
        ("storageLocation", "labelSelector: {matchLabels: {a: b}}\n    storageLocation", "the selector of `models`"),
        ("kind: Deployment", "kind: Job", "no lasting pod mounts it"),
        ("schedule: 0 */6 * * *", "paused: true\n  schedule: 0 */6 * * *", "makes no backups"),
    ],
)
def test_a_claim_that_no_schedule_copies_is_found_with_the_reason(old: str, new: str, words: str) -> None:
    case = without(old, new.replace("apps/v1", "batch/v1"))
    case = case.replace("apiVersion: apps/v1\nkind: Job", "apiVersion: batch/v1\nkind: Job")
    assert any(words in each.message for each in found(case, "not-backed-up"))


@pytest.mark.parametrize(("provisioner", "count"), [("efs.csi.aws.com", 1), ("rook-ceph.cephfs.csi.ceph.com", 0)])
def test_only_drivers_that_make_snapshots_are_covered_by_them(provisioner: str, count: int) -> None:
    case = without("defaultVolumesToFsBackup", "snapshotVolumes") + CLASS.replace("PROVISIONER", provisioner)
    assert len(found(case, "not-backed-up")) == count


def test_the_finding_about_a_rare_backup_has_both_figures() -> None:
    case = without("0 */6 * * *", "30 1 * * *")
    messages = {each.message for each in found(case, "backed-up-too-rarely")}
    assert messages == {"at most 6h may be lost, but between two backups of `models` are up to 1d"}


def test_of_two_schedules_the_more_frequent_one_counts() -> None:
    rare = rule_texts.text("recovery/schedule").good
    assert found(f"{CASE}\n---\n{rare}", "backed-up-too-rarely") == []


def test_a_default_location_is_enough_and_none_is_not() -> None:
    case = rule_texts.text("recovery/no-location").good
    unnamed = without("    storageLocation: primary\n", "", case)
    assert len(found(unnamed, "no-location")) == 1
    assert found(without("accessMode: ReadWrite", "default: true", unnamed), "no-location") == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("ttl:", "includedNamespaceScopedResources: [pods]\n    includedResources: [pods]\n    ttl:", "two kinds"),
        ("ttl:", "labelSelector: {}\n    orLabelSelectors: [{}]\n    ttl:", "not taken together"),
        ("ttl:", "excludedNamespaces: [ml]\n    ttl:", "`ml` is included too"),
        ("ttl:", "excludedResources: ['*']\n    ttl:", "leaves nothing to back up"),
    ],
)
def test_every_contradiction_of_filters_is_found(old: str, new: str, words: str) -> None:
    (finding,) = found(without(old, new, rule_texts.text("recovery/schedule").good.split("---")[0]), "filters")
    assert words in finding.message


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("720h0m0s", timedelta(days=30)),
        ("1.5h", timedelta(minutes=90)),
        ("-5m", timedelta(minutes=-5)),
        ("0", timedelta()),
        ("30d", None),
        ("", None),
    ],
)
def test_durations_are_read_as_go_writes_them(written: str, expected: timedelta | None) -> None:
    assert duration(written) == expected


def test_a_run_that_rests_tries_nothing() -> None:
    case = rule_texts.text("recovery/never-tried").good
    assert len(found(without("schedule: 0 5 * * 1", "suspend: true\n  schedule: 0 5 * * 1", case), "never-tried")) == 1


CLEANING = rule_texts.text("recovery/keeps-nothing").good
READER = """
---
apiVersion: batch/v1
kind: Job
metadata: {name: training, namespace: ml}
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: trainer
          image: r.example.com/trainer:1
          env: [{name: DATASET, value: PATH}]
          volumeMounts: [{name: models, mountPath: /dataset, readOnly: true}]
      volumes: [{name: models, persistentVolumeClaim: {claimName: models, readOnly: true}}]
"""


@pytest.mark.parametrize(
    ("root", "used", "path", "count"),
    [
        ("/dataset", "housing", "/dataset/housing/a.csv", 0),
        ("/dataset", "wine", "/dataset/housing/a.csv", 1),
        ("/dataset/housing", "2026", "/dataset/housing/2026/a.csv", 0),
        ("/dataset/housing", "2025", "/dataset/housing/2026/a.csv", 1),
        ("/dataset/housing", "2025", "/dataset/wine/a.csv", 0),
        ("/dataset/housing", ".", "/dataset/housing", 0),
        ("/dataset", "wine", "s3://elsewhere/a.csv", 0),
    ],
)
def test_data_that_a_trainer_reads_must_be_known_to_the_cleanup(root: str, used: str, path: str, count: int) -> None:
    case = without("[models, /models,", f"[data, {root},", CLEANING).replace("housing/v2", f'"{used}"')
    assert len(found(case + READER.replace("PATH", path), "deletes-used")) == count


@pytest.mark.parametrize(("version", "count"), [("v2", 0), ("v3", 1)])
def test_a_version_that_only_a_variable_names_must_be_known_to_the_cleanup(version: str, count: int) -> None:
    variables = f"[{{name: MODEL_NAME, value: housing}}, {{name: MODEL_VERSION, value: {version}}}]"
    reader = READER.replace("[{name: DATASET, value: PATH}]", variables)
    assert len(found(CLEANING + reader, "deletes-used")) == count


@pytest.mark.parametrize(("ttl", "short"), [("23h59m0s", True), ("24h0m0s", False), ("-1h0m0s", True), ("0s", False)])
def test_a_backup_is_kept_until_the_next_one_comes(ttl: str, short: bool) -> None:
    (daily,) = [line for line in CASE.splitlines() if "schedule:" in line]
    kept = without("ttl: 720h0m0s", f"ttl: {ttl}", without(daily, "  schedule: 0 2 * * *"))
    assert bool(found(kept, "kept-too-short")) is short
