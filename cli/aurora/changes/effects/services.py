"""Effects of changing Services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora.changes.effects.row import Row, Subject, When
from aurora.model.change import Effect

if TYPE_CHECKING:
    from aurora.changes.effects.leaves import Leaf
    from aurora.changes.pairs import Pair

_service = Subject(
    "service",
    (("", "Service"),),
    """\
apiVersion: v1
kind: Service
metadata:
  name: inference
  namespace: aurora
  annotations:
    service.beta.kubernetes.io/aws-load-balancer-scheme: internal
    service.kubernetes.io/topology-mode: Auto
spec:
  type: ClusterIP
  selector: {app: inference, track: stable}
  sessionAffinity: None
  internalTrafficPolicy: Cluster
  clusterIP: 10.96.0.10
  ports:
  - {name: http, port: 80, targetPort: 8080}
""",
)
_BALANCER = """\
apiVersion: v1
kind: Service
metadata: {name: edge, namespace: aurora}
spec:
  type: LoadBalancer
  loadBalancerClass: example.com/internal
  externalTrafficPolicy: Local
  healthCheckNodePort: 31000
  loadBalancerSourceRanges: [10.0.0.0/8]
  allocateLoadBalancerNodePorts: true
  selector: {app: edge}
  ports:
  - {name: https, port: 443, targetPort: 8443}
"""
_balancer = Subject("service", _service.kinds, _BALANCER)
_CORE = "pkg/apis/core/validation/validation.go"
_DOCS = "kubernetes.io/docs/concepts/services-networking/service"


def _stays(kind: str) -> When:
    def holds(pair: Pair, _leaf: Leaf) -> bool:
        return pair.before is not None and pair.before.get("spec", "type") == kind == pair.subject.get("spec", "type")

    return When(f"the Service is and stays of type {kind}", holds)


def _address_stays(pair: Pair, _leaf: Leaf) -> bool:
    sides = (pair.before, pair.after)
    return all(side is not None and side.get("spec", "type") != "ExternalName" for side in sides)


_services = (
    _service.row(
        "selector",
        "spec.selector.**",
        effect=Effect.TRAFFIC_SHIFT,
        words="the endpoints are chosen anew: requests go to the pods that match now, and to none where no pod does",
        source="pkg/controller/endpointslice/endpointslice_controller.go: syncService",
        swap=("track: stable", "track: canary"),
    ),
    _service.row(
        "port-name",
        "spec.ports.name",
        "spec.ports.appProtocol",
        effect=Effect.IN_PLACE,
        words="connections go on; whoever finds the port by its name or reads its protocol sees the new one",
        source=f"{_DOCS}: multi-port Services, application protocol",
        swap=("name: http", "name: web"),
    ),
    _service.row(
        "ports",
        "spec.ports.**",
        effect=Effect.TRAFFIC_SHIFT,
        words="requests to the port go to another one of the pods, or find it closed",
        source=f"{_DOCS}: port definitions",
        swap=("targetPort: 8080", "targetPort: 9000"),
    ),
    _service.row(
        "type",
        "spec.type",
        effect=Effect.TRAFFIC_SHIFT,
        words="ways to the pods from outside of the cluster open or close",
        source=f"{_DOCS}: Service type",
        swap=("type: ClusterIP", "type: NodePort"),
    ),
    _service.row(
        "cluster-ip",
        "spec.clusterIP",
        effect=Effect.REFUSED,
        words="the address is immutable, and so is having none: delete the Service and create it anew",
        source=f"{_CORE}: validateUpgradeDowngradeClusterIPs",
        swap=("clusterIP: 10.96.0.10", "clusterIP: 10.96.0.11"),
        when=When("it is no ExternalName", _address_stays),
    ),
    _service.row(
        "address-families",
        "spec.clusterIP",
        "spec.clusterIPs.**",
        "spec.ipFamilies.**",
        "spec.ipFamilyPolicy",
        effect=Effect.IN_PLACE,
        words="a second address comes or goes; the first one is immutable",
        source=f"{_CORE}: validateUpgradeDowngradeIPFamilies",
        swap=("clusterIP: 10.96.0.10", "clusterIP: 10.96.0.10\n  ipFamilyPolicy: PreferDualStack"),
    ),
    _service.row(
        "distribution",
        "spec.sessionAffinity",
        "spec.sessionAffinityConfig.**",
        "spec.internalTrafficPolicy",
        "spec.externalTrafficPolicy",
        "spec.trafficDistribution",
        "spec.publishNotReadyAddresses",
        effect=Effect.TRAFFIC_SHIFT,
        words="the same pods are chosen in another way: by client, by node, by zone, or before they are ready",
        source="kubernetes.io/docs/reference/networking/virtual-ips: traffic policies, session affinity",
        swap=("internalTrafficPolicy: Cluster", "internalTrafficPolicy: Local"),
    ),
    _balancer.row(
        "load-balancer-class",
        "spec.loadBalancerClass",
        effect=Effect.REFUSED,
        words="the class is immutable while the type is LoadBalancer: delete the Service and create it anew",
        source=f"{_CORE}: validateLoadBalancerClassField",
        swap=("example.com/internal", "example.com/external"),
        when=_stays("LoadBalancer"),
    ),
    _balancer.row(
        "health-check-port",
        "spec.healthCheckNodePort",
        effect=Effect.REFUSED,
        words="the port is immutable while the load balancer asks it",
        source=f"{_CORE}: validateServiceExternalTrafficFieldsUpdate",
        swap=("31000", "31001"),
        when=_stays("LoadBalancer"),
    ),
    _balancer.row(
        "clients",
        "spec.loadBalancerSourceRanges.**",
        "spec.loadBalancerIP",
        "spec.loadBalancerClass",
        "spec.externalIPs.**",
        "spec.externalName",
        effect=Effect.TRAFFIC_SHIFT,
        words="other clients, addresses or names lead to or from the Service",
        source=f"{_DOCS}: type LoadBalancer, external IPs, type ExternalName",
        swap=("10.0.0.0/8", "10.1.0.0/16"),
    ),
    _balancer.row(
        "node-ports",
        "spec.allocateLoadBalancerNodePorts",
        "spec.healthCheckNodePort",
        effect=Effect.IN_PLACE,
        words="ports of nodes that are allocated stay; the setting counts for new ones",
        source=f"{_DOCS}: disabling load balancer NodePort allocation",
        swap=("allocateLoadBalancerNodePorts: true", "allocateLoadBalancerNodePorts: false"),
    ),
    _service.row(
        "topology-annotation",
        "metadata.annotations[service.kubernetes.io/topology-mode]",
        effect=Effect.TRAFFIC_SHIFT,
        words="endpoints get or lose zone hints: requests prefer their own zone, or no longer do",
        source="kubernetes.io/docs/concepts/services-networking/topology-aware-routing",
        swap=("topology-mode: Auto", "topology-mode: Disabled"),
    ),
    _service.row(
        "provider-annotation",
        "metadata.annotations[service.beta.kubernetes.io/*]",
        "metadata.annotations[service.kubernetes.io/*]",
        "metadata.annotations[cloud.google.com/*]",
        "metadata.annotations[networking.gke.io/*]",
        "metadata.annotations[metallb.io/*]",
        effect=Effect.IN_PLACE,
        words="the provider's controller changes the load balancer, and replaces it where the provider cannot "
        "change it",
        source=f"{_DOCS}: type LoadBalancer, annotations of the provider",
        swap=("scheme: internal", "scheme: internet-facing"),
    ),
)

ROWS: tuple[Row, ...] = _services
