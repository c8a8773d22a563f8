"""The policies and objects that a suite names: read as Kyverno reads them, or a finding why not.

Must not run anything, and must not ask what is expected of them.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from aurora import suite_rules
from aurora.kinds.table import builtin_scope
from aurora.model.finding import Finding, Severity
from aurora.model.json_value import JsonObject, items, mapping, text
from aurora.model.manifest import Manifest, Source, identify
from aurora.model.place import Place
from aurora.model.resource import ResourceId
from aurora.model.rule import Rule
from aurora.suites.reading import Suite
from aurora.yamlio import reading

CEL_GROUP = "policies.kyverno.io"
_RULE_GROUP = "kyverno.io"
_ADMISSION_GROUP = "admissionregistration.k8s.io"
_WITH_RULES = frozenset({"ClusterPolicy", "Policy"})
_ADMISSION_KINDS = frozenset({"ValidatingAdmissionPolicy", "MutatingAdmissionPolicy"})
_BINDINGS = frozenset({"ValidatingAdmissionPolicyBinding", "MutatingAdmissionPolicyBinding"})
_CEL_ACTIONS = {
    "DeletingPolicy": "delete",
    "GeneratingPolicy": "generate",
    "ImageValidatingPolicy": "validate",
    "MutatingPolicy": "mutate",
    "ValidatingPolicy": "validate",
}
_YAML = frozenset({".yaml", ".yml"})


@dataclass(frozen=True, slots=True)
class TestedRule:
    """A rule of a policy: its name, empty where the policy has no named rules, and what it does."""

    __test__ = False

    name: str
    action: str


@dataclass(frozen=True, slots=True)
class TestedPolicy:
    """A policy of a suite, its rules, and the file that it stands in."""

    __test__ = False

    manifest: Manifest
    rules: tuple[TestedRule, ...]
    file: str

    @property
    def name(self) -> str:
        """Its name as results write it: with its namespace, if it has one."""
        identity = self.manifest.id
        return f"{identity.namespace}/{identity.name}" if identity.namespace else identity.name

    @property
    def is_named(self) -> bool:
        """Whether its rules have names."""
        return any(rule.name for rule in self.rules)

    def answers_to(self, name: str) -> bool:
        """Tell whether results mean this policy by a name; Kyverno compares what stands behind the slash."""
        return name.rpartition("/")[2] == self.manifest.id.name


@dataclass(slots=True)
class Subjects:
    """What a suite is about, and what is wrong with it.

    `targets` are objects that policies change when they judge others, `generated` expected ones by their file.
    """

    policies: list[TestedPolicy] = field(default_factory=list)
    objects: list[Manifest] = field(default_factory=list)
    targets: list[Manifest] = field(default_factory=list)
    generated: dict[str, list[Manifest]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def policy(self, name: str) -> TestedPolicy | None:
        """Give the policy that results mean by a name."""
        return next((policy for policy in self.policies if policy.answers_to(name)), None)

    @property
    def named(self) -> list[Manifest]:
        """Everything that results can name."""
        return [*self.objects, *self.targets]

    @property
    def usable(self) -> bool:
        """Whether Kyverno can be asked at all."""
        return not any(
            finding.severity is Severity.ERROR or finding.rule == suite_rules.NOT_RUN.id for finding in self.findings
        )


def gather(suite: Suite, *, strict: bool) -> Subjects:
    """Read the policies and objects of a suite; `strict` asks for one policy a file."""
    found = Subjects()
    for file in _listed(suite, "policies", found):
        _read_policies(suite, file, found, strict=strict)
    _demand_names(found)
    for file in _listed(suite, "resources", found):
        found.objects.extend(_objects(suite, file, found))
    _demand_once(found)
    for file in _listed(suite, "targetResources", found):
        found.targets.extend(_objects(suite, file, found))
    for expectation in suite.expectations:
        for path in expectation.generated:
            for file in _files(suite, expectation.steps, path, found):
                found.generated[path] = list(_objects(suite, file, found))
    return found


def written(objects: Manifest) -> tuple[str, ...]:
    """Give the ways in which Kyverno may write an object: a namespace is added to what it takes for namespaced."""
    identity = objects.id
    namespaces = [identity.namespace] if identity.namespace else _default_namespaces(identity)
    return tuple(f"{identity.api_version}/{identity.kind}/{namespace}/{identity.name}" for namespace in namespaces)


def _default_namespaces(identity: ResourceId) -> list[str]:
    match builtin_scope(identity.group, identity.kind):
        case "Cluster":
            return [""]
        case None:
            return ["default", ""]
        case _:
            return ["default"]


def show(suite: Suite, file: Path) -> str:
    """Write a file's path as people write the test file's."""
    relative = os.path.relpath(file, suite.folder)
    return Path(os.path.normpath(Path(suite.path).parent / relative)).as_posix()


def _listed(suite: Suite, name: str, found: Subjects) -> Iterator[Path]:
    """Yield every file that a field lists."""
    for number, path in enumerate(suite.paths(name)):
        yield from _files(suite, (name, number), path, found)


def _files(suite: Suite, steps: tuple[str | int, ...], path: str, found: Subjects) -> Iterator[Path]:
    target = Path(os.path.normpath(suite.folder / path))
    if target.is_dir():
        inside = sorted(entry for entry in target.iterdir() if entry.suffix in _YAML and entry.is_file())
        if not inside:
            found.findings.append(suite.problem(suite_rules.MISSING_FILE, f"`{path}` holds no YAML file", *steps))
        yield from inside
    elif target.is_file():
        yield target
    else:
        found.findings.append(suite.problem(suite_rules.MISSING_FILE, f"`{path}` does not exist", *steps))


def _documents(suite: Suite, file: Path, rule: Rule, found: Subjects) -> Iterator[tuple[reading.Document, JsonObject]]:
    shown = show(suite, file)
    try:
        documents = list(reading.split(reading.decode(file.read_bytes())))
    except (reading.YamlError, OSError) as error:
        found.findings.append(Finding.of(rule, f"this cannot be read: {error}", Place(shown)))
        return
    if not documents:
        found.findings.append(Finding.of(suite_rules.MISSING_FILE, "this file is empty", Place(shown)))
    for document in documents:
        try:
            value = reading.parse(document.text).value
        except reading.YamlError as error:
            place = Place(shown, document.line + error.line - 1, error.column)
            found.findings.append(Finding.of(rule, error.message, place))
            continue
        if isinstance(value, dict):
            yield document, value
        else:
            found.findings.append(Finding.of(rule, "this is not a mapping", Place(shown, document.line)))


def _read_policies(suite: Suite, file: Path, found: Subjects, *, strict: bool) -> None:
    shown = show(suite, file)
    for count, (document, body) in enumerate(_documents(suite, file, suite_rules.POLICY_FILE, found), start=1):
        place = Place(shown, document.line)
        rules = _rules(body)
        if rules is None and identify(body).kind not in _BINDINGS:
            found.findings.append(
                Finding.of(suite_rules.POLICY_FILE, f"a `{body.get('kind')}` is no policy of Kyverno", place)
            )
        elif rules is not None:
            manifest = Manifest(id=identify(body), body=body, text=document.text, source=Source(shown, document.line))
            found.policies.append(TestedPolicy(manifest, rules, shown))
        if rules is not None and _asks_registries(body):
            found.findings.append(_offline(identify(body), place, strict=strict))
        if strict and count > 1:
            found.findings.append(
                Finding.of(suite_rules.POLICY_FILE, "a second document stands in the file of a policy", place)
            )


def _rules(body: JsonObject) -> tuple[TestedRule, ...] | None:
    """Give the rules of a policy; None for what is none."""
    identity = identify(body)
    action = _CEL_ACTIONS.get(identity.kind.removeprefix("Namespaced"))
    if identity.group == CEL_GROUP and action is not None:
        return (TestedRule("", action),)
    if identity.group == _ADMISSION_GROUP and identity.kind in _ADMISSION_KINDS:
        return (TestedRule("", "validate" if identity.kind.startswith("Validating") else "mutate"),)
    if identity.group == _RULE_GROUP and identity.kind in _WITH_RULES:
        entries = [mapping(entry) for entry in items(mapping(body.get("spec")).get("rules"))]
        return tuple(TestedRule(text(entry.get("name")), _action(entry)) for entry in entries)
    return None


def _asks_registries(body: JsonObject) -> bool:
    """Tell whether a policy verifies images or reads them: nothing of that can be known without the network."""
    identity = identify(body)
    if identity.kind.removeprefix("Namespaced") == "ImageValidatingPolicy":
        return True
    rules = [mapping(entry) for entry in items(mapping(body.get("spec")).get("rules"))]
    contexts = [mapping(context) for rule in rules for context in items(rule.get("context"))]
    return any("verifyImages" in rule for rule in rules) or any("imageRegistry" in entry for entry in contexts)


def _offline(identity: ResourceId, place: Place, *, strict: bool) -> Finding:
    found = Finding.of(
        suite_rules.NOT_RUN, f"`{identity.name}` asks a registry about images: its tests need the network", place
    )
    return found if strict else replace(found, severity=Severity.WARNING)


def _action(rule: JsonObject) -> str:
    return next((name for name in ("generate", "mutate", "verifyImages") if name in rule), "validate")


def _demand_names(found: Subjects) -> None:
    first: dict[str, TestedPolicy] = {}
    for policy in found.policies:
        name = policy.manifest.id.name
        earlier = first.setdefault(name, policy)
        if earlier is not policy:
            found.findings.append(
                Finding.of(
                    suite_rules.SAME_NAME,
                    f"this test already has a policy `{name}`, at `{earlier.manifest.source.place}`",
                    policy.manifest.source.place,
                    hint="give one of them another name, or a test of its own",
                )
            )


def _objects(suite: Suite, file: Path, found: Subjects) -> Iterator[Manifest]:
    shown = show(suite, file)
    for document, body in _documents(suite, file, suite_rules.OBJECTS, found):
        identity = identify(body)
        place = Place(shown, document.line)
        if isinstance(body.get("items"), list) and identity.kind.endswith("List"):
            found.findings.append(
                Finding.of(
                    suite_rules.OBJECTS,
                    f"a `{identity.kind}` ends Kyverno in a panic",
                    place,
                    hint="write each object as a document of its own",
                )
            )
        elif not (identity.api_version and identity.kind and identity.name):
            found.findings.append(Finding.of(suite_rules.OBJECTS, "an object has apiVersion, kind and a name", place))
        else:
            source = Source(shown, document.line)
            yield Manifest(id=identity, body=body, text=document.text, source=source)


def _demand_once(found: Subjects) -> None:
    first: dict[str, Manifest] = {}
    for manifest in found.objects:
        earlier = first.setdefault(written(manifest)[0], manifest)
        if earlier is not manifest:
            found.findings.append(
                Finding.of(
                    suite_rules.OBJECTS,
                    f"{manifest.id} is already at `{earlier.source.place}`, and Kyverno drops the second",
                    manifest.source.place,
                )
            )
