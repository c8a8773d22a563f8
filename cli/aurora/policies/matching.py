"""Which objects a policy matches: the rules of admission, as Kyverno applies them, autogen included.

Source: `matching.Match` of Kyverno 1.19.1, `rules.Matcher` of k8s.io/apiserver v0.36, and Kyverno's
`pkg/cel/autogen`; `docs/facts/policies.md`. Every object is taken as being created. Must not judge.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from aurora.model import selectors
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text

OPERATION = "CREATE"

NAME_LABEL = "kubernetes.io/metadata.name"
"""The label that the API server gives every namespace."""

# Controllers for whose pods a pod policy is repeated, unless the policy lists others: API group of each, all v1.
POD_CONTROLLERS = {
    "daemonsets": "apps",
    "deployments": "apps",
    "replicasets": "apps",
    "statefulsets": "apps",
    "cronjobs": "batch",
    "jobs": "batch",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What admission knows of an object; `namespace` is empty for a cluster-scoped one."""

    group: str
    version: str
    resource: str
    namespace: str
    name: str
    labels: Mapping[str, str]
    namespace_labels: Mapping[str, str]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """Some rules of admission; which of them are about a kind is worked out once for each kind."""

    stated: tuple[JsonObject, ...]
    _about: dict[tuple[str, str, str], tuple[JsonObject, ...]] = field(default_factory=dict, compare=False, repr=False)

    def match(self, subject: Subject) -> bool:
        """Tell whether any of them matches an object."""
        return any(_reaches(rule, subject) for rule in self.about(subject.group, subject.version, subject.resource))

    def about(self, group: str, version: str, resource: str) -> tuple[JsonObject, ...]:
        """Give the rules about the creation of objects of a kind."""
        kind = (group, version, resource)
        rules = self._about.get(kind)
        if rules is None:
            rules = self._about[kind] = tuple(rule for rule in self.stated if _is_about(rule, *kind))
        return rules


@dataclass(frozen=True, slots=True)
class Constraints:
    """A policy's match constraints, its repetitions for pod controllers included; `is_repeated` says if it has any."""

    rules: Rules
    excluded: Rules
    namespace_selector: JsonValue
    object_selector: JsonValue
    is_repeated: bool = False

    def matches(self, subject: Subject) -> bool:
        """Tell whether the policy is asked about an object when it is created."""
        return (
            self.rules.match(subject)
            and self.selects_namespace(subject)
            and _selects(self.object_selector, subject.labels)
            and not self.excluded.match(subject)
        )

    def selects_namespace(self, subject: Subject) -> bool:
        """Tell whether the namespace selector lets an object through; it exempts no cluster-scoped object."""
        if not subject.namespace and subject.resource != "namespaces":
            return True
        return _selects(self.namespace_selector, subject.namespace_labels)

    def about(self, group: str, version: str, kind: str, resource: str) -> bool:
        """Tell whether any rule is about the creation of objects of a kind, which is stored as a resource."""
        return bool(self.rules.about(group, version, resource))

    def may_match(self, subject: Subject) -> bool:
        """Tell whether the policy is asked about an object, as far as is known before it is asked."""
        return self.matches(subject)

    @property
    def namespaces(self) -> tuple[str, ...]:
        """The names of namespaces that the selector names."""
        return names_of_namespaces(self.namespace_selector)

    def asks_labels(self, subject: Subject) -> bool:
        """Tell whether it takes more of a namespace's labels than its name to know if an object is matched."""
        if by_name_only(self.namespace_selector):
            return False
        selector = mapping(self.namespace_selector)
        labels = {key: value for key, value in mapping(selector.get("matchLabels")).items() if key == NAME_LABEL}
        asked = items(selector.get("matchExpressions"))
        expressions = [entry for entry in asked if mapping(entry).get("key") == NAME_LABEL]
        by_name: JsonObject = {"matchLabels": labels, "matchExpressions": expressions}
        return replace(self, namespace_selector=by_name).matches(subject)

    @property
    def judges_creation(self) -> bool:
        """Whether any rule applies to objects that are being created."""
        return any(_holds(rule.get("operations"), OPERATION) for rule in self.rules.stated)


def by_name_only(selector: JsonValue | None) -> bool:
    """Tell whether a selector of namespaces asks for no label but the one that every namespace has."""
    labels, asked = mapping(mapping(selector).get("matchLabels")), items(mapping(selector).get("matchExpressions"))
    return labels.keys() <= {NAME_LABEL} and all(mapping(entry).get("key") == NAME_LABEL for entry in asked)


def names_of_namespaces(selector: JsonValue | None) -> tuple[str, ...]:
    """Give the namespaces that a selector names."""
    names = [mapping(mapping(selector).get("matchLabels")).get(NAME_LABEL)]
    for entry in map(mapping, items(mapping(selector).get("matchExpressions"))):
        if entry.get("key") == NAME_LABEL and entry.get("operator") == "In":
            names.extend(items(entry.get("values")))
    return tuple(text(name) for name in names if text(name))


