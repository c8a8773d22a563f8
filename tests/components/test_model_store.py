"""The model store: what keeps the models, and the script that lays out their folders."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from aurora.errors import ToolCrashedError
from aurora.tools.runner import Command, run
from aurora_constructs.components.model_store.layout import LAYOUT
from components.building import MODEL_STORE, Built, build, specification, without


@pytest.fixture(scope="module")
def built() -> Built:
    return build("model-store", {"model-store": MODEL_STORE})


def lay_out(folder: Path, root: Path, *models: str) -> None:
    script = folder / LAYOUT.file_name
    script.write_text(LAYOUT.text)
    run(Command(args=(sys.executable, "-I", str(script), str(root), *models), cwd=folder, timeout=30))


def test_the_class_keeps_volumes_and_lets_them_grow(built: Built) -> None:
    storage = built.one("StorageClass")
    assert storage["reclaimPolicy"] == "Retain"
    assert storage["allowVolumeExpansion"] is True
    assert storage["volumeBindingMode"] == "Immediate"


def test_every_class_parameter_is_a_string_and_every_secret_has_its_namespace(built: Built) -> None:
    parameters = built.one("StorageClass")["parameters"]
    assert all(isinstance(value, str) for value in parameters.values())
    for step in ("provisioner", "controller-expand", "node-stage"):
        assert parameters[f"csi.storage.k8s.io/{step}-secret-name"].startswith("rook-csi-cephfs-")
        assert parameters[f"csi.storage.k8s.io/{step}-secret-namespace"] == "rook-ceph"


def test_the_claim_is_shared_and_never_deleted(built: Built) -> None:
    claim = built.one("PersistentVolumeClaim")
    assert claim["metadata"]["name"] == "aurora-model-pvc"
    assert claim["metadata"]["annotations"]["argocd.argoproj.io/sync-options"] == "Prune=false,Delete=false"
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
    assert claim["spec"]["storageClassName"] == built.one("StorageClass")["metadata"]["name"]


def test_the_layout_job_is_a_hook_that_is_made_anew_and_has_no_time_to_live(built: Built) -> None:
    job = built.one("Job")
    annotations = job["metadata"]["annotations"]
    assert annotations["argocd.argoproj.io/hook"] == "Sync"
    assert annotations["argocd.argoproj.io/hook-delete-policy"] == "BeforeHookCreation"
    assert "ttlSecondsAfterFinished" not in job["spec"]
    assert job["spec"]["activeDeadlineSeconds"] > 0


def test_the_layout_job_runs_the_script_of_the_config_map_for_every_model(built: Built) -> None:
    pod: dict[str, Any] = built.one("Job")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    script = built.one("ConfigMap")
    mounted = {volume["name"]: volume for volume in pod["volumes"]}
    assert mounted["script"]["configMap"]["name"] == script["metadata"]["name"]
    assert container["command"] == ["python3", "-I", f"/scripts/{LAYOUT.file_name}"]
    assert container["args"] == ["/shared-models/aurora", "california-housing", "wine"]
    assert script["data"] == {LAYOUT.file_name: LAYOUT.text}


def test_the_layout_pod_has_no_token_and_the_right_identity(built: Built) -> None:
    pod = built.one("Job")["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["serviceAccountName"] == built.one("ServiceAccount")["metadata"]["name"]
    assert built.one("ServiceAccount")["automountServiceAccountToken"] is False


def test_the_script_creates_the_layout(tmp_path: Path) -> None:
    root = tmp_path / "models" / "aurora"
    lay_out(tmp_path, root, "wine")
    assert {path.relative_to(root).as_posix() for path in root.rglob("*")} == {
        "registry",
        "wine",
        "wine/versions",
        "wine/aliases",
    }


def test_the_script_keeps_what_exists_and_adds_what_is_new(tmp_path: Path) -> None:
    root = tmp_path / "aurora"
    lay_out(tmp_path, root, "wine")
    model = root / "wine" / "versions" / "v20260901-120000" / "model.pkl"
    model.parent.mkdir()
    model.write_bytes(b"model")
    (root / "wine" / "aliases" / "stable").symlink_to("../versions/v20260901-120000")
    lay_out(tmp_path, root, "wine", "iris")
    assert model.read_bytes() == b"model"
    assert (root / "wine" / "aliases" / "stable" / "model.pkl").read_bytes() == b"model"
    assert (root / "iris" / "versions").is_dir()


def test_the_script_fails_where_a_file_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "wine").write_text("not a folder")
    with pytest.raises(ToolCrashedError, match="model store layout: NotADirectoryError"):
        lay_out(tmp_path, tmp_path, "wine")


@pytest.mark.parametrize("models", [["registry"], ["wine", "wine"], []])
def test_models_that_would_share_a_folder_are_refused(models: list[str]) -> None:
    with pytest.raises(ValidationError):
        specification(without(MODEL_STORE, models=models))
