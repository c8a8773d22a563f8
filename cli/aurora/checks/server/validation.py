"""What the program is told of an inventory, and asked about each of its objects."""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from aurora import manifests
from aurora.checks.server import webhooks
from aurora.checks.server.asking import Answers, Questions, answered
from aurora.checks.server.planted import NAMESPACE, admission_objects, namespace, planted
from aurora.cluster import claims
from aurora.cluster.sync_ways import way
from aurora.errors import ToolOutputError
from aurora.kinds import table
from aurora.memory.groups import Group, groups
from aurora.memory.verdicts import remembered
from aurora.model.inventory import Inventory
from aurora.model.manifest import Manifest
from aurora.server_validation.planted import limit_range
from aurora.server_validation.session import CLASSES, Session, flags, session
from aurora.tools.settings import Settings

CREATE, POD_SECURITY = "create", "podSecurity"
_ADMISSION_KINDS = ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")


def judge(
    locate_tool: Callable[[str], Path], inventory: Inventory, settings: Settings, parts: Sequence[str]
) -> Answers:
    """Judge the parts of every object, in one session.

    Raises:
        ToolError: the program is missing, failed, lost an answer, or did not report a planted violation.
    """
    if any(name == NAMESPACE for name in inventory.namespaces()):
        raise ToolOutputError(f"the namespace `{NAMESPACE}` is Aurora's own: planted objects live in it")
    named = _named(settings)
    prepared = _session(locate_tool, inventory, settings, named)
    texts = [definition.text for definition in prepared.definitions]
    known = remembered(settings.memory, prepared.program, "server", json.dumps([prepared.setup, *parts]), *texts)
    earlier = {(manifest.environment, manifest.id.identity): manifest for manifest in settings.old}

    def old(manifest: Manifest) -> str | None:
        own, identity = inventory.environment, manifest.id.identity
        found = (earlier.get((own, identity)) or earlier.get((None, identity))) if CREATE in parts else None
        return found.text if found and not way(inventory, manifest).past_refusals else None

    def body(manifest: Manifest) -> dict[str, Any]:
        """Ask for an object, and for the update of one with an earlier manifest that Argo CD does not make anew."""
        text = old(manifest)
        update = {} if text is None else {"old": {"text": text}, "want": [*parts, "update"]}
        return {"text": manifest.text, "want": [*parts], **update}

    def key(group: Group) -> str:
        return known.key(group.digest, *([json.dumps([*map(old, group.manifests)])] if earlier else ()))

    every = {key(group): group for group in inventory.once(groups)}
    return answered(Questions(every, body, tuple(planted(inventory, parts, named))), known, prepared)


def _named(settings: Settings) -> tuple[Manifest, ...]:
    """Give the objects of the files of policies."""
    return tuple(
        entry for path in settings.policies for entry in manifests.read(path.read_bytes(), str(path)).manifests
    )


def _session(
    locate_tool: Callable[[str], Path], inventory: Inventory, settings: Settings, named: Sequence[Manifest]
) -> Session:
    described = [
        {"name": manifest.id.name, "labels": manifest.labels} for manifest in inventory.of_kind("Namespace", group="")
    ]
    unknown = {"level": settings.pod_security, "version": f"v{inventory.kubernetes}"}
    ranges = [manifest.body for manifest in inventory.of_kind("LimitRange", group="")]
    # The planted pod is of the group without a name.
    groups = {"", *(manifest.id.group for manifest in inventory.manifests)}
    return session(
        locate_tool,
        settings,
        kubernetes=inventory.kubernetes,
        kinds={(manifest.id.group, manifest.id.kind) for manifest in inventory.custom()},
        namespaces=[*described, namespace()],
        pods=table.pods_for_programs(groups),
        claims=claims.for_programs(groups) if ranges else [],
        definitions=[manifest.body for manifest in inventory.of_kind("CustomResourceDefinition")],
        admissionObjects=[
            *_admission_objects(inventory, named),
            *admission_objects(inventory, named),
            *([*ranges, limit_range(NAMESPACE)] if ranges else ()),
            *webhooks.policies((manifest.id.group, manifest.id.kind) for manifest in inventory.manifests),
        ],
        **flags(inventory.cluster),
        **({"unknownNamespaces": unknown} if settings.pod_security is not None else {}),
    )


def _admission_objects(inventory: Inventory, named: Sequence[Manifest]) -> Iterable[dict[str, Any]]:
    """Give policies, bindings, every object of a kind that is a policy's parameter, and the classes of the input.

    `named` are the objects of the files of policies beside it.
    """
    policies = [manifest for kind in _ADMISSION_KINDS for manifest in inventory.of_kind(kind)]
    policies += [manifest for manifest in named if manifest.id.kind in _ADMISSION_KINDS]
    kinds = {str(kind) for policy in policies if (kind := policy.get("spec", "paramKind", "kind"))}
    parameters = [manifest for kind in sorted(kinds) for manifest in inventory.of_kind(kind)]
    parameters += [manifest for manifest in named if manifest.id.kind in kinds]
    classes = [manifest for kind, group in CLASSES.items() for manifest in inventory.of_kind(kind, group=group)]
    return [manifest.body for manifest in (*policies, *parameters, *classes)]
