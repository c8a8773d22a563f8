"""Objects that were read from a cluster: what the server sets is taken out, and what controllers make is left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from aurora import exports, history, manifests
from aurora.model.manifest import Manifest
from aurora.yamlio import reading
from checks.inventory_cases import VALUES

EXPORT = """\
apiVersion: v1
items:
- apiVersion: apps/v1
  kind: Deployment
  metadata:
    annotations:
      deployment.kubernetes.io/revision: "1"
      kubectl.kubernetes.io/last-applied-configuration: |
        {"apiVersion":"apps/v1","kind":"Deployment"}
    creationTimestamp: "2026-01-01T00:00:00Z"
    generation: 1
    name: web
    namespace: shop
    resourceVersion: "319"
    uid: d1
  spec:
    replicas: 2
  status:
    conditions:
    - type: Available
    replicas: 2
- apiVersion: apps/v1
  kind: ReplicaSet
  metadata:
    creationTimestamp: "2026-01-01T00:00:00Z"
    name: web-1
    namespace: shop
    ownerReferences:
    - {apiVersion: apps/v1, controller: true, kind: Deployment, name: web, uid: d1}
    resourceVersion: "320"
    uid: r1
- apiVersion: v1
  kind: Pod
  metadata:
    creationTimestamp: "2026-01-01T00:00:00Z"
    name: web-1-a
    namespace: shop
    ownerReferences:
    - {apiVersion: apps/v1, controller: true, kind: ReplicaSet, name: web-1, uid: r1}
    resourceVersion: "321"
    uid: p1
- apiVersion: v1
  kind: Service
  metadata:
    creationTimestamp: "2026-01-01T00:00:00Z"
    managedFields:
    - apiVersion: v1
      manager: kubectl
    name: web
    namespace: shop
    resourceVersion: "322"
    uid: s1
  spec:
    clusterIP: 10.96.0.9
    clusterIPs:
    - 10.96.0.9
    ports:
    - port: 80
- apiVersion: v1
  kind: Event
  metadata: {name: web.1, namespace: shop}
kind: List
metadata:
  resourceVersion: ""
