"""The edge: issuer, certificates, the way in, and who may use it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cdk8s_plus_35 import k8s

from aurora_constructs import labels
from aurora_constructs.component import Component
from aurora_constructs.components.edge import certificates, flows, gateway, proxy
from aurora_constructs.components.edge.spec import (
    HTTP_LISTENER,
    EdgeSpec,
    RoutedSpec,
    object_name,
    tls_secret,
)


class Edge(Component[EdgeSpec]):
    """Emits the certificate authority, one certificate per TLS Secret, and the Gateway or NGINX' settings."""

    def compose(self) -> None:
        """Add the objects of the edge's profile.

        Raises:
            ValueError: no component is routed through the edge, two claim one host, or the addresses of the
                API server are not known.
        """
        self._object_name = object_name(self.name)
        self._routed = self._routed_components()
        self._certificate_hosts = self._hosts_by_certificate_namespace()
        self._settings()
        self._issuer()
        for namespace, hosts in self._certificate_hosts.items():
            self._certificate(namespace, hosts)
        if self.spec.profile == "gateway":
            self._gateway()
        self._network()

    def _routed_components(self) -> dict[str, RoutedSpec]:
        """Find the routes of this edge by host: of two with one host, the older would silently win."""
        owners: dict[str, str] = {}
        found: dict[str, RoutedSpec] = {}
        for name, spec in self.platform.of_kind(RoutedSpec).items():
            if spec.edge != self.name:
                continue
            host = spec.hostname(self.platform.domain)
            if host in found:
                raise ValueError(f"components `{owners[host]}` and `{name}` both claim the host `{host}`")
            owners[host] = name
            found[host] = spec
        if not found:
            raise ValueError(f"no component names `{self.name}` as its edge: a certificate needs a host")
        return dict(sorted(found.items()))

    def _hosts_by_certificate_namespace(self) -> dict[str, list[str]]:
        """A Gateway reads its Secret beside itself, an Ingress beside the Ingress: there the certificate lives."""
        if self.spec.profile == "gateway":
            return {self.namespace_name: list(self._routed)}
        hosts: dict[str, list[str]] = {}
        for host, spec in self._routed.items():
            hosts.setdefault(spec.namespace, []).append(host)
        return dict(sorted(hosts.items()))

    def _settings(self) -> None:
        gateway_profile = self.spec.profile == "gateway"
        k8s.KubeConfigMap(
            self,
            "settings",
            metadata=self.meta(self._object_name),
            data=proxy.haproxy_settings() if gateway_profile else proxy.nginx_settings(self.spec.load_balancers),
        )

    def _issuer(self) -> None:
        if self.spec.profile == "gateway":
            parent = gateway.parent(self._object_name, self.namespace_name, HTTP_LISTENER)
            way: Mapping[str, Mapping[str, Any]] = {"gatewayHTTPRoute": {"parentRefs": [parent]}}
        else:
            way = {"ingress": {"ingressClassName": self.spec.ingress_class}}
        self.custom(
            "issuer",
            api_version=certificates.CERT_MANAGER,
            kind="ClusterIssuer",
            name=self._object_name,
            body=certificates.issuer_body(
                server=self.spec.acme.server,
                email=self.spec.acme.email,
                account_secret=f"{self._object_name}-acme",
                way=way,
                pod_labels={
                    **labels.common(self.platform.environment),
                    labels.NAME: certificates.SOLVER_NAME,
                    labels.COMPONENT: certificates.SOLVER_NAME,
                },
            ),
        )

    def _certificate(self, namespace: str, hosts: list[str]) -> None:
        self.custom(
            f"{namespace}-certificate",
            api_version=certificates.CERT_MANAGER,
            kind="Certificate",
            name=self._object_name,
            namespace=namespace,
            body=certificates.certificate_body(issuer=self._object_name, secret=tls_secret(self.name), hosts=hosts),
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
            name=self._object_name,
            namespace=self.namespace_name,
            body=gateway.gateway_body(
                gateway_class=self.spec.gateway_class,
                settings=self._object_name,
                secret=tls_secret(self.name),
                namespaces=sorted({spec.namespace for spec in self._routed.values()}),
            ),
        )
        self.custom(
            "redirect",
            api_version=gateway.API_VERSION,
            kind="HTTPRoute",
            name=f"{self._object_name}-redirect",
            namespace=self.namespace_name,
            body=gateway.redirect_body(
                gateway=self._object_name, namespace=self.namespace_name, hosts=list(self._routed)
            ),
        )

    def _network(self) -> None:
        solvers = list(self._certificate_hosts)
        k8s.KubeNetworkPolicy(
            self,
            "network",
            metadata=self.meta(self._object_name),
            spec=flows.edge_policy(
                self.spec,
                routed=list(self._routed.values()),
                solvers=solvers,
                api=self.platform.api_server_cidrs,
            ),
        )
        for namespace in solvers:
            k8s.KubeNetworkPolicy(
                self,
                f"{namespace}-solver",
                metadata=self.meta(f"{self._object_name}-solver", namespace=namespace),
                spec=flows.solver_policy(self.namespace_name),
            )
