"""What Applications name of charts: which chart, and everything that its output depends on.

Source: argo-cd 3.5.1, reposerver/repository, `helmTemplate`, and `ApplicationSourceHelm`. Opens no archive.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aurora.cluster.applications import Application, ApplicationSource, deployments
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.yamlio import reading
from aurora_constructs.names import Names

LOOKUPS = "lookups"
"""Annotation, behind the platform's prefix: with `empty`, `lookup` finds nothing instead of being an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One chart that an Application names; `steps` lead to the source, `unknown` says what is not at hand.

    `namespace` is what templates see, `target` where objects go that say none.
    """

    application: Manifest
    steps: tuple[Step, ...]
    chart: str
    version: str
    name: str
    namespace: str
    target: str
    values: JsonObject
    values_at: tuple[Step, ...]
    parameters: tuple[JsonObject, ...] = ()
    skips_definitions: bool = False
    checks_values: bool = True
    kubernetes: str = ""
    api_versions: tuple[str, ...] = ()
    empty_lookups: bool = False
    unknown: str = ""

    @property
    def label(self) -> str:
        """What people know it by: the chart and its version, and its name where that is another one."""
        name = self.chart.rpartition("/")[2]
        own = "" if self.name == name else f" ({self.name})"
        return f"{name} {self.version}{own}"

    @property
    def deciding(self) -> tuple[object, ...]:
        """Give all that the output depends on, beside the archive and the cluster."""
        told = (self.kubernetes, self.api_versions, self.skips_definitions, self.target, self.unknown)
        return (self.chart, self.version, self.request(), *told)

    def request(self) -> dict[str, Any]:
        """Give what the renderer is told, without the archive and the cluster."""
        return {
            "release": self.name,
            "namespace": self.namespace,
            "values": self.values,
            "parameters": list(self.parameters),
            "emptyLookups": self.empty_lookups,
        }


def releases(inventory: Inventory) -> Iterator[Release]:
    """Yield the charts that Applications name, in their order."""
    for application in deployments(inventory).applications:
        for source in application.sources:
            if source.is_chart and source.repository:
                yield _release(application, source, inventory.names)


def _release(application: Application, source: ApplicationSource, names: Names) -> Release:
    manifest, helm = application.manifest, mapping(source.body.get("helm"))
    values, unknown = _values(helm)
    parameters = tuple(_parameter(mapping(entry)) for entry in items(helm.get("parameters")))
    if any("$" in text(entry["value"]) for entry in parameters):
        unknown = unknown or "Argo CD fills in variables in its parameters"
    destination = text(manifest.get("spec", "destination", "namespace"))
    return Release(
        application=manifest,
        steps=source.steps,
        chart=text(source.body.get("chart")),
        version=source.revision,
        name=text(helm.get("releaseName")) or application.name,
        namespace=text(helm.get("namespace")) or destination,
        target=destination,
        values=values,
        values_at=(*source.steps, "helm", "valuesObject" if "valuesObject" in helm else "values"),
        parameters=parameters,
        skips_definitions=helm.get("skipCrds") is True,
        checks_values=helm.get("skipSchemaValidation") is not True,
        kubernetes=text(helm.get("kubeVersion")),
        api_versions=tuple(text(entry) for entry in items(helm.get("apiVersions"))),
        empty_lookups=manifest.annotations.get(names.key(LOOKUPS)) == "empty",
        unknown=unknown,
    )


def _parameter(entry: JsonObject) -> JsonObject:
    return {
        "name": text(entry.get("name")),
        "value": text(entry.get("value")),
        "forceString": entry.get("forceString") is True,
    }


def _values(helm: JsonObject) -> tuple[JsonObject, str]:
    """Give the values, and what of them is not at hand; `valuesObject` takes precedence (`ValuesYAML`)."""
    for key in ("valueFiles", "fileParameters"):
        if items(helm.get(key)):
            return {}, f"its values come from files (`{key}`)"
    if dig(helm, "valuesObject") is not None:
        return mapping(helm.get("valuesObject")), ""
    written = text(helm.get("values"))
    try:
        value = reading.parse(written).value if written.strip() else {}
    except reading.YamlError as error:
        return {}, f"its `values` cannot be read: {error.message}"
    return (value, "") if isinstance(value, dict) else ({}, "its `values` are no mapping")
