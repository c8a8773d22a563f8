"""Fields of pods that admission computes: what cannot be known is not judged."""

from __future__ import annotations

import pytest

from aurora.checks.references import CHECK
from checks.inventory_cases import judge

JOB = """\
apiVersion: batch/v1
kind: Job
metadata: {name: web, namespace: shop}
spec: {template: {spec: {%s, containers: [{name: web}]}}}
"""
CLASSES = """\
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: usual}
value: 5
globalDefault: true
---
apiVersion: node.k8s.io/v1
kind: RuntimeClass
metadata: {name: plain}
handler: runc
"""


def said(spec: str, *others: str, closed: bool = True) -> list[str]:
    found = judge(CHECK, JOB % spec, *others, closed=closed)
    return [each.message for each in found if each.rule in ("references/priority", "references/overhead")]


@pytest.mark.parametrize(
    "spec",
    [
        "priority: 5",
        "priority: 2000000000, priorityClassName: system-cluster-critical",
        "priority: 7, priorityClassName: elsewhere",
        "overhead: {cpu: 1}, runtimeClassName: elsewhere",
        "overhead: null, priority: null",
    ],
)
def test_what_admission_computes_too_is_right(spec: str) -> None:
    assert said(spec, CLASSES) == []


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("priority: 0", "PriorityClass `usual` gives 5"),
        ("priority: 1, priorityClassName: system-node-critical", "gives 2000001000"),
        ("overhead: {cpu: 10m}", "no class is named"),
        ("overhead: {cpu: 10m}, runtimeClassName: plain", "RuntimeClass `plain` defines none"),
    ],
)
def test_another_value_makes_no_pods(spec: str, words: str) -> None:
    (message,) = said(spec, CLASSES)
    assert message.startswith("every pod is refused: ") and words in message


def test_a_cluster_may_have_a_default_class_that_was_not_given() -> None:
    assert said("priority: 3", closed=False) == []
    assert said("priority: 3") == [
        "every pod is refused: its priority is stated as 3, and without a PriorityClass it is 0"
    ]


def test_a_pod_is_judged_by_the_server_itself() -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec: {overhead: {cpu: 1}}\n"
    assert [each.rule for each in judge(CHECK, pod) if each.rule == "references/overhead"] == []
