"""Namespaces, ResourceQuotas and LimitRanges."""

from cdk8s_plus_35 import k8s

from aurora_constructs import labels, pods
from aurora_constructs.component import Component
from aurora_constructs.components.namespaces.spec import DefaultResources, NamespaceSpec, NamespacesSpec, Quota

KEEP = "Prune=confirm,Delete=confirm"
"""Argo CD asks before it deletes a namespace, and everything in it (docs/facts/scaling.md)."""


class Namespaces(Component[NamespacesSpec]):
    """Emits every namespace with its Pod Security labels, quota and default limits."""

    def compose(self) -> None:
        """Add one Namespace, and where asked for a ResourceQuota and a LimitRange, per entry."""
        for name, spec in sorted(self.spec.namespaces.items()):
            k8s.KubeNamespace(
                self,
                name,
                metadata=self.cluster_meta(
                    name,
                    labels={**spec.labels, **self._pod_security(spec)},
                    annotations={labels.SYNC_OPTIONS: KEEP, **self._promised(spec)},
                ),
            )
            if spec.quota:
                self._quota(name, spec.quota)
            if spec.defaults:
                self._limits(name, spec.defaults)

    def _promised(self, spec: NamespaceSpec) -> dict[str, str]:
        return spec.recovery.annotations(self.platform.names) if spec.recovery else {}

    def _pod_security(self, spec: NamespaceSpec) -> dict[str, str]:
        """Pin each level's version: `latest` would change what is enforced with a cluster upgrade."""
        levels = {"enforce": spec.enforce, "warn": spec.warn, "audit": spec.audit}
        found: dict[str, str] = {}
        for mode, level in levels.items():
            if level:
                found[f"pod-security.kubernetes.io/{mode}"] = level
                found[f"pod-security.kubernetes.io/{mode}-version"] = f"v{self.platform.kubernetes}"
        return found

    def _quota(self, namespace: str, quota: Quota) -> None:
        """Bound requests and limits; an extended resource takes the `requests.` form only (docs/facts/scaling.md)."""
        hard = {
            "requests.cpu": quota.cpu,
            "requests.memory": quota.memory,
            "limits.memory": quota.memory,
            "pods": str(quota.pods),
            "requests.nvidia.com/gpu": str(quota.gpus),
            "persistentvolumeclaims": str(quota.claims),
        }
        k8s.KubeResourceQuota(
            self,
            f"{namespace}-quota",
            metadata=self.meta("quota", namespace=namespace),
            spec=k8s.ResourceQuotaSpec(hard=pods.quantities(hard)),
        )

    def _limits(self, namespace: str, defaults: DefaultResources) -> None:
        """No default CPU limit: it would throttle every container that states none (docs/facts/scaling.md).

        A `max` without a `default` becomes the default (SetDefaults_LimitRangeItem in Kubernetes' core/v1 defaults).
        """
        k8s.KubeLimitRange(
            self,
            f"{namespace}-limits",
            metadata=self.meta("defaults", namespace=namespace),
            spec=k8s.LimitRangeSpec(
                limits=[
                    k8s.LimitRangeItem(
                        type="Container",
                        default=pods.quantities({"memory": defaults.memory_limit}),
                        default_request=pods.quantities(
                            {"cpu": defaults.cpu_request, "memory": defaults.memory_request}
                        ),
                        max=pods.quantities({"cpu": defaults.cpu_max, "memory": defaults.memory_max}),
                    )
                ]
            ),
        )
