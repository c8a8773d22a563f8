"""The rules that environment files are held to, with examples that the tests run; and findings made of them.

An example is the file of an environment named `example`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora.model.finding import Finding, Severity
from aurora.model.place import pointer
from aurora.model.rule import Rule

if TYPE_CHECKING:
    from aurora.model.place import Place, Step

_HEAD = """\
apiVersion: aurora/v1
kind: Environment
metadata: {name: example}
cluster: {provider: bare-metal, kubernetes: "1.35", domain: ml.example.com, apiServerCidrs: [10.0.0.10/32]}
gitops: {repository: "https://git.example.com/ml/aurora.git", revision: v1.0.0}
"""
_IMAGE = """\
images:
  trainer:
    repository: registry.example.com/aurora/trainer
    tag: v1.0.0
    digest: sha256:0000000000000000000000000000000000000000000000000000000000000000
"""
_NAMESPACES = """\
components:
  namespaces:
    kind: Namespaces
    namespaces: {aurora: {enforce: restricted}}
"""
_STORE = """\
  model-store:
    kind: ModelStore
    namespace: aurora
    size: 10Gi
    volume: {type: cephfs, filesystem: models}
    models: [california-housing]
"""
_JOB = """\
  nightly:
    kind: TrainingJob
    namespace: aurora
    model: california-housing
    version: v20260901-120000
    storage: model-store
    resources: {cpu: "2", memory: 4Gi}
    dataset: {type: uri, uri: "https://data.example.com/housing.csv"}
"""
_GOOD = _HEAD + _NAMESPACES
_TRAINING = _HEAD + _IMAGE + _NAMESPACES + _STORE + _JOB


def _rule(name: str, summary: str, *, why: str, bad: str, good: str = _GOOD) -> Rule:
    return Rule(id=f"environment/{name}", severity=Severity.ERROR, summary=summary, why=why, bad=bad, good=good)


def _waiver(expires: str) -> str:
    return f"""\
waivers:
  - rule: policy/require-labels
    kind: Deployment
    namespace: aurora
    name: legacy
    reason: its chart sets no labels before version 3
    expires: "{expires}"
