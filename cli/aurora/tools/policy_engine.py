"""Asks the policy engine, Aurora's own program that links Kyverno's code: `tools/kyverno/README.md`.

Owns the requests and the reading of the replies: every policy is in use or refused, every object is judged or
said not to be, and every policy has a result for every object or says that it does not match. Must not know
what a policy demands or what a verdict means.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from aurora.errors import ToolOutputError
from aurora.model.json_value import JsonObject, items, mapping, text
from aurora.model.manifest import identify, string_map
from aurora.model.resource import ResourceId
from aurora.tools.protocol import DONE, UNJUDGED, Reply, Request, converse
from aurora.tools.verdicts import SENTINEL, SENTINEL_POLICY, Call, Refusal, Result, Row, Verdicts, identities, proved

NAME = "policy-engine"
OBJECT_MILLISECONDS = 20_000
"""Time for one object; one that takes longer is unjudged."""

_CONFIGURE = "configure"


def apply(call: Call) -> Verdicts:
    """Judge the objects.

    Raises:
        ToolError: the program is missing, did not end in time, crashed, or gave no proof.
        ValueError: two objects have one identity, one is a list, or a policy has the reserved name.
    """
    identities(call)
    names = [*sorted(call.policies), SENTINEL]
    requests = [Request(_CONFIGURE, _CONFIGURE, _configuration(call, names))]
    requests += [Request(str(number), "judge", {"object": body}) for number, body in enumerate(call.objects)]
    conversation = converse(call.program, requests, workspace=call.folder, timeout=call.timeout)
    if conversation.program != NAME:
        raise ToolOutputError(f"`{call.program}` is `{conversation.program}`, not `{NAME}`")
    refused = _refused(conversation.replies[_CONFIGURE], names)
    if refused:
        return Verdicts((), refused)
    rows: list[Row] = []
    unjudged: dict[ResourceId, str] = {}
    for number, body in enumerate(call.objects):
        reply = conversation.replies[str(number)]
        if reply.outcome == UNJUDGED:
            unjudged[identify(body)] = reply.message
        else:
            rows.extend(_rows(reply, body, names))
    return proved(call, rows, unjudged)


def _configuration(call: Call, names: list[str]) -> dict[str, Any]:
    policies = {**call.policies, SENTINEL: SENTINEL_POLICY}
    return {
        "policies": [policies[name] for name in names],
        "exceptions": [],
        "namespaces": [_namespace(namespace) for namespace in call.namespaces],
        "resources": [asdict(kind) for kind in call.kinds],
        "timeLimitMilliseconds": OBJECT_MILLISECONDS,
    }


def _namespace(body: JsonObject) -> dict[str, Any]:
    metadata = mapping(body.get("metadata"))
    return {
        "name": text(metadata.get("name")),
        "labels": string_map(metadata.get("labels")),
        "annotations": string_map(metadata.get("annotations")),
    }


def _refused(reply: Reply, names: list[str]) -> dict[str, Refusal]:
    """Give the refused policies, once every policy is either in use or refused."""
    if reply.outcome != DONE:
        raise ToolOutputError(f"`{NAME}` cannot be configured: {reply.message}")
    in_use = [text(mapping(entry).get("pointer")) for entry in items(reply.result.get("policies"))]
    refused = {text(entry.get("pointer")): entry for entry in map(mapping, items(reply.result.get("refused")))}
    expected = [f"/policies/{number}" for number in range(len(names))]
    if sorted([*in_use, *refused]) != sorted(expected) or expected[-1] in refused:
        raise ToolOutputError(f"`{NAME}` did not account for every policy: {json.dumps(dict(reply.result))[:500]}")
    return {
        name: Refusal(text(refused[pointer].get("message")), text(refused[pointer].get("field")))
        for name, pointer in zip(names, expected, strict=True)
        if pointer in refused
    }


def _rows(reply: Reply, body: JsonObject, names: list[str]) -> Iterator[Row]:
    """Give the verdicts on an object, once every policy has one or says that it does not match."""
    identity = identify(body)
    results = [mapping(entry) for entry in items(reply.result.get("results"))]
    unmatched = [text(name) for name in items(reply.result.get("unmatched"))]
    by_rule = {text(entry.get("policy")) for entry in results if entry.get("rule")}
    answered = [text(entry.get("policy")) for entry in results if not entry.get("rule")]
    answered += [*by_rule, *unmatched]
    if _named(reply.result) != (identity.kind, identity.namespace or "", identity.name):
        raise ToolOutputError(f"`{NAME}` answered for {_named(reply.result)} instead of {identity}")
    if sorted(answered) != sorted(names):
        raise ToolOutputError(f"`{NAME}` did not account for every policy on {identity}: {', '.join(sorted(answered))}")
    for entry in results:
        try:
            result = Result(text(entry.get("result")))
        except ValueError as error:
            raise ToolOutputError(f"`{NAME}` gave the unknown result `{entry.get('result')}`") from error
        said = {key: text(entry.get(key)) for key in ("policy", "message", "autogen", "rule")}
        yield Row(resource=identity, result=result, **said)


def _named(result: Mapping[str, Any]) -> tuple[str, str, str]:
    resource = mapping(result.get("resource"))
    return text(resource.get("kind")), text(resource.get("namespace")), text(resource.get("name"))
