"""Reads a repository's settings and says, all at once and each with its place, what is wrong with them.

Whether the rules, checks and files that they name exist is judged where these are known.
"""

import errno
import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aurora.console import printable
from aurora.errors import InputError, StorageError
from aurora.model.finding import Finding, Severity, order
from aurora.model.place import Place
from aurora.settings.places import place
from aurora.settings.rules import INVALID
from aurora.settings.values import BASELINE, RuleSettings, Settings, shown
from aurora_constructs.spelling import closest

FILE = "aurora.toml"
PROJECT = "pyproject.toml"
TABLE = ("tool", "aurora")
TOO_DEEP = "this is nested too deeply to be read"
LEVELS = (*map(str, Severity), "off")
_TOML_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$")
_ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)
"""No file: a name that is too long is one of no file either."""


def read(root: Path) -> Settings:
    """Read the settings of the repository whose root this is; where there are none, give those that hold by default.

    Raises:
        InputError: they cannot be used; it carries a finding for each reason.
        StorageError: a file exists and cannot be read.
    """
    settings, findings = collect(root)
    refuse(findings)
    return settings


def collect(root: Path) -> tuple[Settings, list[Finding]]:
    """Read the settings as far as they can be used, and say what is wrong with the others.

    Raises:
        InputError: a file is no TOML.
        StorageError: it exists and cannot be read.
    """
    own, project = _text(root / FILE), _text(root / PROJECT)
    if own is not None:
        found = _Table(FILE, own, (), _parsed(FILE, own))
        if project is not None and _aurora(_parsed(PROJECT, project)) is not None:
            found.problem(
                (), f"`{PROJECT}` has a table `{shown(TABLE)}` too", "keep all settings in one of the two files"
            )
        return _settings(found)
    settings = None if project is None else _aurora(_parsed(PROJECT, project))
    if project is None or settings is None:
        return Settings(), []
    return _settings(_Table(PROJECT, project, TABLE, settings))


def root(folder: Path) -> Path:
    """Give the root that foreign manifests' settings stand in: the nearest parent with settings, or the folder itself.

    Raises:
        InputError: a file on the way is no TOML.
        StorageError: it cannot be read.
    """
    for parent in (folder, *folder.parents):
        project = _text(parent / PROJECT)
        if _text(parent / FILE) is not None or (project is not None and _aurora(_parsed(PROJECT, project)) is not None):
            return parent
    return folder


def invalid(where: Place | None, message: str, hint: str) -> Finding:
    """Make the finding of a setting that cannot be used."""
    return Finding(rule=INVALID.id, severity=INVALID.severity, message=message, place=where, hint=hint)


def refuse(findings: Collection[Finding]) -> None:
    """Stop where something is wrong.

    Raises:
        InputError: there is a finding.
    """
    if findings:
        raise InputError("the settings cannot be used", findings=sorted(dict.fromkeys(findings), key=order))


def near(name: str, names: Collection[str]) -> str:
    """Say which name may have been meant, or which there are."""
    found = closest(name, names)
    return f"did you mean `{found}`?" if found else f"one of: {', '.join(sorted(names)[:12])}"


