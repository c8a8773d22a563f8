"""Model servers behind a load balancer that is outside the cluster, scaled to zero: no rule assumes bare metal."""

from __future__ import annotations

import pytest

from aurora.checks.network import CHECK as NETWORK
from aurora.checks.scaling import CHECK as SCALING
from checks.inventory_cases import judge

SERVER = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: model, namespace: ml, labels: {app.kubernetes.io/name: model}}
spec:
  strategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}
  selector: {matchLabels: {app.kubernetes.io/name: model}}
  template:
    metadata: {labels: {app.kubernetes.io/name: model, app.kubernetes.io/component: inference}}
    spec:
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector: {matchLabels: {app.kubernetes.io/name: model}}
      containers: [{name: serve, image: r.example.com/serve:1, ports: [{name: http, containerPort: 8080}]}]
---
apiVersion: v1
kind: Service
metadata: {name: model, namespace: ml}
spec: {selector: {app.kubernetes.io/name: model}, ports: [{name: http, port: 80, targetPort: http}]}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: public}
spec: {controller: ingress.k8s.aws/alb}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: model, namespace: ml}
spec:
  ingressClassName: public
  rules:
    - host: model.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: model, port: {name: http}}}}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: model, namespace: ml}
spec:
  podSelector: {matchLabels: {app.kubernetes.io/name: model}}
  policyTypes: [Ingress, Egress]
  ingress: [{from: [{ipBlock: {cidr: 10.1.0.0/16}}], ports: [{port: 8080}]}]
"""
SCALER = """\
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: model, namespace: ml}
spec:
  scaleTargetRef: {name: model}
  minReplicaCount: 0
  maxReplicaCount: 4
  triggers: [{type: prometheus, metadata: {serverAddress: "http://prometheus:9090", query: a, threshold: "1"}}]
"""


def rules(check: object, *streams: str) -> set[str]:
    return {finding.rule for finding in judge(check, *streams, closed=True)}  # type: ignore[arg-type]


def test_a_model_server_that_sleeps_is_no_single_replica() -> None:
    assert "scaling/single-replica" not in rules(SCALING, SERVER, SCALER)


@pytest.mark.parametrize("least", ["1", "null"])
def test_one_replica_is_still_one_too_few(least: str) -> None:
    awake = SCALER.replace("minReplicaCount: 0", f"minReplicaCount: {least}")
    alone = rules(SCALING, SERVER) | rules(SCALING, SERVER, awake)
    assert "scaling/single-replica" in alone


def test_a_load_balancer_of_aws_may_reach_the_pods_from_its_subnets() -> None:
    assert not rules(NETWORK, SERVER) & {"network/inference-open-to-others", "network/edge-blocked"}


@pytest.mark.parametrize("cidr", ["0.0.0.0/0", "8.8.8.0/24"])
def test_the_internet_is_no_subnet_of_a_load_balancer(cidr: str) -> None:
    assert "network/inference-open-to-others" in rules(NETWORK, SERVER.replace("10.1.0.0/16", cidr))


def test_without_such_an_ingress_addresses_are_past_the_edge() -> None:
    gateway = SERVER.replace("controller: ingress.k8s.aws/alb", "controller: k8s.io/ingress-nginx") + (
        "---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: edge, namespace: edge}\n"
    )
    assert "network/inference-open-to-others" in rules(NETWORK, gateway)
