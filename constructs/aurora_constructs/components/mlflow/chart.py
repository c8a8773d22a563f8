"""MLflow's server, its migration before each sync, and the aliases of models after it."""

from cdk8s_plus_35 import k8s

from aurora_constructs import labels, network, pods, services
from aurora_constructs.cloud import ObjectStore
from aurora_constructs.component import Component
from aurora_constructs.components.edge import routes
from aurora_constructs.components.mlflow import hosts
from aurora_constructs.components.mlflow.aliases import ALIASES
from aurora_constructs.components.mlflow.spec import MlflowSpec
from aurora_constructs.components.mlflow_database.chart import SESSION_KEY, URI, migration_selector
from aurora_constructs.components.mlflow_database.spec import MlflowDatabaseSpec
from aurora_constructs.spec import Resources
from aurora_constructs.values import quantity

HEALTH = "/health"
PATHS = (
    "/ajax-api",
    "/api",
    "/gateway",
    "/get-artifact",
    "/graphql",
    "/model-versions",
    "/static-files",
    "/v1",
    "/version",
)
"""What clients call beside the page itself: not `/metrics`, which MLflow serves at the same port (MLflow 3.15)."""
METRICS_FOLDER = "/metrics"
URI_VARIABLE = "MLFLOW_BACKEND_STORE_URI"
MIGRATION_SECONDS, ALIAS_SECONDS = 1800, 600
SMALL = Resources(cpu="100m", memory="256Mi")


