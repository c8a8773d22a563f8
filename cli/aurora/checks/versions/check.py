"""Tells what is no longer maintained: the cluster's Kubernetes, and what the charts of its Applications install."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from aurora.checks.check import SingleCheck
from aurora.checks.versions import maintenance
from aurora.cluster.applications import Deployments
from aurora.manifests import located
from aurora.model.finding import Finding, Severity
from aurora.model.inventory import Inventory
from aurora.model.report import CheckResult
from aurora.model.rule import ADVICE, Rule
from aurora.tools.settings import Settings
from aurora_constructs.versions import installed

END_OF_LIFE = Rule("versions/end-of-life", ADVICE, severity=Severity.NOTE)


@dataclass(frozen=True, slots=True)
class VersionsCheck(SingleCheck):
    """Compares days: the end of a version's maintenance, and the day on which the environment's were chosen."""

    name: str = "versions"
    rules: tuple[Rule, ...] = (END_OF_LIFE,)

    def run(self, inventory: Inventory, settings: Settings) -> CheckResult:
        """Look at the cluster and at every chart."""
        del settings
        findings = (*_of_cluster(inventory), *_of_charts(inventory))
        return CheckResult(
            name=self.name,
            examined=len(inventory.manifests),
            matched=len({finding.resource for finding in findings}),
            findings=findings,
        )


def _day(inventory: Inventory) -> str:
    stated = inventory.cluster.as_of if inventory.cluster else None
    return stated.isoformat() if stated else maintenance.LOOKED_UP


def _of_cluster(inventory: Inventory) -> Iterator[Finding]:
    cluster = inventory.cluster
    ended = maintenance.KUBERNETES.get(cluster.provider, {}).get(cluster.kubernetes) if cluster else None
    if cluster and ended and ended <= _day(inventory):
        message = f"{cluster.TITLE} runs Kubernetes {cluster.kubernetes}, whose maintenance ended on {ended}"
        found = Finding.of(END_OF_LIFE, message, hint="plan the next minor version")
        yield replace(found, environment=inventory.environment)


def _of_charts(inventory: Inventory) -> Iterator[Finding]:
    for application in inventory.once(Deployments).applications:
        for source in application.sources:
            project, version = installed(source.chart, source.revision) if source.is_chart else ("", "")
            ended = maintenance.ended(project, version) if version else None
            if ended and ended <= _day(inventory):
                installs = f"the chart {source.chart} {source.revision} installs {project} {version}"
                message = f"{installs}, whose maintenance ended on {ended}"
                steps = (*source.steps, "targetRevision")
                found = located(application.manifest, steps, rule=END_OF_LIFE.id, message=message)
                yield replace(found, severity=Severity.NOTE, hint="plan an update: nobody corrects what is found in it")


CHECK = VersionsCheck()
