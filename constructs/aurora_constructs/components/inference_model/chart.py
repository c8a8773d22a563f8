"""A classic model: an InferenceService for each track, the split between them, their isolation and their metrics."""

from dataclasses import replace

from cdk8s_plus_35 import k8s

from aurora_constructs import autoscaling, labels, pods, predictors, services
from aurora_constructs.cloud import Access, ObjectStore
from aurora_constructs.component import Component
from aurora_constructs.components.edge import routes, splits
from aurora_constructs.components.inference_model.spec import InferenceModelSpec
from aurora_constructs.components.model_serving import monitor
from aurora_constructs.components.model_serving.tracks import CANARY, STABLE, Track
from aurora_constructs.components.serving_runtimes.servers import PORT
from aurora_constructs.predictors import Predictor, workload
from aurora_constructs.served_models import Source


class InferenceModel(Component[InferenceModelSpec]):
    """Emits stable and canary InferenceServices, the weighted route, and what guards them."""

    def compose(self) -> None:
        """Add the objects of both tracks; without a canary, none of the canary's."""
        spec, app, trial = self.spec, self.object_name, self.spec.trial
        needs: dict[str, Access] = {spec.store(self.platform): "read"}
        identity = self.platform.identity(spec.identity)
        services.account(self, app, identity, needs)
        bounds = spec.scaling
        replicas = (bounds.minimum, bounds.maximum) if bounds else (spec.stable.replicas or 2,) * 2
        self._predictor(STABLE, spec.stable, replicas)
        source = spec.canary.source if spec.canary else None
        if trial and source:
            self._predictor(CANARY, source, (trial.replicas, trial.replicas))
        if bounds:
            autoscaling.autoscaler(self, workload(app), bounds)
        way = routes.way_in(self.platform, spec.edge)
        self._network(way, services.to_cloud(self, identity, needs))
        self._route(way)

    def _track(self, track: str, source: Source) -> Track:
        return Track(app=self.object_name, track=track, version=source.version, names=self.platform.names)

    def _predictor(self, name: str, source: Source, replicas: tuple[int, int]) -> None:
        spec, platform, track = self.spec, self.platform, self._track(name, source)
        store = platform.resource(spec.store(platform), ObjectStore)
        predictors.predictor(
            self,
            Predictor(
                id=name,
                name=track.object_name,
                account=self.object_name,
                selector=track.selector,
                labels={platform.names.model: spec.model, platform.names.model_version: source.version},
                model={
                    "modelFormat": {"name": spec.server.format_name},
                    "protocolVersion": spec.server.protocols[0],
                    "runtime": platform.names.object(spec.server_name),
                    "storageUri": store.serving_uri(source.path),
                    "resources": pods.plain_requirements(spec.resources),
                },
                least=replicas[0],
                most=replicas[1],
                scaled=name == STABLE and spec.scaling is not None,
            ),
        )

    def _network(self, way: routes.WayIn, out: list[k8s.NetworkPolicyEgressRule]) -> None:
        """Let the edge in, Prometheus where there are metrics, and KServe's initializer out to the model's files."""
        selector, scraped = labels.selector(self.object_name, labels.INFERENCE), self.spec.server.metrics_port
        watching = [services.callers([self.platform.monitoring.namespace], scraped)] if scraped else []
        services.flows(self, self.object_name, selector, ingress=[way.callers(PORT), *watching], egress=out)
        if scraped:
            port = services.HTTP if scraped == PORT else "metrics"
            scrape = replace(monitor.scrape(self.platform.names), sources=self.spec.server.metrics, port=port)
            services.monitor(self, self.object_name, selector, scrape)

    def _route(self, way: routes.WayIn) -> None:
        spec, trial = self.spec, self.spec.trial
        source = spec.canary.source if spec.canary else None
        canary = workload(self._track(CANARY, source).object_name) if source else None
        splits.split(
            self,
            self.object_name,
            way=way,
            host=spec.hostname(self.platform.domain),
            paths=spec.server.routes,
            health_path=spec.server.ready.replace("MODEL", spec.model),
            tracks=splits.Split(
                stable=workload(self.object_name),
                canary=canary,
                share=trial.share if trial else None,
                limit=spec.plan(self.platform).limit,
            ),
        )
