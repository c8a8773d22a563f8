"""Rules about the objects themselves: names, labels, namespaces, kinds and selectors."""

from __future__ import annotations

from aurora.checks.references import names, scopes, selection
from aurora.model.finding import Severity
from aurora.model.rule import InventoryRule, Rule

_CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: %s\n"
_NAMESPACE = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
_DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: trainings.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Training, plural: trainings}
  versions: [{name: v1, served: true, storage: true}]
---
apiVersion: example.com/v1
kind: %s
metadata: {name: nightly, namespace: shop}
"""
_CRON_JOB = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: %s, namespace: shop}\n"
_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {%s: web}}
  template: {metadata: {labels: {app.kubernetes.io/name: web, app.kubernetes.io/instance: web}}}
"""
_SERVICE = """\
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app.kubernetes.io/name: %s}}
"""
_NAME = "app.kubernetes.io/name"

RULES = (
    InventoryRule(
        rule=Rule(
            id="references/namespace",
            severity=Severity.ERROR,
            summary="a namespace that does not exist",
            why="The API server refuses objects of an unknown namespace.",
            bad=_CONFIG_MAP % "{name: settings, namespace: shop}",
            good=_CONFIG_MAP % "{name: settings, namespace: shop}" + _NAMESPACE,
        ),
        find=scopes.missing_namespaces,
        softens=True,
    ),
    InventoryRule(
        rule=Rule(
            id="references/no-namespace",
            severity=Severity.ERROR,
            summary="a namespaced object without a namespace",
            why="Where it ends up depends on the command or the Application that applies it.",
            bad=_CONFIG_MAP % "{name: settings}",
            good=_CONFIG_MAP % "{name: settings, namespace: shop}",
        ),
        find=scopes.without_namespace,
        softens=True,
    ),
    InventoryRule(
        rule=Rule(
            id="references/needless-namespace",
            severity=Severity.ERROR,
            summary="a cluster-scoped object with a namespace",
            why="The object belongs to the whole cluster, and the API server refuses to store it under a namespace.",
            bad="apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, namespace: shop}\n",
            good="apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n",
        ),
        find=scopes.with_namespace,
    ),
    InventoryRule(
        rule=Rule(
            id="references/custom-kind",
            severity=Severity.ERROR,
            summary="a custom resource of a kind or version that is not served",
            why="The API server does not know the kind, so the object cannot be stored.",
            bad=_DEFINITION % "Trainig",
            good=_DEFINITION % "Training",
        ),
        find=scopes.unknown_kinds,
    ),
    InventoryRule(
        rule=Rule(
            id="references/name",
            severity=Severity.ERROR,
            summary="a name that its kind does not allow",
            why="The API server refuses the object.",
            bad=_CONFIG_MAP % "{name: My_Settings, namespace: shop}",
            good=_CONFIG_MAP % "{name: my-settings, namespace: shop}",
        ),
        find=names.names,
    ),
    InventoryRule(
        rule=Rule(
            id="references/name-length",
            severity=Severity.ERROR,
            summary="a name too long for the names that are made from it",
            why="Controllers append to the name; what does not fit into 63 characters is refused, or never created.",
            bad=_CRON_JOB % ("n" * 53),
            good=_CRON_JOB % ("n" * 52),
        ),
        find=names.lengths,
    ),
    InventoryRule(
        rule=Rule(
            id="references/label-value",
            severity=Severity.ERROR,
            summary="a label, annotation or selector value that is no string",
            why="Unquoted, YAML makes a boolean or number of it, and the API server refuses the object.",
            bad=_CONFIG_MAP % "{name: settings, namespace: shop, labels: {canary: true}}",
            good=_CONFIG_MAP % "{name: settings, namespace: shop, labels: {canary: 'true'}}",
        ),
        find=names.label_values,
    ),
    InventoryRule(
        rule=Rule(
            id="references/label-syntax",
            severity=Severity.ERROR,
            summary="a label whose key or value is not allowed",
            why="The API server refuses the object.",
            bad=_CONFIG_MAP % "{name: settings, namespace: shop, labels: {owner: Team A}}",
            good=_CONFIG_MAP % "{name: settings, namespace: shop, labels: {owner: team-a}}",
        ),
        find=names.label_syntax,
    ),
    InventoryRule(
        rule=Rule(
            id="references/own-pods",
            severity=Severity.ERROR,
            summary="a workload that does not select its own pods",
            why="The API server refuses the workload: it would create pods for ever without finding them.",
            bad=_DEPLOYMENT % "app",
            good=_DEPLOYMENT % _NAME,
        ),
        find=selection.own_pods,
    ),
    InventoryRule(
        rule=Rule(
            id="references/instance-label",
            severity=Severity.WARNING,
            summary="a selector by `app.kubernetes.io/instance`",
            why="Argo CD up to 2.14 tracks objects by that label and overwrites it, and a selector cannot be changed.",
            bad=_DEPLOYMENT % selection.INSTANCE,
            good=_DEPLOYMENT % _NAME,
        ),
        find=selection.instance_labels,
    ),
    InventoryRule(
        rule=Rule(
            id="references/selects-nothing",
            severity=Severity.ERROR,
            summary="a Service or PodDisruptionBudget that selects no pod",
            why="The Service has no endpoints and answers nothing; the budget protects nothing.",
            bad=_DEPLOYMENT % _NAME + _SERVICE % "api",
            good=_DEPLOYMENT % _NAME + _SERVICE % "web",
        ),
        find=selection.nothing_selected,
        softens=True,
    ),
)