class Mlflow(Component[MlflowSpec]):
    """Emits the server behind its Service and route, with one writer for the schema of its database."""

    def compose(self) -> None:
        """Add the objects."""
        name, spec = self.object_name, self.spec
        selector = labels.selector(name, labels.TRACKING)
        identity = self.platform.identity(spec.identity)
        services.account(self, name, identity, spec.needs)
        self._migration(name)
        pod = self._pod(name, selector)
        services.replicated(self, services.Replicated(name=name, selector=selector, pod=pod, replicas=spec.replicas))
        ingress = routes.through_edge(self, name, spec, paths=PATHS, exact=["/"], health_path=HEALTH)
        if spec.aliases:
            ingress.append(services.callers([self.namespace_name], spec.pod_port))
            self._aliases(name)
        services.watched(
            self,
            name,
            selector,
            spec.pod_port,
            scrape=services.Scrape(sources=("mlflow",)),
            clients=spec.client_namespaces,
            ingress=ingress,
            egress=[
                *services.to_cloud(self, identity, spec.needs),
                network.database(self._database.server(self.platform)),
            ],
        )

    @property
    def _database(self) -> MlflowDatabaseSpec:
        return self.platform.component(self.spec.database, MlflowDatabaseSpec)

    @property
    def _database_name(self) -> str:
        return self.platform.names.object(self.spec.database)

    def _migration(self, name: str) -> None:
        """Migrate the schema before a new server starts: servers of two releases would each expect their own."""
        annotations = {labels.HOOK: "PreSync", labels.HOOK_DELETE_POLICY: "BeforeHookCreation"}
        services.batch_job(
            self,
            "migration",
            metadata=self.meta(f"{name}-migration", annotations=annotations),
            retries=2,
            deadline=MIGRATION_SECONDS,
            alone=True,
            pod=pods.PodSpec(
                labels=self.pod_labels(migration_selector(self._database_name)),
                service_account=self._database_name,
                restart_policy="Never",
                containers=[
                    pods.ContainerSpec(
                        name="migration",
                        image=self.platform.image(self.spec.image),
                        resources=self.spec.resources,
                        command=["mlflow", "db", "upgrade", f"$({URI_VARIABLE})"],
                        env=[pods.secret_variable(URI_VARIABLE, secret=self._database_name, key=URI)],
                    )
                ],
            ),
        )

    def _settings(self, name: str) -> dict[str, str]:
        """Give what the server reads from its environment."""
        spec = self.spec
        host = spec.hostname(self.platform.domain) if spec.edge else None
        known = hosts.allowed(name, spec.namespace, ports=(services.SERVICE_PORT, spec.PORT), host=host)
        scheme = routes.way_in(self.platform, spec.edge).scheme if spec.edge else ""
        origins = {"MLFLOW_SERVER_CORS_ALLOWED_ORIGINS": f"{scheme}://{host}"} if host else {}
        return {
            "HOME": "/tmp",  # noqa: S108 - in the container
            "MLFLOW_ARTIFACTS_DESTINATION": self.platform.resource(spec.artifacts, ObjectStore).uri(),
            "MLFLOW_EXPOSE_PROMETHEUS": METRICS_FOLDER,
            "MLFLOW_HOST": "0.0.0.0",  # noqa: S104 - in the container
            "MLFLOW_PORT": str(spec.PORT),
            "MLFLOW_SERVER_ALLOWED_HOSTS": ",".join(known),
            "MLFLOW_SERVE_ARTIFACTS": "true",
            **origins,
        }

    def _pod(self, name: str, selector: dict[str, str]) -> pods.PodSpec:
        spec = self.spec
        return pods.PodSpec(
            labels=self.pod_labels(selector, self.platform.identity(spec.identity).pod_labels),
            service_account=name,
            spread_over=selector,
            volumes=[k8s.Volume(name="metrics", empty_dir=k8s.EmptyDirVolumeSource(size_limit=quantity("64Mi")))],
            containers=[
                pods.ContainerSpec(
                    name="mlflow",
                    image=self.platform.image(spec.image),
                    resources=spec.resources,
                    command=["mlflow", "server"],
                    env=[
                        *pods.environment(self._settings(name)),
                        pods.secret_variable(URI_VARIABLE, secret=self._database_name, key=URI),
                        pods.secret_variable(
                            "MLFLOW_FLASK_SERVER_SECRET_KEY", secret=self._database_name, key=SESSION_KEY
                        ),
                    ],
                    ports={services.HTTP: spec.PORT},
                    mounts=[pods.volume_mount("metrics", METRICS_FOLDER, read_only=False)],
                    startup=pods.http_probe(HEALTH, services.HTTP, period_seconds=5, failure_threshold=24),
                    readiness=pods.http_probe(HEALTH, services.HTTP, period_seconds=5, timeout_seconds=2),
                    liveness=pods.http_probe(HEALTH, services.HTTP, period_seconds=10, timeout_seconds=2),
                    lifecycle=services.drain(10),
                )
            ],
        )

    def _aliases(self, name: str) -> None:
        """Set the aliases after the server is healthy."""
        job, selector = f"{name}-aliases", labels.selector(f"{name}-aliases", labels.REGISTRATION)
        ALIASES.add_config_map(self, name)
        services.flows(
            self,
            job,
            selector,
            egress=[services.to_pods(self.namespace_name, labels.selector(name, labels.TRACKING), self.spec.PORT)],
        )
        pins = [
            part
            for model, aliases in sorted(self.spec.aliases.items())
            for alias, version in sorted(aliases.items())
            for part in (model, alias, str(version))
        ]
        annotations = {labels.HOOK: "PostSync", labels.HOOK_DELETE_POLICY: "BeforeHookCreation"}
        services.batch_job(
            self,
            "aliases",
            metadata=self.meta(job, annotations=annotations),
            retries=2,
            deadline=ALIAS_SECONDS,
            pod=pods.PodSpec(
                labels=self.pod_labels(selector),
                service_account=self._database_name,
                restart_policy="Never",
                volumes=[ALIASES.pod_volume(name)],
                containers=[
                    pods.ContainerSpec(
                        name="aliases",
                        image=self.platform.image(self.spec.image),
                        resources=SMALL,
                        command=[*ALIASES.command, f"http://{name}.{self.namespace_name}.svc", *pins],
                        mounts=[ALIASES.mount()],
                    )
                ],
            ),
        )
