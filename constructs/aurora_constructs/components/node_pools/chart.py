"""NodePools, and for each the EC2NodeClass that says what its nodes are made of."""

from collections.abc import Sequence
from typing import Any

from aurora_constructs.component import Component
from aurora_constructs.components.node_pools.spec import CAPACITIES, Budget, KarpenterPool, NodePoolsSpec, limits

GROUP = "karpenter.k8s.aws"
ROOT = "/dev/xvda"
"""The root volume of Amazon Linux 2023 (karpenter.sh: NodeClasses, spec.blockDeviceMappings)."""


class NodePools(Component[NodePoolsSpec]):
    """Emits a NodePool and an EC2NodeClass of the same name for each pool."""

    def compose(self) -> None:
        """Add the pools; defaults of the definitions are written out, so that no sync finds a difference."""
        for name, pool in sorted(self.spec.pools.items()):
            self.custom(
                f"{name}-class",
                api_version=f"{GROUP}/v1",
                kind="EC2NodeClass",
                name=name,
                body={"spec": self._node_class(pool)},
            )
            self.custom(
                f"{name}-pool",
                api_version="karpenter.sh/v1",
                kind="NodePool",
                name=name,
                body={"spec": _pool(name, pool)},
            )

    def _node_class(self, pool: KarpenterPool) -> dict[str, Any]:
        tags, costs = dict(self.platform.cluster.discovery), self.platform.cluster.cost_tags
        profile = {"role": self.spec.role} if self.spec.role else {"instanceProfile": self.spec.instance_profile}
        volume = {"deleteOnTermination": True, "encrypted": True, "volumeSize": pool.volume, "volumeType": "gp3"}
        return {
            **profile,
            "amiSelectorTerms": [{"alias": self.spec.ami}],
            "blockDeviceMappings": [{"deviceName": ROOT, "ebs": volume}],
            # One hop: a pod that is not on the host's network cannot ask for the node's own role.
            "metadataOptions": {
                "httpEndpoint": "enabled",
                "httpProtocolIPv6": "disabled",
                "httpPutResponseHopLimit": 1,
                "httpTokens": "required",
            },
            "securityGroupSelectorTerms": [{"tags": tags}],
            "subnetSelectorTerms": [{"tags": tags}],
            **({"tags": dict(sorted(costs.items()))} if costs else {}),
        }


def _pool(name: str, pool: KarpenterPool) -> dict[str, Any]:
    disruption, labels = pool.disruption, pool.node_labels
    template: dict[str, Any] = {
        "expireAfter": disruption.expire_after,
        "nodeClassRef": {"group": GROUP, "kind": "EC2NodeClass", "name": name},
        "requirements": _requirements(pool),
        "terminationGracePeriod": disruption.termination_grace_period,
    }
    if pool.taints:
        template["taints"] = [taint.model_dump(exclude_defaults=False) for taint in pool.taints]
    body: dict[str, Any] = {
        "disruption": {
            "budgets": [_budget(budget) for budget in disruption.budgets],
            "consolidateAfter": disruption.after,
            "consolidationPolicy": disruption.consolidation,
        },
        "limits": limits(pool.limits),
        "template": {"metadata": {"labels": labels}, "spec": template} if labels else {"spec": template},
    }
    return {**body, "weight": pool.weight} if pool.weight else body


def _requirements(pool: KarpenterPool) -> list[dict[str, Any]]:
    wanted: dict[str, Sequence[str]] = {
        "kubernetes.io/arch": ["amd64"],
        "kubernetes.io/os": ["linux"],
        "karpenter.sh/capacity-type": list(CAPACITIES[pool.capacity]),
        f"{GROUP}/instance-family": pool.families,
        f"{GROUP}/instance-size": pool.sizes,
        "topology.kubernetes.io/zone": pool.zones,
    }
    return [{"key": key, "operator": "In", "values": list(values)} for key, values in wanted.items() if values]


def _budget(budget: Budget) -> dict[str, Any]:
    return budget.model_dump(exclude_none=True)
