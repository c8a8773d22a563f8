"""Which objects are linked, and how: read from fields, selectors, shares and controllers, never guessed from names."""

from __future__ import annotations

from functools import cache

import pytest

from aurora import manifests
from aurora.checks.references import CHECK
from aurora.model.inventory import External, Inventory
from aurora.model.object_graph import COMPONENT, Edge, Node, ObjectGraph, State
from aurora.model.resource import ResourceId
from aurora.object_graph import build
from reference.platform import reference

PATHS = reference()


def graph(stream: str, *externals: External) -> ObjectGraph:
    found = manifests.read(stream.encode(), "stream.yaml")
    assert found.findings == ()
    return build.of(Inventory(found.manifests, environment="example", externals=externals, closed=True))


def edges(found: ObjectGraph) -> set[tuple[str, str, str]]:
    named = [str(node.resource) for node in found.nodes]
    return {(named[edge.source], edge.how, named[edge.target]) for edge in found.edges}


def state(found: ObjectGraph, name: str) -> State:
    (node,) = [node for node in found.nodes if str(node.resource) == name]
    return node.state


@cache
def committed(name: str) -> ObjectGraph:
    return build.committed(PATHS, name)


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
%s
"""


@pytest.mark.parametrize(
    ("spec", "how", "target"),
    [
        ("      serviceAccountName: web", "runs as", "ServiceAccount shop/web"),
        ("      priorityClassName: high", "has priority", "PriorityClass high"),
        ("      runtimeClassName: gvisor", "runs in", "RuntimeClass gvisor"),
        ("      imagePullSecrets: [{name: pull}]", "pulls with", "Secret shop/pull"),
        ("      volumes: [{name: a, configMap: {name: files}}]", "mounts", "ConfigMap shop/files"),
        ("      volumes: [{name: a, secret: {secretName: key}}]", "mounts", "Secret shop/key"),
        (
            "      volumes: [{name: a, persistentVolumeClaim: {claimName: data, readOnly: true}}]",
            "mounts read-only",
            "PersistentVolumeClaim shop/data",
        ),
        (
            (
                "      containers: [{name: a, volumeMounts: [{name: a, mountPath: /a}]}]\n"
                "      volumes: [{name: a, persistentVolumeClaim: {claimName: data}}]"
            ),
            "mounts",
            "PersistentVolumeClaim shop/data",
        ),
        (
            "      containers: [{name: a, env: [{name: A, valueFrom: {secretKeyRef: {name: key, key: k}}}]}]",
            "reads",
            "Secret shop/key",
        ),
        ("      containers: [{name: a, envFrom: [{configMapRef: {name: env}}]}]", "reads", "ConfigMap shop/env"),
    ],
)
def test_pods_name_what_they_need(spec: str, how: str, target: str) -> None:
    found = graph(DEPLOYMENT % spec)
    assert edges(found) == {("Deployment shop/web", how, target)}
    assert state(found, target) is State.MISSING


def test_what_is_named_twice_is_one_link_with_both_verbs() -> None:
    spec = (
        "      containers: [{name: a, envFrom: [{configMapRef: {name: env}}]}]\n"
        "      volumes: [{name: a, configMap: {name: env}}]"
    )
    assert edges(graph(DEPLOYMENT % spec)) == {("Deployment shop/web", "mounts, reads", "ConfigMap shop/env")}


def test_what_every_namespace_has_is_no_missing_object() -> None:
    spec = "      serviceAccountName: default\n      volumes: [{name: a, configMap: {name: kube-root-ca.crt}}]"
    assert edges(graph(DEPLOYMENT % spec)) == set()


def test_an_optional_object_is_shown_only_if_it_is_there() -> None:
    spec = "      volumes: [{name: a, configMap: {name: files, optional: true}}]"
    there = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: files, namespace: shop}\n"
    assert edges(graph(DEPLOYMENT % spec)) == set()
    assert edges(graph(DEPLOYMENT % spec + there)) == {("Deployment shop/web", "mounts", "ConfigMap shop/files")}


def test_an_object_that_is_declared_external_is_called_so() -> None:
    found = graph(DEPLOYMENT % "      serviceAccountName: web", External("", "ServiceAccount", "shop", "web"))
    assert state(found, "ServiceAccount shop/web") is State.EXTERNAL


PARTNERS = """\
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {selector: {app: web}, ports: [{name: http, port: 80}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec: {selector: {matchLabels: {app: web}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: 3}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: all, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: others, namespace: shop}
spec: {podSelector: {matchLabels: {app: other}}, policyTypes: [Ingress]}
---
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: {name: web, namespace: shop}
spec: {selector: {matchLabels: {app: web}}, podMetricsEndpoints: [{port: http}]}
---
apiVersion: cilium.io/v1alpha1
kind: TracingPolicyNamespaced
metadata: {name: exec, namespace: shop}
spec: {podSelector: {matchLabels: {app: web}}}
---
apiVersion: cilium.io/v1alpha1
kind: TracingPolicyNamespaced
metadata: {name: exec, namespace: elsewhere}
spec: {}
"""


def test_selectors_lead_to_the_workloads_whose_pods_they_match() -> None:
    spec = "      containers: [{name: a, ports: [{name: http, containerPort: 80}]}]"
    web = "Deployment shop/web"
    assert edges(graph(DEPLOYMENT % spec + PARTNERS)) == {
        ("Service shop/web", "selects", web),
        ("PodDisruptionBudget shop/web", "protects", web),
        ("HorizontalPodAutoscaler shop/web", "scales", web),
        ("NetworkPolicy shop/all", "isolates", web),
        ("PodMonitor shop/web", "scrapes", web),
        ("TracingPolicyNamespaced shop/exec", "watches", web),
    }


def test_secrets_that_controllers_make_stand_between_maker_and_reader() -> None:
    external = """\
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: key, namespace: shop}
spec: {secretStoreRef: {kind: ClusterSecretStore, name: vault}, target: {name: key}}
"""
    found = graph(DEPLOYMENT % "      volumes: [{name: a, secret: {secretName: key}}]" + external)
    assert edges(found) == {
        ("Deployment shop/web", "mounts", "Secret shop/key"),
        ("ExternalSecret shop/key", "makes", "Secret shop/key"),
        ("ExternalSecret shop/key", "reads from", "ClusterSecretStore vault"),
    }
    assert state(found, "Secret shop/key") is State.MADE


ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec:
  parentRefs: [{name: edge, namespace: edge, sectionName: https}]
  rules:
    - matches: [{headers: [{name: X-Track, value: canary}]}]
      backendRefs: [{name: canary, port: 80}]
    - backendRefs: [{name: stable, port: 80, weight: 9}, {name: canary, port: 80, weight: 1}]
"""


def _track(name: str) -> str:
    return f"""\
---
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: shop}}
spec: {{selector: {{aurora.example.com/track: {name}}}, ports: [{{port: 80}}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: shop}}
spec: {{template: {{metadata: {{labels: {{aurora.example.com/track: {name}}}}}, spec: {{containers: []}}}}}}
"""


def test_routes_carry_their_shares() -> None:
    found = edges(graph(ROUTE + _track("stable") + _track("canary")))
    assert {entry for entry in found if entry[0] == "HTTPRoute shop/web"} == {
        ("HTTPRoute shop/web", "attaches to https of", "Gateway edge/edge"),
        ("HTTPRoute shop/web", "routes 90 %", "Service shop/stable"),
        ("HTTPRoute shop/web", "routes 10 %, routes by header", "Service shop/canary"),
    }


def test_a_policy_of_kyverno_leads_to_the_namespaces_that_it_selects() -> None:
    policy = """\
apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {name: labels}
spec:
  validationActions: [Audit]
  matchConstraints:
    namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: In, values: [shop]}]}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Namespace
metadata: {name: other}
"""
    assert edges(graph(policy)) == {("ValidatingPolicy labels", "audits", "Namespace shop")}


def test_an_object_without_namespace_and_one_in_default_are_one_node() -> None:
    config = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: files, namespace: default}\n"
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {volumes: [{name: a, configMap: {name: files}}]}\n"
    found = graph(pod + config)
    assert edges(found) == {("Pod web", "mounts", "ConfigMap default/files")}
    assert len(found.nodes) == 2


