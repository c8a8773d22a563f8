"""The StorageClass, the claim, and the Job that lays out the folders."""

from __future__ import annotations

from cdk8s_plus_35 import k8s

from aurora_constructs import labels, pods
from aurora_constructs.component import Component
from aurora_constructs.components.model_store import layout, mounting
from aurora_constructs.components.model_store.spec import ROOT, ModelStoreSpec

KEEP = "Prune=false,Delete=false"
"""Argo CD never deletes the claim: with it the models would go (domain, section 19)."""
SCRIPTS = "/scripts"
RETRIES, DEADLINE = 3, 600


class ModelStore(Component[ModelStoreSpec]):
    """Emits the model store; its pods need no network, so the namespace's default-deny is all they get."""

    def compose(self) -> None:
        """Add the class, the claim, and the layout Job with its script and identity."""
        self._storage_class()
        self._claim()
        name = f"aurora-{self.name}"
        k8s.KubeServiceAccount(self, "service-account", metadata=self.meta(name), automount_service_account_token=False)
        k8s.KubeConfigMap(
            self, "layout-script", metadata=self.meta(f"{name}-layout"), data={layout.SCRIPT_NAME: layout.SCRIPT}
        )
        self._layout_job(name)

    def _storage_class(self) -> None:
        """Keep the volume when the claim goes, and bind it at once: no pod decides where a CephFS volume is."""
        ceph = self.spec.volume
        secrets = {
            "provisioner": ceph.secrets.provisioner,
            "controller-expand": ceph.secrets.provisioner,
            "node-stage": ceph.secrets.node,
        }
        parameters = {"clusterID": ceph.cluster_id, "fsName": ceph.filesystem}
        if ceph.pool:
            parameters["pool"] = ceph.pool
        for step, secret in secrets.items():
            parameters[f"csi.storage.k8s.io/{step}-secret-name"] = secret
            parameters[f"csi.storage.k8s.io/{step}-secret-namespace"] = ceph.secrets.namespace
        k8s.KubeStorageClass(
            self,
            "storage-class",
            metadata=self.cluster_meta(self.spec.storage_class),
            provisioner=ceph.driver,
            parameters=parameters,
            reclaim_policy="Retain",
            allow_volume_expansion=True,
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
        k8s.KubeJob(
            self,
            "layout",
            metadata=self.meta(
                f"{name}-layout",
                annotations={labels.HOOK: "Sync", labels.HOOK_DELETE_POLICY: "BeforeHookCreation"},
            ),
            spec=k8s.JobSpec(
                backoff_limit=RETRIES,
                active_deadline_seconds=DEADLINE,
                template=pods.template(self._layout_pod(name)),
            ),
        )

    def _layout_pod(self, name: str) -> pods.PodSpec:
        script = k8s.ConfigMapVolumeSource(name=f"{name}-layout", default_mode=0o444)
        return pods.PodSpec(
            labels={**labels.common(self.platform.environment), **labels.selector(name, labels.STORAGE)},
            service_account=name,
            restart_policy="Never",
            containers=[
                pods.ContainerSpec(
                    name="layout",
                    image=self.platform.image(self.spec.image),
                    resources=self.spec.resources,
                    command=["/bin/sh", f"{SCRIPTS}/{layout.SCRIPT_NAME}"],
                    args=[ROOT, *sorted(self.spec.models)],
                    mounts=[
                        mounting.mount(read_only=False),
                        k8s.VolumeMount(name="script", mount_path=SCRIPTS, read_only=True),
                    ],
                )
            ],
            volumes=[mounting.volume(self.spec, read_only=False), k8s.Volume(name="script", config_map=script)],
        )
