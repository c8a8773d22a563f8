"""What an object needs of a cluster on own machines, and what clouds and statements give."""

from __future__ import annotations

import pytest

from aurora.checks.check import InventoryCheck
from aurora.checks.network import CHECK as NETWORK
from aurora.checks.storage import CHECK as STORAGE
from aurora.model.inventory import Inventory
from aurora_constructs.cluster import BareMetal, BareMetalStorage, ClusterFacts
from aurora_constructs.cluster.eks import Eks
from aurora_constructs.platform import EXAMPLE
from checks.inventory_cases import SETTINGS, read

CLOUD = ClusterFacts(provider="cloud", kubernetes="1.35", domain="example.com", api_server_cidrs=["10.0.0.10/32"])
SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: edge, namespace: edge}
spec: {type: LoadBalancer, ports: [{port: 443}]}
---
"""
POOL = """
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: public, namespace: metallb}
---
"""
CLAIM = """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop}
spec: {accessModes: [ReadWriteOnce]}
---
"""
SET = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: data, namespace: shop}
spec: {volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce]}}]}
---
"""
PROMETHEUS = """
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: main, namespace: monitoring}
spec: {storage: {volumeClaimTemplate: {spec: {resources: {requests: {storage: 1Gi}}}}}}
---
"""
STATED = EXAMPLE.model_copy(
    update={"load_balancer": "MetalLB of the network team", "storage": BareMetalStorage(default_class="block")}
)
CHECKS: dict[str, InventoryCheck] = {"network/no-load-balancer": NETWORK, "storage/no-default-class": STORAGE}


def breaches(rule: str, stream: str, cluster: ClusterFacts = EXAMPLE, *, closed: bool = True) -> int:
    inventory = Inventory(read(stream), environment="example", cluster=cluster, closed=closed)
    return sum(finding.rule == rule for finding in CHECKS[rule].run(inventory, SETTINGS).findings)


@pytest.mark.parametrize("stream", [CLAIM, SET, PROMETHEUS], ids=["claim", "StatefulSet", "Prometheus"])
def test_a_claim_without_class_needs_a_default_class(stream: str) -> None:
    rule = "storage/no-default-class"
    assert breaches(rule, stream) == 1
    assert breaches(rule, stream, STATED) == breaches(rule, stream, CLOUD) == breaches(rule, stream, closed=False) == 0
    assert isinstance(EXAMPLE, BareMetal)


def test_a_cluster_of_eks_has_the_default_class_that_is_stated() -> None:
    rule = "storage/no-default-class"
    stated = {
        "provider": "eks",
        "kubernetes": "1.35",
        "region": "eu-central-1",
        "account": "123456789012",
        "domain": "example.com",
        "apiServerCidrs": ["10.0.0.0/24"],
        "identity": {"type": "pod-identity"},
    }
    assert breaches(rule, CLAIM, Eks.model_validate(stated)) == 1
    assert breaches(rule, CLAIM, Eks.model_validate({**stated, "storage": {"defaultClass": "gp3"}})) == 0


@pytest.mark.parametrize("more", ['storageClassName: ""', "storageClassName: block", "volumeName: data-1"])
def test_a_claim_that_asks_for_no_default_class_needs_none(more: str) -> None:
    claim = CLAIM.replace("accessModes: [ReadWriteOnce]", f"accessModes: [ReadWriteOnce], {more}")
    assert breaches("storage/no-default-class", claim) == 0


def test_a_service_that_needs_an_address_needs_somebody_who_gives_it() -> None:
    rule = "network/no-load-balancer"
    assert breaches(rule, SERVICE) == 1
    assert breaches(rule, SERVICE, STATED) == breaches(rule, SERVICE, CLOUD) == breaches(rule, SERVICE + POOL) == 0
    assert breaches(rule, SERVICE, closed=False) == 0
    own = SERVICE.replace("type: LoadBalancer", "type: LoadBalancer, loadBalancerClass: example.com/own")
    assert breaches(rule, own) == breaches(rule, SERVICE.replace("LoadBalancer", "ClusterIP")) == 0
