"""The README names every command and no other, and options that they have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from aurora.app import app

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def commands(found: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    inner = getattr(found, "commands", None)
    if inner is None:
        yield name, found
    else:
        for word, command in inner.items():
            yield from commands(command, f"{name} {word}".strip())


KNOWN = dict(commands(get_command(app)))
ROWS = [line for line in README.splitlines() if line.startswith("| `aurora ")]


def named(row: str) -> str:
    [name] = {name for name in KNOWN if re.match(rf"\| `aurora {name}[ `]", row)}
    return name


def options(name: str) -> set[str]:
    return {spelling for parameter in KNOWN[name].params for spelling in parameter.opts}


def test_every_command_has_its_row() -> None:
    assert {named(row) for row in ROWS} == set(KNOWN)


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_a_row_names_options_that_its_command_has(row: str) -> None:
    assert set(re.findall(r"(?<![\w-])--[a-z-]+", row)) <= options(named(row))


def test_options_outside_of_the_table_exist() -> None:
    every = {spelling for name in KNOWN for spelling in options(name)} | {"--help", "--install-completion"}
    assert set(re.findall(r"`(--[a-z-]+)", README)) <= every


def test_pages_that_the_readme_links_to_exist() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert all((ROOT / link).exists() for link in links)
