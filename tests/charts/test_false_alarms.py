"""What charts do and is right is no finding; what looks alike and is wrong still is one."""

from dataclasses import replace

import pytest

from aurora import manifests
from aurora.checks import gitops, monitoring, network, references
from aurora.checks.check import InventoryCheck, compute
from aurora.cluster.needs import needs
from aurora.memory.store import Forgetful
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory

CREATING = """
{apiVersion: v1, kind: ServiceAccount, metadata: {name: maker, namespace: web}}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: maker, namespace: web}, rules: [
  {apiGroups: [""], resources: [secrets], verbs: [create]},
  {apiGroups: [""], resources: [secrets], verbs: [get], resourceNames: [by-role]}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: maker, namespace: web},
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: maker},
  subjects: [{kind: ServiceAccount, name: maker}]}
---
{apiVersion: batch/v1, kind: Job, metadata: {name: make, namespace: web}, spec: {template: {spec: {
  serviceAccountName: maker, restartPolicy: Never, containers: [
    {name: make, image: "example.com/make:1", args: [create, --secret-name=by-argument, --secret, by-word]}]}}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: reader, namespace: web}, spec: {containers: [
  {name: read, image: "example.com/read:1"}], volumes: [{name: s, secret: {secretName: NAME}}]}}
"""

DEFINITION = """
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: demo, namespace: argocd}
spec:
  destination: {server: https://kubernetes.default.svc, namespace: web}
  source: {repoURL: https://charts.example.com, chart: demo, targetRevision: 1.0.0}
  syncPolicy: {automated: {prune: true}}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: demos.example.com, annotations: {%s}}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Demo, plural: demos}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
"""

MONITOR = """
{apiVersion: monitoring.coreos.com/v1, kind: ServiceMonitor, metadata: {name: m, namespace: monitoring}, spec: {
  endpoints: [{port: https}], namespaceSelector: {matchNames: [NAMESPACE]}, selector: {matchLabels: LABELS}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: web}}
"""

MOUNTING = """
{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: web}, data: {cache: "cache:6379"}}
---
{apiVersion: v1, kind: Service, metadata: {name: cache, namespace: web}, spec: {
  selector: {app: cache}, ports: [{port: 6379}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: cache, namespace: web, labels: {app: cache}}, spec: {containers: [
  {name: c, image: "example.com/c:1", ports: [{containerPort: 6379}]}]}}
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: cache, namespace: web}, spec: {
  podSelector: {matchLabels: {app: cache}}, policyTypes: [Ingress]}}
"""
READER = """
---
{apiVersion: v1, kind: Pod, metadata: {name: NAME, namespace: web}, spec: {containers: [
  {name: c, image: "example.com/c:1"}], volumes: [{name: s, configMap: {name: settings}}]}}
"""

WAVES = """
{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: a, namespace: argocd}}
---
{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: applications.GROUP}, spec: {
  group: GROUP, names: {kind: Application, plural: applications}, versions: [{name: v1alpha1, served: true}]}}
"""

LABELLED = """
{apiVersion: monitoring.coreos.com/v1, kind: Alertmanager, metadata: {name: main, namespace: NAMESPACE},
  spec: {replicas: 1}}
---
{apiVersion: v1, kind: Pod, metadata: {name: other, namespace: web, labels: {app: other}}, spec: {containers: [
  {name: c, image: "example.com/c:1"}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: main, namespace: web}, spec: {
  selector: {alertmanager: main}, ports: [{port: 9093}]}}
"""


def rules(check: InventoryCheck, stream: str) -> set[str]:
    read = manifests.read(stream.encode(), "example.yaml")
    assert not read.findings
    (result,) = compute([check], Inventory(read.manifests, environment="example", closed=True), Forgetful())
    return {finding.rule for finding in result.findings}


@pytest.mark.parametrize(
    ("name", "missing"), [("by-role", False), ("by-argument", False), ("by-word", False), ("by-nobody", True)]
)
def test_a_secret_may_be_made_by_a_pod_that_names_it(name: str, missing: bool) -> None:
    stream = CREATING.replace("NAME", name)
    assert ("references/secret" in rules(references.CHECK, stream)) is missing
    assert "references/secret" in rules(references.CHECK, stream.replace("verbs: [create]", "verbs: [list]"))


