"""The CustomResourceDefinitions of Aurora's own API."""

from typing import Any

from aurora_constructs import labels
from aurora_constructs.component import Component
from aurora_constructs.components.aurora_api.resources import NAME_LENGTH
from aurora_constructs.components.aurora_api.spec import AuroraApiSpec
from aurora_constructs.filling import fill
from aurora_constructs.names import DEFAULT, Names

KEEP = "Prune=false,Delete=false"
"""A definition takes all objects of its kind along, so Argo CD never deletes one (docs/facts/custom-resources.md)."""

RUNS = "mltrainingjobs"
MUTABLE = ("suspend", "ttlSecondsAfterFinished")
"""What may change in a run after creation: everything else describes the run, and a run is not rewritten."""


class AuroraApi(Component[AuroraApiSpec]):
    """Emits one CustomResourceDefinition per kind.

    Untyped: the definitions are a table that crosses to Node in one call, and empty objects such as the
    status subresource stay.
    """

    def compose(self) -> None:
        """Add both definitions."""
        names = self.platform.names
        values = {"name_length": NAME_LENGTH, "weight_step": self.spec.weight_step}
        for plural, definition in fill(self.platform.tables("aurora_api/definitions"), values).items():
            if plural == RUNS:
                _freeze(definition)
            self.custom(
                plural,
                api_version="apiextensions.k8s.io/v1",
                kind="CustomResourceDefinition",
                name=f"{plural}.{names.api_group}",
                body={"spec": {"group": names.api_group, **_versions_as_named(definition, names)}},
                annotations={labels.SYNC_OPTIONS: KEEP},
            )


def _freeze(definition: dict[str, Any]) -> None:
    """Forbid a change of a run's fields; an optional one may neither come nor go."""
    spec = definition["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    for name, field in spec["properties"].items():
        if name in MUTABLE:
            continue
        rule = f"self.{name} == oldSelf.{name}"
        if name not in spec["required"] and "default" not in field:
            rule = f"has(self.{name}) == has(oldSelf.{name}) && (!has(self.{name}) || {rule})"
        message = f"{name} cannot change: a new run is a new object"
        spec["x-kubernetes-validations"].append({"rule": rule, "message": message, "fieldPath": f".{name}"})


def _versions_as_named(schema: Any, names: Names) -> Any:
    """Give a copy of a schema in which model versions have the form that the platform's names give them."""
    if isinstance(schema, list):
        return [_versions_as_named(entry, names) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    copied = {key: _versions_as_named(entry, names) for key, entry in schema.items()}
    if names.version_pattern != DEFAULT.version_pattern and copied.get("pattern") == f"^{DEFAULT.version_pattern}$":
        copied |= {"pattern": f"^{names.version_pattern}$", "minLength": 1, "maxLength": 63}
    return copied
