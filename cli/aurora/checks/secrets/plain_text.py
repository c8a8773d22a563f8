"""Rules about credentials that lie in manifests where everyone who reads Git can read them."""

import json
from collections.abc import Callable, Iterator

from aurora.checks.secrets import patterns
from aurora.cluster.command_line import options
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.pod_template import Container
from aurora.model.rule import ADVICE, OBJECT, InventoryRule, Violation
from aurora.model.sops import STAND_INS
from aurora.model.tree import mappings, strings, texts

Steps = tuple[Step, ...]
DEFINITIONS = "apiextensions.k8s.io"
"""Definitions describe fields in prose, with URLs such as `user:password@host` as examples."""


def _secret_objects(inventory: Inventory) -> Iterator[Violation]:
    """Only those that hold something: a controller may fill the others, and SOPS may have encrypted them."""
    for manifest in inventory.of_kind("Secret", group=""):
        fields = [name for name in ("data", "stringData") if _holds_something(mapping(manifest.get(name)))]
        if manifest.emitted and fields:
            yield Violation(
                manifest=manifest,
                steps=(fields[0],),
                message=f"Secret `{manifest.id.name}` is in Git",
                hint="let an ExternalSecret make it from the secret store",
            )


def _holds_something(values: JsonObject) -> bool:
    return any(value not in ("", None, *STAND_INS.values()) for value in values.values())


def _named_credentials(inventory: Inventory) -> Iterator[Violation]:
    for manifest, steps, name, value in _named_values(inventory):
        if patterns.is_sensitive(name) and patterns.is_literal(value):
            yield Violation(
                manifest=manifest,
                steps=steps,
                message=f"`{name}` is written out in plain text",
                hint="read it from the Secret that an ExternalSecret makes",
            )


def _named_values(inventory: Inventory) -> Iterator[tuple[Manifest, Steps, str, str]]:
    for pod in inventory.pods():
        for container in pod.containers:
            for steps, name, value in (*_variables(container), *options(container)):
                yield pod.manifest, steps, name, value
    for manifest in inventory.of_kind("ConfigMap", group=""):
        for key, content in mapping(manifest.get("data")).items():
            for name, value in _entries(key, text(content)):
                yield manifest, ("data", key), name, value
    for manifest in inventory.of_kind("Application", group="argoproj.io"):
        yield from _chart_values(manifest)


def _entries(key: str, content: str) -> Iterator[tuple[str, str]]:
    """Name the values of a text; those of a JSON document have names of their own, which need not be credentials."""
    try:
        found = json.loads(content) if content.lstrip().startswith("{") else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        yield key, content
        return
    for _, body in mappings(found):
        yield from ((name, text(value)) for name, value in body.items())


def _chart_values(manifest: Manifest) -> Iterator[tuple[Manifest, Steps, str, str]]:
    """Values of Helm charts, wherever an Application states them as a tree or as parameters."""
    for steps, body in mappings(manifest.get("spec"), ("spec",)):
        if steps[-2:-1] == ("parameters",):
            yield manifest, (*steps, "value"), text(body.get("name")), text(body.get("value"))
        for key, stated in body.items():
            yield manifest, (*steps, key), key, text(stated)


def _variables(container: Container) -> Iterator[tuple[Steps, str, str]]:
    for steps, variable in container.variables:
        yield (*steps, "value"), text(variable.get("name")), text(variable.get("value"))


def _known_credentials(inventory: Inventory) -> Iterator[Violation]:
    for manifest, steps, value in _texts(inventory, patterns.may_hold_credential):
        what = patterns.known_credential(value)
        if what:
            yield Violation(
                manifest=manifest,
                steps=steps,
                message=f"this text holds {what}",
                hint="revoke it, since Git keeps it forever, and let an ExternalSecret provide the new one",
            )


def _url_passwords(inventory: Inventory) -> Iterator[Violation]:
    for manifest, steps, value in _texts(inventory, patterns.has_url_password):
        if patterns.has_url_password(value):
            yield Violation(
                manifest=manifest,
                steps=steps,
                message="this text holds a URL with a password",
                hint="build the URL from variables, or let an ExternalSecret's template write it",
            )


def _texts(inventory: Inventory, suspects: Callable[[str], bool]) -> Iterator[tuple[Manifest, Steps, str]]:
    """Yield the texts of objects that hold a suspect one."""
    for manifest, written in inventory.every(_written):
        if suspects(written):
            for steps, value in texts(manifest.body):
                yield manifest, steps, value


def _written(inventory: Inventory) -> Iterator[tuple[Manifest, str]]:
    """Yield objects with all their texts, one a line, which no credential crosses; Secrets are a finding anyway."""
    for manifest in inventory.manifests:
        if manifest.id.group != DEFINITIONS and (manifest.id.group, manifest.id.kind) != ("", "Secret"):
            yield manifest, "\n".join(strings(manifest.body))


RULES = (
    InventoryRule("secrets/secret-in-git", ADVICE, _secret_objects, scope=OBJECT),
    InventoryRule("secrets/written-out", ADVICE, _named_credentials, scope=OBJECT),
    InventoryRule("secrets/credential", ADVICE, _known_credentials, scope=OBJECT),
    InventoryRule("secrets/url-password", ADVICE, _url_passwords, scope=OBJECT),
)
