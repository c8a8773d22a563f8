"""The Secrets that pods make at run time: Jobs that write certificates or passwords, controllers for themselves.

A pod makes a Secret if its account may create Secrets, and one of its settings whose name speaks of a secret, or a
role of the account, names it. Sources: kube-webhook-certgen (`--secret-name`), argo-cd's `redis-initial-password`
(a role with `resourceNames`), cert-manager (`--dynamic-serving-ca-secret-name`). Must not judge.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import zip_longest

from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, dig, items, mapping, text
from aurora.model.pod_template import PodTemplate

RBAC = "rbac.authorization.k8s.io"
_ANY = "*"
_NAME = r"[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?"
_OPTION = re.compile(rf"--?[\w-]*secret[\w-]*=({_NAME})", re.IGNORECASE)
_ALONE = re.compile(r"--?[\w-]*secret[\w-]*", re.IGNORECASE)


def made_secrets(inventory: Inventory) -> Iterator[tuple[str, str]]:
    """Yield namespace and name of the Secrets that pods may make."""
    granted = _granted(inventory)
    for pod in inventory.pods():
        account = (pod.namespace, text(pod.get("serviceAccountName")) or "default")
        rules = [rule for rule in granted.get(account, ()) if _is_about_secrets(rule)]
        if any({"create", _ANY}.intersection(map(text, items(rule.get("verbs")))) for rule in rules):
            named = {text(name) for rule in rules for name in items(rule.get("resourceNames"))}
            yield from ((pod.namespace, name) for name in named.union(_told(pod)))


def _granted(inventory: Inventory) -> dict[tuple[str, str], list[JsonObject]]:
    """Give the rules of all roles that each ServiceAccount has, by its namespace and name."""
    found: dict[tuple[str, str], list[JsonObject]] = defaultdict(list)
    for kind in ("RoleBinding", "ClusterRoleBinding"):
        for binding in inventory.of_kind(kind, group=RBAC):
            role = mapping(binding.get("roleRef"))
            namespace = binding.id.namespace if role.get("kind") == "Role" else None
            bound = inventory.find(text(role.get("kind")), text(role.get("name")), group=RBAC, namespace=namespace)
            rules = [mapping(rule) for rule in items(bound.get("rules"))] if bound else []
            for subject in items(binding.get("subjects")):
                place = text(dig(subject, "namespace")) or binding.id.namespace or ""
                found[place, text(dig(subject, "name"))] += rules
    return found


def _is_about_secrets(rule: JsonObject) -> bool:
    return bool({"secrets", _ANY}.intersection(map(text, items(rule.get("resources")))))


def _told(pod: PodTemplate) -> Iterator[str]:
    """Yield the values of arguments and variables whose names speak of a secret."""
    for container in pod.containers:
        words = [word for _, word in container.words]
        for word, following in zip_longest(words, words[1:], fillvalue=""):
            match = _OPTION.fullmatch(word)
            if match:
                yield match[1]
            elif _ALONE.fullmatch(word) and re.fullmatch(_NAME, following):
                yield following
        for _, variable in container.variables:
            if "secret" in text(dig(variable, "name")).lower() and re.fullmatch(_NAME, text(dig(variable, "value"))):
                yield text(dig(variable, "value"))
