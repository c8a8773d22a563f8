"""The environment's tracing policies."""

from aurora_constructs.component import Component
from aurora_constructs.components.tetragon_policies import binding
from aurora_constructs.components.tetragon_policies.spec import TetragonPoliciesSpec


class TetragonPolicies(Component[TetragonPoliciesSpec]):
    """Emits each bound tracing policy once a namespace; the texts come with the platform."""

    def compose(self) -> None:
        """Add one object per policy and namespace."""
        known, has_mode = self.platform.tracing_policies, "tracing-policy-mode" in self.platform.features
        for name, entry in sorted(self.spec.policies.items()):
            bound = binding.bind(name, known[name], entry.on(self.platform.cluster), has_mode=has_mode)
            for namespace in sorted(set(entry.namespaces)):
                self.custom(
                    f"{namespace}.{name}",  # neither holds a dot
                    api_version=binding.API_VERSION,
                    kind=binding.KIND,
                    name=name,
                    namespace=namespace,
                    labels=bound["metadata"].get("labels"),
                    annotations=bound["metadata"]["annotations"],
                    body={"spec": bound["spec"]},
                )
