"""Where the report says that requests go, and how many pods may answer them."""

from __future__ import annotations

from aurora import manifests
from aurora.model.inventory import Inventory
from aurora.model.overview import Backend
from aurora.overview.routing import routing

ROUTE = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  rules:
    - host: shop.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
"""
SERVICE = """\
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
"""
DEPLOYMENT = """\
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: example.com/web:1}]}
"""
SCALER = """\
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 2, maxReplicas: 5}
"""


def backend(stream: str) -> Backend:
    found = manifests.read(stream.encode(), "stream.yaml")
    assert found.findings == ()
    (route,) = routing(Inventory(found.manifests, closed=True))
    assert route.hosts == ("shop.example.com",)
    (line,) = route.backends
    return line


def test_the_pods_of_a_service_are_counted() -> None:
    assert backend(ROUTE + SERVICE + DEPLOYMENT).pods == "3 pods"


def test_one_pod_is_not_called_pods() -> None:
    assert backend(ROUTE + SERVICE + DEPLOYMENT.replace("replicas: 3", "replicas: 1")).pods == "1 pod"


def test_an_autoscaler_gives_a_range() -> None:
    assert backend(ROUTE + SERVICE + DEPLOYMENT + SCALER).pods == "2 to 5 pods"


def test_a_service_that_selects_nothing_has_no_pods() -> None:
    assert backend(ROUTE + SERVICE).pods == "0 pods"


def test_of_a_service_that_something_else_brings_nothing_is_counted() -> None:
    line = backend(ROUTE + DEPLOYMENT)
    assert (line.service, line.pods) == ("shop/web", "its Service is not among the objects")
