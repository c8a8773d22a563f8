"""One run of server validation for an inventory, shared by the checks `server` and `pod-security`."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aurora.checks.server.asking import CONFIGURE, Questions, answered
from aurora.checks.server.planted import NAMESPACE, Planted, admission_objects, namespace, planted
from aurora.errors import ToolOutputError
from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest
from aurora.schemas import sources
from aurora.schemas.derived import DerivedFiles
from aurora.tools.protocol import Conversation, Reply, Request, converse
from aurora.tools.remembered import remembered
from aurora.tools.settings import Settings

PROGRAM = "server-validation"
WANTED = ("create", "drift", "podSecurity", "admissionPolicies")
OBJECT_MILLISECONDS = 20_000
"""Time for one object; one that takes longer is reported as unjudged."""

_ADMISSION_KINDS = ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What the program said about an inventory's objects, in their order, and that the planted ones were caught."""

    kubernetes: str
    version_skew: bool
    replies: tuple[tuple[Manifest, Reply], ...]
    namespaces: tuple[Mapping[str, Any], ...]
    problems: tuple[str, ...]
    planted: tuple[Planted, ...]
    cached: int
    seconds: float


@dataclass(slots=True)
class ServerValidation:
    """Runs the program once for each inventory, whichever check asks first."""

    locate_tool: Callable[[str], Path]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _known: dict[int, tuple[Inventory, Verdicts]] = field(default_factory=dict)

    def judge(self, inventory: Inventory, settings: Settings) -> Verdicts:
        """Judge an inventory.

        Raises:
            ToolError: the program is missing, failed, lost an answer, or did not report a planted violation.
        """
        with self._lock:
            known = self._known.get(id(inventory))
            if known is None:
                known = (inventory, _judge(self.locate_tool(PROGRAM), inventory, settings))
                self._known[id(inventory)] = known
        return known[1]


def _judge(program: Path, inventory: Inventory, settings: Settings) -> Verdicts:
    if any(name == NAMESPACE for name in inventory.namespaces()):
        raise ToolOutputError(f"the namespace `{NAMESPACE}` is Aurora's own: planted objects live in it")
    started = time.monotonic()
    configuration, definitions = _configuration(inventory, settings), _definitions(inventory, settings)
    texts = [definition.text for definition in definitions]
    known = remembered(settings.memory, program, "server", json.dumps(configuration), *texts)

    def ask(requests: Sequence[Request]) -> Conversation:
        files = _definition_files(definitions, settings.workspace)
        configure = Request(CONFIGURE, "configure", {**configuration, "definitionFiles": files})
        return converse(program, [configure, *requests], workspace=settings.workspace, timeout=settings.timeout)

    answers = answered(_questions(inventory, settings), known, PROGRAM, ask)
    return Verdicts(
        kubernetes=answers.kubernetes,
        version_skew=bool(answers.configured.get("versionSkew")),
        replies=tuple(
            (manifest, answers.replies[f"object:{number}"]) for number, manifest in enumerate(inventory.manifests)
        ),
        namespaces=tuple(entry for entry in answers.levels if entry.get("namespace") != NAMESPACE),
        problems=tuple(str(problem.get("message")) for problem in answers.configured.get("problems", ())),
        planted=answers.planted,
        cached=answers.recalled,
        seconds=time.monotonic() - started,
    )


def _questions(inventory: Inventory, settings: Settings) -> Questions:
    return Questions(
        objects=tuple(_objects(inventory, settings)),
        resources=tuple(manifest.id for manifest in inventory.manifests),
        planted=tuple(planted(inventory, WANTED)),
    )


def _objects(inventory: Inventory, settings: Settings) -> Iterator[Request]:
    """Ask for each object, and for the update of those that an earlier manifest is known of."""
    before = {(manifest.environment, manifest.id.identity): manifest for manifest in settings.old}
    for number, manifest in enumerate(inventory.manifests):
        identity = manifest.id.identity
        old = before.get((inventory.environment, identity)) or before.get((None, identity))
        body: dict[str, Any] = {"text": manifest.text, "want": list(WANTED)}
        if old is not None:
            body |= {"old": {"text": old.text}, "want": [*WANTED, "update"]}
        yield Request(f"object:{number}", "judge", body)


def _configuration(inventory: Inventory, settings: Settings) -> dict[str, Any]:
    own = [manifest.body for manifest in inventory.of_kind("CustomResourceDefinition")]
    described = [
        {"name": manifest.id.name, "labels": manifest.labels} for manifest in inventory.of_kind("Namespace", group="")
    ]
    configuration: dict[str, Any] = {
        "kubernetes": inventory.kubernetes,
        "timeLimitMilliseconds": OBJECT_MILLISECONDS,
        "namespaces": [*described, namespace()],
        "definitions": own,
        "admissionObjects": [*_admission_objects(inventory), *admission_objects(inventory)],
    }
    if settings.pod_security is not None:
        configuration["unknownNamespaces"] = {"level": settings.pod_security, "version": f"v{inventory.kubernetes}"}
    return configuration


def _definitions(inventory: Inventory, settings: Settings) -> tuple[sources.Definition, ...]:
    """Give the definitions that the inventory's kinds need."""
    needed = {(manifest.id.group, manifest.id.kind) for manifest in inventory.custom()}
    known = sources.by_kind(sources.from_folders(settings.schemas, DerivedFiles(settings.cache)))
    return tuple(known[kind] for kind in sorted(needed & known.keys()))


def _definition_files(definitions: Iterable[sources.Definition], workspace: Path) -> list[dict[str, str]]:
    """Write definitions into the workspace and name their files."""
    files: list[dict[str, str]] = []
    for definition in definitions:
        path = workspace / f"{definition.group}_{definition.kind}.json"
        path.write_text(definition.text, encoding="utf-8")
        files.append({"path": str(path), "group": definition.group, "kind": definition.kind})
    return files


def _admission_objects(inventory: Inventory) -> Iterable[dict[str, Any]]:
    """Give the policies and bindings of the input, and every object of a kind that a policy takes parameters of."""
    policies = [manifest for kind in _ADMISSION_KINDS for manifest in inventory.of_kind(kind)]
    kinds = {str(kind) for policy in policies if (kind := policy.get("spec", "paramKind", "kind"))}
    parameters = [manifest for kind in sorted(kinds) for manifest in inventory.of_kind(kind)]
    return [manifest.body for manifest in (*policies, *parameters)]
