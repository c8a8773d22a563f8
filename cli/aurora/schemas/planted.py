"""Planted violations: objects that a schema must refuse, and the words that prove it refused them for that reason.

A tool that passes one of them did not look. Writes and judges nothing.
"""

import json
from dataclasses import dataclass

from aurora.model.json_value import JsonObject
from aurora.schemas.group_version_kind import GroupVersionKind

NAME = "aurora-planted"
FIELD = "auroraPlanted"
CONFIG_MAP = GroupVersionKind("", "v1", "ConfigMap")
"""The kind that carries the planted violations of every run, whatever is judged."""


@dataclass(frozen=True, slots=True)
class Planted:
    """An object's text, its kind, and what a verdict on it must mention."""

    kind: GroupVersionKind
    text: str
    mentions: str


def in_schema(kind: GroupVersionKind, schema: JsonObject) -> Planted:
    """Plant an unknown field in an object of a kind; labels of a wrong type where every field is welcome."""
    if schema.get("additionalProperties") is False:
        return Planted(kind, _text(kind, {"name": NAME}, {FIELD: True}), f"'{FIELD}'")
    return Planted(kind, _text(kind, {"name": NAME, "labels": NAME}, {}), "'/metadata/labels'")


def in_every_run() -> tuple[Planted, ...]:
    """Plant a wrong type, an unknown field further down, and a key that stands twice."""
    twice = _text(CONFIG_MAP, {"name": NAME}, {}).replace(f'"name": "{NAME}"', f'"name": "{NAME}", "name": "{NAME}"')
    return (
        Planted(CONFIG_MAP, _text(CONFIG_MAP, {"name": NAME}, {"data": [NAME]}), "'/data': got array"),
        Planted(CONFIG_MAP, _text(CONFIG_MAP, {"name": NAME, FIELD: True}, {}), f"'{FIELD}'"),
        Planted(CONFIG_MAP, twice, "already set"),
    )


def _text(kind: GroupVersionKind, metadata: JsonObject, more: JsonObject) -> str:
    return json.dumps({"apiVersion": kind.api_version, "kind": kind.kind, "metadata": metadata, **more}) + "\n"
