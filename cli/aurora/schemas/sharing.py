"""Writes repeated parts of a JSON schema once.

Big definitions hold the same pod template dozens of times, and kubeconform's library takes time that grows
with the square of the number of nodes: shared, Argo's Workflow compiles ten times as fast. Equal schemas give
equal results. Knows no keyword's meaning.
"""

import json
from collections import Counter

from aurora.model.json_schema import children, rebuilt
from aurora.model.json_value import JsonObject

_WORTH_SHARING = 4
"""Nodes below which a reference costs as much as the part itself."""


def share(schema: JsonObject) -> tuple[JsonObject, JsonObject]:
    """Replace every part that occurs twice by a reference; return the schema and its definitions."""
    sharing = _Sharing()
    return sharing.written(sharing.number(schema))


class _Sharing:
    """Numbers equal parts equally, children first; then prints each repeated number once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._parts: list[JsonObject] = []
        self._uses: Counter[int] = Counter()
        self._sizes: list[int] = []

    def number(self, schema: JsonObject) -> int:
        shallow = rebuilt(schema, lambda child: {"part": self.number(child)})
        key = json.dumps(shallow, sort_keys=True)
        if key in self._numbers:
            return self._numbers[key]
        number = self._numbers[key] = len(self._parts)
        inner = [child["part"] for child in children(shallow)]
        self._parts.append(shallow)
        self._sizes.append(1 + sum(self._sizes[part] for part in inner if isinstance(part, int)))
        self._uses.update(part for part in inner if isinstance(part, int))
        return number

    def written(self, root: int) -> tuple[JsonObject, JsonObject]:
        definitions: JsonObject = {}

        def write(reference: JsonObject) -> JsonObject:
            number = reference["part"]
            assert isinstance(number, int)  # noqa: S101 - only `number` makes references
            if self._uses[number] < 2 or self._sizes[number] < _WORTH_SHARING:
                return rebuilt(self._parts[number], write)
            name = f"part{number}"
            if name not in definitions:
                definitions[name] = rebuilt(self._parts[number], write)
            return {"$ref": f"#/definitions/{name}"}

        return rebuilt(self._parts[root], write), definitions
