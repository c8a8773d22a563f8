"""What both definitions share: names, the status and the frame of a CustomResourceDefinition.

Pure; imports no cdk8s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aurora_constructs.components.aurora_api.resources import NAME_LENGTH, VERSION
from aurora_constructs.components.aurora_api.schema import (
    Schema,
    choice,
    integer,
    record,
    rows,
    rule,
    text,
    time,
    versions_as_named,
)
from aurora_constructs.names import Names

CATEGORY = "aurora"


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One kind: its names, the columns that people see, and the schemas of its spec and status."""

    kind: str
    plural: str
    short_name: str
    description: str
    columns: Sequence[Schema]
    spec: Schema
    status: Schema

    def name(self, names: Names) -> str:
        """Give the name that the API server demands: plural and group."""
        return f"{self.plural}.{names.api_group}"

    def body(self, names: Names) -> Schema:
        """Build the `spec` of the CustomResourceDefinition; nothing in it is dropped by the API server."""
        return {
            "group": names.api_group,
            "scope": "Namespaced",
            "conversion": {"strategy": "None"},
            "names": {
                "kind": self.kind,
                "listKind": f"{self.kind}List",
                "plural": self.plural,
                "singular": self.kind.lower(),
                "shortNames": [self.short_name],
                "categories": [CATEGORY],
            },
            "versions": [
                {
                    "name": VERSION,
                    "served": True,
                    "storage": True,
                    "subresources": {"status": {}},
                    "additionalPrinterColumns": list(self.columns),
                    "schema": {"openAPIV3Schema": versions_as_named(self._schema(), names)},
                }
            ],
        }

    def _schema(self) -> Schema:
        """Build the root: only there the object's name can be judged."""
        return {
            "type": "object",
            "description": self.description,
            "required": ["spec"],
            "properties": {
                "apiVersion": {"type": "string", "maxLength": 253},
                "kind": {"type": "string", "maxLength": 63},
                "metadata": {"type": "object"},
                "spec": self.spec,
                "status": self.status,
            },
            "x-kubernetes-validations": [
                rule(
                    f"size(self.metadata.name) <= {NAME_LENGTH}",
                    f"the name has more than {NAME_LENGTH} characters: controllers append suffixes to it",
                )
            ],
        }


def column(name: str, path: str, *, kind: str = "string", priority: int = 0) -> Schema:
    """Build a printer column; from priority 1 on it is only shown on request."""
    built: Schema = {"name": name, "type": kind, "jsonPath": path}
    if priority:
        built["priority"] = priority
    return built


def status(phases: Sequence[str], properties: Mapping[str, Schema]) -> Schema:
    """Build a status: phase, generation, conditions and the kind's own fields.

    Unknown fields are kept: Kopf stores its progress there, and the API server would drop it without a word.
    """
    built = record(
        "what the operator has seen",
        {
            "phase": choice("where the object is in its life", phases),
            "observedGeneration": integer("the generation that this status is about", least=0, most=2**31 - 1),
            "conditions": _conditions(),
            **properties,
        },
    )
    built["x-kubernetes-preserve-unknown-fields"] = True
    return built


def _conditions() -> Schema:
    """Bounds as in the Condition type of Kubernetes' own API."""
    condition = record(
        "one statement about the object",
        {
            "type": text("what it is about", longest=316),
            "status": choice("whether it holds", ("True", "False", "Unknown")),
            "reason": text("why, in one word", longest=1024),
            "message": text("why, for people", longest=32768, shortest=0),
            "lastTransitionTime": time("when the status last changed"),
            "observedGeneration": integer("the generation that it is about", least=0, most=2**31 - 1),
        },
        required=("type", "status", "reason", "message", "lastTransitionTime"),
    )
    return rows("what holds and what does not", condition, most=16, key="type")
