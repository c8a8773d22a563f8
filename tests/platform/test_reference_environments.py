"""What the reference environments emit: pinned, bounded, synchronised, and of every kind that components declare."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from aurora import pipeline
from aurora.kinds.table import is_builtin_group
from aurora.model.json_value import dig
from aurora.model.manifest import Manifest
from aurora.model.pod_template import Container
from aurora.yamlio import reading
from aurora_constructs.catalogue import BY_NAME, KINDS, packed_kinds
from aurora_constructs.names import DEFAULT
from reference.platform import NAMES, ROOT, reference

PATHS = reference()
PINNED = re.compile(r"[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)+:[A-Za-z0-9_][\w.-]*@sha256:[0-9a-f]{64}")


@cache
def compiled(name: str) -> pipeline.Compiled:
    (environment,) = pipeline.load_environments(PATHS, [name])
    return pipeline.compile_environment(environment, pipeline.Clock())


def emitted(name: str) -> list[Manifest]:
    return [manifest for manifest in compiled(name).manifests if manifest.emitted]


def containers(name: str) -> Iterator[tuple[Manifest, Container]]:
    for pod in compiled(name).inventory.pods():
        for container in pod.containers:
            yield pod.manifest, container


@pytest.mark.parametrize("name", NAMES)
def test_the_bare_metal_platform_is_whole(name: str) -> None:
    assert len(emitted(name)) >= 60


@pytest.mark.parametrize("name", NAMES)
def test_no_secret_is_emitted(name: str) -> None:
    assert [manifest.id for manifest in emitted(name) if manifest.id.kind == "Secret"] == []


@pytest.mark.parametrize("name", NAMES)
def test_images_are_pinned_by_tag_and_digest(name: str) -> None:
    images = [str(container.body.get("image")) for _, container in containers(name)]
    assert images
    assert [image for image in images if not PINNED.fullmatch(image) or ":latest" in image] == []


@pytest.mark.parametrize("name", NAMES)
def test_everything_has_requests_and_limits(name: str) -> None:
    wanted = [("requests", "cpu"), ("requests", "memory"), ("limits", "memory")]
    missing = [
        (str(manifest.id), container.name, step)
        for manifest, container in containers(name)
        for step in wanted
        if not dig(container.body, "resources", *step)
    ]
    assert missing == []


@pytest.mark.parametrize("name", NAMES)
def test_every_component_has_an_application(name: str) -> None:
    paths = {
        dig(manifest.body, "spec", "source", "path") for manifest in emitted(name) if manifest.id.kind == "Application"
    }
    wanted = {f"generated/{name}/{component.name}" for component in compiled(name).environment.components}
    assert wanted | {f"generated/{name}/argocd"} <= paths


@pytest.mark.parametrize(("name", "first"), [("aurora-prod", True), ("aurora-dev", False)])
def test_a_run_comes_before_what_serves_its_version_and_else_last(name: str, first: bool) -> None:
    waves = {
        manifest.id.name.removeprefix(f"{name}-"): int(manifest.annotations.get("argocd.argoproj.io/sync-wave", "0"))
        for manifest in emitted(name)
        if manifest.id.kind == "Application"
    }
    assert (waves["operator"] < waves["training"] < waves["inference"]) is first
    assert (waves["training"] == max(waves.values())) is not first


def test_production_follows_a_tag_and_development_a_branch() -> None:
    assert compiled("aurora-prod").environment.spec.gitops.revision == "v1.4.0"
    assert compiled("aurora-dev").environment.spec.gitops.revision == "main"


def actions(name: str) -> dict[str, tuple[object, object]]:
    """Give what each judging policy does with what it refuses, and what happens while Kyverno is away."""
    return {
        manifest.id.name: (manifest.get("spec", "validationActions"), manifest.get("spec", "failurePolicy"))
        for manifest in emitted(name)
        if manifest.id.kind == "ValidatingPolicy"
    }


def test_development_audits_and_production_denies_but_where_it_says_why_not() -> None:
    development, production = actions("aurora-dev"), actions("aurora-prod")
    assert len(development) >= 11
    assert [name for name, action in development.items() if action != (["Audit"], "Ignore")] == []
    assert production.keys() - development.keys() == {"require-image-digest"}
    softened = {name for name, action in production.items() if action != (["Deny"], "Fail")}
    assert softened == {"restrict-application-repositories"}
    lines = PATHS.environment("aurora-prod").read_text().splitlines()
    for name in softened:
        (number,) = [number for number, line in enumerate(lines) if line.strip().startswith(f"{name}:")]
        assert lines[number - 1].strip().startswith("#")


def test_both_traffic_profiles_are_compiled() -> None:
    assert {manifest.id.kind for manifest in emitted("aurora-prod")} >= {"Gateway", "GatewayClass", "HTTPRoute"}
    assert [manifest.id.name for manifest in emitted("aurora-dev") if manifest.id.kind == "Ingress"] == [
        "aurora-inference",
        "aurora-inference-canary",
    ]


def in_golden_files() -> set[str]:
    """Give the custom kinds that the golden cases emit: those of clouds are in no reference environment."""
    found = set()
    for path in (ROOT / "tests/golden").glob("*/*/expected/**/*.yaml"):
        body: Any = reading.parse(path.read_text(encoding="utf-8")).value
        found.add(f"{body['apiVersion'].partition('/')[0]}/{body['kind']}")
    return found


def test_components_declare_the_custom_kinds_that_they_emit() -> None:
    found: dict[str, set[str]] = {kind.name: set() for kind in KINDS}
    for name in NAMES:
        kinds = {component.name: component.kind.name for component in compiled(name).environment.components}
        for manifest in emitted(name):
            if not is_builtin_group(manifest.id.group):
                owner = kinds.get(manifest.component or "", "PlatformCharts")
                found[owner].add(f"{manifest.id.group}/{manifest.id.kind}")
    for kind, names in found.items():
        own = {f"{DEFAULT.api_group}/{name}" for name in BY_NAME[kind].own_kinds}
        assert names <= {*BY_NAME[kind].custom_kinds, *own}, kind
    assert set().union(in_golden_files(), *found.values()) >= set(packed_kinds())
