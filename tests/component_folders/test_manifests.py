"""A folder of manifests is compiled as it is, or every reason why not is said with its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from aurora import pipeline, validation
from aurora.component_folders import objects
from aurora.memory.store import FileMemory
from aurora.model.finding import Finding, Severity
from aurora.model.json_value import dig
from aurora.paths import RepositoryPaths
from aurora.render import files
from component_folders.conftest import Repository

Made = Callable[[], Repository]
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME, namespace: web}\ndata: {a: b}\n"
ENTRY = "{kind: Manifests}"
_VALUE = "ENC[AES256_GCM,data:YQ==,iv:YQ==,tag:YQ==,type:str]"
_SOPS = f'{{mac: "{_VALUE}", lastmodified: "2026-01-01T00:00:00Z", age: [{{recipient: age1x, enc: x}}]}}'
SEALED = f"{MAP.replace('a: b', f'a: {_VALUE!r}')}sops: {_SOPS}\n"


def config(name: str) -> str:
    return MAP.replace("NAME", name)


BROKEN = {
    "nothing": ({}, "environments/dev.yaml", "does not exist"),
    "another folder": ({"wen/a.yaml": config("a")}, "environments/dev.yaml", "does not exist"),
    "a file for a folder": ({"web": config("a")}, "environments/dev.yaml", "is no folder"),
    "no manifest": ({"web/README.md": "words"}, "components/web", "there is no object"),
    "no YAML": ({"web/a.yaml": config("a"), "web/b.yaml": "a: [b\n"}, "components/web/b.yaml", ""),
    "no object": ({"web/a.yaml": "a: b\n"}, "components/web/a.yaml", "`apiVersion` is missing"),
    "no name": ({"web/a.yaml": config("a").replace("name:", "generateName:")}, "components/web/a.yaml", "is missing"),
    "one identity twice": ({"web/a.yaml": config("a"), "web/b.yaml": config("a")}, "components/web/b.yaml", "a.yaml"),
    "an overlay": ({"web/kustomization.yaml": "resources: [a.yaml]\n"}, "components/web", "a Kustomize overlay"),
    "values": ({"web/a.yaml": config("a"), "web/values.yaml": "replicaCount: 1\n"}, "components/web/values.yaml", ""),
    "10 MiB": ({"web/a.yaml": config("a") + "# " + "x" * (10 << 20)}, "components/web/a.yaml", "more than 8"),
    "an encrypted object": ({"web/a.yaml": SEALED}, "components/web/a.yaml", "encrypted by SOPS"),
    "another key": ({"web/a.yaml": config("a").replace("a: b", "on: b")}, "components/web/a.yaml", "`true`"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_folder_that_cannot_be_brought_is_an_error_with_its_place(case: str, made: Made) -> None:
    content, path, words = BROKEN[case]
    (finding,) = made().refused(ENTRY, content)
    assert finding.place and finding.place.path == path
    assert words in finding.message
    assert str(Path.cwd().anchor) + "tmp" not in f"{finding.message} {finding.hint}"


def test_a_similar_name_of_a_folder_is_suggested(made: Made) -> None:
    (finding,) = made().refused(ENTRY, {"wen/a.yaml": config("a")})
    assert finding.hint == "did you mean `components/wen`?"


@pytest.mark.parametrize("link", ["web", "web/b.yaml", "web/more"])
def test_a_link_out_of_the_repository_is_an_error(link: str, made: Made, tmp_path: Path) -> None:
    repository, outside = made(), tmp_path / "outside"
    outside.mkdir()
    (outside / "b.yaml").write_text(config("b"), encoding="utf-8")
    repository.write(ENTRY, {} if link == "web" else {"web/a.yaml": config("a")})
    (repository.root / "components").mkdir(exist_ok=True)
    (repository.root / "components" / link).symlink_to(outside / "b.yaml" if link.endswith("yaml") else outside)
    (finding,) = repository.refused(ENTRY, {})
    assert "out of the repository" in finding.message


@pytest.mark.parametrize("folder", ["web", "/etc", "components/../policies", "components", "generated/dev"])
def test_only_a_folder_below_components_can_be_named(folder: str, made: Made) -> None:
    (finding,) = made().refused(f"{{kind: Manifests, folder: {folder}}}", {"web/a.yaml": config("a")})
    assert finding.rule == "environment/invalid-value"


def test_objects_get_a_wave_an_application_and_permissions(made: Made) -> None:
    compiled = made().compile(
        "{kind: Manifests, wave: 7}",
        {"web/a.yaml": f"{config('a')}---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: web}}\n"},
    )
    paths = files(compiled.manifests)
    assert "generated/dev/web/web/configmap.a.yaml" in paths
    by_kind = {(entry.id.kind, entry.id.name): entry for entry in compiled.manifests}
    assert by_kind["Namespace", "web"].annotations == {"argocd.argoproj.io/sync-wave": "-30"}
    assert by_kind["Application", "dev-web"].annotations["argocd.argoproj.io/sync-wave"] == "7"
    project = by_kind["AppProject", "dev"]
    assert {"group": "", "kind": "Namespace"} in project.get("spec", "clusterResourceWhitelist")  # type: ignore[operator]
    assert {"group": "", "kind": "ConfigMap"} in project.get("spec", "namespaceResourceWhitelist")  # type: ignore[operator]


def test_findings_lead_to_the_line_of_the_field_in_the_folder(made: Made) -> None:
    repository = made()
    compiled = repository.compile(ENTRY, {"web/a.yaml": f"{config('a')}---\n{config('b')}"})
    (second,) = (entry for entry in compiled.manifests if entry.id.name == "b")
    assert str(second.origin) == "components/web/a.yaml:6"
    finding = Finding(
        rule="x/y",
        severity=Severity.ERROR,
        message="",
        environment="dev",
        pointer="/data/a",
        origin=second.origin,
        resource=second.id,
    )
    (traced,) = objects.traced([finding], compiled.environment)
    assert str(traced.origin) == "components/web/a.yaml:9"


def test_committed_objects_lead_to_the_folder_too(made: Made) -> None:
    repository = made()
    compiled = repository.compile(ENTRY, {"web/a.yaml": config("a")})
    for path, content in files(compiled.manifests).items():
        (repository.root / path).parent.mkdir(parents=True, exist_ok=True)
        (repository.root / path).write_bytes(content)
    subject = validation.committed(RepositoryPaths(repository.root), compiled.environment)
    (read,) = (entry for entry in subject.inventory.manifests if entry.component == "web")
    assert str(read.origin) == "components/web/a.yaml:1"


def test_a_changed_file_is_read_again_and_an_unchanged_one_is_remembered(made: Made, tmp_path: Path) -> None:
    repository, memory = made(), FileMemory(tmp_path / "memory")
    repository.write(ENTRY, {"web/a.yaml": config("a")})
    (environment,) = pipeline.load_environments(RepositoryPaths(repository.root), ["dev"])
    first, second = objects.objects(environment, memory), objects.objects(environment, memory)
    assert first == second
    repository.write(ENTRY, {"web/a.yaml": config("a").replace("a: b", "a: c")})
    (third,) = objects.objects(environment, memory)
    assert dig(third.body, "data", "a") == "c"
