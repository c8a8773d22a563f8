"""An HTTP service, made of what all services are made of."""

import math

from aurora_constructs import external_secrets, labels, pods, services
from aurora_constructs.component import Component
from aurora_constructs.components.edge import routes
from aurora_constructs.components.model_store import mounting
from aurora_constructs.components.model_store.spec import ModelStoreSpec
from aurora_constructs.components.web_service.spec import WebServiceSpec

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
        ingress = routes.through_edge(self, name, spec, paths=spec.paths, health_path=spec.health.readiness)
        services.watched(
            self,
            name,
            selector,
            spec.port,
            scrape=services.Scrape(path=spec.metrics) if spec.metrics else None,
            clients=spec.client_namespaces,
            ingress=ingress,
            egress=[*services.outside(spec.egress), *services.to_cloud(self, identity, spec.needs)],
        )

    def _pod(self, name: str, selector: dict[str, str]) -> pods.PodSpec:
        spec = self.spec
        ready, live = spec.health.readiness, spec.health.liveness
        tries = math.ceil(spec.health.start_seconds / PROBE_SECONDS)
        secret = sorted(spec.secrets.variables) if spec.secrets else []
        return pods.PodSpec(
            labels=self.pod_labels(selector, self.platform.identity(spec.identity).pod_labels),
            service_account=name,
            spread_over=selector,
            volumes=[
                mounting.volume(
                    self.platform.component(mount.component, ModelStoreSpec), read_only=mount.read_only, name=key
                )
                for key, mount in sorted(spec.storage.items())
            ],
            containers=[
                pods.ContainerSpec(
                    name="web",
                    image=self.platform.image(spec.image),
                    resources=spec.resources,
                    args=spec.args,
                    env=[
                        *pods.environment(spec.env),
                        *(pods.secret_variable(key, secret=name, key=key) for key in secret),
                    ],
                    ports={services.HTTP: spec.port},
                    mounts=[
                        pods.volume_mount(key, mount.path, read_only=mount.read_only)
                        for key, mount in sorted(spec.storage.items())
                    ],
                    startup=pods.http_probe(
                        ready, services.HTTP, period_seconds=PROBE_SECONDS, failure_threshold=tries
                    ),
                    readiness=pods.http_probe(ready, services.HTTP, period_seconds=PROBE_SECONDS, timeout_seconds=2),
                    liveness=pods.http_probe(live, services.HTTP, period_seconds=10, timeout_seconds=2),
                    lifecycle=services.drain(DRAIN_SECONDS),
                )
            ],
        )
