"""What is committed for `housing-prod` has the figures of the housing document; each test names the lines."""

from __future__ import annotations

from typing import Any

import pytest

from aurora.paths import RepositoryPaths
from aurora.yamlio import reading

HOUSING = "housing-prod"


def objects(repository: RepositoryPaths, kind: str) -> dict[str, dict[str, Any]]:
    """Give the committed objects of a kind by name."""
    paths = (repository.root / "generated" / HOUSING).glob(f"**/{kind.lower()}.*.yaml")
    found: list[dict[str, Any]] = [reading.parse(reading.decode(path.read_bytes())).value for path in paths]  # type: ignore[misc]
    return {body["metadata"]["name"]: body for body in found}


def values(repository: RepositoryPaths, chart: str) -> dict[str, Any]:
    """Give the values of a chart's Application."""
    for body in objects(repository, "Application").values():
        for source in body["spec"].get("sources", ()):
            if source.get("chart") == chart:
                found: dict[str, Any] = source["helm"]["valuesObject"]
                return found
    raise AssertionError(f"no Application of {chart}")


FIGURES = {
    # Lines 129 to 133.
    "api": (("200m", "256Mi"), ("500m", "512Mi"), ("/health", 5, None), ("/health", 10, None)),
    # Lines 143 to 147; line 147 has `/health`, which does not know the model.
    "predict": (("500m", "1Gi"), ("1000m", "2Gi"), ("/ready", 5, 30), ("/health", 10, 60)),
}


@pytest.mark.parametrize("name", FIGURES)
def test_resources_and_probes(repository: RepositoryPaths, name: str) -> None:
    asked, limits, readiness, liveness = FIGURES[name]
    spec = objects(repository, "Deployment")[name]["spec"]
    (container,) = spec["template"]["spec"]["containers"]
    resources = container["resources"]
    assert tuple(resources["requests"].values()) == asked
    assert tuple(resources["limits"].values()) == limits
    for probe, wanted in (("readiness", readiness), ("liveness", liveness)):
        stated = container[f"{probe}Probe"]
        path = stated["httpGet"]["path"]
        assert (path, stated["periodSeconds"], stated.get("initialDelaySeconds")) == wanted
    # Lines 127 and 141; the number of pods (126, 140) is the autoscaler's. Lines 203 to 205.
    assert spec["strategy"]["type"] == "RollingUpdate"
    assert "replicas" not in spec
    security = container["securityContext"]
    assert (security["runAsNonRoot"], security["readOnlyRootFilesystem"]) == (True, True)
    assert security["capabilities"] == {"drop": ["ALL"]}
    # Line 92: the tag is a commit.
    assert len(container["image"].partition("@")[0].rpartition(":")[2]) == 40


SCALING = {
    # Lines 295 to 300.
    "api": ((2, 10), {"cpu": 70, "memory": 80}, (50, 300), (100, 30)),
    # Lines 303 to 308.
    "predict": ((2, 8), {"cpu": 60, "memory": 75}, (25, 600), (50, 60)),
}


