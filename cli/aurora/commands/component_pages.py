"""The pages of the component kinds: what their READMEs say, every field of their specifications, what they emit.

What a kind emits is read from the expected files of its golden cases. Compiles nothing and starts no Node.
"""

import inspect
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from aurora.environment.schema import editor_schema
from aurora.errors import StorageError
from aurora.paths import RepositoryPaths
from aurora_constructs.catalogue import ComponentKind

INDEX = "README.md"
CASES = "tests/golden"

_REF = "#/$defs/"
_LINK = re.compile(r"\]\(([^)#:]+)\)")
_OBJECT = re.compile(r"^apiVersion: (\S+)\nkind: (\S+)$", re.MULTILINE)

_FOLDER = "the objects of its folder, whatever their kinds are"

Schema = Mapping[str, Any]
Emitted = tuple[tuple[str, str], ...]


def pages(kinds: Mapping[str, ComponentKind], paths: RepositoryPaths, folder: Path) -> dict[str, str]:
    """Give the text of every page by its file's name: one for each kind, and the index.

    `folder` is where the pages will lie: links of a README are made relative to it.

    Raises:
        StorageError: a README or an expected file cannot be read.
    """
    definitions = editor_schema(kinds)["$defs"]
    specs = {
        entry["if"]["properties"]["kind"]["const"]: definitions[_name(entry["then"])]
        for entry in definitions["Component"]["allOf"]
    }
    ordered = [kinds[name] for name in sorted(kinds)]
    links = {_source(kind) / INDEX: f"{kind.name}.md" for kind in ordered}
    try:
        emitted = {kind.name: _emitted(kind, paths.root / CASES / _source(kind).name) for kind in ordered}
        texts = {kind.name: _relinked(_source(kind) / INDEX, folder, links) for kind in ordered}
    except OSError as error:
        raise StorageError(f"`{error.filename}` cannot be read: {error.strerror}") from error
    found = {INDEX: _index(ordered, emitted)}
    for kind in ordered:
        fields = "\n\n".join(_fields(specs[kind.name], definitions))
        written = texts[kind.name] or f"# {kind.name}\n\n{kind.summary[:1].upper()}{kind.summary[1:]}.\n"
        found[f"{kind.name}.md"] = f"{written}\n## Fields\n\n{fields}\n\n{_emits(kind, emitted[kind.name])}"
    return found


def _source(kind: ComponentKind) -> Path:
    return Path(inspect.getfile(kind.spec)).resolve().parent


def _name(reference: Schema) -> str:
    return str(reference["$ref"]).removeprefix(_REF)


def _relinked(readme: Path, folder: Path, links: Mapping[Path, str]) -> str:
    """Give a README with links that lead to the same files from another folder; a kind without one has no text."""

    def moved(found: re.Match[str]) -> str:
        target = (readme.parent / found[1]).resolve()
        return f"]({links.get(target) or Path(os.path.relpath(target, folder.resolve())).as_posix()})"

    return _LINK.sub(moved, readme.read_text(encoding="utf-8")) if readme.is_file() else ""


def _emitted(kind: ComponentKind, cases: Path) -> Emitted:
    """Give the kinds of the objects that the cases of a component kind expect, with their API versions."""
    if not kind.chart:
        return ()
    texts = (file.read_text(encoding="utf-8") for file in cases.glob("*/expected/**/*.yaml"))
    return tuple(sorted({(name, version) for text in texts for version, name in _OBJECT.findall(text)}))


def _emits(kind: ComponentKind, emitted: Emitted) -> str:
    if not kind.chart:
        return f"## Emits\n\n{_FOLDER[:1].upper()}{_FOLDER[1:]}.\n"
    if not emitted:
        return "## Emits\n\nNo case of this kind lies in the repository.\n"
    rows = "\n".join(f"| {name} | `{version}` |" for name, version in emitted)
    words = f"Which of these depends on what is written; `{CASES}/{_source(kind).name}` has complete cases."
    return f"## Emits\n\n{words}\n\n| kind | API version |\n|---|---|\n{rows}\n"


def _index(ordered: list[ComponentKind], emitted: Mapping[str, Emitted]) -> str:
    lines = [
        "# Component kinds",
        "",
        f"What an environment can have under `components:`: {len(ordered)} kinds. These pages are written by",
        "`aurora list --write docs/components`; a test compares them with specifications, READMEs and golden cases.",
        "",
        "| kind | brings | emits |",
        "|---|---|---|",
    ]
    for kind in ordered:
        names = ", ".join(dict.fromkeys(name for name, _ in emitted[kind.name]))
        lines.append(f"| [{kind.name}]({kind.name}.md) | {kind.summary} | {names if kind.chart else _FOLDER} |")
    return "\n".join(lines) + "\n"


def _fields(spec: Schema, definitions: Mapping[str, Schema]) -> Iterator[str]:
    """Yield the table of a specification's fields, and those of every specification that it names."""
    yield _table(spec)
    seen: dict[str, None] = {}
    waiting = list(_named(spec))
    while waiting:
        name = waiting.pop(0)
        if name not in seen:
            seen[name] = None
            part = definitions[name]
            yield "\n\n".join(filter(None, (f"### {name}", _cell(part.get("description", "")), _table(part))))
            waiting.extend(_named(part))


def _named(schema: Any) -> Iterator[str]:
    """Yield the names of the specifications that a schema refers to, in the order of its fields."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield _name(schema)
        for key, part in schema.items():
            if key not in ("default", "discriminator"):
                yield from _named(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _named(part)


def _table(spec: Schema) -> str:
    if "properties" not in spec:
        return f"{_type(spec)[:1].upper()}{_type(spec)[1:]}."
    lines = ["| field | type | default | meaning |", "|---|---|---|---|"]
    for name, field in spec["properties"].items():
        if name == "kind" and "const" in field:
            continue  # it is what the page is about
        default = "required" if name in spec.get("required", ()) else _default(field)
        lines.append(f"| `{name}` | {_type(field)} | {default} | {_cell(field.get('description', ''))} |")
    return "\n".join(lines)


def _default(field: Schema) -> str:
    if "default" not in field:
        return ""
    text = json.dumps(_stated(field["default"]), ensure_ascii=False)
    return f"`{_cell(text)}`"


def _stated(value: Any) -> Any:
    """Leave out what is null: nobody writes it, it means that the field is absent."""
    if isinstance(value, dict):
        return {key: _stated(part) for key, part in value.items() if part is not None}
    return [_stated(part) for part in value] if isinstance(value, list) else value


def _type(schema: Schema) -> str:
    """Say in words what a field may hold; patterns and lengths are left to editors and errors."""
    if "$ref" in schema:
        return f"[{_name(schema)}](#{_name(schema).lower()})"
    if alternatives := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(dict.fromkeys(map(_type, alternatives)))
    if "const" in schema or "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}" if isinstance(schema.get("items"), dict) else "list"
    if schema.get("type") == "object":
        return _mapping(schema)
    return _scalar(schema)


def _mapping(schema: Schema) -> str:
    parts = [*schema.get("patternProperties", {}).values(), schema.get("additionalProperties")]
    values = [_type(part) for part in parts if isinstance(part, dict) and part]
    return f"mapping of names to {values[0]}" if values else "mapping"


def _scalar(schema: Schema) -> str:
    name = str(schema.get("type", "any value"))
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None:
        return f"{name}, {least} to {most}"
    if least is not None:
        return f"{name}, at least {least}"
    return f"{name}, at most {most}" if most is not None else name


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