def test_a_container_without_words_says_nothing_about_a_secret() -> None:
    stream = CREATING.replace(", args: [create, --secret-name=by-argument, --secret, by-word]", "")
    assert "references/secret" not in rules(references.CHECK, stream.replace("NAME", "by-role"))
    assert "references/secret" in rules(references.CHECK, stream.replace("NAME", "by-word"))


@pytest.mark.parametrize(
    ("status", "found"),
    [
        ("{acceptedNames: {kind: '', plural: ''}, conditions: [], storedVersions: []}", False),
        ("{acceptedNames: {kind: '', plural: ''}, conditions: [], storedVersions: [v1]}", True),
    ],
)
def test_an_empty_status_that_generators_leave_behind_says_nothing(status: str, found: bool) -> None:
    stream = f"{DEFINITION % ''}status: {status}\n"
    assert ("gitops/server-field" in rules(gitops.CHECK, stream)) is found


@pytest.mark.parametrize(
    ("namespace", "labels", "found"),
    [
        ("default", "{component: apiserver, provider: kubernetes}", False),
        ("kube-system", "{k8s-app: kubelet}", False),
        ("default", "{component: other}", True),
        ("web", "{app: web}", True),
    ],
)
def test_the_cluster_has_services_of_its_own(namespace: str, labels: str, found: bool) -> None:
    stream = MONITOR.replace("NAMESPACE", namespace).replace("LABELS", labels)
    assert ("monitoring/selects-nothing" in rules(monitoring.CHECK, stream)) is found


def test_a_config_map_that_several_mount_is_not_the_setting_of_each() -> None:
    one, other = READER.replace("NAME", "one"), READER.replace("NAME", "other")
    assert "network/dependency-blocked" in rules(network.CHECK, MOUNTING + one)
    assert "network/dependency-blocked" not in rules(network.CHECK, MOUNTING + one + other)


@pytest.mark.parametrize(("group", "found"), [("argoproj.io", False), ("example.com", True)])
def test_who_syncs_has_its_own_definitions(group: str, found: bool) -> None:
    stream = WAVES.replace("GROUP", group).replace("argoproj.io", group)
    read = manifests.read(stream.encode(), "example.yaml")
    needed = {need.needed.id.kind for need in needs(Inventory(read.manifests))}
    assert ("CustomResourceDefinition" in needed) is found


@pytest.mark.parametrize(("namespace", "found"), [("web", False), ("elsewhere", True)])
def test_an_operator_labels_the_pods_of_its_kinds(namespace: str, found: bool) -> None:
    stream = LABELLED.replace("NAMESPACE", namespace)
    assert ("references/selects-nothing" in rules(references.CHECK, stream)) is found


def test_advice_about_what_a_chart_renders_is_a_note() -> None:
    read = manifests.read(READER.encode(), "example.yaml")
    namespace = manifests.read(b"{apiVersion: v1, kind: Namespace, metadata: {name: web}}", "web.yaml").manifests
    for by, severity in ((None, Severity.ERROR), (read.manifests[0].id, Severity.NOTE)):
        pods = tuple(replace(manifest, rendered_by=by) for manifest in read.manifests)
        inventory = Inventory((*namespace, *pods), environment="example", closed=True)
        (result,) = compute([network.CHECK], inventory, Forgetful())
        found = [finding for finding in result.findings if finding.rule == "network/no-default-deny"]
        assert {finding.severity for finding in found} == {severity}
        assert {finding.resource.kind for finding in found if finding.resource} == {"Pod" if by else "Namespace"}


@pytest.mark.parametrize(
    ("annotations", "found"),
    [
        ("", True),
        ("helm.sh/resource-policy: keep", False),
        ("argocd.argoproj.io/sync-options: Prune=false", False),
        ("argocd.argoproj.io/sync-options: PruneLast=true", True),
    ],
)
def test_a_definition_of_a_chart_that_a_prune_would_take_is_told(annotations: str, found: bool) -> None:
    read = manifests.read((DEFINITION % annotations).encode(), "example.yaml").manifests
    application, definition = read[0], replace(read[1], rendered_by=read[0].id)
    (result,) = compute(
        [gitops.CHECK], Inventory((application, definition), environment="example", closed=True), Forgetful()
    )
    told = [finding for finding in result.findings if finding.rule == "gitops/unprotected"]
    assert [finding.severity for finding in told] == [Severity.NOTE] * found
