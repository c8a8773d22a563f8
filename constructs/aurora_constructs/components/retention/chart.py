"""The CronJob that deletes what is old, its script, its account and its closed network."""

from cdk8s_plus_35 import k8s

from aurora_constructs import batch, labels, pods, services
from aurora_constructs.component import Component
from aurora_constructs.components.model_store.spec import ModelStoreSpec
from aurora_constructs.components.retention.script import CLEANUP
from aurora_constructs.components.retention.spec import OldModels, RetentionSpec
from aurora_constructs.recovery import CLEANS
from aurora_contract import store
from aurora_contract.programs import DATASET_PATH

VOLUME = "old"


class Retention(Component[RetentionSpec]):
    """Emits a CronJob that mounts one volume and reaches nobody."""

    def compose(self) -> None:
        """Add the objects."""
        name, spec = self.object_name, self.spec
        selector = labels.selector(name, labels.RETENTION)
        services.account(self, name)
        CLEANUP.add_config_map(self, name)
        k8s.KubeNetworkPolicy(
            self,
            "network-policy",
            metadata=self.meta(name),
            spec=k8s.NetworkPolicySpec(
                pod_selector=k8s.LabelSelector(match_labels=selector), policy_types=["Ingress", "Egress"]
            ),
        )
        batch.cron_job(
            self,
            "cleanup",
            metadata=self.meta(name, annotations={self.platform.names.key(CLEANS): self._claim}),
            job=batch.job_spec(self._pod(name, selector), retries=0, deadline=spec.deadline_seconds, alone=True),
            schedule=spec.schedule,
            timezone=spec.timezone,
        )

    @property
    def _claim(self) -> str:
        old = self.spec.of
        return self.platform.component(old.storage, ModelStoreSpec).claim if isinstance(old, OldModels) else old.claim

    def _pod(self, name: str, selector: dict[str, str]) -> pods.PodSpec:
        spec, old = self.spec, self.spec.of
        models = isinstance(old, OldModels)
        mounted = store.MOUNT_PATH if models else DATASET_PATH
        root = store.ROOT if isinstance(old, OldModels) else "/".join(part for part in (mounted, old.path) if part)
        mode = "delete" if spec.deletes else "tell"
        return pods.PodSpec(
            labels=self.pod_labels(selector),
            service_account=name,
            restart_policy="Never",
            containers=[
                pods.ContainerSpec(
                    name="cleanup",
                    image=self.platform.image(spec.image),
                    resources=spec.resources,
                    command=CLEANUP.command,
                    args=[old.type, root, str(old.keep), str(old.older_than_days), mode, *spec.used(self.platform)],
                    mounts=[pods.volume_mount(VOLUME, mounted, read_only=not spec.deletes), CLEANUP.mount()],
                )
            ],
            volumes=[pods.claim_volume(VOLUME, self._claim, read_only=not spec.deletes), CLEANUP.pod_volume(name)],
        )
