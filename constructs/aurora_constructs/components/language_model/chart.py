"""A language model: the InferenceService on GPUs, the proxy in front of it, and what scales it by its requests."""

from collections.abc import Mapping
from dataclasses import replace

from cdk8s_plus_35 import k8s

from aurora_constructs import labels, network, pods, predictors, scaled_objects, services
from aurora_constructs.cloud import Access, ObjectStore
from aurora_constructs.component import Component
from aurora_constructs.components.edge import routes
from aurora_constructs.components.language_model import front
from aurora_constructs.components.language_model.spec import FRONT_METRICS_PORT, FRONT_PORT, LanguageModelSpec
from aurora_constructs.components.model_serving import monitor
from aurora_constructs.components.model_serving.tracks import STABLE, Track
from aurora_constructs.components.monitoring.queries import query
from aurora_constructs.components.serving_runtimes.servers import PORT, SHARED_MEMORY
from aurora_constructs.machines import NVIDIA
from aurora_constructs.predictors import Predictor, workload
from aurora_constructs.scaled_objects import Bounds, Trigger

METRICS = "metrics"


class LanguageModel(Component[LanguageModelSpec]):
    """Emits the InferenceService, its ScaledObject, the proxy, their isolation and metrics, and the route."""

    def compose(self) -> None:
        """Add the objects."""
        self._app = self.object_name
        self._front = f"{self._app}-front"
        self._selector = labels.selector(self._app, labels.INFERENCE)
        self._front_selector = labels.selector(self._front, labels.FRONT)
        self._predictor()
        self._scaling()
        self._proxy()
        self._flows()

    def _predictor(self) -> None:
        spec, platform = self.spec, self.platform
        store, track = (
            platform.resource(spec.store(platform), ObjectStore),
            Track(app=self._app, track=STABLE, version=spec.source.version, names=platform.names),
        )
        predictors.predictor(
            self,
            Predictor(
                id="model",
                name=self._app,
                account=self._app,
                selector=track.selector,
                labels={platform.names.model: spec.model, platform.names.model_version: spec.source.version},
                model={
                    "modelFormat": {"name": spec.server.format_name},
                    "protocolVersion": spec.server.protocols[0],
                    "runtime": platform.names.object(spec.server_name),
                    "storageUri": store.serving_uri(spec.source.path),
                    "args": self._args(),
                    "resources": pods.plain_requirements(spec.resources, {NVIDIA: spec.gpus}),
                },
                least=0,
                most=spec.demand.maximum,
                scaled=True,
                strategy=predictors.IN_PLACE,
                volumes=[{"name": SHARED_MEMORY, "emptyDir": {"medium": "Memory", "sizeLimit": spec.shared_memory}}],
                pool=platform.pool(spec.pool).with_gpus(spec.gpus, spec.need.gib),
            ),
        )

    def _args(self) -> list[str]:
        spec = self.spec
        return [
            f"--dtype={spec.dtype}",
            f"--gpu-memory-utilization={spec.gpu_memory_utilization}",
            f"--max-model-len={spec.max_model_len}",
            f"--tensor-parallel-size={spec.gpus}",
            *([f"--quantization={spec.quantization}"] if spec.quantization else []),
        ]

    def _scaling(self) -> None:
        """Count requests where they arrive: the model's own metrics are gone with its last pod."""
        demand = self.spec.demand
        of = front.counted(self.namespace_name, self._front)
        requests = query(self.platform, "requests-at-front", **of)
        running = query(self.platform, "sessions-at-front", **of)
        scaled_objects.scaled_object(
            self,
            self._app,
            deployment=workload(self._app),
            bounds=Bounds(least=0, most=demand.maximum, idle_seconds=demand.idle_seconds),
            triggers=[
                Trigger(name="requests", query=requests, threshold=demand.requests_per_second),
                Trigger(name="running", query=running, threshold=demand.concurrent_requests),
            ],
        )

    def _proxy(self) -> None:
        spec = self.spec
        host = f"{workload(self._app)}.{self.namespace_name}.svc.cluster.local"
        text = front.settings(host=host, routes=spec.server.routes, answer_seconds=spec.answer_seconds)
        k8s.KubeConfigMap(self, "front-settings", metadata=self.meta(self._front), data={front.FILE: text})
        services.account(self, self._front)
        services.replicated(
            self,
            services.Replicated(
                id="front",
                name=self._front,
                selector=self._front_selector,
                pod=self._proxy_pod(front.checksum(text)),
                replicas=spec.front.replicas,
            ),
        )

    def _proxy_pod(self, checksum: str) -> pods.PodSpec:
        """The annotation rolls the pods when the settings change: a ConfigMap alone would not."""
        spec, volume = self.spec.front, "settings"
        return pods.PodSpec(
            labels=self.pod_labels(self._front_selector),
            annotations={self.platform.names.key("settings-checksum"): checksum},
            service_account=self._front,
            spread_over=self._front_selector,
            volumes=[k8s.Volume(name=volume, config_map=k8s.ConfigMapVolumeSource(name=self._front))],
            containers=[
                pods.ContainerSpec(
                    name="haproxy",
                    image=self.platform.image(spec.image),
                    resources=spec.resources,
                    command=["haproxy", "-db", "-f", f"{front.FOLDER}/{front.FILE}"],
                    ports={services.HTTP: FRONT_PORT, METRICS: FRONT_METRICS_PORT},
                    mounts=[pods.volume_mount(volume, front.FOLDER, read_only=True)],
                    startup=pods.http_probe(front.HEALTH, services.HTTP, period_seconds=2, failure_threshold=15),
                    readiness=pods.http_probe(front.HEALTH, services.HTTP, period_seconds=5, failure_threshold=2),
                    liveness=pods.http_probe(front.HEALTH, services.HTTP, period_seconds=10, failure_threshold=3),
                    lifecycle=services.drain(15),
                )
            ],
            termination_grace_period_seconds=60,
        )

    def _flows(self) -> None:
        """Let nobody reach the model but its proxy, and Prometheus; the proxy reaches nothing but the model."""
        spec, platform = self.spec, self.platform
        needs: dict[str, Access] = {spec.store(platform): "read"}
        identity = platform.identity(spec.identity)
        services.account(self, self._app, identity, needs)
        within = [self._from_here(self._front_selector, PORT), services.callers([platform.monitoring.namespace], PORT)]
        out = services.to_cloud(self, identity, needs)
        services.flows(self, self._app, self._selector, ingress=within, egress=out)
        scrape = replace(monitor.scrape(platform.names), sources=spec.server.metrics)
        services.monitor(self, self._app, self._selector, scrape)
        self._front_flows()

    def _front_flows(self) -> None:
        spec, watching = self.spec, [self.platform.monitoring.namespace]
        way = routes.way_in(self.platform, spec.edge)
        model = k8s.NetworkPolicyEgressRule(
            to=[network.pods_in([self.namespace_name], self._selector)], ports=network.tcp(PORT)
        )
        services.flows(
            self,
            self._front,
            self._front_selector,
            ingress=[
                way.callers(FRONT_PORT),
                *([services.callers(spec.client_namespaces, FRONT_PORT)] if spec.client_namespaces else []),
                services.callers(watching, FRONT_METRICS_PORT),
            ],
            egress=[model],
        )
        scrape = services.Scrape(kind="PodMonitor", sources=("haproxy",), port=METRICS)
        services.monitor(self, self._front, self._front_selector, scrape)
        host, paths = spec.hostname(self.platform.domain), spec.server.routes
        routed = routes.Routed(way=way, host=host, paths=paths)
        routes.route(self, self._front, routed, health_path=front.HEALTH)

    def _from_here(self, selector: Mapping[str, str], port: int) -> k8s.NetworkPolicyIngressRule:
        source = network.pods_in([self.namespace_name], selector)
        return k8s.NetworkPolicyIngressRule(from_=[source], ports=network.tcp(port))
