"""The schema of MLDeployment: which versions of a model serve, and with what share. Pure; imports no cdk8s."""

from __future__ import annotations

from aurora_constructs.components.aurora_api.definition import Definition, column, status
from aurora_constructs.components.aurora_api.resources import DEPLOYMENT
from aurora_constructs.components.aurora_api.schema import (
    DNS_SUBDOMAIN,
    Schema,
    choice,
    integer,
    label,
    model_version,
    object_name,
    record,
    rule,
    text,
)

PHASES = ("Pending", "Progressing", "Available", "Degraded")
ENGINES = ("Deployment", "KServe")
PROVIDERS = ("Gateway", "Nginx", "Alb")
MOST_REPLICAS = 100


def deployment(weight_step: int) -> Definition:
    """Describe MLDeployment; a canary's weight may grow by at most `weight_step` at a time."""
    return Definition(
        kind=DEPLOYMENT,
        plural="mldeployments",
        short_name="mld",
        description="which versions of a model serve, and with what share of the traffic",
        columns=(
            column("Model", ".spec.model"),
            column("Stable", ".spec.stable.version"),
            column("Canary", ".spec.canary.version"),
            column("Weight", ".spec.canary.weight", kind="integer"),
            column("Ready", '.status.conditions[?(@.type=="Ready")].status'),
            column("Age", ".metadata.creationTimestamp", kind="date"),
        ),
        spec=_spec(weight_step),
        status=status(
            PHASES,
            {
                "stableVersion": model_version("the stable version that serves"),
                "canaryVersion": model_version("the canary version that serves"),
                "observedWeight": integer("the canary's share in percent", least=0, most=100),
            },
        ),
    )


def _spec(weight_step: int) -> Schema:
    return record(
        "the intent: Git owns the workloads",
        {
            "model": label("the model that is served"),
            "engine": choice("what serves it", ENGINES, default="Deployment"),
            "stable": _stable(),
            "canary": _canary(),
            "traffic": _traffic(),
            "storage": record(
                "where the versions lie",
                {"claimName": object_name("the claim with the model store")},
                required=("claimName",),
            ),
            "promotion": _promotion(),
        },
        required=("model", "stable", "storage"),
        rules=[
            rule(
                "!has(self.canary) || self.canary.version != self.stable.version",
                "the canary has the stable version: there is nothing to compare",
                field=".canary.version",
            ),
            # Only growth is bounded: a rollback, whatever its step, must never be refused.
            rule(
                "!has(self.canary) || self.canary.weight <= "
                f"(has(oldSelf.canary) ? oldSelf.canary.weight : 0) + {weight_step}",
                f"the canary's weight grows by more than {weight_step} at once",
                field=".canary.weight",
            ),
        ],
    )


def _stable() -> Schema:
    bounds = record(
        "bounds of the number of replicas",
        {
            "minReplicas": integer("the fewest", least=1, most=MOST_REPLICAS),
            "maxReplicas": integer("the most", least=1, most=MOST_REPLICAS),
            "targetCPUPercent": integer("the share of the CPU request to aim at", least=1, most=100),
        },
        required=("minReplicas", "maxReplicas", "targetCPUPercent"),
        rules=[rule("self.minReplicas <= self.maxReplicas", "minReplicas is above maxReplicas", field=".minReplicas")],
    )
    return record(
        "the version that serves",
        {
            "version": model_version("its version"),
            "replicas": integer("how many replicas", least=1, most=MOST_REPLICAS),
            "autoscaling": bounds,
        },
        required=("version",),
        rules=[
            rule(
                "has(self.replicas) != has(self.autoscaling)",
                "the number of replicas has exactly one owner: `replicas` or `autoscaling`",
            )
        ],
    )


def _canary() -> Schema:
    header = record(
        "a request header that always reaches the canary",
        {
            "name": text("its name", longest=128, pattern="^[A-Za-z0-9][-A-Za-z0-9]*$"),
            "value": text("its value", longest=256),
        },
        required=("name", "value"),
    )
    return record(
        "the version on trial",
        {
            "version": model_version("its version"),
            "replicas": integer("how many replicas", least=0, most=MOST_REPLICAS),
            "weight": integer("its share of the traffic in percent", least=0, most=100),
            "header": header,
        },
        required=("version", "replicas", "weight"),
        rules=[rule("self.weight == 0 || self.replicas >= 1", "traffic for no replica", field=".replicas")],
    )


def _traffic() -> Schema:
    return record(
        "the way in",
        {
            "provider": choice("what splits the traffic", PROVIDERS, default="Gateway"),
            "host": text("the host name", longest=253, pattern=DNS_SUBDOMAIN),
            "path": text("the path under which it serves", longest=1024, pattern="^/"),
            "tlsSecretName": object_name("the certificate's Secret, where no listener owns it"),
        },
        required=("host", "path"),
    )


def _promotion() -> Schema:
    return record(
        "how the canary becomes stable",
        {
            "mode": choice("who decides", ("Manual", "Analysis"), default="Manual"),
            "analysisRef": object_name("the analysis that decides"),
        },
        rules=[
            rule(
                "self.mode != 'Analysis' || has(self.analysisRef)",
                "mode Analysis needs `analysisRef`",
                field=".analysisRef",
            )
        ],
    )
