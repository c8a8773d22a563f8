"""Which connections use TLS, which stores are encrypted, and what is found where all of them should be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from aurora import manifests
from aurora.checks.encryption import CHECK
from aurora.cluster.encryption.hops import hops
from aurora.cluster.encryption.stores import stores
from aurora.model.inventory import Inventory
from aurora.tools.settings import Settings
from environment.test_cluster_facts import AKS, EKS, cluster

SETTINGS = Settings(cache=Path("cache"), workspace=Path("workspace"))
WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: web
          ports: [{name: http, containerPort: 8080}]
          env: [{name: BACK, value: "SCHEME://back:8080/"}, {name: ALLOWED, value: web.shop.svc}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: back, namespace: shop}
spec: {selector: {app: back}, ports: [{name: http, port: 8080}]}
"""
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop, annotations: {note: none}}
spec:
  ingressClassName: CLASS
  rules:
    - host: a.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
"""
ALB = """\
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: own}
spec: {controller: ingress.k8s.aws/alb, parameters: {apiGroup: elbv2.k8s.aws, kind: IngressClassParams, name: own}}
---
apiVersion: elbv2.k8s.aws/v1beta1
kind: IngressClassParams
metadata: {name: own}
spec: {certificateArn: ["arn:aws:acm:eu-central-1:111122223333:certificate/1"]}
"""
GATEWAY = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: edge}
spec:
  gatewayClassName: edge
  listeners:
    - {name: plain, protocol: HTTP, port: 80}
    - {name: tls, protocol: HTTPS, port: 443}
    - {name: through, protocol: TLS, port: 444, tls: {mode: Passthrough}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec:
  parentRefs: [{name: edge, namespace: edge, sectionName: SECTION}]
  rules: [{backendRefs: [{name: web, port: 80}]}]
"""
MONITOR = """\
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: web, namespace: shop}
spec: {selector: {matchLabels: {app: web}}, endpoints: [{port: http}]}
"""
DATABASE = """\
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: db, namespace: shop}
spec: {target: {name: db, template: {data: {uri: "postgresql://a:b@db.example.com:5432/dMODE"}}}}
"""


def inventory(*texts: str, facts: dict[str, Any] | None = None, **more: Any) -> Inventory:
    read = manifests.read("---\n".join(texts).encode(), "objects.yaml")
    assert not read.findings
    stated = cluster(EKS if facts is None else facts, **more)
    return Inventory(read.manifests, environment="prod", cluster=stated, closed=True)


def told(*texts: str, **more: Any) -> dict[str, str]:
    return {f"{hop.source} > {hop.target}": str(hop.tls) for hop in hops(inventory(*texts, **more))}


def found(*texts: str, **more: Any) -> list[str]:
    judged = CHECK.run(inventory(*texts, **more), SETTINGS).findings
    return [f"{finding.rule.removeprefix('encryption/')}: {finding.message}" for finding in judged]


@pytest.mark.parametrize(
    ("scheme", "tls"), [("http", "no"), ("https", "yes"), ("grpc", "no"), ("grpcs", "yes"), ("tcp", "not known")]
)
def test_a_service_that_a_pod_names_is_called_as_its_settings_say(scheme: str, tls: str) -> None:
    assert told(WEB.replace("SCHEME", scheme)) == {"Deployment shop/web > Service shop/back": tls}


