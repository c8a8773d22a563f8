"""The edge: issuer, certificates, the way in, and who may use it."""

from collections.abc import Mapping
from typing import Any

from cdk8s_plus_35 import k8s

from aurora_constructs import labels, services
from aurora_constructs.cloud import DnsZone
from aurora_constructs.component import Component
from aurora_constructs.components.edge import alb, certificates, gateway
from aurora_constructs.components.edge.spec import HTTP_LISTENER, DnsChallenge, EdgeSpec

METRICS = "metrics"
"""The charts of both controllers name the pods' port so where their metrics are enabled."""


class Edge(Component[EdgeSpec]):
    """Emits the certificate authority, one certificate per TLS Secret, the Gateway and the monitor."""

    def compose(self) -> None:
        """Add the objects of the edge's way in.

        Raises:
            ValueError: the edge lets nobody in, or cannot show a certificate.
        """
        self._way = self.spec.way(self.platform)
        self._routed = self.spec.routed_by_host(self.name, self.platform)
        if self._way == "alb":
            self._load_balancer()
            return
        self._issuer()
        for namespace, hosts in self.spec.certificate_hosts(self.name, self.platform).items():
            self._certificate(namespace, hosts)
        if self._way == "gateway":
            self._gateway()
        if self.spec.metrics:
            exporter = self.spec.exporter(self.platform)
            scrape = services.Scrape(kind="PodMonitor", sources=(exporter,) if exporter else (), port=METRICS)
            services.monitor(self, self.object_name, self.platform.cluster.edge.labels, scrape)

    def _load_balancer(self) -> None:
        """Let applications choose nothing but their host: the class sets listeners, certificates and scheme."""
        name = self.spec.ingress_class or self.object_name
        self.custom(
            "parameters",
            api_version=alb.API_VERSION,
            kind=alb.PARAMETERS,
            name=name,
            body=alb.parameters_body(
                group=self.object_name,
                certificates=self.spec.certificates,
                scheme=self.spec.scheme,
                namespaces=sorted({spec.namespace for spec in self._routed.values()}),
                clients=self.platform.cluster.edge.source_ranges,
                tags=self.platform.cluster.cost_tags,
            ),
        )
        reference = k8s.IngressClassParametersReference(api_group=alb.GROUP, kind=alb.PARAMETERS, name=name)
        k8s.KubeIngressClass(
            self,
            "ingress-class",
            metadata=self.cluster_meta(name),
            spec=k8s.IngressClassSpec(controller=alb.CONTROLLER, parameters=reference),
        )

    @property
    def _tls_secret(self) -> str:
        return self.platform.names.object(self.name, "-tls")

    def _issuer(self) -> None:
        if self.spec.acme is None:
            raise ValueError("the edge has no `acme`: nobody would issue its certificates")
        self.custom(
            "issuer",
            api_version=certificates.CERT_MANAGER,
            kind="ClusterIssuer",
            name=self.object_name,
            body=certificates.issuer_body(
                server=self.spec.acme.server,
                email=self.spec.acme.email,
                account_secret=f"{self.object_name}-acme",
                solver=self._dns(self.spec.acme.dns) if self.spec.acme.dns else self._http(),
            ),
        )

    def _dns(self, names: DnsChallenge) -> dict[str, Any]:
        zone = self.platform.resource(names.zone, DnsZone)
        client = self.platform.identity(names.identity).client
        return {"dns01": zone.solver(self.platform.cluster.names_place, client)}

    def _http(self) -> dict[str, Any]:
        if self._way == "gateway":
            parent = gateway.parent(self.object_name, self.namespace_name, HTTP_LISTENER)
            way: Mapping[str, Mapping[str, Any]] = {"gatewayHTTPRoute": {"parentRefs": [parent]}}
        else:
            way = {"ingress": {"ingressClassName": self.spec.ingress_class or "nginx"}}
        pod_labels = {
            **self.platform.names.common(self.platform.environment),
            labels.NAME: certificates.SOLVER_NAME,
            labels.COMPONENT: certificates.SOLVER_NAME,
        }
        return certificates.http_solver(way, pod_labels)

    def _certificate(self, namespace: str, hosts: list[str]) -> None:
        self.custom(
            f"{namespace}-certificate",
            api_version=certificates.CERT_MANAGER,
            kind="Certificate",
            name=self.object_name,
            namespace=namespace,
            body=certificates.certificate_body(issuer=self.object_name, secret=self._tls_secret, hosts=hosts),
        )

    def _gateway(self) -> None:
        self.custom(
            "gateway-class",
            api_version=gateway.API_VERSION,
            kind="GatewayClass",
            name=self.spec.gateway_class,
            body=gateway.gateway_class_body(self.spec.controller_name),
        )
        self.custom(
            "gateway",
            api_version=gateway.API_VERSION,
            kind="Gateway",
            name=self.object_name,
            namespace=self.namespace_name,
            body=gateway.gateway_body(
                gateway_class=self.spec.gateway_class,
                settings=self.object_name,
                secret=self._tls_secret,
                namespaces=sorted({spec.namespace for spec in self._routed.values()}),
            ),
        )
        self.custom(
            "redirect",
            api_version=gateway.API_VERSION,
            kind="HTTPRoute",
            name=f"{self.object_name}-redirect",
            namespace=self.namespace_name,
            body=gateway.redirect_body(
                gateway=self.object_name, namespace=self.namespace_name, hosts=list(self._routed)
            ),
        )
