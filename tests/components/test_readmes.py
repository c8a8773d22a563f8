"""Every component kind has a README, and the examples of all of them compile, together in one environment."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from aurora import pipeline
from aurora.paths import RepositoryPaths
from aurora.yamlio import writing
from aurora_constructs.catalogue import KINDS, ComponentKind
from components.readmes import readme_entries

IMAGES = (
    *("control-plane", "inference", "ingestion", "mlflow", "operator", "shop", "trainer"),
    *("haproxy", "sklearn-server", "tensorflow-serving", "triton-server", "vllm"),
)
ELSEWHERE = (
    "argo",
    "argocd",
    "aurora-edge",
    "aurora-system",
    "cert-manager",
    "checkout",
    "external-secrets",
    "kserve",
    "mlflow",
    "mlops",
    "payments",
    "restore-check",
    "sandbox",
    "training",
    "velero",
)


SETTINGS = "{apiVersion: v1, kind: ConfigMap, metadata: {name: NAME}, data: {a: b}}\n"


def folder_of(kind: ComponentKind) -> str:
    return kind.spec.__module__.split(".")[2]


def environment() -> dict[str, Any]:
    """Describe an environment with the example of every README."""
    image = {"repository": "registry.example.com/any", "tag": "1.0.0", "digest": "sha256:" + "a" * 64}
    components: dict[str, Any] = {}
    for kind in KINDS:
        entries = readme_entries(folder_of(kind))
        assert not components.keys() & entries.keys(), kind.name
        components |= entries
    # Models have no login of their own, so that only some networks may come in, and the authority is not among them.
    components["edge"]["acme"]["dns"] = {"zone": "names", "identity": "certificates"}
    return {
        "apiVersion": "aurora/v1",
        "kind": "Environment",
        "metadata": {"name": "examples"},
        # Of AWS, whose nodes Karpenter makes; the rest asks for nothing that it has not.
        "cluster": {
            "provider": "eks",
            "name": "examples",
            "region": "eu-central-1",
            "account": "111122223333",
            "identity": {"type": "pod-identity"},
            "identities": {
                name: f"examples-{name}" for name in ("certificates", "ingestion", "mlflow", "models", "pipelines")
            },
            "resources": {
                "names": {"type": "hosted-zone", "zoneId": "Z0123456789"},
                "artifacts": {"type": "bucket", "bucket": "examples-artifacts"},
                "backups": {"type": "bucket", "bucket": "examples-backups"},
                "backups-copy": {"type": "bucket", "bucket": "examples-copy", "region": "eu-west-1"},
                "disk-snapshots": {"type": "ebs-snapshots"},
                "datasets": {"type": "bucket", "bucket": "examples-datasets"},
                "mlflow": {"type": "postgresql", "host": "a.example.com", "database": "a", "cidrs": ["10.1.0.0/24"]},
            },
            "pools": {"gpu-training": {"machine": "g5.12xlarge", "minimum": 0, "maximum": 4}},
            "podCidrs": ["10.2.0.0/16"],
            "serviceCidrs": ["172.20.0.0/16"],
            "edge": {"type": "gateway", "sourceRanges": ["203.0.113.0/24"]},
            "kubernetes": "1.35",
            "domain": "ml.example.com",
            "apiServerCidrs": ["10.0.0.10/32"],
        },
        "gitops": {"repository": "https://git.example.com/ml/aurora.git", "revision": "v1.4.0"},
        "externals": {
            "canary": {
                "kind": "ModelVersion",
                "name": "california-housing/v20261101-090000",
                "reason": "published before",
            },
            **{name: {"kind": "Namespace", "name": name, "reason": "not part of the examples"} for name in ELSEWHERE},
        },
        "images": dict.fromkeys(IMAGES, image),
        "components": components,
    }


@cache
def emitted(root: Path, source: RepositoryPaths) -> dict[str, int]:
    """Compile the examples; give how many objects each kind emits."""
    paths = RepositoryPaths(root)
    paths.environments.mkdir()
    paths.environment("examples").write_text(writing.dump(environment()), encoding="utf-8")
    shutil.copytree(source.policies, paths.policies)
    shutil.copytree(source.tracing_policies, paths.tracing_policies)
    for entry in environment()["components"].values():
        if "folder" in entry:
            folder = root / entry["folder"]
            folder.mkdir(parents=True)
            (folder / "settings.yaml").write_text(SETTINGS.replace("NAME", entry["kind"].lower()), encoding="utf-8")
            if entry["kind"] == "Kustomization":
                (folder / "kustomization.yaml").write_text("resources: [settings.yaml]\n", encoding="utf-8")
    (loaded,) = pipeline.load_environments(paths, ["examples"])
    owners = {entry.name: entry.kind.name for entry in loaded.components}
    found = dict.fromkeys(owners.values(), 0)
    for manifest in pipeline.compile_environment(loaded, pipeline.Clock()).manifests:
        owner = owners.get(manifest.component or "")
        if owner:
            found[owner] += 1
    return found


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("examples")


@pytest.mark.real_tools
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_example_of_the_readme_compiles(kind: ComponentKind, root: Path, repository: RepositoryPaths) -> None:
    assert emitted(root, repository)[kind.name] > 0
