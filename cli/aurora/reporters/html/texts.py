"""The texts of both sides, small enough for one page: every line once, each text a list of line numbers.

Manifests repeat their lines so much that a thousand of them take the room of a few dozen. A text that does not
fit into the room that the page has left is left out and counted. Values of Secrets that come here unmasked are
numbered, so that one sees which are equal and nothing else. Compares nothing.
"""

import json
import re
from dataclasses import dataclass, field
from itertools import pairwise

from aurora.console import printable
from aurora.model.json_value import JsonObject, JsonValue, mapping
from aurora.model.manifest import Manifest
from aurora.reporters.html.page import embedded

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_SECRET_FIELDS = ("data", "stringData")
_RUN_BYTES = 13
_MASKED = re.compile("sha256:[0-9a-f]{6}…")


@dataclass(slots=True)
class Masks:
    """Numbers for secret values: equal values have equal numbers."""

    _numbers: dict[str, int] = field(default_factory=dict)

    def hide(self, value: JsonValue) -> str:
        """Give what stands in place of a value; what a diff has masked already stays as its fields show it."""
        if isinstance(value, str) and _MASKED.fullmatch(value):
            return value
        number = self._numbers.setdefault(json.dumps(value, sort_keys=True), len(self._numbers) + 1)
        return f"(masked: value {number})"

    def masked(self, value: JsonValue) -> JsonValue:
        """Copy a value with those of every Secret in it hidden, however deep it stands."""
        if isinstance(value, list):
            return [self.masked(entry) for entry in value]
        if not isinstance(value, dict):
            return value
        if value.get("kind") == "Secret":
            return self._secret(value)
        return {key: self.masked(entry) for key, entry in value.items()}

    def _secret(self, body: JsonObject) -> JsonObject:
        copy = dict(body)
        for name in _SECRET_FIELDS:
            if name in copy:
                held = copy[name]
                copy[name] = (
                    {key: self.hide(entry) for key, entry in held.items()}
                    if isinstance(held, dict)
                    else self.hide(held)
                )
        metadata = mapping(copy.get("metadata"))
        annotations = mapping(metadata.get("annotations"))
        if LAST_APPLIED in annotations:
            hidden = {**annotations, LAST_APPLIED: self.hide(annotations[LAST_APPLIED])}
            copy["metadata"] = {**metadata, "annotations": hidden}
        return copy


@dataclass(slots=True)
class Texts:
    """All lines of a page, each once, and how many texts found no room."""

    room: int
    lines: list[str] = field(default_factory=list)
    left_out: int = 0
    _numbers: dict[str, int] = field(default_factory=dict)
    _masks: Masks = field(default_factory=Masks)

    def add(self, manifest: Manifest | None) -> list[int] | None:
        """Give a text as runs of line numbers, `[first, count, …]`; empty for no object, None without room."""
        if manifest is None:
            return []
        lines = self._text(manifest).splitlines()
        new = {line for line in lines if line not in self._numbers}
        taken = sum(len(embedded(_shown(line))) + 1 for line in new)
        if taken > self.room:
            self.left_out += 1
            return None
        found = _runs([self._number(line) for line in lines])
        self.room -= taken + len(found) // 2 * _RUN_BYTES
        return found

    def _number(self, line: str) -> int:
        number = self._numbers.get(line)
        if number is None:
            number = self._numbers[line] = len(self.lines)
            self.lines.append(_shown(line))
        return number

    def _text(self, manifest: Manifest) -> str:
        # YAML may hide a word behind an escape.
        if manifest.id.kind != "Secret" and "Secret" not in manifest.text and "\\" not in manifest.text:
            return manifest.text
        masked = self._masks.masked(manifest.body)
        if masked == manifest.body:
            return manifest.text
        return "# Values are masked; the text is rewritten.\n" + json.dumps(masked, indent=2, sort_keys=True)


def _shown(line: str) -> str:
    return line if line.isprintable() else printable(line)


def _runs(numbers: list[int]) -> list[int]:
    """Write numbers as runs of successors: first and count of each."""
    if not numbers:
        return []
    starts = [0, *(index for index, (one, two) in enumerate(pairwise(numbers), 1) if two != one + 1)]
    ends = [*starts[1:], len(numbers)]
    return [part for start, end in zip(starts, ends, strict=True) for part in (numbers[start], end - start)]
