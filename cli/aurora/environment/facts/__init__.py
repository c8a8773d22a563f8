"""Facts of a cluster that nobody uses, and identifiers of a cloud that stand for none, in what people write.

Sources: the documentation of AWS writes account 123456789012 in its examples, that of Azure a GUID of zeros; one digit
repeated is what people write where they have no identifier yet. No host below `invalid` ever exists (RFC 2606,
section 2). `aurora init` writes such hosts, and identifiers and digests of zeros, for what it cannot know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from aurora.environment import rules
from aurora.environment.asked import asked
from aurora.environment.model import Environment
from aurora.environment.rules import found
from aurora.environment.tree import Node, Steps
from aurora.environment.wording import path_text
from aurora.model.finding import Finding
from aurora_constructs.cloud import ObjectStore
from aurora_constructs.cluster.cloud_facts import resources_of

CLUSTER = "cluster"
ACCOUNTS = ("123456789012", *(digit * 12 for digit in "0123456789"))
_ARN = re.compile(r"\barn:aws[a-z-]*:[^:]*:[^:]*:(?P<id>[0-9]{12}):")
_ID = re.compile(r"(?<![\w-])(?P<id>[0-9]{12})(?![\w-])")
_GUID = re.compile(r"(?<![\w-])(?P<id>([0-9a-f])\2{7}(-\2{4}){3}-\2{12})(?![\w-])")
_HOST = re.compile(r"(?<![\w.-])(?P<id>(?:[\w-]+\.)+invalid)(?![\w.-])")
_DIGEST = re.compile(r"(?P<id>sha256:0{64})(?!\w)")
_ISSUER = re.compile(r"(?<=/id/)(?P<id>0{32})(?!\w)")
_PART = re.compile(r"\b(?P<id>(fs|fsap|vpc|subnet|sg|ami)-0{17})\b")
_NOBODYS = (_GUID, _HOST, _DIGEST, _ISSUER, _PART)
SEARCHED = {"identities": "identity", "resources": "resource"}


def unused(environment: Environment) -> Iterator[Finding]:
    """Find identities and resources that no component asks for."""
    used = set[tuple[str, str]]().union(*asked(environment).values())
    used |= {("resources", name) for name in _replicas(environment)}
    for key, noun in SEARCHED.items():
        stated = environment.tree.find((CLUSTER, key)) if environment.tree else None
        for name, node in stated.entries() if stated else ():
            if (key, str(name)) not in used:
                steps = (CLUSTER, key, name)
                message = f"`{path_text(steps)}`: no component asks for this {noun}"
                hint = "remove it, or name it where it is meant: the cloud provides what nobody needs"
                finding = found(rules.UNUSED_FACT, node.key, message, steps=steps, hint=hint)
                yield replace(finding, environment=environment.name)


def _replicas(environment: Environment) -> Iterator[str]:
    """Yield the buckets to which the cloud copies others."""
    for resource in resources_of(environment.spec.cluster).values():
        if isinstance(resource, ObjectStore) and resource.replica:
            yield resource.replica


def placeholders(tree: Node) -> Iterator[Finding]:
    """Find accounts, clients, hosts and digests that are nobody's in an environment that serves users."""
    production = tree.find(("gitops", "production"))
    if production is None or production.content is not True:
        return
    for steps, node in _strings(tree, ()):
        for pattern in (_ARN, *_NOBODYS, *([_ID] if steps[0] == CLUSTER else [])):
            match = pattern.search(str(node.content))
            if match and (pattern in _NOBODYS or match["id"] in ACCOUNTS):
                message = f"`{path_text(steps)}` has `{match['id']}`, which stands for what is not known yet"
                hint = "write what the cloud, the registry or your DNS has"
                yield found(rules.PLACEHOLDER, node.place, message, steps=steps, hint=hint)
                break


def _strings(node: Node, steps: Steps) -> Iterator[tuple[Steps, Node]]:
    if isinstance(node.content, str):
        yield steps, node
    for step, child in node.entries():
        yield from _strings(child, (*steps, step))