def _text(file: Path) -> str | None:
    try:
        return file.read_bytes().decode()
    except OSError as error:
        if error.errno in _ABSENT:
            return None
        raise StorageError(f"`{file.name}` cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        finding = invalid(Place(file.name), "this is not UTF-8 text", "save the file as UTF-8")
        raise InputError("the settings cannot be used", findings=[finding]) from error


def _parsed(path: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _TOML_PLACE.search(str(error))
        where = Place(path, int(at[1]), int(at[2])) if at else Place(path, text.count("\n") + 1)
        message = f"this is no TOML: {_TOML_PLACE.sub('', str(error))}"
        finding = invalid(where, message, "see toml.io for how it is written")
        raise InputError("the settings cannot be used", findings=[finding]) from error
    except RecursionError as error:
        finding = invalid(deepest(path, text), TOO_DEEP, "write it with fewer brackets within brackets")
        raise InputError("the settings cannot be used", findings=[finding]) from error


def deepest(path: str, text: str) -> Place:
    """Give the line with most opening brackets: parsers do not say where they gave up."""
    lines = text.split("\n")
    number = max(range(len(lines)), key=lambda each: lines[each].count("[") + lines[each].count("{"))
    return Place(path, number + 1)


def _aurora(project: Mapping[str, Any]) -> Any:
    tool = project.get("tool")
    return tool.get("aurora") if isinstance(tool, dict) else None


@dataclass(frozen=True, slots=True)
class _Table:
    """Aurora's table in a file, and what is wrong with it."""

    path: str
    text: str
    table: tuple[str, ...]
    values: Any
    findings: list[Finding] = field(default_factory=list)

    def problem(self, steps: tuple[str, ...], message: str, hint: str) -> None:
        self.findings.append(invalid(place(self.text, self.path, (*self.table, *steps)), message, hint))

    def mapping(self, value: Any, steps: tuple[str, ...], known: Collection[str] | None = None) -> dict[str, Any]:
        """Give a table; without those of its keys that are not among `known`."""
        if not isinstance(value, dict):
            self.problem(steps, f"`{shown((*self.table, *steps)) or self.path}` must be a table", "write it as a table")
            return {}
        if known is None:
            return value
        for key in value.keys() - known:
            self.problem((*steps, key), f"`{printable(key)}` is no setting", near(key, known))
        return {key: entry for key, entry in value.items() if key in known}

    def texts(self, value: Any, steps: tuple[str, ...], *, example: str) -> tuple[str, ...]:
        """Give a list of texts, none of them empty or twice."""
        name = shown((*self.table, *steps))
        if not isinstance(value, list) or not all(isinstance(entry, str) and entry for entry in value):
            self.problem(steps, f"`{name}` must be a list of texts", f"write `{example}`")
            return ()
        for entry in dict.fromkeys(entry for entry in value if value.count(entry) > 1):
            self.problem((*steps, entry), f"`{name}` lists `{printable(entry)}` twice", "remove one of the two")
        return tuple(value)


def _settings(table: _Table) -> tuple[Settings, list[Finding]]:
    values = table.mapping(table.values, (), KEYS)
    fields = {key: KEYS[key](table, value, (key,)) for key, value in values.items()}
    return Settings(path=table.path, text=table.text, table=table.table, **fields), table.findings


def _components(table: _Table, value: Any, steps: tuple[str, ...]) -> tuple[str, ...]:
    return table.texts(value, steps, example='components = ["FeatureStore"]')


def _stages(table: _Table, value: Any, steps: tuple[str, ...]) -> tuple[str, ...]:
    example = 'stages = ["dev", "staging", "prod"]'
    if value == []:
        table.problem(steps, "`stages` lists no stage", f"write `{example}`, or remove the key")
    return table.texts(value, steps, example=example)


def _rules(table: _Table, value: Any, steps: tuple[str, ...]) -> RuleSettings:
    values = table.mapping(value, steps, RULE_KEYS)
    globs = table.mapping(values.get("ignore", {}), (*steps, "ignore"))
    return RuleSettings(
        severity=dict(_levels(table, values.get("severity", {}), (*steps, "severity"))),
        exclude=table.texts(values.get("exclude", []), (*steps, "exclude"), example='exclude = ["vendor/**"]'),
        ignore={
            glob: table.texts(entry, (*steps, "ignore", glob), example=f'"{glob}" = ["network"]')
            for glob, entry in globs.items()
        },
        baseline=_file(table, values.get("baseline", BASELINE), (*steps, "baseline")),
    )


def _levels(table: _Table, value: Any, steps: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name, level in table.mapping(value, steps).items():
        if level in LEVELS:
            yield name, level
        else:
            hint = near(level, LEVELS) if isinstance(level, str) else f"one of: {', '.join(LEVELS)}"
            table.problem((*steps, name), f"the severity of `{printable(name)}` must be a known one", hint)


def _file(table: _Table, value: Any, steps: tuple[str, ...]) -> str:
    named = isinstance(value, str) and value and "\0" not in value
    if named and not Path(value).is_absolute() and ".." not in Path(value).parts:
        return str(value)
    table.problem(steps, "the baseline must be a file of this repository", f'write `baseline = "{BASELINE}"`')
    return BASELINE


RULE_KEYS = ("severity", "exclude", "ignore", "baseline")
KEYS: Mapping[str, Callable[[_Table, Any, tuple[str, ...]], Any]] = {
    "components": _components,
    "stages": _stages,
    "rules": _rules,
}
"""How each key of Aurora's table is read; its value becomes the field of that name in `Settings`."""
