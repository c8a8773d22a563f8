"""The metadata of every object, which no CustomResourceDefinition spells out: the fields of ObjectMeta v1.

The API server decodes it into a Go type, so every field may be null. Data only.
"""

from __future__ import annotations

from aurora.model.json_value import JsonObject


def _closed(properties: JsonObject, *required: str) -> JsonObject:
    closed: JsonObject = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**closed, "required": list(required)} if required else closed


def _list_of(schema: JsonObject) -> JsonObject:
    return {"type": ["array", "null"], "items": schema}


_TEXT: JsonObject = {"type": ["string", "null"]}
_NUMBER: JsonObject = {"type": ["integer", "null"]}
_FLAG: JsonObject = {"type": ["boolean", "null"]}
_TIME: JsonObject = {"type": ["string", "null"], "format": "date-time"}
_TEXTS: JsonObject = {"type": ["object", "null"], "additionalProperties": _TEXT}

_OWNER = _closed(
    {
        "apiVersion": {"type": "string"},
        "blockOwnerDeletion": _FLAG,
        "controller": _FLAG,
        "kind": {"type": "string"},
        "name": {"type": "string"},
        "uid": {"type": "string"},
    },
    "apiVersion",
    "kind",
    "name",
    "uid",
)

_MANAGED_FIELDS = _closed(
    {
        "apiVersion": _TEXT,
        "fieldsType": _TEXT,
        "fieldsV1": {"type": ["object", "null"]},
        "manager": _TEXT,
        "operation": _TEXT,
        "subresource": _TEXT,
        "time": _TIME,
    }
)

OBJECT_META = _closed(
    {
        "annotations": _TEXTS,
        "creationTimestamp": _TIME,
        "deletionGracePeriodSeconds": _NUMBER,
        "deletionTimestamp": _TIME,
        "finalizers": _list_of({"type": "string"}),
        "generateName": _TEXT,
        "generation": _NUMBER,
        "labels": _TEXTS,
        "managedFields": _list_of(_MANAGED_FIELDS),
        "name": _TEXT,
        "namespace": _TEXT,
        "ownerReferences": _list_of(_OWNER),
        "resourceVersion": _TEXT,
        "selfLink": _TEXT,
        "uid": _TEXT,
    }
)