"""


def read(text: str, path: str = "all.yaml") -> manifests.Read:
    return manifests.read(text.encode(), path)


def judged(text: str, path: str = "all.yaml") -> manifests.Read:
    return exports.judged(read(text, path), lambda _: False)


def stored(kind: str, group: str = "", **parts: Any) -> str:
    """Write an object as a cluster stores it."""
    metadata = {"name": "a", "uid": "u", "resourceVersion": "1", "creationTimestamp": "2026-01-01T00:00:00Z"}
    body = {"apiVersion": f"{group}/v1" if group else "v1", "kind": kind, **parts}
    return yaml.safe_dump({**body, "metadata": metadata | parts.get("metadata", {})})


def names(found: manifests.Read) -> list[str]:
    return [f"{each.id.kind}/{each.id.name}" for each in found.manifests]


@pytest.mark.parametrize("text", [EXPORT, json.dumps(yaml.safe_load(EXPORT), indent=4)], ids=["yaml", "json"])
def test_what_the_server_sets_and_controllers_make_is_not_judged(text: str) -> None:
    found = judged(text)
    deployment, service = found.manifests
    assert deployment.body["metadata"] == {"name": "web", "namespace": "shop"}
    assert "status" not in deployment.body
    assert service.body["spec"] == {"ports": [{"port": 80}]}
    (said,) = found.findings
    assert said.rule == "input/export"
    assert said.message.startswith("4 objects were read from a cluster: what the server sets is not judged")
    assert said.message.endswith("nor 3 objects that controllers make (1 ReplicaSet, 1 Pod, 1 Event)")
    for each in found.manifests:
        assert yaml.safe_load(each.text) == each.body


def test_what_is_left_keeps_its_lines() -> None:
    service = judged(EXPORT).manifests[1]
    found = manifests.located(service, ("spec", "ports", 0, "port"), rule="a/b", message="")
    assert found.place
    assert EXPORT.splitlines()[found.place.line - 1].strip() == "- port: 80"


def test_an_object_that_names_a_part_of_it_is_no_export() -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, uid: u, resourceVersion: '1'}\n"
    assert judged(text) == read(text)


def test_what_an_application_syncs_is_judged_as_it_is() -> None:
    given = read(stored("ConfigMap"))
    assert exports.judged(given, lambda _: True) == given


def test_pods_alone_are_judged_with_their_owner() -> None:
    pod = stored(
        "Pod", metadata={"ownerReferences": [{"controller": True, "uid": "elsewhere"}]}, spec={"nodeName": "n"}
    )
    (found,) = judged(pod).manifests
    assert found.get("spec") is None
    assert found.get("metadata", "ownerReferences", 0, "uid") == "elsewhere"
    assert exports.adopted(read(pod)).manifests == ()


def test_an_export_of_nothing_else_is_about_what_controllers_make() -> None:
    assert names(judged(stored("Node"))) == ["Node/a"]


@pytest.mark.parametrize(
    "text",
    [
        stored("Secret", metadata={"annotations": {"cert-manager.io/certificate-name": "web"}}),
        stored("Secret", type="helm.sh/release.v1"),
        stored("ConfigMap", metadata={"name": "kube-root-ca.crt"}),
        stored("ServiceAccount", metadata={"name": "default"}),
        stored("EndpointSlice", "discovery.k8s.io")
        .replace("kind:", "kind:", 1)
        .replace(
            "metadata:",
            "metadata:\n  labels:\n    endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io",
        ),
        stored(
            "ClusterRole",
            "rbac.authorization.k8s.io",
            metadata={"labels": {"kubernetes.io/bootstrapping": "rbac-defaults"}},
        ),
    ],
)
def test_what_nobody_writes_is_left_out(text: str) -> None:
    assert names(judged(f"{stored('ConfigMap', data={'a': 'b'})}---\n{text}")) == ["ConfigMap/a"]


@pytest.mark.parametrize(
    "text",
    [
        stored("ServiceAccount", metadata={"name": "default"}, automountServiceAccountToken=False),
        stored("Secret", type="Opaque"),
        stored(
            "Secret",
            metadata={
                "annotations": {"cert-manager.io/certificate-name": "web", "argocd.argoproj.io/tracking-id": "x"}
            },
        ),
        stored("EndpointSlice", "discovery.k8s.io"),
    ],
)
def test_what_somebody_wrote_is_judged(text: str) -> None:
    assert len(judged(f"{stored('ConfigMap', metadata={'name': 'b'})}---\n{text}").manifests) == 2


def test_claims_of_a_stateful_set_are_left_out() -> None:
    template = {"metadata": {"name": "data"}, "spec": {}}
    claims = [
        stored("PersistentVolumeClaim", metadata={"name": name, "namespace": "x"})
        for name in ("data-db-0", "data-db-x")
    ]
    text = stored(
        "StatefulSet", "apps", metadata={"name": "db", "namespace": "x"}, spec={"volumeClaimTemplates": [template]}
    )
    assert names(judged("---\n".join([text, *claims]))) == ["StatefulSet/db", "PersistentVolumeClaim/data-db-x"]


@pytest.mark.parametrize(
    ("spec", "left"),
    [
        ({"clusterIP": "None", "clusterIPs": ["None"]}, {"clusterIP": "None", "clusterIPs": ["None"]}),
        ({"clusterIP": "10.0.0.1", "type": "ClusterIP"}, {"type": "ClusterIP"}),
    ],
)
def test_a_headless_service_stays_headless(spec: dict[str, Any], left: dict[str, Any]) -> None:
    (found,) = judged(stored("Service", spec=spec)).manifests
    assert found.body["spec"] == left


def test_a_job_keeps_the_selector_that_somebody_wrote() -> None:
    selector = {"matchLabels": {"a": "b"}}
    (own,) = judged(stored("Job", "batch", spec={"selector": selector, "manualSelector": True})).manifests
    (drawn,) = judged(stored("Job", "batch", spec={"selector": selector, "suspend": True})).manifests
    assert own.get("spec", "selector") == selector
    assert drawn.body["spec"] == {"suspend": True}


def application(**metadata: str) -> dict[str, Any]:
    return {"metadata": {"name": "web", **metadata}, "spec": {"destination": {}, "project": "a"}, "status": {}}


@pytest.mark.parametrize("write", [yaml.safe_dump, json.dumps])
def test_applications_as_the_command_line_of_argo_cd_prints_them(write: Any) -> None:
    one = application(uid="u", resourceVersion="1", creationTimestamp="2026-01-01T00:00:00Z")
    assert names(judged(write(one))) == ["Application/web"]
    found = judged(write([one, one]))
    assert names(found) == ["Application/web"] * 2
    assert all(yaml.safe_load(each.text) == each.body for each in found.manifests)


def test_an_application_of_which_somebody_forgot_the_kind_is_no_manifest() -> None:
    assert [each.rule for each in read(yaml.safe_dump(application())).findings] == ["yaml/not-an-object"]


def kept(manifest: Manifest) -> bool:
    return manifest.emitted


def test_nobody_syncs_what_was_read_from_a_cluster() -> None:
    assert [kept(each) for each in judged(stored("ConfigMap")).manifests] == [False]


def test_metadata_that_an_alias_brings_is_cleaned_too() -> None:
    both = stored("ConfigMap", data={"a": "b"}).replace("metadata:", "metadata: &m").replace("data:", "data: &d", 1)
    (found,) = judged(both.replace("kind: ConfigMap", "kind: ConfigMap\nimmutable: true")).manifests
    shared = "x: &m {name: a, uid: u, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z'}\n"
    (aliased,) = judged(f"{shared}apiVersion: v1\nkind: ConfigMap\nmetadata: *m\n").manifests
    assert found.body["metadata"] == aliased.body["metadata"] == {"name": "a"}
    assert yaml.safe_load(aliased.text) == aliased.body


@given(VALUES, st.sampled_from(["uid", "ownerReferences", "annotations", "labels", "finalizers", "namespace"]))
def test_odd_metadata_is_read_and_never_fails(value: Any, field: str) -> None:
    text = f"{stored('Job', 'batch', metadata={field: value})}---\n{stored('StatefulSet', 'apps', spec=value)}"
    given = manifests.read(text.encode(), "all.yaml")
    for found in (exports.judged(given, lambda _: False), exports.adopted(given)):
        # Not PyYAML's reading: it takes `N` for a text, and kubectl for false.
        assert all(reading.parse(each.text, as_kubectl=True).value == each.body for each in found.manifests)


@pytest.mark.parametrize(
    ("applied", "left"), [('{"spec":{}}', {"port": 80}), ('{"nodePort":30080}', {"port": 80, "nodePort": 30080})]
)
def test_a_port_on_nodes_that_nobody_asked_for_is_the_servers(applied: str, left: dict[str, Any]) -> None:
    annotations = {"kubectl.kubernetes.io/last-applied-configuration": applied}
    spec = {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30080}]}
    (found,) = judged(stored("Service", metadata={"annotations": annotations}, spec=spec)).manifests
    assert found.get("spec", "ports") == [left]


def test_what_is_compared_says_nothing_of_itself() -> None:
    found = exports.compared(read(EXPORT))
    assert (names(found), found.findings) == (["Deployment/web", "Service/web"], ())


def test_beside_manifests_that_somebody_wrote_it_is_a_warning() -> None:
    written = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n"
    assert [str(each.severity) for each in judged(stored("ConfigMap")).findings] == ["note"]
    assert [str(each.severity) for each in judged(f"{written}---\n{stored('ConfigMap')}").findings] == ["warning"]


def test_what_was_before_is_read_in_the_same_way(tmp_path: Path) -> None:
    (tmp_path / "old.yaml").write_text(EXPORT)
    found = history.read(str(tmp_path / "old.yaml"), None, ())
    assert [each.id.name for each in found] == ["web", "web"]
    assert all(each.get("metadata", "uid") is None for each in found)
