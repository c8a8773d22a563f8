"""Rules about objects that Argo CD applies."""

from __future__ import annotations

from aurora.checks.gitops import objects
from aurora.model.finding import Severity
from aurora.model.rule import InventoryRule, Rule

_CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: models, namespace: shop, annotations: {argocd.argoproj.io/sync-options: "%s"}}
"""
_JOB = "apiVersion: batch/v1\nkind: Job\nmetadata: {%s: migrate, namespace: shop%s}\n%s"
_HOOK = "argocd.argoproj.io/hook: PreSync"
_POLICY = "argocd.argoproj.io/hook-delete-policy: BeforeHookCreation"
_TTL = "spec: {ttlSecondsAfterFinished: 600}\n"
_DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: trainings.example.com}
spec: {group: example.com%s}
"""

RULES = (
    InventoryRule(
        rule=Rule(
            id="gitops/unprotected",
            severity=Severity.ERROR,
            summary="a namespace, definition or claim that Argo CD may delete",
            why="A file that is moved or lost in Git would take all data, all custom resources or a whole namespace "
            "with it.",
            bad=_CLAIM % "PruneLast=true",
            good=_CLAIM % "Prune=false,Delete=false",
        ),
        find=objects.unprotected,
        softens=True,
    ),
    InventoryRule(
        rule=Rule(
            id="gitops/hook",
            severity=Severity.ERROR,
            summary="a hook that Argo CD does not know, or without a delete policy",
            why="A misspelt hook never runs at its time; a finished one that stays blocks the next run of its name.",
            bad=_JOB % ("name", f", annotations: {{{_HOOK}}}", ""),
            good=_JOB % ("name", f", annotations: {{{_HOOK}, {_POLICY}}}", ""),
        ),
        find=objects.broken_hooks,
    ),
    InventoryRule(
        rule=Rule(
            id="gitops/server-field",
            severity=Severity.ERROR,
            summary="a field that the API server drops or writes itself",
            why="What is committed is not what is stored, so Argo CD shows a difference that no sync removes.",
            bad=_DEFINITION % ", preserveUnknownFields: false",
            good=_DEFINITION % "",
        ),
        find=objects.server_fields,
        softens=True,
    ),
    InventoryRule(
        rule=Rule(
            id="gitops/generated-name",
            severity=Severity.ERROR,
            summary="an object without a name that is no hook",
            why="Argo CD tells objects apart by name: every sync would create another one.",
            bad=_JOB % ("generateName", "", ""),
            good=_JOB % ("generateName", f", annotations: {{{_HOOK}, {_POLICY}}}", ""),
        ),
        find=objects.generated_names,
        softens=True,
    ),
    InventoryRule(
        rule=Rule(
            id="gitops/rerun",
            severity=Severity.ERROR,
            summary="an object that removes itself and is put back by the next sync",
            why="A finished Job that its time to live removes is missing from the cluster; self-heal creates it anew, "
            "and it runs for ever.",
            bad=_JOB % ("name", "", _TTL),
            good=_JOB % ("name", f", annotations: {{{_HOOK}, {_POLICY}}}", _TTL),
        ),
        find=objects.vanishing_objects,
        softens=True,
    ),
)
