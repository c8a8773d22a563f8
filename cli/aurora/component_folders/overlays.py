"""Builds the folder of a component of kind `Kustomization`: hands its files to the program that links Kustomize.

Owns what the program may see, and the line that each object comes from.
"""

import base64
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from aurora import inputs, manifests
from aurora.component_folders.manifests import LARGEST, too_large
from aurora.errors import ToolOutputError
from aurora.manifests import Read
from aurora.model.finding import Finding, Severity
from aurora.model.json_value import JsonObject, dig, items, mapping, text
from aurora.model.manifest import Source, identify
from aurora.model.place import Place
from aurora.paths import RepositoryPaths, cache_folder
from aurora.tools import pins
from aurora.tools.installed import Toolbox, source_folder
from aurora.tools.protocol import JUDGED, Request, converse
from aurora.yamlio import reading

TIMEOUT = 60.0
_GENERATORS = {"ConfigMap": "configMapGenerator", "Secret": "secretGenerator"}
_FOLDER_DEPTH = 2
"""How many parts the path of a folder in `components/` has: all that an overlay should need lies there."""


def program() -> Path:
    """Give the program.

    Raises:
        ToolError: it is missing, or has another version than the pinned one.
    """
    return Toolbox(cache=cache_folder(), sources=source_folder()).locate(pins.KUSTOMIZER.name)


def read(paths: RepositoryPaths, shown: str) -> Read:
    """Build a folder; findings are errors, and places are relative to the repository.

    Raises:
        ToolError: the program is missing, or gave no answer.
    """
    files: dict[str, bytes] = {}
    withheld: list[Finding] = []
    own = "/".join(shown.split("/")[:_FOLDER_DEPTH])
    for path, given in _files(paths):
        if isinstance(given, bytes):
            files[path] = given
        elif path.startswith(f"{own}/"):
            withheld.append(given)
    if withheld:
        return Read((), tuple(withheld))
    body = {"folder": shown, "files": {path: base64.b64encode(content).decode() for path, content in files.items()}}
    with tempfile.TemporaryDirectory(prefix="aurora-") as workspace:
        talk = converse(program(), [Request("1", "build", body)], workspace=Path(workspace), timeout=TIMEOUT)
    if talk.program != pins.KUSTOMIZER.name:
        raise ToolOutputError(f"`{pins.KUSTOMIZER.name}` says that it is `{talk.program}`")
    reply = talk.replies["1"]
    if reply.outcome != JUDGED:
        return Read((), (_refused(Place(shown), reply.message, "make it smaller, or build it yourself into files"),))
    problems = tuple(_problem(mapping(entry)) for entry in items(reply.result.get("problems")))
    found = manifests.join(_object(mapping(entry), files) for entry in items(reply.result.get("objects")))
    said = tuple(replace(each, severity=Severity.ERROR) for each in found.findings)
    if not problems and not found.manifests and not said:
        problems = (_refused(Place(shown), "this overlay builds no object", "name files under `resources`"),)
    return Read(found.manifests, (*problems, *said))


def _files(paths: RepositoryPaths) -> Iterator[tuple[str, bytes | Finding]]:
    """Give every file below `components/`, or why an overlay cannot have it."""
    root = os.path.realpath(paths.root)
    for parent, _, names in os.walk(paths.components):
        for file in sorted(Path(parent, name) for name in names):
            shown = paths.shown(file)
            if not Path(os.path.realpath(file)).is_relative_to(root):
                yield shown, _refused(Place(shown), "this link leads out of the repository", "copy what it leads to")
            elif not file.is_file():
                yield shown, _refused(Place(shown), "this is no regular file", "remove it")
            elif file.stat().st_size > LARGEST:
                yield shown, too_large(paths, file)
            else:
                try:
                    yield shown, file.read_bytes()
                except OSError as error:
                    yield shown, _refused(Place(shown), f"it cannot be read: {error.strerror}", "check its permissions")


def _refused(place: Place, message: str, hint: str) -> Finding:
    return Finding.of(inputs.UNREADABLE, message, place, hint=hint)


def _problem(entry: JsonObject) -> Finding:
    line, column = (number if isinstance(number, int) else 1 for number in (entry.get("line"), entry.get("column")))
    return _refused(Place(text(entry.get("path")), line, column), text(entry.get("message")), text(entry.get("hint")))


def _object(entry: JsonObject, files: dict[str, bytes]) -> Read:
    """Read an object as that of any file, at the line that it comes from."""
    path, body = text(entry.get("path")), mapping(entry.get("object"))
    line = _line(body, files.get(path, b""))
    read = manifests.read(json.dumps(body).encode(), path)
    placed = tuple(replace(each, source=Source(path, line)) for each in read.manifests)
    return Read(placed, tuple(replace(each, place=Place(path, line)) for each in read.findings))


def _line(body: JsonObject, written: bytes) -> int:
    """Find the object, or what generates it, in its file: an overlay may have put something around its name."""
    kind, name = identify(body).kind, identify(body).name
    found: list[tuple[int, int]] = []
    try:
        for document in reading.split(reading.decode(written)):
            value = reading.parse(document.text, as_kubectl=True).value
            before = text(dig(value, "metadata", "name"))
            if dig(value, "kind") == kind and before in name:
                found.append((len(before), document.line + document.text.startswith("\n")))
            for number, entry in enumerate(items(dig(value, _GENERATORS.get(kind, "")))):
                if text(dig(entry, "name")) in name:
                    line, _ = reading.locate(document.text, (_GENERATORS[kind], number))
                    found.append((len(text(dig(entry, "name"))), document.line + line - 1))
    except reading.YamlError:
        return 1
    return max(found, default=(0, 1))[1]
