"""The CronJob that copies a dataset, its script, identity and network policy."""

from aurora_constructs import batch, labels, pods, services
from aurora_constructs.aws import Bucket
from aurora_constructs.cloud import Needs
from aurora_constructs.component import Component
from aurora_constructs.components.data_ingestion.script import COPY
from aurora_constructs.components.data_ingestion.spec import DataIngestionSpec
from aurora_contract.programs import DATASET_PATH

FOLDER = "folder"
CONTAINER = "copy"


class DataIngestion(Component[DataIngestionSpec]):
    """Emits a CronJob: a hook would hold each sync up for as long as the copying takes, and new data changes no Git."""

    def compose(self) -> None:
        """Add the objects; nobody calls the pods, and they reach the cloud alone.

        Raises:
            UnavailableError: the cluster has no such bucket, or no such identity.
        """
        name, spec = self.object_name, self.spec
        needs: Needs = {spec.source: "read"}
        identity = self.platform.identity(spec.identity)
        services.account(self, name, identity, needs)
        COPY.add_config_map(self, name)
        services.flows(
            self, name, labels.selector(name, labels.INGESTION), egress=services.to_cloud(self, identity, needs)
        )
        batch.cron_job(
            self,
            "copy",
            metadata=self.meta(name),
            job=batch.job_spec(self._pod(name), retries=spec.retries, deadline=spec.deadline_seconds, alone=True),
            schedule=spec.schedule,
            timezone=spec.timezone,
            suspend=spec.suspend,
        )

    def _pod(self, name: str) -> pods.PodSpec:
        spec, cluster = self.spec, self.platform.cluster
        bucket = self.platform.resource(spec.source, Bucket)
        prefix = "/".join(part for part in (bucket.prefix, spec.path) if part)
        target = f"{DATASET_PATH}/{spec.target or spec.path}"
        own = labels.selector(name, labels.INGESTION)
        return pods.PodSpec(
            labels=self.pod_labels(own, self.platform.identity(spec.identity).pod_labels),
            service_account=name,
            restart_policy="Never",
            pool=self.platform.pool(spec.pool) if spec.pool else None,
            containers=[
                pods.ContainerSpec(
                    name=CONTAINER,
                    image=self.platform.image(spec.image),
                    resources=spec.resources,
                    command=COPY.command,
                    args=[bucket.bucket, prefix, target],
                    env=pods.environment({"AWS_DEFAULT_REGION": cluster.place, "AWS_RETRY_MODE": "standard"}),
                    mounts=[pods.volume_mount(FOLDER, DATASET_PATH, read_only=False), COPY.mount()],
                )
            ],
            volumes=[pods.claim_volume(FOLDER, spec.claim, read_only=False), COPY.pod_volume(name)],
        )