# The committed environments.


@pytest.mark.parametrize("name", PATHS.environment_names())
def test_every_committed_object_is_a_node_and_none_is_missing(name: str) -> None:
    found = committed(name)
    files = [path for path in (PATHS.generated / name).rglob("*.yaml")]
    assert len([node for node in found.nodes if node.place is not None]) == len(files)
    assert [str(node.resource) for node in found.nodes if node.state is State.MISSING] == []
    assert all(node.component for node in found.nodes if node.place)


@pytest.mark.parametrize("name", PATHS.environment_names())
def test_every_component_is_synced_by_an_application(name: str) -> None:
    found = committed(name)
    synced = {found.nodes[edge.target].resource.name for edge in found.edges if edge.how == "syncs"}
    assert synced == set(found.components)


def test_the_canary_of_each_profile_has_its_share() -> None:
    prod, dev = edges(committed("aurora-prod")), edges(committed("aurora-dev"))
    assert ("HTTPRoute aurora/aurora-inference", "routes 90 %", "Service aurora/aurora-inference") in prod
    assert ("Ingress aurora/aurora-inference-canary", "routes 25 %", "Service aurora/aurora-inference-canary") in dev
    assert ("Ingress aurora/aurora-inference", "routes 75 %", "Service aurora/aurora-inference") in dev


