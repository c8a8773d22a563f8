"""Figures of server validation: the program alone, as a whole process that reads prepared requests.

As a script it runs one stage and prints its seconds and megabytes.
"""

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from aurora import manifests, packs
from aurora.commands.context import toolbox
from aurora.kinds.table import is_builtin_group
from aurora.model.json_value import JsonObject, mapping
from aurora.model.manifest import Manifest
from aurora.tools.protocol import JUDGED, Conversation, Request, converse
from measuring import KIBIBYTES_PER_MEGABYTE, ROOT, Figure, stage

CUSTOM = 5
"""One object of so many is of a custom kind in a mixture."""

WANTED = ["create", "drift", "podSecurity", "admissionPolicies"]
DEPLOYMENT = "generated/aurora-prod/inference/aurora/deployment.aurora-inference.yaml"


def figures() -> list[Figure]:
    """Measure everything."""
    many, mixture = stage("server.py", "deployments", 3000), stage("server.py", "mixed", 1000)
    begun = stage("server.py", "start", 1)
    return [
        Figure("server validation of 3,000 Deployments, whole process", many["seconds"], "s", 1.5),
        Figure("memory for that", many["megabytes"], "MB", 250.0),
        Figure("server validation of 1,000 mixed objects, 200 custom, Pod Security", mixture["seconds"], "s", 1.0),
        Figure("server validation: start with the whole schema pack known", begun["seconds"], "s", 0.3),
    ]


def deployments(count: int) -> list[Request]:
    """Ask about copies of the committed inference Deployment."""
    body = _read(ROOT / DEPLOYMENT)[0].body
    return [*_configuration(()), *(_judge(_renamed(body, number)) for number in range(count))]


def mixed(count: int) -> list[Request]:
    """Ask about copies of the committed objects, one in five of a custom kind."""
    known = [entry for path in sorted((ROOT / "generated" / "aurora-prod").rglob("*.yaml")) for entry in _read(path)]
    namespaces = [entry for entry in known if entry.id.kind == "Namespace"]
    known = [entry for entry in known if entry.id.kind not in {"Namespace", "CustomResourceDefinition"}]
    custom = [entry for entry in known if not is_builtin_group(entry.id.group)]
    builtin = [entry for entry in known if is_builtin_group(entry.id.group)]
    chosen = [
        (custom if number % CUSTOM == 0 else builtin)[number % len(custom if number % CUSTOM == 0 else builtin)]
        for number in range(count)
    ]
    return [*_configuration(namespaces), *(_judge(_renamed(entry.body, n)) for n, entry in enumerate(chosen))]


def start(count: int) -> list[Request]:
    """Ask about one object of a custom kind with every definition of the schema pack known."""
    return [*_configuration(()), *deployments(count)[1:]]


def _configuration(namespaces: Any) -> Iterator[Request]:
    files = list(_definition_files())
    described = [{"name": entry.id.name, "labels": entry.labels} for entry in namespaces]
    yield Request("configure", "configure", {"kubernetes": "1.35", "definitionFiles": files, "namespaces": described})


def _definition_files() -> Iterator[dict[str, str]]:
    for path in sorted(packs.PACK.glob("*.json")):
        spec = json.loads(path.read_text())["spec"]
        yield {"path": str(path), "group": spec["group"], "kind": spec["names"]["kind"]}


def _read(path: Path) -> tuple[Manifest, ...]:
    return manifests.read(path.read_bytes(), path.name).manifests


def _renamed(body: JsonObject, number: int) -> JsonObject:
    metadata = mapping(body["metadata"])
    return body | {"metadata": metadata | {"name": f"{metadata['name']}-{number}"}}


def _judge(body: JsonObject) -> Request:
    name = str(mapping(body["metadata"])["name"])
    return Request(f"{body['kind']}/{name}", "judge", {"object": body, "want": WANTED})


def _complaints(conversation: Conversation) -> Iterator[str]:
    for reply in conversation.replies.values():
        if reply.id != "configure" and reply.outcome != JUDGED:
            yield f"{reply.id}: {reply.message}"
        for finding in reply.result.get("findings", ()):
            if finding["severity"] == "error":
                yield f"{reply.id}: {finding['message']}"


STAGES: dict[str, Callable[[int], list[Request]]] = {"deployments": deployments, "mixed": mixed, "start": start}


def main() -> None:
    """Run one stage; stop when an object that must be accepted is not."""
    requests = STAGES[sys.argv[1]](int(sys.argv[2]))
    program = toolbox().locate("server-validation")
    with tempfile.TemporaryDirectory() as workspace:
        started = time.monotonic()
        conversation = converse(program, requests, workspace=Path(workspace), timeout=300)
        seconds = time.monotonic() - started
    complaints = list(_complaints(conversation))
    if complaints:
        raise SystemExit("\n".join(complaints[:10]))
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / KIBIBYTES_PER_MEGABYTE
    print(json.dumps({"seconds": seconds, "megabytes": memory}))


if __name__ == "__main__":
    main()