@pytest.mark.parametrize("name", SCALING)
def test_autoscalers(repository: RepositoryPaths, name: str) -> None:
    bounds, targets, down, up = SCALING[name]
    spec = objects(repository, "HorizontalPodAutoscaler")[name]["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == bounds
    metrics = [metric["resource"] for metric in spec["metrics"]]
    assert {each["name"]: each["target"]["averageUtilization"] for each in metrics} == targets
    for way, wanted in (("scaleDown", down), ("scaleUp", up)):
        (policy,) = spec["behavior"][way]["policies"]
        assert (policy["type"], policy["value"], policy["periodSeconds"]) == ("Percent", *wanted)


def test_the_load_balancer(repository: RepositoryPaths) -> None:
    """Lines 175 to 179: internet-facing, asked for the path of readiness, with a certificate of ACM."""
    (parameters,) = objects(repository, "IngressClassParams").values()
    assert parameters["spec"]["scheme"] == "internet-facing"
    assert parameters["spec"]["certificateArn"]
    (container,) = objects(repository, "Deployment")["api"]["spec"]["template"]["spec"]["containers"]
    annotations = objects(repository, "Ingress")["api"]["metadata"]["annotations"]
    ready = container["readinessProbe"]["httpGet"]["path"]
    assert annotations["alb.ingress.kubernetes.io/healthcheck-path"] == ready


def test_who_may_call_whom(repository: RepositoryPaths) -> None:
    """Lines 73 to 77 and 216 to 218: the load balancer the API, the API the predict service, Prometheus both."""
    policies = objects(repository, "NetworkPolicy")
    sources = {
        name: [peer for rule in policies[name]["spec"]["ingress"] for peer in rule["from"]]
        for name in ("api", "predict")
    }
    public = [f"10.0.{number}.0/24" for number in (101, 102, 103)]
    assert [peer["ipBlock"]["cidr"] for peer in sources["api"] if "ipBlock" in peer] == public
    named = {
        name: [
            (peer["namespaceSelector"]["matchExpressions"][0]["values"], peer.get("podSelector", {}).get("matchLabels"))
            for peer in peers
            if "ipBlock" not in peer
        ]
        for name, peers in sources.items()
    }
    own = {"app.kubernetes.io/component": "web", "app.kubernetes.io/name": "api"}
    assert named == {"api": [(["monitoring"], None)], "predict": [(["monitoring"], None), (["mlops-housing"], own)]}


def test_argo_cd(repository: RepositoryPaths) -> None:
    """Lines 230 and 234 to 237: roles; automated, pruning, healing, five retries with a backoff."""
    for name, body in objects(repository, "Application").items():
        policy = body["spec"]["syncPolicy"]
        assert (policy["automated"]["selfHeal"], policy["retry"]["limit"]) == (True, 5), name
        assert policy["retry"]["backoff"]["factor"] > 1
    assert objects(repository, "Application")[f"{HOUSING}-api"]["spec"]["syncPolicy"]["automated"]["prune"] is True
    rbac = values(repository, "argo-cd")["configs"]["rbac"]["policy.csv"]
    assert {line.split(",")[0] for line in rbac.strip().splitlines()} == {"g", "p"}


def test_monitoring(repository: RepositoryPaths) -> None:
    """Lines 265 to 267, 325 (gp2 there), 354: volumes, retention, receivers; 270 to 273: own dashboards."""
    stack = values(repository, "kube-prometheus-stack")
    prometheus = stack["prometheus"]["prometheusSpec"]
    claim = prometheus["storageSpec"]["volumeClaimTemplate"]["spec"]
    assert (claim["resources"]["requests"]["storage"], claim["storageClassName"]) == ("20Gi", "gp3")
    assert (prometheus["retention"], prometheus["retentionSize"]) == ("30d", "17GiB")
    grafana = stack["grafana"]
    # Stated, the size would be a value without effect: 10Gi is that of the chart.
    assert grafana["persistence"] == {"enabled": True, "storageClassName": "gp3"}
    assert "defaultDashboardsEnabled" not in grafana
    config = stack["alertmanager"]["config"]
    assert config["route"]["receiver"] in {receiver["name"] for receiver in config["receivers"]}
    dashboards = [
        body for body in objects(repository, "ConfigMap").values() if "grafana_dashboard" in body["metadata"]["labels"]
    ]
    assert {key for body in dashboards for key in body["data"]} == {"application.json", "inference.json"}


def test_nodes(repository: RepositoryPaths) -> None:
    """Lines 109 to 112 and 313 to 317: bounds are facts, the delay is ten minutes, pods' volumes hold no node."""
    autoscaler = values(repository, "cluster-autoscaler")["extraArgs"]
    assert (autoscaler["scale-down-unneeded-time"], autoscaler["scale-down-delay-after-add"]) == ("10m", "10m")
    assert autoscaler["skip-nodes-with-local-storage"] is False
    for chart in ("aws-load-balancer-controller", "aws-ebs-csi-driver", "metrics-server"):
        assert values(repository, chart)
    (found,) = objects(repository, "StorageClass").values()
    assert (found["provisioner"], found["parameters"]["type"]) == ("ebs.csi.aws.com", "gp3")


def test_pods_are_restricted_and_images_are_known_by_digest(repository: RepositoryPaths) -> None:
    """Lines 105, 202 and 373 to 377; Pod Security Policies are gone since Kubernetes 1.25."""
    levels = objects(repository, "Namespace")["mlops-housing"]["metadata"]["labels"]
    assert {levels[f"pod-security.kubernetes.io/{mode}"] for mode in ("enforce", "warn", "audit")} == {"restricted"}
    policies = objects(repository, "ValidatingPolicy")
    assert policies["require-image-digest"]["spec"]["validationActions"] == ["Deny"]
    (store,) = objects(repository, "ClusterSecretStore").values()
    assert store["spec"]["provider"]["aws"]["service"] == "SecretsManager"


def test_what_the_cluster_makes_is_tagged(repository: RepositoryPaths) -> None:
    """Line 399: volumes and the load balancer have the tags by which costs are told apart."""
    tags = {"Environment": HOUSING, "Project": "mlops-housing"}
    assert values(repository, "aws-ebs-csi-driver")["controller"]["extraVolumeTags"] == tags
    (parameters,) = objects(repository, "IngressClassParams").values()
    assert {each["key"]: each["value"] for each in parameters["spec"]["tags"]} == tags