@pytest.mark.parametrize("name", PATHS.environment_names())
def test_what_the_check_of_references_finds_missing_is_missing_in_the_graph_too(name: str) -> None:
    claim = ("PersistentVolumeClaim", "aurora-model-pvc")
    read = manifests.join(
        manifests.read(path.read_bytes(), path.relative_to(PATHS.root).as_posix())
        for path in sorted((PATHS.generated / name).rglob("*.yaml"))
    )
    kept = [manifest for manifest in read.manifests if (manifest.id.kind, manifest.id.name) != claim]
    inventory = Inventory(kept, environment=name, closed=True)
    (rule,) = [entry for entry in CHECK.rules if entry.id == "references/claim"]
    judged = {str(violation.manifest.id) for violation in rule.find(inventory)}
    found = build.of(inventory)
    (missing,) = [number for number, node in enumerate(found.nodes) if node.resource.name == claim[1]]
    assert found.nodes[missing].state is State.MISSING
    pointing = {str(found.nodes[edge.source].resource) for edge in found.edges if edge.target == missing}
    assert judged
    assert judged <= pointing


# A part of a graph.


def _node(name: str, component: str | None, namespace: str | None = "shop") -> Node:
    return Node(ResourceId("v1", "ConfigMap", namespace, name), component, State.COMMITTED)


def test_a_part_keeps_its_neighbours_and_nothing_else() -> None:
    nodes = (_node("a", "one"), _node("b", "two"), _node("c", "three"), _node("d", None))
    whole = ObjectGraph("example", nodes, (Edge(0, 1, "reads"), Edge(1, 2, "reads"), Edge(3, 0, "reads")))
    part = whole.around(["one"], [])
    assert [node.resource.name for node in part.nodes] == ["a", "b", "d"]
    assert part.edges == (Edge(0, 1, "reads"), Edge(2, 0, "reads"))
    assert whole.around([], ["elsewhere"]).nodes == ()
    assert len(whole.around([], ["shop"]).nodes) == 4


def test_components_have_nodes_of_their_own() -> None:
    kinds = [node.resource.kind for node in committed("aurora-prod").nodes]
    assert kinds.count(COMPONENT) == len(committed("aurora-prod").components)
