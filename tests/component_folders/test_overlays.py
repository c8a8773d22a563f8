"""An overlay is built without a network, or every reason why not is said with file, line and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aurora import pipeline
from aurora.component_folders import objects, overlays
from aurora.memory.store import FileMemory
from aurora.model.finding import Finding, Severity
from aurora.paths import RepositoryPaths
from aurora.tools import protocol
from component_folders.conftest import Files, Repository

pytestmark = pytest.mark.real_tools
Made = Callable[[], Repository]
ENTRY = "{kind: Kustomization, folder: components/web/prod}"
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  ports: [{port: 80}]\n"
BASE: Files = {
    "web/base/kustomization.yaml": "resources: [all.yaml]\nconfigMapGenerator:\n- name: settings\n  literals: [a=b]\n",
    "web/base/all.yaml": SERVICE.replace("name: web", "name: other") + "---\n" + SERVICE,
    "web/prod/kustomization.yaml": "resources: [../base]\nnamePrefix: p-\nnamespace: web\n",
}
PROD = "web/prod/kustomization.yaml"
WRONG = {
    "a remote base": ({PROD: "resources:\n- github.com/a/b?ref=v1\n"}, f"components/{PROD}:2:3", "nothing is fetched"),
    "a chart": ({PROD: "resources: [../base]\nhelmCharts: [{name: x}]\n"}, f"components/{PROD}:2:1", "no chart"),
    "a loop": ({PROD: "resources: [../base, ../prod]\n"}, f"components/{PROD}:1:22", "leads back"),
    "no kustomization file": ({PROD: ""}, f"components/{PROD}:1:1", "is no mapping"),
    "nothing": ({PROD: "resources: []\nnamePrefix: a-\n"}, "components/web/prod:1:1", "builds no object"),
    "10 MiB": ({"web/base/all.yaml": SERVICE + "#" * (10 << 20)}, "components/web/base/all.yaml:1:1", "more than 8"),
    "no name": (
        {"web/base/all.yaml": "apiVersion: v1\nkind: Service\n"},
        "components/web/base/kustomization.yaml:1:13",
        "metadata.name",
    ),
}


def test_objects_have_the_line_of_their_file_or_of_their_generator(made: Made) -> None:
    compiled = made().compile(ENTRY, BASE)
    own = {str(entry.id): str(entry.origin) for entry in compiled.manifests if entry.component == "web"}
    assert own == {
        "ConfigMap web/p-settings-4h2mbtbbt6": "components/web/base/kustomization.yaml:3",
        "Service web/p-other": "components/web/base/all.yaml:1",
        "Service web/p-web": "components/web/base/all.yaml:7",
    }
    by_name = {entry.id.name: entry for entry in compiled.manifests}

    def traced(name: str, pointer: str) -> str:
        about: Any = {"rule": "x/y", "severity": Severity.ERROR, "message": "", "environment": "dev"}
        entry = by_name[name]
        finding = Finding(**about, pointer=pointer, origin=entry.origin, resource=entry.id)
        return str(objects.traced([finding], compiled.environment)[0].origin)

    assert traced("p-web", "/spec/ports/0") == "components/web/base/all.yaml:11"
    assert traced("p-settings-4h2mbtbbt6", "/data/a") == "components/web/base/kustomization.yaml:3"


@pytest.mark.parametrize("case", WRONG)
def test_an_overlay_that_cannot_be_built_is_an_error_with_its_place(case: str, made: Made) -> None:
    changed, place, words = WRONG[case]
    (finding,) = made().refused(ENTRY, {**BASE, **changed})
    assert str(finding.place) == place
    assert words in finding.message


def test_a_link_out_of_the_repository_is_no_file_of_an_overlay(made: Made, tmp_path: Path) -> None:
    repository = made()
    (tmp_path / "secret").write_text(SERVICE, encoding="utf-8")
    repository.write(ENTRY, {**BASE, PROD: "resources: [a.yaml]\n"})
    (repository.root / "components" / "web" / "prod" / "a.yaml").symlink_to(tmp_path / "secret")
    (finding,) = repository.refused(ENTRY, {})
    assert finding.place and finding.place.path == "components/web/prod/a.yaml"
    assert finding.message == "this link leads out of the repository"


def test_a_changed_base_is_built_again_and_nothing_else(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository, memory, built = made(), FileMemory(tmp_path / "memory"), list[str]()
    converse = protocol.converse

    def counted(*given: Any, **named: Any) -> Any:
        built.append("")
        return converse(*given, **named)

    monkeypatch.setattr(overlays, "converse", counted)
    repository.write(ENTRY, BASE)
    (environment,) = pipeline.load_environments(RepositoryPaths(repository.root), ["dev"])
    assert objects.objects(environment, memory) == objects.objects(environment, memory)
    assert len(built) == 1
    repository.write(ENTRY, {"web/base/all.yaml": SERVICE})
    assert len(objects.objects(environment, memory)) == 2
    assert len(built) == 2


def test_the_program_is_looked_for_only_where_an_environment_has_an_overlay(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AURORA_KUSTOMIZER", "/does/not/exist")
    compiled = made().compile("{kind: Manifests, folder: components/web/base}", {"web/base/all.yaml": SERVICE})
    assert any(entry.component == "web" for entry in compiled.manifests)
