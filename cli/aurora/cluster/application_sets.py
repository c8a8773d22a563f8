"""The Applications that an ApplicationSet generates, as far as Git alone says: lists, folders, and matrices of both.

Source: Argo CD 3.5.1, `applicationset/generators` (list, git, matrix, `Transform`, `filterApps`),
`RenderTemplateParams` and `SanitizeName` of `applicationset/utils`. Must not judge.
"""

import fnmatch
import itertools
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass

from aurora.cluster import template_patches
from aurora.cluster.templates import NotRenderedError, Templates, printed
from aurora.model import selectors
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.model.manifest import Manifest

MOST = 200_000
"""Applications of one generator that are looked at."""
CASCADE = "resources-finalizer.argocd.argoproj.io"
_FIXED = re.compile(r"[0-9a-f]{40}|(refs/tags/)?v?\d+(\.\d+)+([-+].*)?|refs/tags/.*")
_NO_NAME = re.compile(r"[^-a-z0-9.]")


@dataclass(frozen=True, slots=True)
class Draft:
    """An Application that is generated: a template, what fills it in, and the folder that it was generated for.

    `patch` is the set's `templatePatch`.
    """

    template: JsonObject
    params: JsonObject
    templates: Templates
    folder: str = ""
    patch: str = ""

    def body(self) -> JsonObject:
        """Fill in the template, and the patch over it.

        Raises:
            NotRenderedError: one of them asks for more than is known here.
        """
        made = mapping(self.templates.fill(self.template, self.params))
        return template_patches.patched(made, self.change()) if self.patch else made

    def change(self) -> JsonObject:
        """Fill in the patch alone.

        Raises:
            NotRenderedError: it asks for more than is known here.
        """
        return template_patches.read(text(self.templates.fill(self.patch, self.params))) if self.patch else {}

    def name(self) -> str:
        """Fill in the name alone; a patch that cannot be filled in is taken to leave it."""
        if "metadata" in self.patch:
            with suppress(NotRenderedError):
                return text(dig(self.body(), "metadata", "name"))
        return text(self.templates.fill(dig(self.template, "metadata", "name"), self.params))


@dataclass(frozen=True, slots=True)
class Expansion:
    """What a set generates, by name, and for each generator that cannot be followed here, the reason."""

    drafts: dict[str, Draft]
    unknown: tuple[str, ...]


def expand(manifest: Manifest, folders: Collection[str]) -> Expansion:
    """Find the Applications of a set; `folders` are those of the repository that is at hand."""
    drafts: dict[str, Draft] = {}
    unknown: list[str] = []
    made = _Set(manifest, folders)
    for generator in items(manifest.get("spec", "generators")):
        try:
            for number, draft in enumerate(itertools.islice(made.drafts(mapping(generator)), MOST + 1)):
                if number == MOST:
                    unknown.append(f"only the first {MOST} Applications of a generator are looked at")
                else:
                    drafts.setdefault(draft.name(), draft)
        except NotRenderedError as error:
            unknown.append(str(error))
    return Expansion(drafts, tuple(unknown))


def policy(manifest: Manifest) -> str:
    """Give what the controller may do with generated Applications; by default everything."""
    return text(manifest.get("spec", "syncPolicy", "applicationsSync")) or "sync"


def cascades(manifest: Manifest, draft: Draft) -> bool:
    """Tell whether the deletion of a generated Application deletes what it manages."""
    stated = items(dig(draft.template, "metadata", "finalizers"))
    preserved = manifest.get("spec", "syncPolicy", "preserveResourcesOnDeletion") is True
    kept = stated or ([] if preserved else [CASCADE])
    with suppress(NotRenderedError):
        kept = template_patches.finalizers(kept, draft.change())
    return any(text(entry).split("/")[0] == CASCADE for entry in kept)


