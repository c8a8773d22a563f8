"""Where upstream's definitions come from and under which licence: the README beside a folder of sources.

It holds one table a profile (component, version, tag, commit, repository, licence) and the NOTICE texts that
must be handed on. A component that it does not list has no known licence, so nothing of it may be packed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import StringConstraints

from aurora.errors import StorageError, UsageError

README = "README.md"
LICENCE_FILE = "LICENSE-Apache-2.0.txt"
LICENCE = "Apache-2.0"

Word = Annotated[str, StringConstraints(min_length=1)]
_COLUMNS = {
    "component": "name",
    "version": "version",
    "upstream repository": "repository",
    "tag": "tag",
    "commit": "commit",
    "licence": "licence",
}
_NOTICE_HEAD = """\
The definitions in this folder are the work of the projects below, under the
Apache License 2.0 (file LICENSE). Changed by Aurora: every text for people,
printer columns, conversion settings and versions that are not served were
removed, and the files were rewritten as JSON.
"""
_NOTICE = re.compile(r"^### (?P<repository>[\w.-]+/[\w.-]+)\n+```text\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True, order=True)
class SourceComponent:
    """One release of an upstream project."""

    name: Word
    version: Word
    repository: Word
    tag: Word
    commit: Word
    licence: Word


@dataclass(frozen=True, slots=True)
class Provenance:
    """The releases that a source holds, by the name of their folder, their notices, and the licence's text."""

    components: dict[str, SourceComponent]
    notices: dict[str, str]
    licence: str

    def component(self, relative: str) -> SourceComponent:
        """Find the release that a file belongs to by the folders it lies in.

        Raises:
            UsageError: no folder around it is that of a listed release, or its licence has no text here.
        """
        for part in PurePosixPath(relative).parts[:-1]:
            found = self.components.get(part)
            if found is not None and found.licence == LICENCE:
                return found
            if found is not None:
                raise UsageError(
                    f"`{relative}` is under the licence {found.licence}, whose text the source does not hold",
                    hint=f"only definitions under {LICENCE} can be packed",
                )
        raise UsageError(
            f"`{relative}` lies in no folder `<component>-<version>` that `{README}` lists",
            hint="list its origin and licence there: the pack must name both",
        )

    def notice(self, components: Sequence[SourceComponent]) -> str:
        """Write the NOTICE of a pack: one line a component, then the projects' own notices word for word."""
        lines = [_NOTICE_HEAD]
        for each in components:
            lines.append(f"- {each.name} {each.version}: {each.repository}, tag {each.tag}, {each.licence}\n")
        for repository in sorted({each.repository for each in components} & self.notices.keys()):
            lines.append(f"\nNOTICE of {repository}\n\n{self.notices[repository]}")
        return "".join(lines)


def read(source: Path) -> Provenance:
    """Read the origins of a folder of sources; the README lies in it or directly above it.

    Raises:
        UsageError: there is no README, or no text of the licence beside it.
        StorageError: one of the two cannot be read.
    """
    for folder in (source, source.resolve().parent):
        if (folder / README).is_file() and (folder / LICENCE_FILE).is_file():
            text = _text(folder / README)
            return Provenance(_components(text), _notices(text), _text(folder / LICENCE_FILE))
    raise UsageError(
        f"`{source}` has no `{README}` and `{LICENCE_FILE}`, inside it or directly above",
        hint="the pack hands definitions on, so their origins and licence must be known",
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(f"`{path}` cannot be read: {error}") from error


def _components(text: str) -> dict[str, SourceComponent]:
    found: dict[str, SourceComponent] = {}
    header: list[str] = []
    for line in text.splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            header = []
        elif not header:
            header = cells
        elif _COLUMNS.keys() <= set(header) and cells[0] and not cells[0].startswith(("-", "*", ":")):
            row = {_COLUMNS[name]: cell for name, cell in zip(header, cells, strict=False) if name in _COLUMNS}
            component = SourceComponent(**row)
            found[f"{component.name}-{component.version}"] = component
    return found


def _notices(text: str) -> dict[str, str]:
    return {match["repository"]: match["text"].rstrip() + "\n" for match in _NOTICE.finditer(text)}
