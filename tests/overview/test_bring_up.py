"""The order in which a fresh cluster comes up: nothing waits for a later step, and the page shows it."""

from __future__ import annotations

import pytest

from aurora import pipeline, validation
from aurora.overview.bring_up import HEAD, Step, steps
from aurora.reporters.markdown_text import table
from commands.command_line import CommandLine
from reference.platform import NAMES, ROOT, reference

PAGE = ROOT / "docs" / "bring-up.md"
BEGIN, END = "<!-- bring-up: written by the test -->\n", "<!-- bring-up: end -->"


def of(name: str) -> tuple[Step, ...]:
    (environment,) = pipeline.load_environments(reference(), [name])
    return steps(validation.readable(reference(), environment))


@pytest.mark.parametrize("name", NAMES)
def test_no_step_needs_a_later_one(name: str) -> None:
    found = of(name)
    place = {step.application: number for number, step in enumerate(found)}
    pairs = [(step.application, needed) for step in found for needed in step.needs]
    assert [(own, needed) for own, needed in pairs if place[needed] > place[own]] == []
    assert pairs


@pytest.mark.parametrize("name", NAMES)
def test_every_application_is_one_step_and_the_root_is_the_first(name: str) -> None:
    found = of(name)
    files = list((reference().root / "generated" / name).rglob("application.*.yaml"))
    assert sorted(f"application.{step.application}.yaml" for step in found) == sorted(file.name for file in files)
    assert (found[0].application, found[0].waves) == (name, ())


def test_the_page_shows_the_order(request: pytest.FixtureRequest) -> None:
    rows = [step.cells for step in of("aurora-prod")]
    shown = "\n".join(table(HEAD, rows, numbers_from=len(HEAD))) + "\n"
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page = f"{before}{BEGIN}\n{shown}\n{END}{after}"
    if request.config.getoption("--update-golden"):
        PAGE.write_text(page, encoding="utf-8", newline="\n")
    assert PAGE.read_text(encoding="utf-8") == page, "see `pytest --update-golden`"


def test_the_command_prints_a_line_for_each_application(aurora: CommandLine) -> None:
    assert aurora("synth").code == 0
    printed = aurora("bring-up", "example")
    applications = list((aurora.folder / "generated" / "example").rglob("application.*.yaml"))
    assert (printed.code, len(printed.out.splitlines())) == (0, len(applications) + 1)
    assert aurora("bring-up", "exmaple").code == 2
