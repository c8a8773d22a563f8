"""The deletion of what is old: what the run is told to keep, and its script, run against folders."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from aurora.errors import ToolCrashedError
from aurora.tools.runner import Command, run
from aurora_constructs.components.retention.script import CLEANUP
from components.building import MODEL_STORE, TRAINING, build, specification

DAY = 24 * 3600
OLD: dict[str, Any] = {
    "kind": "Retention",
    "namespace": "aurora",
    "of": {"type": "models", "keep": 1, "olderThanDays": 30},
    "deletes": True,
    "schedule": "0 4 * * 0",
}
SERVING: dict[str, Any] = {
    "kind": "ModelServing",
    "namespace": "aurora",
    "model": "wine",
    "stable": {"version": "v20260101-000000", "replicas": 2},
    "canary": {"version": "v20260201-000000", "replicas": 1, "weight": 5},
}


def clean(folder: Path, what: str, *used: str, keep: int = 1, days: int = 30, mode: str = "delete") -> list[str]:
    """Run the script as a pod does, and give what it says that it deleted."""
    script = folder / CLEANUP.file_name
    script.write_text(CLEANUP.text)
    args = (sys.executable, "-I", str(script), what, str(folder / "root"), str(keep), str(days), mode, *used)
    said = json.loads(run(Command(args=args, cwd=folder, timeout=30)).stdout)
    return [*said["deleted"]]


def age(path: Path, days: float) -> None:
    then = time.time() - days * DAY
    os.utime(path, (then, then))


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A model with versions of 100, 80, 60 and 1 days, and one that nobody has finished."""
    root = tmp_path / "root"
    (root / "registry").mkdir(parents=True)
    (root / "wine" / "aliases").mkdir(parents=True)
    for name, days in {"v1": 100, "v2": 80, "v3": 60, "v4": 1}.items():
        version = root / "wine" / "versions" / name
        version.mkdir(parents=True)
        (version / "model.pkl").write_text("model")
        (version / "metadata.json").write_text("{}")
        age(version / "metadata.json", days)
    unfinished = root / "wine" / "versions" / "v0"
    unfinished.mkdir()
    (unfinished / "model.pkl").write_text("half")
    age(unfinished, 200)
    return root


def left(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "wine" / "versions").iterdir())


def test_old_finished_versions_go_and_all_others_stay(store: Path) -> None:
    assert clean(store.parent, "models") == [f"wine/versions/{name}" for name in ("v1", "v2", "v3")]
    assert left(store) == ["v0", "v4"]


def test_without_delete_it_only_tells(store: Path) -> None:
    before = left(store)
    assert clean(store.parent, "models", mode="tell")
    assert left(store) == before


def test_the_newest_stay_whatever_their_age(store: Path) -> None:
    assert clean(store.parent, "models", keep=3) == ["wine/versions/v1"]


def test_what_the_environment_names_stays(store: Path) -> None:
    clean(store.parent, "models", "wine/v1", "other/v2")
    assert left(store) == ["v0", "v1", "v4"]


@pytest.mark.parametrize("place", ["wine/aliases/stable", "registry/current-version", "registry/metadata.json"])
def test_what_an_alias_or_the_registry_names_stays(store: Path, place: str) -> None:
    path = store / place
    if place.endswith("stable"):
        path.symlink_to("../versions/v2")
    else:
        path.write_text('{"current": "v2"}' if place.endswith("json") else "v2\n")
    clean(store.parent, "models")
    assert left(store) == ["v0", "v2", "v4"]


def test_what_an_earlier_run_renamed_goes_with_the_next_one(store: Path) -> None:
    gone = store / "wine" / "versions" / ".removed-v1"
    (store / "wine" / "versions" / "v1").rename(gone)
    clean(store.parent, "models", mode="tell")
    assert gone.is_dir()
    clean(store.parent, "models")
    assert not gone.exists()


def test_a_link_among_the_versions_is_none(store: Path) -> None:
    (store / "wine" / "versions" / "latest").symlink_to("v1")
    clean(store.parent, "models", "wine/v1")
    assert left(store) == ["latest", "v0", "v1", "v4"]


@pytest.mark.parametrize(("keep", "days"), [(0, 30), (-1, 30), (1, 0)])
def test_a_run_that_would_keep_nothing_refuses_to_begin(store: Path, keep: int, days: int) -> None:
    before = left(store)
    with pytest.raises(ToolCrashedError, match="must be at least 1"):
        clean(store.parent, "models", keep=keep, days=days)
    assert left(store) == before


@pytest.fixture
def data(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    for name, days in {"2026-08": 90, "2026-09": 60, "2026-10": 40, "2026-11": 2}.items():
        (root / name / "part").mkdir(parents=True)
        (root / name / "part" / "a.csv").write_text("1")
        for path in (root / name / "part" / "a.csv", root / name / "part", root / name):
            age(path, days)
    return root


def test_old_folders_of_data_go_by_the_last_change_in_them(data: Path) -> None:
    (data / "2026-08" / "part" / "b.csv").write_text("2")
    assert clean(data.parent, "data") == ["2026-09", "2026-10"]


@pytest.mark.parametrize("used", ["2026-08", "2026-08/part/a.csv", "."])
def test_data_that_is_used_stays_with_the_folder_that_holds_it(data: Path, used: str) -> None:
    assert "2026-08" not in clean(data.parent, "data", used)


def arguments(**components: Any) -> list[str]:
    others = {"model-store": MODEL_STORE, "training": TRAINING, **components}
    job = build("old-models", {"old-models": OLD, **others}).one("CronJob")
    (container,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    return [*container["args"]]


def test_a_run_is_told_every_version_that_is_served_or_trained() -> None:
    assert arguments(inference=SERVING) == [
        *("models", "/shared-models/aurora", "1", "30", "delete"),
        *("california-housing/v20260901-120000", "wine/v20260101-000000", "wine/v20260201-000000"),
    ]


def test_a_version_that_a_service_names_in_its_variables_stays() -> None:
    service = {
        "kind": "WebService",
        "namespace": "aurora",
        "image": "inference",
        "resources": {"cpu": "1", "memory": "2Gi"},
        "storage": {"models": {"component": "model-store", "path": "/shared-models"}},
        "env": {"MODEL_NAME": "wine", "MODEL_VERSION": "v20250101-000000"},
    }
    assert "wine/v20250101-000000" in arguments(api=service)


def test_versions_of_another_store_are_not_its_matter() -> None:
    elsewhere = {**SERVING, "storage": "other-store", "namespace": "research"}
    assert arguments(inference=elsewhere)[5:] == ["california-housing/v20260901-120000"]


def test_it_never_runs_twice_and_ends() -> None:
    job = build("old-models", {"old-models": OLD, "model-store": MODEL_STORE}).one("CronJob")["spec"]
    assert job["concurrencyPolicy"] == "Forbid"
    assert job["jobTemplate"]["spec"]["activeDeadlineSeconds"] == 1800


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"of": {"type": "models", "keep": 0, "olderThanDays": 30}}, "greater than or equal to 1"),
        ({"of": {"type": "models", "keep": 1, "olderThanDays": -3}}, "greater than or equal to 1"),
        ({"schedule": "0 4 * *"}, "it has 4 fields instead of 5"),
    ],
)
def test_an_entry_that_keeps_nothing_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        specification({**OLD, **changes})
