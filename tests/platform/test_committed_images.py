"""The workflow of the images pins them where environments pull them from, and pushes nothing unscanned."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from aurora.environment.load import load
from aurora.paths import RepositoryPaths
from aurora.promotion import built
from aurora.tools.runner import Command, run

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW: dict[str, Any] = YAML(typ="safe").load(ROOT / ".github" / "workflows" / "images.yaml")
PUBLISH: dict[str, Any] = WORKFLOW["jobs"]["publish"]
ROWS: list[dict[str, str]] = PUBLISH["strategy"]["matrix"]["include"]
COMMIT, VERSION, DIGEST = "c" * 40, "v1.5.0", "sha256:" + "d" * 64
DOCKER = f"""\
#!/bin/sh
echo "$*" >> calls
case "$1" in image) for last; do :; done; echo "local@sha256:{"0" * 64}"; echo "${{last%:*}}@{DIGEST}";; esac
"""


def lines(row: dict[str, str]) -> list[list[str]]:
    return [line.split() for line in row["pins"].splitlines()]


def test_every_image_that_has_a_containerfile_is_built() -> None:
    files = {path.name.removesuffix(".Containerfile") for path in (ROOT / "programs" / "images").iterdir()}
    assert [row["image"] for row in ROWS] == sorted(files)


def test_images_are_pushed_to_where_environments_of_the_first_stage_pull_them_from(repository: RepositoryPaths) -> None:
    for environment, name, path, kind in (line for row in ROWS for line in lines(row)):
        found = load(repository, environment)
        assert found.spec.images[name].repository == f"registry.example.com/{path}"
        assert kind in {"version", "commit"}
        others = [load(repository, other) for other in repository.environment_names()]
        earlier = [
            one.name
            for one in others
            if (one.spec.names, one.spec.cluster.provider) == (found.spec.names, found.spec.cluster.provider)
            and (one.spec.stage, found.spec.stage) == ("dev", "prod")
        ]
        assert earlier == [], f"{environment} gets its images by promotion"


def test_the_image_is_tried_and_scanned_before_it_is_pushed_and_attested_after() -> None:
    steps = [step.get("uses", step.get("name", "")).partition("@")[0] for step in PUBLISH["steps"]]
    order = ["Build the image", "aquasecurity/trivy-action", "Push the image", "actions/attest-build-provenance"]
    assert [step for step in steps if step in order] == order
    (scan,) = [step["with"] for step in PUBLISH["steps"] if "trivy" in step.get("uses", "")]
    assert scan["exit-code"] == "1"


def script(name: str) -> str:
    (found,) = [step["run"] for step in PUBLISH["steps"] if step.get("name") == name]
    return str(found)


def bash(folder: Path, text: str, surroundings: dict[str, str], code: int = 0) -> str:
    program = shutil.which("bash")
    assert program
    args = (program, "--noprofile", "--norc", "-eo", "pipefail", "-c", text)
    environment = {"PATH": f"{folder}/bin:{os.environ['PATH']}", **surroundings}
    return run(
        Command(args=args, cwd=folder, timeout=60, environment=environment, accepted_codes=frozenset({code}))
    ).stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose `docker` only writes down what it is asked."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "docker").write_text(DOCKER)
    (tmp_path / "bin" / "docker").chmod(0o755)
    return tmp_path


@pytest.mark.skipif(shutil.which("jq") is None, reason="the script calls jq, which GitHub's runners have")
def test_what_is_pushed_is_listed_as_the_command_reads_it(folder: Path, repository: RepositoryPaths) -> None:
    for row in ROWS:
        surroundings = {
            "BUILT": f"local/{row['image']}:built",
            "REGISTRY": "registry.example.com",
            "PINS": row["pins"],
            "GITHUB_REF_NAME": VERSION,
            "GITHUB_SHA": COMMIT,
            "GITHUB_OUTPUT": str(folder / "output"),
            "REGISTRY_USER": "somebody",
            "REGISTRY_PASSWORD": "secret",
        }
        bash(folder, script("Push the image"), surroundings)
    calls = (folder / "calls").read_text()
    assert "secret" not in calls and calls.count("push --quiet") == sum(len(lines(row)) for row in ROWS)
    assert f"digest={DIGEST}" in (folder / "output").read_text()
    for environment in {line[0] for row in ROWS for line in lines(row)}:
        files = sorted((folder / "built").glob(f"{environment}--*.json"))
        listed = folder / f"{environment}.json"
        listed.write_text(json.dumps({"images": [json.loads(file.read_text()) for file in files]}))
        images = load(repository, environment).spec.images
        for image in built.read(listed):
            assert image.repository == images[image.name].repository
            assert image.digest == DIGEST
            assert image.tag == (COMMIT if environment == "housing-prod" else VERSION)
            assert f"push --quiet {image.repository}:{image.tag}\n" in calls


def test_a_base_without_its_digest_stops_the_workflow(folder: Path) -> None:
    surroundings = {"BUILD_BASE": "python:3.13", "RUN_BASE": f"base@{DIGEST}", "BUILT": "x", "IMAGE": "trainer"}
    said = bash(folder, script("Build the image"), surroundings, code=2)
    assert "with their digests" in said and not (folder / "calls").exists()
    whole = {**surroundings, "BUILD_BASE": f"python:3.13@{DIGEST}", "SOURCE": "s", "GITHUB_REF_NAME": VERSION}
    bash(folder, script("Build the image"), {**whole, "GITHUB_SHA": COMMIT})
    assert f"--build-arg BUILD_BASE=python:3.13@{DIGEST}" in (folder / "calls").read_text()