@pytest.mark.parametrize(
    ("class_name", "change", "entry", "behind"),
    [
        ("nginx", ("note: none", "note: none"), "no", "no"),
        (
            "nginx",
            ("  rules:", "  tls: [{hosts: [a.example.com], secretName: a}]\n  rules:"),
            "yes",
            "no",
        ),
        (
            "nginx",
            ("note: none", "nginx.ingress.kubernetes.io/backend-protocol: HTTPS"),
            "no",
            "yes",
        ),
        (
            "nginx",
            ("note: none", "alb.ingress.kubernetes.io/backend-protocol: HTTPS"),
            "no",
            "no",
        ),
        ("own", ("note: none", "note: none"), "yes", "no"),
        ("own", ("note: none", "alb.ingress.kubernetes.io/backend-protocol: HTTPS"), "yes", "yes"),
        ("alb", ("note: none", "note: none"), "no", "no"),
        ("alb", ("note: none", 'alb.ingress.kubernetes.io/certificate-arn: "arn:1"'), "yes", "no"),
    ],
)
def test_an_ingress_has_tls_to_its_edge_and_behind_it_as_it_says(
    class_name: str, change: tuple[str, str], *, entry: str, behind: str
) -> None:
    source = "Ingress controller" if class_name == "nginx" else "load balancer"
    ingress = INGRESS.replace("CLASS", class_name).replace(*change)
    assert told(WEB.replace("SCHEME://back:8080/", ""), ALB, ingress) == {
        f"clients > {source}": entry,
        f"{source} > Deployment shop/web": behind,
    }


@pytest.mark.parametrize(
    ("section", "tls", "ends"),
    [("plain", "no", ""), ("tls", "yes", "Gateway edge/edge"), ("through", "yes", "the pods")],
)
def test_a_route_has_the_tls_of_the_listener_that_it_attaches_to(section: str, tls: str, ends: str) -> None:
    objects = inventory(WEB.replace("SCHEME://back:8080/", ""), GATEWAY.replace("SECTION", section))
    entry, behind = hops(objects)
    assert (entry.source, entry.target, entry.tls, entry.ends) == ("clients", "Gateway edge/edge", tls, ends)
    assert (behind.target, behind.tls) == ("Deployment shop/web", "no")


def test_a_policy_for_the_backend_encrypts_what_the_gateway_sends_to_it_and_to_no_other() -> None:
    policy = """\
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {name: web, namespace: shop}
spec: {targetRefs: [{group: "", kind: Service, name: NAME}]}
"""
    route = GATEWAY.replace("SECTION", "tls")
    for name, tls in (("web", "yes"), ("back", "no")):
        assert told(WEB, route, policy.replace("NAME", name))["Gateway edge/edge > Deployment shop/web"] == tls


@pytest.mark.parametrize(("scheme", "tls"), [("", "no"), (", scheme: http", "no"), (", scheme: HTTPS", "yes")])
def test_prometheus_calls_pods_as_their_monitor_says(scheme: str, tls: str) -> None:
    objects = (WEB, MONITOR.replace("port: http", f"port: http{scheme}"))
    assert told(*objects)["Prometheus > Deployment shop/web"] == tls


@pytest.mark.parametrize(
    ("mode", "tls"),
    [("", "no"), ("?sslmode=prefer", "no"), ("?sslmode=require", "yes"), ("?a=b&sslmode=verify-full", "yes")],
)
def test_a_database_is_called_as_its_address_demands(mode: str, tls: str) -> None:
    database = {"type": "postgresql", "host": "db.example.com", "database": "d", "cidrs": ["10.0.8.0/24"]}
    assert told(DATABASE.replace("MODE", mode), resources={"main": database}) == {
        "pods with Secret shop/db > postgresql main": tls
    }
    assert told(DATABASE.replace("MODE", mode)) == {}


@pytest.mark.parametrize(
    ("url", "tls"),
    [
        ("https://git.example.com/a.git", "yes"),
        ("git@git.example.com:a.git", "yes"),
        ("http://git.example.com/a.git", "no"),
        ("ghcr.io/charts", "yes"),
    ],
)
def test_argo_cd_fetches_by_the_protocol_of_the_address(url: str, tls: str) -> None:
    application = f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: web, namespace: argocd}}
