"""The environment's Kyverno policies."""

from aurora_constructs.component import Component
from aurora_constructs.components.kyverno_policies import binding
from aurora_constructs.components.kyverno_policies.spec import KyvernoPoliciesSpec


class KyvernoPolicies(Component[KyvernoPoliciesSpec]):
    """Emits each bound policy; the texts come with the platform, read by whoever builds it."""

    def compose(self) -> None:
        """Add one policy per entry."""
        for name, entry in sorted(self.spec.policies.items()):
            text = self.platform.policy(name)
            if text is None:
                raise ValueError(f"the policy `{name}` has no form for the cluster's Kyverno")
            bound = binding.bind(name, text, entry.on(self.platform))
            metadata = bound["metadata"]
            self.custom(
                name,
                api_version=bound["apiVersion"],
                kind=bound["kind"],
                name=name,
                labels=metadata.get("labels"),
                annotations=metadata.get("annotations"),
                body={"spec": bound["spec"]},
            )
