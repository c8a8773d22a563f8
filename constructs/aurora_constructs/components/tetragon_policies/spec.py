"""What people write to bind tracing policies. Imports no cdk8s."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from aurora_constructs.cluster import ClusterFacts, Fact
from aurora_constructs.components.tetragon_policies import binding
from aurora_constructs.platform import Platform
from aurora_constructs.policy_problems import unbound
from aurora_constructs.spec import ComponentSpec, LabelValue, Namespace, Problem, Spec, Subject

TracingPolicyName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", max_length=63)]
"""The name of a tracing policy: that of its folder and of the object in it."""

ValueName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9]*$", max_length=63)]
"""The name of a list that a tracing policy declares as a setting."""

LabelKey = Annotated[
    str, StringConstraints(pattern=r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$")
]
"""The key of a label, with or without prefix."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=256)]
"""One value of a filter: a path, the end of one, a network."""


class Enforcement(Spec):
    """The approval without which no tracing policy may interfere."""

    approved: Literal[True]
    """Must be stated; there is no enforcement by default."""
    reason: Annotated[str, StringConstraints(min_length=10, max_length=200)]
    """Why interfering is right here, and what was observed in monitor mode before; it is written on the object."""


class TracingBinding(Spec):
    """How one tracing policy applies to the environment."""

    namespaces: Annotated[list[Namespace], Field(min_length=1)]
    """The namespaces that are watched; each gets an object of its own."""
    mode: Literal["monitor", "enforce"] = "monitor"
    """Whether actions beyond reporting take place; `enforce` needs `enforcement`."""
    enforcement: Enforcement | None = None
    """The approval of `mode: enforce`."""
    pods: dict[LabelKey, Annotated[list[LabelValue], Field(min_length=1)]] = {}
    """Watches only pods that have, for each of these labels, one of its values; all pods by default."""
    values: dict[ValueName, Annotated[list[Text], Field(min_length=1)]] = {}
    """Lists for settings that the policy declares, such as the networks that are not reported."""
    facts: dict[ValueName, Annotated[list[Fact], Field(min_length=1)]] = {}
    """Settings whose lists are facts of the cluster, one after the other."""

    def on(self, cluster: ClusterFacts) -> Self:
        """Give the binding with the cluster's facts as values.

        Raises:
            UnavailableError: the cluster does not state one of them.
        """
        known = {
            value: [text for fact in facts for text in _texts(cluster.fact(fact))]
            for value, facts in self.facts.items()
        }
        return self.model_copy(update={"values": {**self.values, **known}})

    @model_validator(mode="after")
    def _values_stand_once(self) -> Self:
        if twice := sorted(self.values.keys() & self.facts):
            raise ValueError(
                f"`{twice[0]}` is a value and a fact: remove one of them, or write `facts: {{{twice[0]}: null}}`"
            )
        return self

    @model_validator(mode="after")
    def _enforcement_is_approved(self) -> Self:
        if self.mode == "enforce" and self.enforcement is None:
            raise ValueError("`mode: enforce` needs `enforcement: {approved: true, reason: …}`")
        if self.mode == "monitor" and self.enforcement is not None:
            raise ValueError("`enforcement` approves nothing in monitor mode: remove it, or say `mode: enforce`")
        return self


def _texts(fact: str | list[str]) -> list[str]:
    return [fact] if isinstance(fact, str) else fact


class TetragonPoliciesSpec(ComponentSpec):
    """Tetragon's tracing policies, bound to namespaces, mode and values."""

    kind: Literal["TetragonPolicies"] = "TetragonPolicies"
    policies: Annotated[dict[TracingPolicyName, TracingBinding], Field(min_length=1)]
    """The tracing policies by name; their text is in the repository's folder of tracing policies."""

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find policies that do not exist, and those that cannot be bound as asked."""
        has_mode = "tracing-policy-mode" in platform.features

        def bind(policy: str, body: Mapping[str, object], bound: TracingBinding) -> object:
            return binding.bind(policy, body, bound.on(platform.cluster), has_mode=has_mode)

        yield from unbound(self.policies, platform.tracing_policies, bind, noun="tracing policy")

    def subjects(self, name: str, platform: Platform) -> Iterator[Subject]:
        """Give every tracing policy, with each namespace that it is bound to."""
        for policy, bound in self.policies.items():
            yield from (Subject("tracing-policy", namespace, policy) for namespace in bound.namespaces)
