"""Reads `charts.lock`: which archive of each chart is the right one."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from aurora.charts.rules import BROKEN_LOCK
from aurora.errors import InputError
from aurora.model.finding import Finding
from aurora.model.json_value import JsonObject, items, mapping, text
from aurora.model.place import Place
from aurora.yamlio import reading

FILE = "charts.lock"
FIELDS = {
    "name": re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*"),
    "version": re.compile(r"v?[0-9]+\.[0-9]+\.[0-9]+[0-9A-Za-z.+-]*"),
    "digest": re.compile(r"sha256:[0-9a-f]{64}"),
    "source": re.compile(r"(https?|oci)://\S+"),
    "appVersion": re.compile(r".*"),
}
"""The fields of an entry, all of them texts, and the form of each; only `appVersion` may be missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """One archive: the SHA-256 of its bytes, where it came from, and the version of what it installs."""

    name: str
    version: str
    digest: str
    source: str
    app_version: str = ""

    @property
    def file(self) -> str:
        """The name of its archive."""
        return archive_file(self.name, self.version)


def archive_file(name: str, version: str) -> str:
    """Give the name of a chart's archive, as Helm packs it."""
    return f"{name}-{version}.tgz"


def read(file: Path, shown: str) -> Mapping[tuple[str, str], Locked]:
    """Give the entries by name and version; none where there is no file. `shown` is its path for people.

    The form is `charts: [{name, version, digest, source, appVersion}]`.

    Raises:
        InputError: the file cannot be read, or an entry is not what it should be.
    """
    try:
        return parsed(file.read_bytes(), shown)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _refused(shown, [f"it cannot be read: {error}"]) from error


def parsed(content: bytes, shown: str) -> Mapping[tuple[str, str], Locked]:
    """Give the entries of a lock's content, as `read` does.

    Raises:
        InputError: it is no YAML, or an entry is not what it should be.
    """
    try:
        value = reading.parse(reading.decode(content)).value
    except reading.YamlError as error:
        raise _refused(shown, [f"it cannot be read: {error}"]) from error
    whole = isinstance(value, dict) and value.keys() == {"charts"} and isinstance(value["charts"], list)
    problems = [] if whole else ["it is no mapping with a list `charts` alone"]
    entries = [mapping(entry) for entry in items(mapping(value).get("charts"))]
    problems += [problem for number, entry in enumerate(entries) for problem in _problems(number, entry)]
    found = {(text(entry.get("name")), text(entry.get("version"))): entry for entry in entries}
    if len(found) < len(entries):
        problems.append("it has one version of a chart twice")
    if problems:
        raise _refused(shown, problems)
    return {key: _locked(entry) for key, entry in found.items()}


def _problems(number: int, entry: JsonObject) -> Iterator[str]:
    for name in sorted(entry.keys() - FIELDS.keys()):
        yield f"`charts[{number}]` has the unknown key `{name}`"
    for name, form in FIELDS.items():
        value = entry.get(name, "" if name == "appVersion" else None)
        if not isinstance(value, str) or not form.fullmatch(value):
            yield f"`charts[{number}].{name}` is no text of the form `{form.pattern}`"


def _locked(entry: JsonObject) -> Locked:
    name, version, digest, source, app_version = (text(entry.get(field)) for field in FIELDS)
    return Locked(name=name, version=version, digest=digest, source=source, app_version=app_version)


def _refused(shown: str, problems: list[str]) -> InputError:
    hint = "mend it, or delete it and run `aurora charts vendor`"
    findings = [Finding.of(BROKEN_LOCK, problem, Place(shown), hint=hint) for problem in problems]
    return InputError(f"`{shown}` cannot be used", findings=findings)
