"""What is committed under `environments/` loads, is in sync with `generated/`, and passes every check.

The only tests of what people edit: a failure here says that `make synth` has to be run, or an environment to be
mended, never that the product is broken.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any, cast

import pytest

from aurora import differ, parity, pipeline, validation
from aurora.environment.layers import load_layers
from aurora.environment.plugins import component_kinds
from aurora.overview import recovery
from aurora.paths import RepositoryPaths
from aurora.promotion import pins as promoted
from aurora.promotion import stages
from aurora.render import files
from aurora.tools import pins
from aurora.yamlio import reading
from commands.command_line import CommandLine


def test_what_is_committed_is_what_is_compiled(repository: RepositoryPaths) -> None:
    environments = pipeline.load_environments(repository, [])
    clock = pipeline.Clock()
    rendered = {one.name: files(pipeline.compile_environment(one, clock).manifests) for one in environments}
    assert list(differ.against_committed(repository, rendered, complete=True)) == []


def test_the_build_for_each_clusters_kubernetes_is_made_in_ci(repository: RepositoryPaths) -> None:
    makefile = (repository.root / "Makefile").read_text()
    for environment in pipeline.load_environments(repository, []):
        server = pins.SERVERS.get(environment.spec.cluster.kubernetes)
        assert server is not None
        assert f"{server.install}\n" in makefile if server.release is None else server.install in makefile


@pytest.mark.parametrize("platform", ["aurora", "aws", "azure", "gpu"])
def test_dev_and_prod_of_a_platform_differ_only_as_declared(repository: RepositoryPaths, platform: str) -> None:
    dev, prod = pipeline.load_environments(repository, [f"{platform}-dev", f"{platform}-prod"])
    found = parity.compare(dev, prod)
    assert [each.path for each in found.undeclared] == []
    assert [each.path for each in found.unneeded] == []
    assert found.declared


def test_every_environment_wants_what_is_plain_named_with_a_reason(repository: RepositoryPaths) -> None:
    clusters = {each.name: each.spec.cluster for each in pipeline.load_environments(repository, [])}
    silent = {name for name, facts in clusters.items() if facts.plain_hops is None or facts.plain_stores is None}
    assert silent == set()


def test_the_page_about_recovery_is_what_the_command_writes(repository: RepositoryPaths) -> None:
    environments = pipeline.load_environments(repository, [])
    found = [(each.name, validation.readable(repository, each)) for each in environments]
    assert (repository.root / "docs/recovery.md").read_text(encoding="utf-8") == recovery.page(found)


@pytest.mark.real_tools
def test_what_is_committed_passes_every_check(
    repository: RepositoryPaths,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    real_toolbox: object,
) -> None:
    outcome = CommandLine(repository.root, monkeypatch, capsys)("validate", "--format", "json")
    report = outcome.json
    assert [finding for finding in report["findings"] if finding["severity"] != "note"] == []
    assert outcome.code == 0
    counts = {check["name"]: (check["planted"], check["caught"]) for check in report["checks"]}
    assert all(planted == caught for planted, caught in counts.values())
    assert all(counts[name][0] > 0 for name in ("schema", "server", "pod-security", "policy"))


SEED = {
    "bases/aws.yaml, bases/stage-aws-": "bases/versions-seed-aws.yaml, bases/aws.yaml",
    "bases/azure.yaml, bases/stage-azure-": "bases/versions-seed-azure.yaml, bases/azure-seed.yaml",
}
"""The layers of the older profile in the place of those of a stage."""


@pytest.mark.real_tools
@pytest.mark.usefixtures("real_toolbox")
def test_the_environments_in_clouds_pass_under_the_older_profile(
    repository: RepositoryPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "environments").mkdir()
    for file in repository.environments.glob("*.yaml"):
        text = file.read_text()
        for current, seed in SEED.items():
            if current in text:
                older = re.sub(rf"{re.escape(current)}(dev|prod)\.yaml", seed, text)
                (tmp_path / "environments" / file.name).write_text(older)
    shutil.copytree(repository.environments / "bases", tmp_path / "environments/bases")
    for folder in (repository.components, repository.policies, repository.schemas, repository.tracing_policies):
        shutil.copytree(folder, tmp_path / folder.name)
    outcome = CommandLine(tmp_path.resolve(), monkeypatch, capsys)("synth", "--format", "json")
    found = {finding["rule"] for finding in outcome.json["findings"] if finding["severity"] != "note"}
    assert found == set()
    assert outcome.code == 0
    assert len(list(tmp_path.glob("generated/*/policies/_cluster/clusterpolicy.*.yaml"))) == 5 * 4


CLOUD = ("aws-dev", "aws-prod", "azure-dev", "azure-prod")
Body = dict[str, Any]


def committed(repository: RepositoryPaths, environment: str, kind: str) -> list[Body]:
    """Give the committed objects of a kind, by namespace and name."""
    paths = (repository.root / "generated" / environment).glob(f"**/{kind.lower()}.*.yaml")
    found = [cast("Body", reading.parse(reading.decode(path.read_bytes())).value) for path in paths]
    return sorted(found, key=lambda body: (body["metadata"].get("namespace", ""), body["metadata"]["name"]))


@pytest.mark.parametrize("environment", CLOUD)
def test_the_table_of_namespaces_of_the_cloud_platforms_description(
    repository: RepositoryPaths, environment: str
) -> None:
    """Levels `enforce`, `warn` and `audit`; where the table has a dash there is no label. The quota is four GPUs."""
    levels = {
        body["metadata"]["name"]: [
            body["metadata"]["labels"].get(f"pod-security.kubernetes.io/{mode}")
            for mode in ("enforce", "warn", "audit")
        ]
        for body in committed(repository, environment, "Namespace")
    }
    table = {
        "mlops": ["baseline", "restricted", "restricted"],
        "mlflow": ["baseline", "restricted", "restricted"],
        "kserve": ["baseline", "restricted", "restricted"],
        "argo": ["baseline", "baseline", "restricted"],
        "monitoring": ["privileged", None, None],
        "kyverno": ["privileged", None, None],
        "tetragon": ["privileged", None, None],
    }
    assert {name: levels.get(name) for name in table} == table
    quotas = {
        body["metadata"]["namespace"]: body["spec"]["hard"]["requests.nvidia.com/gpu"]
        for body in committed(repository, environment, "ResourceQuota")
    }
    assert quotas == {"argo": "0", "kserve": "0", "mlflow": "0", "mlops": "4"}


@pytest.mark.parametrize("environment", CLOUD)
def test_the_tables_of_policies_of_the_cloud_platforms_description(
    repository: RepositoryPaths, environment: str
) -> None:
    """The scopes of both tables; policies only report in development, and runtime policies report everywhere."""
    scopes, actions = {}, set()
    for body in committed(repository, environment, "ValidatingPolicy"):
        (selector,) = body["spec"]["matchConstraints"]["namespaceSelector"]["matchExpressions"]
        scopes[body["metadata"]["name"]] = (selector["operator"], selector["values"])
        actions.update(body["spec"]["validationActions"])
    assert scopes == {
        "require-resource-limits": ("In", ["argo", "kserve", "mlflow", "mlops"]),
        "disallow-latest-tag": ("In", ["kserve", "mlops"]),
        "require-mlops-labels": ("In", ["mlops"]),
        "restrict-image-registries": ("In", ["kserve", "mlops"]),
    }
    assert actions == {"Audit" if environment.endswith("-dev") else "Deny"}
    (generating,) = committed(repository, environment, "GeneratingPolicy")
    (kept_off,) = generating["spec"]["matchConstraints"]["namespaceSelector"]["matchExpressions"]
    described = {body["metadata"]["name"] for body in committed(repository, environment, "Namespace")}
    assert (generating["metadata"]["name"], kept_off["operator"]) == ("add-default-networkpolicy", "NotIn")
    assert described <= set(kept_off["values"])
    watched: dict[str, list[str]] = {}
    for body in committed(repository, environment, "TracingPolicyNamespaced"):
        watched.setdefault(body["metadata"]["name"], []).append(body["metadata"]["namespace"])
        assert {"name": "policy-mode", "value": "monitor"} in body["spec"]["options"]
    assert watched == {
        "sensitive-file-access": ["argo", "kserve", "mlops"],
        "container-escape-detection": ["argo", "kserve", "mlops"],
        "ml-network-connections": ["kserve", "mlops"],
        "suspicious-process-execution": ["kserve"],
    }


@pytest.mark.parametrize("environment", CLOUD)
def test_the_table_of_helm_releases_of_the_cloud_platforms_description(
    repository: RepositoryPaths, environment: str
) -> None:
    """Each is an Application with an exact version; MLflow has a component of its own, and a Gateway replaces NGINX."""
    charts = {
        source["chart"]: source["targetRevision"]
        for body in committed(repository, environment, "Application")
        for source in body["spec"].get("sources", [])
        if "chart" in source
    }
    both = {"cert-manager", "argo-cd", "kserve-crd", "kserve-resources", "argo-workflows", "kube-prometheus-stack"}
    both |= {"external-secrets", "kyverno", "tetragon", "keda"}
    own = {"aws-load-balancer-controller", "karpenter"}
    wanted = both | (own if environment.startswith("aws-") else {"haproxy-ingress"})
    assert wanted - charts.keys() == set()
    assert [chart for chart, version in charts.items() if not re.fullmatch(r"v?\d+\.\d+\.\d+", version)] == []


@pytest.mark.parametrize("environment", CLOUD)
def test_the_table_of_alerts_of_the_cloud_platforms_description(repository: RepositoryPaths, environment: str) -> None:
    """Name, severity, and how long the condition holds where the table says so."""
    rules = [
        (rule["alert"], rule["labels"]["severity"], rule["for"])
        for body in committed(repository, environment, "PrometheusRule")
        for group in body["spec"]["groups"]
        for rule in group["rules"]
        if "alert" in rule
    ]
    table = {
        ("HighInferenceLatency", "warning", "5m"),
        ("HighInferenceErrorRate", "critical", "5m"),
        ("InferenceServiceRestarts", "warning", "5m"),
        ("MLflowDown", "critical", "2m"),
        ("HighPipelineFailureRate", "warning", "1m"),
        ("LowGPUUtilization", "info", "1m"),
        ("KEDAScalerErrors", "warning", "5m"),
    }
    assert table - set(rules) == set()


def test_every_pin_of_an_environment_stands_where_only_its_stage_reads(repository: RepositoryPaths) -> None:
    """Otherwise an edit of it would reach production without a promotion."""
    kinds = component_kinds(repository)
    for name in repository.environment_names():
        stack = load_layers(repository, name)
        assert stack.tree is not None
        where = stages.writing(repository, stack)
        found = promoted.pins(stack.tree, kinds)
        assert found
        for component in promoted.trialled(stack.tree, kinds):
            for track in ("stable", "canary"):
                found[("components", component, track, "version")] = track
        for steps in found:
            node = stack.tree.find(steps)
            assert node is None or node.place.path not in where.shared, (name, steps, node.place.path)
        assert where.own.startswith("environments/bases/stage-")