class _Set:
    """One set, while it is expanded."""

    def __init__(self, manifest: Manifest, folders: Collection[str]) -> None:
        self._folders = folders
        self._go = manifest.get("spec", "goTemplate") is True
        self._templates = Templates(self._go, "missingkey=error" in items(manifest.get("spec", "goTemplateOptions")))
        self._template = mapping(manifest.get("spec", "template"))
        self._patch = text(manifest.get("spec", "templatePatch"))

    def drafts(self, generator: JsonObject) -> Iterator[Draft]:
        """Yield what one generator makes; its own template goes before that of the set."""
        _, body = _kind(generator)
        template = _over(mapping(body.get("template")), self._template)
        for params in self._params(generator):
            where = dig(params, "path", "path") if self._go else params.get("path")
            yield Draft(template, params, self._templates, text(where), self._patch)

    def _params(self, generator: JsonObject) -> Iterator[JsonObject]:
        kind, body = _kind(generator)
        found = {"list": self._list, "git": self._git, "matrix": self._matrix}.get(kind)
        if found is None:
            raise NotRenderedError(f"the generator `{kind}` asks the cluster or another system")
        selector = generator.get("selector")
        for params in found(body):
            if selector is None or selectors.matches(selector, dict(_flat(params))):
                yield params

    def _list(self, body: JsonObject) -> Iterator[JsonObject]:
        if body.get("elementsYaml"):
            raise NotRenderedError("the list has `elementsYaml`")
        for element in items(body.get("elements")):
            yield mapping(element) if self._go else _strings(mapping(element))

    def _git(self, body: JsonObject) -> Iterator[JsonObject]:
        wanted = [mapping(entry) for entry in items(body.get("directories"))]
        if not wanted:
            raise NotRenderedError("the contents of `files` are parameters")
        if _FIXED.fullmatch(text(body.get("revision"))):
            raise NotRenderedError(f"the revision `{text(body.get('revision'))}` is not the one that is compared")
        for folder in sorted(folder for folder in self._folders if _is_taken(folder, wanted)):
            params = self._folder(folder, text(body.get("pathParamPrefix")))
            values = mapping(self._templates.fill(mapping(body.get("values")), params))
            yield params | ({"values": values} if self._go else {f"values.{key}": values[key] for key in values})

    def _folder(self, folder: str, prefix: str) -> JsonObject:
        segments: list[JsonValue] = [*folder.split("/")]
        base = text(segments[-1])
        normal = _NO_NAME.sub("-", base.lower())[:253].strip("-.")
        if self._go:
            path: JsonObject = {"path": folder, "basename": base, "basenameNormalized": normal, "segments": segments}
            return {prefix: {"path": path}} if prefix else {"path": path}
        name = f"{prefix}.path" if prefix else "path"
        numbered = {f"{name}[{number}]": segment for number, segment in enumerate(segments)}
        return {name: folder, f"{name}.basename": base, f"{name}.basenameNormalized": normal, **numbered}

    def _matrix(self, body: JsonObject) -> Iterator[JsonObject]:
        generators = [mapping(entry) for entry in items(body.get("generators"))]
        if len(generators) != 2:
            raise NotRenderedError("a matrix takes exactly two generators")
        for first in self._params(generators[0]):
            for other in self._params(mapping(self._templates.fill(generators[1], first))):
                if not self._go and any(first.get(key, value) != value for key, value in other.items()):
                    raise NotRenderedError("both generators of the matrix set one parameter")
                yield _over(first, other) if self._go else {**other, **first}


def _kind(generator: JsonObject) -> tuple[str, JsonObject]:
    kind = next((key for key in generator if key != "selector"), "")
    return kind, mapping(generator.get(kind))


def _over(upper: JsonObject, lower: JsonObject) -> JsonObject:
    """Merge two mappings; what the upper one sets to something stays."""
    merged: JsonObject = dict(lower)
    for key, value in upper.items():
        below = lower.get(key)
        if isinstance(value, dict) and isinstance(below, dict):
            merged[key] = _over(value, below)
        elif value not in (None, "", [], {}):
            merged[key] = value
    return merged


def _strings(element: JsonObject) -> JsonObject:
    values = {f"values.{key}": value for key, value in mapping(element.get("values")).items()}
    found: JsonObject = {**{key: value for key, value in element.items() if key != "values"}, **values}
    if not all(isinstance(value, str) for value in found.values()):
        raise NotRenderedError("without `goTemplate`, every parameter of a list is a text")
    return found


def _flat(value: JsonValue, at: str = "") -> Iterator[tuple[str, str]]:
    """Write parameters as the labels that a generator's selector sees."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _flat(inner, f"{at}.{key}" if at else str(key))
    else:
        yield at, printed(value)


def _is_taken(folder: str, wanted: Collection[JsonObject]) -> bool:
    met = [entry.get("exclude") is True for entry in wanted if _meets(text(entry.get("path")), folder)]
    hidden = any(part.startswith(".") for part in folder.split("/"))
    return bool(met) and not any(met) and not hidden


def _meets(pattern: str, folder: str) -> bool:
    """Match as Go's `path.Match` does: part by part."""
    parts, names = pattern.replace("[^", "[!").split("/"), folder.split("/")
    return len(parts) == len(names) and all(map(fnmatch.fnmatchcase, names, parts))