def constraints(spec: JsonObject) -> Constraints:
    """Read the constraints of a policy's spec."""
    match = mapping(spec.get("matchConstraints"))
    rules = [mapping(rule) for rule in items(match.get("resourceRules"))]
    repeated = _repeated(spec, match, rules)
    return Constraints(
        rules=Rules((*rules, *repeated)),
        is_repeated=bool(repeated),
        excluded=Rules(tuple(mapping(rule) for rule in items(match.get("excludeResourceRules")))),
        namespace_selector=match.get("namespaceSelector"),
        object_selector=match.get("objectSelector"),
    )


@lru_cache(maxsize=1024)
def guessed_plural(kind: str) -> str:
    """Give the resource that Kyverno takes a kind for when it has no cluster to ask (`UnsafeGuessKindToResource`)."""
    singular = kind.lower()
    if singular.endswith("endpoints"):
        return singular
    if singular.endswith("s"):
        return f"{singular}es"
    return f"{singular[:-1]}ies" if singular.endswith("y") else f"{singular}s"


def possible_plurals(kind: str) -> frozenset[str]:
    """Give every name that the resource of a kind may have, if its CustomResourceDefinition is not known."""
    singular = kind.lower()
    return frozenset({singular, f"{singular}s", f"{singular}es", guessed_plural(kind)})


def _repeated(spec: JsonObject, match: JsonObject, rules: Sequence[JsonObject]) -> tuple[JsonObject, ...]:
    """Give the rules that Kyverno adds to a policy of pods, or none where autogen switches itself off."""
    if not _is_plain_pod_rule(match, rules):
        return ()
    named = dig(spec, "autogen", "podControllers", "controllers")
    controllers = [text(entry) for entry in named] if isinstance(named, list) else list(POD_CONTROLLERS)
    return tuple(_controller_rule(name, rules[0]) for name in controllers)


def _is_plain_pod_rule(match: JsonObject, rules: Sequence[JsonObject]) -> bool:
    if len(rules) != 1 or items(match.get("excludeResourceRules")) or _is_set(match.get("objectSelector")):
        return False
    rule = rules[0]
    return (
        not items(rule.get("resourceNames"))
        and rule.get("apiGroups") == [""]
        and rule.get("apiVersions") == ["v1"]
        and rule.get("resources") == ["pods"]
    )


def unknown_controllers(spec: JsonObject) -> tuple[str, ...]:
    """Give the controllers that a policy names for autogen and Kyverno leaves out without a word."""
    named = items(dig(spec, "autogen", "podControllers", "controllers"))
    return tuple(text(entry) for entry in named if _controller(text(entry)) is None)


def _controller(name: str) -> tuple[str, str, str] | None:
    """Read the resource, version and group of a controller: a known one, or `<resource>.<version>.<group>`."""
    if name in POD_CONTROLLERS:
        return name, "v1", POD_CONTROLLERS[name]
    resource, _, rest = name.partition(".")
    version, _, group = rest.partition(".")
    return (resource, version, group) if resource and version and group else None


def _controller_rule(name: str, pods: JsonObject) -> JsonObject:
    resource, version, group = _controller(name) or ("", "", "")
    return {
        "apiGroups": [group],
        "apiVersions": [version],
        "resources": [resource],
        "operations": pods.get("operations"),
    }


def _is_about(rule: JsonObject, group: str, version: str, resource: str) -> bool:
    """Tell whether a rule is about the creation of objects of this kind."""
    return (
        any(_is_resource(text(entry), resource) for entry in items(rule.get("resources")))
        and _holds(rule.get("operations"), OPERATION)
        and _holds(rule.get("apiGroups"), group)
        and _holds(rule.get("apiVersions"), version)
    )


def _reaches(rule: JsonObject, subject: Subject) -> bool:
    """Tell whether a rule about this kind also means the object."""
    names = items(rule.get("resourceNames"))
    return _in_scope(rule, subject) and (not names or subject.name in names)


def _in_scope(rule: JsonObject, subject: Subject) -> bool:
    cluster = not subject.namespace or (subject.group == "" and subject.resource == "namespaces")
    match rule.get("scope"):
        case None | "*":
            return True
        case "Cluster":
            return cluster
        case "Namespaced":
            return not cluster
        case _:
            return False


def _holds(listed: JsonValue | None, wanted: str) -> bool:
    return any(entry in ("*", wanted) for entry in items(listed))


def _is_resource(entry: str, resource: str) -> bool:
    name, _, subresource = entry.partition("/")
    return name in ("*", resource) and subresource in ("", "*")


def _selects(selector: JsonValue | None, labels: Mapping[str, str]) -> bool:
    """Match as admission does: a selector that is absent or empty selects everything."""
    return not _is_set(selector) or selectors.matches(selector, labels)


def _is_set(selector: JsonValue | None) -> bool:
    return any(mapping(selector).get(key) for key in ("matchLabels", "matchExpressions"))