"""


SYNTAX = _rule(
    "syntax",
    "a file that is not one readable YAML mapping",
    why="YAML readers differ in what they make of broken or repeated keys; what one of them guesses is no proof.",
    bad=_GOOD + "kind: Environment\n",
)
AMBIGUOUS = _rule(
    "ambiguous-value",
    "an unquoted value that YAML 1.1 and YAML 1.2 read differently",
    why="Tools follow one version or the other, so the same file would mean two things.",
    bad=_GOOD.replace("revision: v1.0.0", "revision: v1.0.0, production: yes"),
)
UNKNOWN_KEY = _rule(
    "unknown-key",
    "a key that the specification does not know",
    why="A misspelt key sets nothing: what was meant keeps its default, silently.",
    bad=_GOOD.replace("provider:", "provder:"),
)
UNKNOWN_KIND = _rule(
    "unknown-kind",
    "a component of a kind that is neither built in nor allowed as a plugin",
    why="Nothing can be compiled from it; `aurora list` prints the kinds.",
    bad=_GOOD.replace("kind: Namespaces", "kind: Namespace"),
)
INVALID = _rule(
    "invalid-value",
    "a value that the specification does not allow",
    why="Specifications are strict, so that a mistake is found here and not in the cluster.",
    bad=_GOOD.replace("bare-metal", "bare_metal"),
)
MISSING_KEY = _rule(
    "missing-key",
    "a key that must be there is in no layer",
    why="It has no default that would be right for every environment.",
    bad=_GOOD.replace(", domain: ml.example.com", ""),
)
LAYER = _rule(
    "layer",
    "a layer that is missing, outside `environments/`, part of a circle, or a null that removes nothing",
    why="An environment is what its layers say together; a part that is not there changes its meaning.",
    bad=_GOOD + "extends: [bases/missing.yaml]\n",
)
NAME = _rule(
    "name",
    "an environment whose file has another name",
    why="Commands, folders under `generated/` and labels use the name; it must lead back to the file.",
    bad=_GOOD.replace("name: example", "name: other"),
)
UNKNOWN_COMPONENT = _rule(
    "unknown-component",
    "a reference to a component that the environment does not have",
    why="The object behind it would never exist, and what needs it would wait forever.",
    bad=_TRAINING.replace("storage: model-store", "storage: model-shop"),
    good=_TRAINING,
)
WRONG_COMPONENT_KIND = _rule(
    "wrong-component-kind",
    "a reference to a component of a kind that cannot serve",
    why="The objects that are needed are those of another kind of component.",
    bad=_TRAINING.replace("storage: model-store", "storage: namespaces"),
    good=_TRAINING,
)
UNKNOWN_IMAGE = _rule(
    "unknown-image",
    "a reference to an image that `images` does not list",
    why="Every image is pinned in one place by tag and digest; an image without pin cannot be named.",
    bad=_HEAD + _NAMESPACES + _STORE,
    good=_TRAINING,
)
UNKNOWN_NAMESPACE = _rule(
    "unknown-namespace",
    "a component that names a namespace which the environment does not have",
    why="What is bound to a misspelt namespace guards nothing, and what should live there is never created.",
    bad=_GOOD + "  network: {kind: NetworkBaseline, namespaces: [aurroa]}\n",
    good=_GOOD + "  network: {kind: NetworkBaseline, namespaces: [aurora]}\n",
)
MISFIT = _rule(
    "misfit",
    "a component that cannot work in its environment",
    why="Its own specification is sound, but what it asks of the cluster or of other components is not there.",
    bad=_TRAINING.replace("model: california-housing", "model: california-houses"),
    good=_TRAINING,
)
RESERVED_NAME = _rule(
    "reserved-name",
    "a component with a name that Aurora uses itself",
    why="`generated/<environment>/argocd/` holds what Aurora makes of all components.",
    bad=_GOOD.replace("  namespaces:\n", "  argocd:\n"),
)
UNKNOWN_STAGE = _rule(
    "unknown-stage",
    "an environment in a stage that the repository's settings do not name",
    why="A promotion moves pins from one stage to the next; a stage outside that order is never reached.",
    bad=_GOOD + "stage: production\n",
    good=_GOOD + "stage: prod\n",
)
WAIVER_EXPIRED = _rule(
    "waiver-expired",
    "a waiver whose last day is over",
    why="A waiver is a loan with a date: the object has to be mended, or the reason looked at again.",
    bad=_GOOD + _waiver("2020-01-01"),
)
WAIVER_UNUSED = _rule(
    "waiver-unused",
    "a waiver that no finding needs",
    why="It would silently cover the next object that breaks the rule under that name.",
    bad=_GOOD + _waiver("2999-12-31"),
)

RULES = (
    SYNTAX,
    AMBIGUOUS,
    UNKNOWN_KEY,
    UNKNOWN_KIND,
    INVALID,
    MISSING_KEY,
    LAYER,
    NAME,
    UNKNOWN_COMPONENT,
    WRONG_COMPONENT_KIND,
    UNKNOWN_IMAGE,
    UNKNOWN_NAMESPACE,
    MISFIT,
    RESERVED_NAME,
    UNKNOWN_STAGE,
    WAIVER_EXPIRED,
    WAIVER_UNUSED,
)


def found(
    rule: Rule,
    place: Place,
    message: str,
    *,
    steps: tuple[Step, ...] | None = None,
    hint: str | None = None,
) -> Finding:
    """Make a finding about a place in an environment file."""
    return Finding(
        rule=rule.id,
        severity=rule.severity,
        message=message,
        pointer=None if steps is None else pointer(steps),
        place=place,
        hint=hint,
    )
