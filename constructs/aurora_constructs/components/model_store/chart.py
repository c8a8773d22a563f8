"""The StorageClass, the claim, and the Job that lays out the folders."""

from cdk8s_plus_35 import k8s

from aurora_constructs import labels, pods, services
from aurora_constructs.component import Component
from aurora_constructs.components.model_store import mounting
from aurora_constructs.components.model_store.layout import LAYOUT
from aurora_constructs.components.model_store.spec import ModelStoreSpec
from aurora_constructs.cost_tags import joined
from aurora_contract import programs, store

KEEP = "Prune=false,Delete=false"
"""Argo CD never deletes the claim: with it the models would go."""
RETRIES, DEADLINE = 3, 600


class ModelStore(Component[ModelStoreSpec]):
    """Emits the model store; its pods need no network, so the namespace's default-deny is all they get."""

    def compose(self) -> None:
        """Add the class, the claim, and the layout Job with its script and identity."""
        self._storage_class()
        self._claim()
        services.account(self, self.object_name)
        LAYOUT.add_config_map(self, self.object_name)
        self._layout_job(self.object_name)

    def _storage_class(self) -> None:
        """Keep the volume when the claim goes, and bind it at once: no pod decides where a shared volume is."""
        storage = self.spec.storage(self.platform)
        if storage is None:
            raise ValueError("neither the cluster nor the store states shared storage")
        found, tags = storage.storage_class(), self.platform.cluster.cost_tags
        k8s.KubeStorageClass(
            self,
            "storage-class",
            metadata=self.cluster_meta(self.spec.storage_class),
            provisioner=found.provisioner,
            parameters={**found.parameters, **({found.tags: joined(tags)} if found.tags and tags else {})},
            mount_options=list(found.mount_options) or None,
            reclaim_policy="Retain",
            allow_volume_expansion=found.expandable,
            volume_binding_mode="Immediate",
        )

    def _claim(self) -> None:
        k8s.KubePersistentVolumeClaim(
            self,
            "claim",
            metadata=self.meta(self.spec.claim, annotations={labels.SYNC_OPTIONS: KEEP}),
            spec=k8s.PersistentVolumeClaimSpec(
                access_modes=["ReadWriteMany"],
                resources=k8s.VolumeResourceRequirements(requests=pods.quantities({"storage": self.spec.size})),
                storage_class_name=self.spec.storage_class,
                volume_mode="Filesystem",
            ),
        )

    def _layout_job(self, name: str) -> None:
        """Run at every sync: as a hook it is created anew, since a Job's template cannot change."""
        annotations = {labels.HOOK: "Sync", labels.HOOK_DELETE_POLICY: "BeforeHookCreation"}
        services.batch_job(
            self,
            "layout",
            metadata=self.meta(f"{name}-layout", annotations=annotations),
            pod=self._layout_pod(name),
            retries=RETRIES,
            deadline=DEADLINE,
        )

    def _layout_pod(self, name: str) -> pods.PodSpec:
        return pods.PodSpec(
            labels=self.pod_labels(labels.selector(name, labels.STORAGE)),
            service_account=name,
            restart_policy="Never",
            containers=[
                pods.ContainerSpec(
                    name=programs.LAYOUT.container,
                    image=self.platform.image(self.spec.image),
                    resources=self.spec.resources,
                    command=LAYOUT.command,
                    args=[store.ROOT, *sorted(self.spec.models)],
                    mounts=[mounting.mount(read_only=False), LAYOUT.mount()],
                )
            ],
            volumes=[mounting.volume(self.spec, read_only=False), LAYOUT.pod_volume(name)],
        )
