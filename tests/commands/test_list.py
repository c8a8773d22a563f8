"""`aurora list --write` gives every component kind its page, whoever brings the kind."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field

from aurora.commands import component_pages
from aurora.paths import RepositoryPaths
from aurora_constructs.catalogue import BY_NAME, ComponentKind
from aurora_constructs.spec import ComponentSpec, Name, Spec
from commands.command_line import CommandLine, tree


class Lamp(Spec):
    """One lamp."""

    watts: Annotated[int, Field(ge=1, le=100)]
    """How bright it is."""


class BannerSpec(ComponentSpec):
    """A kind that the catalogue does not have."""

    kind: Literal["Banner"] = "Banner"
    colour: Literal["red", "blue"] = "red"
    """Its colour: `red` | `blue`."""
    lamps: dict[Name, Lamp]
    """Its lamps by name."""
    words: list[str] | str = []
    """What it says."""
    height: Annotated[int, Field(ge=2)] | None = None
    """Its height."""


BANNER = ComponentKind("Banner", "a banner", BannerSpec, chart="banner.chart:Banner", wave=0)


def committed(folder: Path) -> dict[str, str]:
    return {path: content.decode() for path, content in tree(folder).items()}


def test_the_committed_pages_are_those_of_the_kinds(repository: RepositoryPaths) -> None:
    folder = repository.root / "docs" / "components"
    expected = component_pages.pages(BY_NAME, repository, folder)
    assert committed(folder) == expected, "run `aurora list --write docs/components`"
    assert expected.keys() == {"README.md", *(f"{name}.md" for name in BY_NAME)}


@pytest.mark.parametrize("kind", BY_NAME.values(), ids=lambda kind: kind.name)
def test_a_page_has_every_field_an_example_and_what_is_emitted(
    repository: RepositoryPaths, kind: ComponentKind
) -> None:
    page = (repository.root / "docs" / "components" / f"{kind.name}.md").read_text(encoding="utf-8")
    table = page.partition("\n## Fields\n")[2]
    for name, field in kind.spec.model_fields.items():
        assert name == "kind" or f"\n| `{field.alias}` | " in table
    assert f"kind: {kind.name}\n" in page.partition("```yaml\n")[2].partition("```")[0]
    emits = page.partition("\n## Emits\n")[2]
    assert "| kind | API version |\n" in emits if kind.chart else "the objects of its folder" in emits.lower()


def test_a_kind_of_another_package_needs_no_change_here(tmp_path: Path) -> None:
    pages = component_pages.pages({"Banner": BANNER}, RepositoryPaths(tmp_path), tmp_path / "pages")
    assert "| [Banner](Banner.md) | a banner |  |" in pages["README.md"]
    assert pages["Banner.md"] == (
        "# Banner\n\nA banner.\n\n## Fields\n\n"
        "| field | type | default | meaning |\n"
        "|---|---|---|---|\n"
        '| `colour` | `red`, `blue` | `"red"` | Its colour: `red` \\| `blue`. |\n'
        "| `height` | integer, at least 2 |  | Its height. |\n"
        "| `lamps` | mapping of names to [Lamp](#lamp) | required | Its lamps by name. |\n"
        "| `words` | list of string or string | `[]` | What it says. |\n\n"
        "### Lamp\n\nOne lamp.\n\n"
        "| field | type | default | meaning |\n"
        "|---|---|---|---|\n"
        "| `watts` | integer, 1 to 100 | required | How bright it is. |\n\n"
        "## Emits\n\nNo case of this kind lies in the repository.\n"
    )


def test_objects_are_read_from_the_golden_cases(tmp_path: Path) -> None:
    case = tmp_path / "tests/golden" / Path(__file__).parent.name / "case/expected"
    case.mkdir(parents=True)
    (case / "a.yaml").write_text("apiVersion: v1\nkind: Secret\ndata: {text: |-\n  kind: No}\n", encoding="utf-8")
    (case / "b.yaml").write_text("apiVersion: apps/v1\nkind: Deployment\n", encoding="utf-8")
    pages = component_pages.pages({"Banner": BANNER}, RepositoryPaths(tmp_path), tmp_path)
    assert pages["Banner.md"].endswith("|---|---|\n| Deployment | `apps/v1` |\n| Secret | `v1` |\n")
    assert "| a banner | Deployment, Secret |" in pages["README.md"]


def test_writing_removes_the_page_of_a_kind_that_is_gone(aurora: CommandLine) -> None:
    aurora.write("pages/Astrology.md", "# Astrology\n")
    assert aurora("list", "components", "--write", "pages").code == 0
    assert committed(aurora.folder / "pages").keys() == {"README.md", *(f"{name}.md" for name in BY_NAME)}
    shutil.rmtree(aurora.folder / "pages")
    assert aurora("list", "--write", "pages").code == 0
    assert len(committed(aurora.folder / "pages")) == len(BY_NAME) + 1


def test_only_component_kinds_have_pages_here(aurora: CommandLine) -> None:
    outcome = aurora("list", "rules", "--write", "pages")
    assert (outcome.code, outcome.out) == (2, "")
    assert not (aurora.folder / "pages").exists()
