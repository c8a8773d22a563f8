"""A served model: workloads of both tracks, the split between them, their isolation and their record."""

from aurora_constructs import labels, services
from aurora_constructs.component import Component
from aurora_constructs.components.aurora_api import resources
from aurora_constructs.components.edge import routes, splits
from aurora_constructs.components.model_serving import aliases, monitor, rolled, workload
from aurora_constructs.components.model_serving.gate import GATE
from aurora_constructs.components.model_serving.spec import ModelServingSpec
from aurora_constructs.components.model_serving.tracks import CANARY, STABLE, Track
from aurora_constructs.components.model_store.spec import ModelStoreSpec
from aurora_constructs.strategies import RolloutsStrategy
from aurora_contract.programs import INFERENCE


class ModelServing(Component[ModelServingSpec]):
    """Emits stable and canary Deployments, their Services, the weighted route, and what guards them."""

    def compose(self) -> None:
        """Add the objects of both tracks; without a canary, none of the canary's."""
        self._app = self.object_name
        self._way = routes.way_in(self.platform, self.spec.edge)
        self._store = self.platform.component(self.spec.storage, ModelStoreSpec)
        self._host = self.spec.hostname(self.platform.domain)
        self._stable = self._track(STABLE, self.spec.stable.version, self.spec.stable.replicas)
        trial, strategy = self.spec.trial, self.spec.strategy
        rolls = isinstance(strategy, RolloutsStrategy)
        self._canary = self._track(CANARY, trial.version, trial.replicas) if trial and not rolls else None
        services.account(self, self._app)
        GATE.add_config_map(self, self._app)
        if isinstance(strategy, RolloutsStrategy):
            self._rollout(strategy, trial.version if trial else self.spec.stable.version)
        for track in (self._stable, self._canary) if not rolls else ():
            if track:
                self._workload(track)
        self._network()
        scrape = monitor.scrape(self.platform.names)
        services.monitor(self, self._app, labels.selector(self._app, labels.INFERENCE), scrape)
        self._route()
        aliases.published(self, self._store)
        if self._way.kind != "alb":
            self._record()

    def _track(self, track: str, version: str, replicas: int) -> Track:
        return Track(app=self._app, track=track, version=version, replicas=replicas, names=self.platform.names)

    def _workload(self, track: Track) -> None:
        services.replicated(self, workload.replicated(track, self.spec, self._around()))

    def _around(self) -> workload.Surroundings:
        return workload.Surroundings(
            environment=self.platform.environment,
            image=self.platform.image(self.spec.image),
            service_account=self._app,
            store=self._store,
        )

    def _rollout(self, strategy: RolloutsStrategy, version: str) -> None:
        """Let Argo Rollouts try the version: Git states the one that is to serve in the end."""
        track = self._track("", version, self.spec.stable.replicas)
        made = workload.replicated(track, self.spec, self._around())
        rolled.rolled(
            self,
            rolled.Rolled(
                name=self._app,
                selector=track.selector,
                pod=made.pod,
                replicas=self.spec.stable.replicas,
                track=self.platform.names.track,
                strategy=strategy,
                limits=self.spec.limits(self.platform),
                progress_deadline_seconds=made.progress_deadline_seconds or 600,
            ),
        )

    def _network(self) -> None:
        """Let only the edge and Prometheus in, and nothing out but name resolution."""
        services.flows(
            self,
            self._app,
            labels.selector(self._app, labels.INFERENCE),
            ingress=[
                self._way.callers(self.spec.pod_port),
                services.callers([self.platform.monitoring.namespace], self.spec.pod_port),
            ],
        )

    def _route(self) -> None:
        canary, trial = self._canary.object_name if self._canary else None, self.spec.trial
        splits.split(
            self,
            self._app,
            way=self._way,
            host=self._host,
            paths=INFERENCE.routes,
            health_path=INFERENCE.readiness,
            tracks=splits.Split(
                stable=self._stable.object_name,
                canary=canary,
                share=trial.share if trial else None,
                limit=self.spec.plan(self.platform).limit,
            ),
        )

    def _record(self) -> None:
        """Record the intent, in the words of a definition that knows no load balancer of a cloud."""
        spec, trial = self.spec, self.spec.trial if self._canary else None
        rolls = isinstance(spec.strategy, RolloutsStrategy)
        nginx = self._way.kind == "nginx"
        canary = trial and resources.stated(
            version=trial.version,
            replicas=trial.replicas,
            weight=trial.share.weight,
            header=trial.share.header.model_dump() if trial.share.header else None,
        )
        body = resources.stated(
            model=spec.model,
            engine="Deployment",
            stable={"version": spec.stable.version, "replicas": spec.stable.replicas},
            canary=canary,
            traffic=resources.stated(
                provider="Nginx" if nginx else "Gateway",
                host=self._host,
                path=INFERENCE.routes[0],
                tlsSecretName=self._way.tls_secret if nginx else None,
            ),
            storage={"claimName": self._store.claim},
            promotion={"mode": "Analysis", "analysisRef": self._app} if rolls else {"mode": "Manual"},
        )
        self.custom(
            "record",
            api_version=resources.api_version(self.platform.names),
            kind=resources.DEPLOYMENT,
            name=self._app,
            namespace=self.namespace_name,
            body={"spec": body},
        )
