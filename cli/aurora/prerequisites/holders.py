"""Who acts as each identity of a cluster: accounts of manifests, accounts of charts, and KEDA for its triggers.

Sources: EKS user guide, Azure Workload Identity; KEDA 2.20, `aws_config_cache.go` and its page on Azure AD workload
identity: its operator's own account has to be trusted by every identity that a TriggerAuthentication names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from aurora.cluster.accounts import Account, accounts, borrowed
from aurora.environment.model import Environment
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, text
from aurora_constructs.charts import ChartRelease
from aurora_constructs.components.helm_chart.spec import HelmChartSpec
from aurora_constructs.components.platform_charts.spec import PlatformChart, PlatformChartsSpec

PUBLISHED = {
    "aws-ebs-csi-driver": (
        "https://raw.githubusercontent.com/kubernetes-sigs/aws-ebs-csi-driver/v{version}"
        "/docs/AmazonEBSCSIDriverPolicyV2.json"
    ),
    "aws-efs-csi-driver": (
        "https://raw.githubusercontent.com/kubernetes-sigs/aws-efs-csi-driver/v{version}/docs/iam-policy-example.json"
    ),
    "aws-load-balancer-controller": (
        "https://raw.githubusercontent.com/kubernetes-sigs/aws-load-balancer-controller/v{version}"
        "/docs/install/iam_policy.json"
    ),
    "karpenter": (
        "https://raw.githubusercontent.com/aws/karpenter-provider-aws/v{version}/website/content/en/preview"
        "/getting-started/getting-started-with-karpenter/cloudformation.yaml"
    ),
}
"""By chart: where its project publishes what its controller needs, for each version (their installation pages)."""
AUTOSCALER = "cluster-autoscaler"
KEDA = "keda"
KEDA_ACCOUNT = "keda-operator"
"""The chart's default (kedacore/charts, `serviceAccount.operator.name`)."""


@dataclass(slots=True)
class Holders:
    """The accounts of one identity; of charts, the documents of their projects and who states no needs at all."""

    accounts: dict[str, Account] = field(default_factory=dict)
    published: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    borrowed: bool = False
    sizes_nodes: bool = False
    """Whether the cluster autoscaler acts as it."""

    def add(self, account: Account) -> None:
        """Add an account, or what else is known of it."""
        known = self.accounts.get(account.full_name)
        self.accounts[account.full_name] = account if account.needs or known is None else known

    @property
    def needs(self) -> dict[str, str]:
        """The needs of all of them: who writes may read too."""
        found: dict[str, str] = {}
        for account in self.accounts.values():
            for name, access in account.needs.items():
                found[name] = max(access, found.get(name, access))
        return dict(sorted(found.items()))


def holders(environment: Environment, inventory: Inventory) -> dict[str, Holders]:
    """Give who acts as each identity of the facts, by its name there."""
    found = {name: Holders() for name in sorted(getattr(inventory.cluster, "identities", ()))}
    for account in accounts(inventory):
        if account.identity in found:
            found[account.identity].add(account)
    for namespace, release in releases(environment):
        _of_chart(found, namespace, release)
    for name in borrowed(inventory):
        found[name].borrowed = True
    return found


def _of_chart(found: dict[str, Holders], namespace: str, release: ChartRelease) -> None:
    """Add the accounts of a chart, and what is known of what its software needs beside its own needs."""
    for name, identity in sorted(release.identities.items()):
        account = Account(namespace=namespace, name=name, identity=identity.name, needs=identity.needs)
        holder = found[identity.name]
        holder.add(account)
        if release.chart in PUBLISHED:
            holder.published.append(published(release))
        elif release.chart == AUTOSCALER:
            holder.sizes_nodes = True
        elif not identity.needs and release.chart != KEDA:
            holder.unknown.append(account.full_name)


def releases(environment: Environment) -> Iterator[tuple[str, ChartRelease]]:
    """Yield the namespace and the release of every chart."""
    for component in environment.components:
        spec = component.spec
        if isinstance(spec, HelmChartSpec):
            yield spec.namespace, spec
        charts: dict[str, PlatformChart] = spec.charts if isinstance(spec, PlatformChartsSpec) else {}
        yield from ((release.namespace, release) for _, release in sorted(charts.items()))


def published(release: ChartRelease) -> str:
    """Give the address of what the project of a chart publishes for its version."""
    return PUBLISHED[release.chart].format(version=(release.app_version or release.version).removeprefix("v"))


def operator_of_keda(environment: Environment) -> Account | None:
    """Give the account of KEDA's operator; None where none of the environment's charts is KEDA."""
    for namespace, release in releases(environment):
        if release.chart == KEDA:
            name = text(dig(release.values, "serviceAccount", "operator", "name")) or KEDA_ACCOUNT
            identity = release.identities[name].name if name in release.identities else ""
            return Account(namespace=namespace, name=name, identity=identity)
    return None
