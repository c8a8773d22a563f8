"""The StorageClass, the claim, and the Job that lays out the folders."""

from aurora_constructs import labels, pods, services, shared_claims
from aurora_constructs.component import Component
from aurora_constructs.components.model_store import imports, mounting
from aurora_constructs.components.model_store.layout import LAYOUT
from aurora_constructs.components.model_store.spec import ModelStoreSpec
from aurora_contract import programs, store

RETRIES, DEADLINE = 3, 600


class ModelStore(Component[ModelStoreSpec]):
    """Emits the model store; its pods need no network, so the namespace's default-deny is all they get."""

    def compose(self) -> None:
        """Add the class, the claim, and the layout Job with its script and identity."""
        spec = self.spec
        shared_claims.storage_class(self, spec.storage_class, spec.storage(self.platform))
        shared_claims.claim(
            self,
            "claim",
            name=spec.claim,
            storage_class=spec.storage_class,
            size=spec.size,
            recovery=spec.recovery,
        )
        services.account(self, self.object_name)
        LAYOUT.add_config_map(self, self.object_name)
        self._layout_job(self.object_name)
        imports.imported(self, self.platform.image(self.spec.image))

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
