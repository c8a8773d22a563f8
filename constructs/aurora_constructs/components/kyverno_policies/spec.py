"""What people write to bind policies. Imports no cdk8s."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from aurora_constructs.components.kyverno_policies import binding
from aurora_constructs.components.namespaces.spec import NamespacesSpec
from aurora_constructs.platform import FORM, Platform
from aurora_constructs.policy_problems import unbound
from aurora_constructs.spec import ComponentSpec, Namespace, Problem, Spec

PolicyName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", max_length=63)]
"""The name of a policy: that of its folder and of the object in it."""

VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
"""The name of an entry of a policy's `spec.variables`."""

Value = bool | int | float | str | list[str] | dict[str, str]
"""What a variable can be set to."""


class Binding(Spec):
    """How one policy applies to the environment."""

    action: Literal["Audit", "Deny"] | None = None
    """What happens to an object that breaks the policy: a report, or refusal. A generating policy has none."""
    namespaces: list[Namespace] = []
    """The namespaces in which it applies."""
    except_namespaces: list[Namespace] = []
    """Namespaces in which it does not apply, beside those that it keeps off by itself; it applies in all others."""
    except_described: bool = False
    """Adds to `exceptNamespaces` every namespace that the environment describes in its `Namespaces`."""
    variables: dict[VariableName, Value] = {}
    """Values for settings that the policy declares under `spec.variables`."""

    @model_validator(mode="after")
    def _one_way_to_choose(self) -> Binding:
        if bool(self.namespaces) == (bool(self.except_namespaces) or self.except_described):
            raise ValueError("say either `namespaces` or `exceptNamespaces` or `exceptDescribed`")
        return self

    def on(self, platform: Platform) -> Binding:
        """Give the same binding with the names of the namespaces that the environment describes."""
        if not self.except_described:
            return self
        described = {name for spec in platform.of_kind(NamespacesSpec).values() for name in spec.namespaces}
        return self.model_copy(update={"except_namespaces": sorted({*self.except_namespaces, *described})})


class KyvernoPoliciesSpec(ComponentSpec):
    """Kyverno policies, bound to namespaces, actions and values."""

    kind: Literal["KyvernoPolicies"] = "KyvernoPolicies"
    policies: Annotated[dict[PolicyName, Binding], Field(min_length=1)]
    """The policies by name; their text is in the repository's folder of policies."""

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find policies that do not exist, and those that cannot be bound as asked."""
        known = {each: platform.policy(each) for each in platform.policies if FORM not in each}
        for each in sorted(self.policies.keys() & known.keys()):
            if known[each] is None:
                profile = platform.cluster.profile
                message = f"policy `{each}` has no form for the Kyverno of the profile `{profile}`"
                hint = f"add `policies/{each}/{profile}/policy.yaml`, or leave the policy out"
                yield Problem(("policies", each), message, hint, needs="policies")
        yield from unbound(
            {each: entry for each, entry in self.policies.items() if known.get(each, {}) is not None},
            {each: text for each, text in known.items() if text is not None},
            binding.bind,
            noun="policy",
        )
