"""A cluster is judged by its own minor version's code where that build is there, and by the default one elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from aurora import manifests
from aurora.checks.server import ServerCheck
from aurora.errors import ToolMissingError, ToolVersionError
from aurora.model.inventory import Inventory
from aurora.server_validation.session import program, skew
from aurora.tools.installed import Toolbox
from aurora.tools.settings import Settings

DEFAULT, OTHER, NEXT = "server-validation", "server-validation-1.34", "server-validation-1.36"
STATEFUL_SET = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web, namespace: shop}
spec:
  serviceName: web
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: registry.example.com/web:v1}]
      %s
"""


def toolbox(*present: str, wrong: str = "") -> Callable[[str], Path]:
    """Stands in for the finder of programs: the path of one is its name."""

    def locate(name: str) -> Path:
        if name == wrong:
            raise ToolVersionError("another version")
        if name not in present:
            raise ToolMissingError("not installed")
        return Path(name)

    return locate


@pytest.mark.parametrize(
    ("kubernetes", "present", "chosen"),
    [
        ("1.34", (DEFAULT, OTHER), OTHER),
        ("1.34", (DEFAULT,), DEFAULT),
        ("1.35", (DEFAULT, OTHER), DEFAULT),
        ("1.20", (DEFAULT, OTHER), DEFAULT),
    ],
)
def test_the_build_of_the_clusters_version_judges(kubernetes: str, present: tuple[str, ...], chosen: str) -> None:
    assert program(toolbox(*present), kubernetes) == Path(chosen)


def test_a_build_that_somebody_names_wrongly_is_not_passed_over() -> None:
    with pytest.raises(ToolVersionError):
        program(toolbox(DEFAULT, wrong=OTHER), "1.34")


def test_without_any_build_nothing_is_judged() -> None:
    with pytest.raises(ToolMissingError):
        program(toolbox(), "1.34")


@pytest.mark.parametrize(
    ("kubernetes", "hint"),
    [
        ("1.34", "run `aurora tools install --kubernetes 1.34`: it builds the program from the code of v1.34.4"),
        ("1.20", "there are builds for 1.34, 1.35, 1.36"),
    ],
)
def test_the_note_says_how_to_have_the_right_code(kubernetes: str, hint: str) -> None:
    (note,) = skew({"versionSkew": True}, kubernetes, "v1.35.4", "demo", judged="objects")
    assert note.message == f"the cluster runs {kubernetes}, the objects were judged by v1.35.4"
    assert note.hint == hint
    assert list(skew({}, kubernetes, "v1.35.4", "demo", judged="objects")) == []


@pytest.mark.real_tools
@pytest.mark.parametrize(
    ("name", "judged"),
    [
        (OTHER, ("v1.34.4", {"server/unknown-field"})),
        (DEFAULT, ("v1.35.4", {"server/drift"})),
        (NEXT, ("v1.36.3", {"server/unknown-field"})),
    ],
)
def test_each_release_judges_by_its_own_fields(
    real_toolbox: Toolbox, tmp_path: Path, name: str, judged: tuple[str, set[str]]
) -> None:
    """1.35 brought `workloadRef` of pods (KEP-4671); 1.34 does not know it, and 1.36 has another field in its place.

    The other builds are made on request only, so that CI has those that an environment needs.
    """
    try:
        real_toolbox.locate(name)
    except ToolMissingError as error:
        pytest.skip(f"{error.message}; {error.hint}")
    read = manifests.read((STATEFUL_SET % "workloadRef: {name: w, podGroup: g}").encode(), "in.yaml")
    check = ServerCheck(real_toolbox.locate, ("server",))
    settings = Settings(cache=tmp_path / "cache", workspace=tmp_path)
    kubernetes = judged[0].removeprefix("v").rpartition(".")[0]
    (result,) = check.results(Inventory(read.manifests, kubernetes=kubernetes), settings)
    assert result.tool is not None
    assert (result.tool.version, {finding.rule for finding in result.findings}) == judged
