"""The environment's tracing policies."""

from __future__ import annotations

from aurora_constructs.component import Component
from aurora_constructs.components.tetragon_policies import binding
from aurora_constructs.components.tetragon_policies.spec import TetragonPoliciesSpec
from aurora_constructs.spelling import nearest


class TetragonPolicies(Component[TetragonPoliciesSpec]):
    """Emits each bound tracing policy once a namespace; the texts come with the platform."""

    def compose(self) -> None:
        """Add one object per policy and namespace.

        Raises:
            ValueError: there is no such tracing policy, or it cannot be bound as asked.
        """
        known = self.platform.tracing_policies
        for name, entry in sorted(self.spec.policies.items()):
            if name not in known:
                raise ValueError(f"there is no tracing policy `{name}`: {nearest(name, known)}")
            bound = binding.bind(name, known[name], entry)
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
