"""An HTTP service, made of what all services are made of."""

import math

from cdk8s_plus_35 import k8s

from aurora_constructs import external_secrets, labels, network, pods, services
from aurora_constructs.component import Component
from aurora_constructs.components.edge import routes
from aurora_constructs.components.model_serving import monitor
from aurora_constructs.components.model_store import mounting
from aurora_constructs.components.model_store.spec import ModelStoreSpec
from aurora_constructs.components.web_service.spec import WebServiceSpec
from aurora_contract import variables
from aurora_contract.programs import INFERENCE

PROBE_SECONDS = 5
DRAIN_SECONDS = 10
"""How long a pod goes on serving after it was told to end: until every proxy has stopped sending to it."""


class WebService(Component[WebServiceSpec]):
    """Emits identity, Deployment, Service, budget, network policy, and what the specification asks for beside them."""

    def compose(self) -> None:
        """Add the objects."""
        name, spec = self.object_name, self.spec
        selector = labels.selector(name, labels.WEB)
        identity = self.platform.identity(spec.identity)
        services.account(self, name, identity, spec.needs)
        if spec.secrets:
            external_secrets.external_secret(
                self,
                name,
                store=spec.secrets.store,
                refresh=spec.secrets.refresh_interval,
                values=spec.secrets.variables,
            )
        pod, replicas = self._pod(name, selector), spec.scaling or spec.replicas
        services.replicated(self, services.Replicated(name=name, selector=selector, pod=pod, replicas=replicas))
        ingress = routes.through_edge(self, name, spec, paths=spec.routed_paths, health_path=spec.readiness_path)
        services.watched(
            self,
            name,
            selector,
            spec.pod_port,
            scrape=self._scrape(),
            clients=spec.client_namespaces,
            ingress=[*self._callers(), *ingress],
            egress=[*self._called(), *services.outside(spec.egress), *services.to_cloud(self, identity, spec.needs)],
        )

    def _scrape(self) -> services.Scrape | None:
        """Describe how its metrics are read."""
        spec = self.spec
        if spec.runs is INFERENCE:
            return monitor.scrape_of_one_track(self.platform.names)
        sources = (spec.program,) if spec.program else ()
        return services.Scrape(path=spec.metrics_path, sources=sources) if spec.metrics_path else None

    def _model(self) -> dict[str, str]:
        """Give the labels that name the model of an inference runtime."""
        names, env = self.platform.names, self.spec.env
        named = {names.model: variables.MODEL_NAME, names.model_version: variables.MODEL_VERSION}
        return {label: env[key] for label, key in named.items() if self.spec.runs is INFERENCE and key in env}

    def _callers(self) -> list[k8s.NetworkPolicyIngressRule]:
        """Let in the pods of the services that call this one."""
        peers = [
            network.pods_in([caller.namespace], caller.pod_selector(name, self.platform))
            for name, caller in self.spec.callers(self.name, self.platform).items()
        ]
        return [k8s.NetworkPolicyIngressRule(from_=peers, ports=network.tcp(self.spec.pod_port))] if peers else []

    def _called(self) -> list[k8s.NetworkPolicyEgressRule]:
        """Let out to the pods of the services that this one calls."""
        return [
            services.to_pods(called.namespace, called.pod_selector(name, self.platform), called.pod_port)
            for name, called in self._services()
        ]

    def _services(self) -> list[tuple[str, WebServiceSpec]]:
        names = sorted(set(self.spec.calls.values()))
        return [(name, self.platform.component(name, WebServiceSpec)) for name in names]

    def _addresses(self) -> dict[str, str]:
        """Give the addresses of what it calls, by variable."""
        namespaces = {name: called.namespace for name, called in self._services()}
        return {
            variable: f"http://{self.platform.names.object(name)}.{namespaces[name]}.svc"
            for variable, name in self.spec.calls.items()
        }

    def _pod(self, name: str, selector: dict[str, str]) -> pods.PodSpec:
        spec = self.spec
        return pods.PodSpec(
            labels=self.pod_labels(selector, self._model(), self.platform.identity(spec.identity).pod_labels),
            service_account=name,
            spread_over=selector,
            preferred=self.platform.pool(spec.preferred_pool) if spec.preferred_pool else None,
            volumes=[
                mounting.volume(
                    self.platform.component(mount.component, ModelStoreSpec), read_only=mount.read_only, name=key
                )
                for key, mount in sorted(spec.storage.items())
            ],
            containers=[self._container(name)],
        )

    def _container(self, name: str) -> pods.ContainerSpec:
        spec = self.spec
        secret = sorted(spec.secrets.variables) if spec.secrets else []
        return pods.ContainerSpec(
            name=spec.program or "web",
            image=self.platform.image(spec.image),
            resources=spec.resources,
            args=spec.args,
            env=[
                *pods.environment({**spec.env, **self._addresses()}),
                *(pods.secret_variable(key, secret=name, key=key) for key in secret),
            ],
            ports={services.HTTP: spec.pod_port},
            mounts=[
                pods.volume_mount(key, mount.path, read_only=mount.read_only)
                for key, mount in sorted(spec.storage.items())
            ],
            startup=pods.http_probe(
                spec.readiness_path,
                services.HTTP,
                period_seconds=PROBE_SECONDS,
                failure_threshold=math.ceil(spec.health.start_seconds / PROBE_SECONDS),
            ),
            readiness=_probe(
                spec.readiness_path, spec.health.readiness_period_seconds, spec.health.readiness_delay_seconds
            ),
            liveness=_probe(
                spec.liveness_path, spec.health.liveness_period_seconds, spec.health.liveness_delay_seconds
            ),
            lifecycle=services.drain(DRAIN_SECONDS),
        )


def _probe(path: str, period: int, delay: int | None) -> k8s.Probe:
    return pods.http_probe(path, services.HTTP, initial_delay_seconds=delay, period_seconds=period, timeout_seconds=2)
