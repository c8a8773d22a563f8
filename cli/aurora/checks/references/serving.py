"""Rules about KServe's runtimes: that they exist and support the model, and that servers listen where KServe asks.

Source: KServe 0.20, `pkg/controller/v1beta1/inferenceservice/components/predictor.go` (`reconcileModel`), and
`reconcilers/service/service_reconciler.go`; vLLM 0.26, `vllm/entrypoints/openai/cli_args.py`, for its port.
"""

import re
from collections.abc import Iterator, Sequence

from aurora.cluster import inference
from aurora.cluster.references.lookup import Reference, absent, exists
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.pod_template import PodTemplate
from aurora.model.rule import BROKEN, REFUSED, InventoryRule, Violation

_PORT_OPTIONS = ("rest_api_port", "http_port", "http-port", "port")
"""Options by which servers are told their HTTP port, the plainest last: with TensorFlow Serving `--port` is gRPC's."""
_VLLM_IMAGE = re.compile(r"(^|/)vllm-openai(-cpu)?[:@]")
_VLLM_PORT = 8000


def _runtimes(inventory: Inventory) -> Iterator[Violation]:
    for pod in inference.pods(inventory):
        name = text(pod.get("model", "runtime"))
        if not name:
            continue
        found = inference.runtime(inventory, pod)
        steps = pod.at("model", "runtime")
        if found is None:
            wanted = Reference(
                manifest=pod.manifest, steps=steps, kind="ClusterServingRuntime", name=name, group=inference.GROUP
            )
            if not exists(inventory, wanted):
                yield absent(inventory, wanted)
            continue
        problem = _unsupported(pod, found)
        if problem:
            yield Violation(manifest=pod.manifest, steps=steps, message=problem, hint="name a runtime that supports it")


def _unsupported(pod: PodTemplate, runtime: Manifest) -> str:
    """Say what a runtime cannot do that a model asks for; empty where it can do everything."""
    form, version = text(pod.get("model", "modelFormat", "name")), pod.get("model", "modelFormat", "version")
    formats = [mapping(each) for each in items(runtime.get("spec", "supportedModelFormats"))]
    protocols = [text(each) for each in items(runtime.get("spec", "protocolVersions"))]
    protocol = text(pod.get("model", "protocolVersion"))
    if runtime.get("spec", "disabled") is True:
        return f"{runtime.id} is disabled"
    if not any(each.get("name") == form and version in (None, each.get("version")) for each in formats):
        known = sorted({text(each.get("name")) for each in formats})
        asked = f"`{form}`" if version is None else f"`{form}` of version `{version}`"
        return f"{runtime.id} does not support the model format {asked}: it has {', '.join(known) or 'none'}"
    if protocol and protocols and protocol not in protocols:
        return f"{runtime.id} does not speak the protocol `{protocol}`: it speaks {', '.join(protocols)}"
    return ""


def _ports(inventory: Inventory) -> Iterator[Violation]:
    for pod in inference.pods(inventory):
        own, bodies = inference.server(pod), inference.servers(inventory, pod)
        listens = _listening(bodies)
        if own is None or listens is None:
            continue
        declared = [dig(entry, "containerPort") for body in bodies for entry in items(body.get("ports"))]
        if listens in (declared or [inference.DEFAULT_PORT]):
            continue
        asked = f"its ports are {', '.join(map(str, declared))}" if declared else "it declares no port"
        yield Violation(
            manifest=pod.manifest,
            steps=own.steps,
            message=f"the server listens on {listens}, but {asked}: KServe probes and sends requests to "
            f"{declared[0] if declared else inference.DEFAULT_PORT}, so the pods never become ready",
            hint=f"let it listen on {inference.DEFAULT_PORT}, or declare `containerPort: {listens}` with probes",
        )


def _listening(bodies: Sequence[JsonObject]) -> int | None:
    """Give the port that a server's words tell it; None where they do not."""
    words = [text(word) for body in reversed(bodies) for name in ("command", "args") for word in items(body.get(name))]
    for option in _PORT_OPTIONS:
        stated = [
            value or following
            for word, following in zip(words, [*words[1:], ""], strict=False)
            for name, _, value in [word.partition("=")]
            if name == f"--{option}"
        ]
        if stated:
            return int(stated[-1]) if stated[-1].isdigit() else None
    runs_vllm = "vllm.entrypoints.openai.api_server" in words or words[:2] == ["vllm", "serve"]
    image = next((text(body["image"]) for body in bodies if body.get("image")), "")
    return _VLLM_PORT if runs_vllm or _VLLM_IMAGE.search(image) else None


RULES = (
    InventoryRule("references/serving-runtime", REFUSED, _runtimes, softens=True),
    InventoryRule("references/model-server-port", BROKEN, _ports),
)
