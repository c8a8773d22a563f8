"""A served model: workloads of both tracks, the split between them, their isolation and their record."""

from __future__ import annotations

from aurora_constructs import labels, services
from aurora_constructs.component import Component
from aurora_constructs.components.aurora_api import resources
from aurora_constructs.components.edge import routes as edge_routes
from aurora_constructs.components.edge.spec import EdgeSpec, tls_secret
from aurora_constructs.components.model_serving import monitor, routes, workload
from aurora_constructs.components.model_serving.gate import GATE
from aurora_constructs.components.model_serving.spec import ModelServingSpec
from aurora_constructs.components.model_serving.tracks import CANARY, STABLE, Track
from aurora_constructs.components.model_store.spec import ModelStoreSpec


class ModelServing(Component[ModelServingSpec]):
    """Emits stable and canary Deployments, their Services, the weighted route, and what guards them."""

    def compose(self) -> None:
        """Add the objects of both tracks; without a canary, none of the canary's.

        Raises:
            ValueError: the model store is in another namespace or has no such model, or the component's name
                is too long for an MLDeployment.
        """
        self._app = self.object_name
        self._edge = self.platform.component(self.spec.edge, EdgeSpec)
        self._store = self.platform.component(self.spec.storage, ModelStoreSpec)
        self._host = self.spec.hostname(self.platform.domain)
        self._refuse_what_cannot_run()
        self._stable = self._track(STABLE, self.spec.stable.version, self.spec.stable.replicas)
        canary = self.spec.canary
        self._canary = self._track(CANARY, canary.version, canary.replicas) if canary else None
        services.account(self, self._app)
        GATE.add_config_map(self, self._app)
        for track in (self._stable, self._canary):
            if track:
                self._workload(track)
        self._network()
        services.monitor(
            self, self._app, labels.selector(self._app, labels.INFERENCE), monitor.scrape(self.spec.release)
        )
        if self._edge.profile == "gateway":
            self._route()
        else:
            self._ingress_pair()
        self._record()

    def _refuse_what_cannot_run(self) -> None:
        if self._store.namespace != self.namespace_name:
            raise ValueError(
                f"model store `{self.spec.storage}` is in namespace `{self._store.namespace}`, not "
                f"`{self.namespace_name}`: a pod can only use claims of its own namespace"
            )
        if self.spec.model not in self._store.models:
            raise ValueError(f"model store `{self.spec.storage}` has no model `{self.spec.model}`")
        if len(self._app) > resources.NAME_LENGTH:
            raise ValueError(
                f"`{self._app}` has more than {resources.NAME_LENGTH} characters: shorten the component's name"
            )

    def _track(self, track: str, version: str, replicas: int) -> Track:
        return Track(app=self._app, track=track, version=version, replicas=replicas)

    def _workload(self, track: Track) -> None:
        around = workload.Surroundings(
            environment=self.platform.environment,
            image=self.platform.image(self.spec.image),
            service_account=self._app,
            store=self._store,
        )
        services.replicated(self, workload.replicated(track, self.spec, around))

    def _network(self) -> None:
        """Let only the edge and Prometheus in, and nothing out but name resolution."""
        sources = (self._edge.namespace, self.spec.monitoring_namespace)
        services.flows(
            self,
            self._app,
            labels.selector(self._app, labels.INFERENCE),
            ingress=[services.callers([namespace], self.spec.pod_port) for namespace in sources],
        )

    def _route(self) -> None:
        canary = self._canary.object_name if self._canary else None
        split = routes.rules(self._stable.object_name, canary, self.spec.canary)
        edge_routes.http_route(self, self._app, edge_name=self.spec.edge, edge=self._edge, host=self._host, rules=split)

    def _ingress_pair(self) -> None:
        stable = self._stable.object_name
        tls = tls_secret(self.spec.edge)
        edge_routes.ingress(self, "stable-ingress", stable, edge=self._edge, host=self._host, tls=tls)
        if self._canary and self.spec.canary:
            edge_routes.ingress(
                self,
                "canary-ingress",
                self._canary.object_name,
                edge=self._edge,
                host=self._host,
                annotations=routes.canary_annotations(self.spec.canary),
                tls=None,
            )

    def _record(self) -> None:
        """Record the intent; the workloads are written by Git alone."""
        canary = self.spec.canary
        nginx = self._edge.profile == "nginx"
        self.custom(
            "record",
            api_version=resources.API_VERSION,
            kind=resources.DEPLOYMENT,
            name=self._app,
            namespace=self.namespace_name,
            body={
                "spec": resources.ml_deployment_spec(
                    model=self.spec.model,
                    claim=self._store.claim,
                    stable=resources.StableTrack(version=self.spec.stable.version, scale=self.spec.stable.replicas),
                    canary=resources.CanaryTrack(
                        version=canary.version,
                        replicas=canary.replicas,
                        weight=canary.weight,
                        header=(canary.header.name, canary.header.value),
                    )
                    if canary
                    else None,
                    traffic=resources.Traffic(
                        provider="Nginx" if nginx else "Gateway",
                        host=self._host,
                        tls_secret=tls_secret(self.spec.edge) if nginx else None,
                    ),
                )
            },
        )
