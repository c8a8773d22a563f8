"""A ConfigMap that stays and loses a key: who names the key finds out at the next start of a pod."""

from __future__ import annotations

import pytest

from aurora.changes import consequences
from aurora.model.change import Impact
from changes.scenes import scene

CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: ml}
data: {%s}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: model, namespace: ml}
spec:
  selector: {matchLabels: {app: model}}
  template:
    metadata: {labels: {app: model}}
    spec:
      volumes: [{name: files, %s}]
      containers: [{name: model, image: "registry.example.com/model:v1", %s}]
"""
BOTH, LEFT, CHANGED = "a: x, b: x", "b: x", "a: y, b: x"
PLAIN = "emptyDir: {}"
VARIABLE = "env: [{name: A, valueFrom: {configMapKeyRef: {name: settings, key: a%s}}}]"
FILES = "configMap: {name: settings, items: [{key: a, path: a}]}"
GONE = "still names `a`, which is gone: new pods do not start"


def told(after: str, volume: str, container: str) -> list[tuple[str, str]]:
    given = scene(*(f"{CONFIG % data}---\n{DEPLOYMENT % (volume, container)}" for data in (BOTH, after)))
    return [(entry.rule, entry.message) for _, entry in consequences.follow(given)]


@pytest.mark.parametrize(
    ("volume", "container"), [(PLAIN, VARIABLE % ""), (FILES, "volumeMounts: [{name: files, mountPath: /files}]")]
)
def test_new_pods_do_not_start_without_a_key_that_they_name(volume: str, container: str) -> None:
    assert told(LEFT, volume, container) == [("pick-up/gone", GONE)]
    given = scene(*(f"{CONFIG % data}---\n{DEPLOYMENT % (volume, container)}" for data in (BOTH, LEFT)))
    assert [entry.impacts for _, entry in consequences.follow(given)] == [(Impact.DOWNTIME_RISK,)]


def test_a_key_that_is_optional_or_only_changes_stops_nobody() -> None:
    assert [rule for rule, _ in told(LEFT, PLAIN, VARIABLE % ", optional: true")] == ["pick-up/environment"]
    assert [rule for rule, _ in told(CHANGED, PLAIN, VARIABLE % "")] == ["pick-up/environment"]