spec: {{source: {{repoURL: "{url}", path: a}}, destination: {{namespace: shop, server: "https://kubernetes.default.svc"}}}}
"""
    assert told(application) == {f"Argo CD > {url}": tls}


CLASS = """\
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {{name: disks}}
provisioner: {driver}
parameters: {{{parameters}}}
mountOptions: [{options}]
"""


@pytest.mark.parametrize(
    ("driver", "parameters", "options", "tls"),
    [
        ("efs.csi.aws.com", "", "", "yes"),
        ("file.csi.azure.com", "protocol: nfs", "", "no"),
        ("file.csi.azure.com", 'protocol: nfs, encryptInTransit: "true"', "", "yes"),
        ("file.csi.azure.com", "", "", "not known"),
        ("rook-ceph.cephfs.csi.ceph.com", "", "", "not known"),
        ("rook-ceph.cephfs.csi.ceph.com", "", '"noatime,ms_mode=secure"', "yes"),
    ],
)
def test_nodes_mount_shared_volumes_with_what_the_class_says(
    driver: str, parameters: str, options: str, tls: str
) -> None:
    written = CLASS.format(driver=driver, parameters=parameters, options=options)
    assert told(written) == {"nodes > StorageClass disks": tls}


@pytest.mark.parametrize(
    ("driver", "parameters", "encrypted", "key"),
    [
        ("ebs.csi.aws.com", "", "no", ""),
        ("ebs.csi.aws.com", 'encrypted: "false"', "no", ""),
        ("ebs.csi.aws.com", 'encrypted: "true"', "yes", "the account's default key for EBS"),
        ("ebs.csi.aws.com", 'encrypted: "true", kmsKeyId: "arn:k"', "yes", "arn:k"),
        ("disk.csi.azure.com", "", "yes", "a key of Microsoft"),
        ("disk.csi.azure.com", "diskEncryptionSetID: /set", "yes", "/set"),
        ("rook-ceph.rbd.csi.ceph.com", "", "not known", "not known"),
        ("rook-ceph.rbd.csi.ceph.com", 'encrypted: "true", encryptionKMSID: vault', "yes", "vault"),
        ("other.example.com", 'encrypted: "true"', "not known", "not known"),
        ("efs.csi.aws.com", "", "not known", "not known"),
    ],
)
def test_volumes_are_encrypted_as_their_class_and_their_driver_say(
    driver: str, parameters: str, encrypted: str, key: str
) -> None:
    written = CLASS.format(driver=driver, parameters=parameters, options="")
    first = stores(inventory(written))[0]
    assert (first.name, first.encrypted, first.key) == ("StorageClass disks", encrypted, key)


@pytest.mark.parametrize(
    ("stated", "encrypted", "key"),
    [
        ({}, "not known", "not known"),
        ({"encrypted": True}, "yes", "the account's default key for EFS"),
        ({"encryptionKey": "arn:k"}, "yes", "arn:k"),
        ({"encrypted": False}, "no", ""),
    ],
)
def test_a_file_system_is_encrypted_as_its_facts_say(stated: dict[str, Any], encrypted: str, key: str) -> None:
    shared = {"type": "efs", "fileSystem": "fs-0123456789abcdef0", **stated}
    written = CLASS.format(driver="efs.csi.aws.com", parameters="", options="")
    first = stores(inventory(written, storage={"shared": shared}))[0]
    assert (first.encrypted, first.key) == (encrypted, key)


RESOURCES: dict[str, dict[str, Any]] = {
    "files": {"type": "bucket", "bucket": "shop-files"},
    "own": {"type": "bucket", "bucket": "shop-own", "encryptionKey": "arn:k"},
    "main": {"type": "postgresql", "host": "db.example.com", "database": "d", "cidrs": ["10.0.8.0/24"]},
    "plain": {
        "type": "postgresql",
        "host": "p.example.com",
        "database": "d",
        "cidrs": ["10.0.8.0/24"],
        "encrypted": False,
    },
    "images": {"type": "registry", "host": "registry.example.com"},
}


def test_resources_are_encrypted_always_or_as_they_state() -> None:
    assert {store.name: (store.encrypted, store.key) for store in stores(inventory(WEB, resources=RESOURCES))} == {
        "bucket files": ("yes", "a key of S3 (SSE-S3)"),
        "bucket own": ("yes", "arn:k"),
        "postgresql main": ("not known", "not known"),
        "postgresql plain": ("no", ""),
        "Secrets of the API server": ("yes", "a key that AWS owns"),
    }
    flexible = {
        "type": "postgresql",
        "host": "a.postgres.database.azure.com",
        "database": "d",
        "cidrs": ["10.0.8.0/24"],
    }
    first = stores(inventory(WEB, facts=AKS, resources={"main": flexible}))[0]
    assert (first.encrypted, first.key) == ("yes", "a key of Microsoft")


def test_secrets_have_the_key_that_is_stated_and_on_own_machines_nobody_knows() -> None:
    assert stores(inventory(WEB, secretsKey="arn:k"))[-1].key == "arn:k"
    assert stores(inventory(WEB, facts={"provider": "bare-metal"}))[-1].encrypted == "not known"


@pytest.mark.parametrize(
    "resource",
    [
        {"type": "bucket", "bucket": "shop-files", "encrypted": False},
        {**RESOURCES["plain"], "encryptionKey": "arn:k"},
    ],
)
def test_a_resource_that_contradicts_itself_or_its_cloud_is_refused(resource: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="contradicts"):
        cluster(EKS, resources={"one": resource})


PLAIN = (WEB.replace("SCHEME", "http"), MONITOR)
METRICS = {"metrics": {"source": "Prometheus", "reason": "metrics name no person"}}


def test_nothing_is_found_where_an_environment_does_not_say_what_it_wants() -> None:
    assert found(*PLAIN, resources=RESOURCES) == []


def test_what_is_plain_without_a_reason_is_found_at_the_object_that_says_so() -> None:
    assert found(*PLAIN, plainHops=METRICS) == [
        "plain-hop: Deployment shop/web to Service shop/back is plain: `http://` in its settings"
    ]
    [finding] = CHECK.run(inventory(*PLAIN, plainHops=METRICS), SETTINGS).findings
    assert (str(finding.resource), finding.pointer) == (
        "Deployment shop/web",
        "/spec/template/spec/containers/0/env/0/value",
    )
    assert len(found(*PLAIN, plainHops={})) == 2


def test_what_is_encrypted_or_not_known_is_no_finding() -> None:
    objects = (WEB.replace("SCHEME", "https"), MONITOR.replace("port: http", "port: http, scheme: https"))
    assert found(*objects, plainHops={}, plainStores={}) == []
    assert found(WEB.replace("SCHEME", "tcp"), plainHops={}) == []


def test_a_plain_store_without_a_reason_is_found() -> None:
    accepted = {"plain": {"store": "postgresql plain", "reason": "public data alone"}}
    assert found(WEB, resources=RESOURCES, plainStores={}) == [
        "plain-store: postgresql plain is not encrypted: `cluster.resources.plain`"
    ]
    assert found(WEB, resources=RESOURCES, plainStores=accepted) == []
    assert found(CLASS.format(driver="ebs.csi.aws.com", parameters="", options=""), plainStores={}) == [
        "plain-store: StorageClass disks is not encrypted: EBS encrypts what `encrypted` asks for"
    ]


def test_an_exception_that_covers_nothing_is_found() -> None:
    wrong = {**METRICS, "old": {"source": "Deployment shop/old", "reason": "it is gone by now"}}
    everything = {**wrong, "rest": {"target": "Service shop/*", "reason": "there is no mesh"}}
    assert found(*PLAIN, plainHops=everything) == [
        "unneeded-exception: `cluster.plainHops.old` covers no plain connection"
    ]
    stores_of = {"old": {"store": "bucket files", "reason": "it is always encrypted"}}
    assert found(
        WEB, resources=RESOURCES, plainStores={**stores_of, "p": {"store": "*plain", "reason": "public data"}}
    ) == ["unneeded-exception: `cluster.plainStores.old` covers no plain store"]
