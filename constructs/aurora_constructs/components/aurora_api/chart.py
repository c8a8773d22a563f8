"""The CustomResourceDefinitions of Aurora's own API."""

from __future__ import annotations

from aurora_constructs import labels
from aurora_constructs.component import Component
from aurora_constructs.components.aurora_api.deployment_definition import deployment
from aurora_constructs.components.aurora_api.spec import AuroraApiSpec
from aurora_constructs.components.aurora_api.training_job_definition import training_job

KEEP = "Prune=false,Delete=false"
"""A definition takes all objects of its kind along, so Argo CD never deletes one (docs/facts/custom-resources.md)."""


class AuroraApi(Component[AuroraApiSpec]):
    """Emits one CustomResourceDefinition per kind.

    Untyped: the schemas are plain data that cross to Node in one call, and empty objects such as the
    status subresource stay.
    """

    def compose(self) -> None:
        """Add both definitions."""
        for definition in (training_job(), deployment(self.spec.weight_step)):
            self.custom(
                definition.plural,
                api_version="apiextensions.k8s.io/v1",
                kind="CustomResourceDefinition",
                name=definition.name(self.platform.names),
                body={"spec": definition.body(self.platform.names)},
                annotations={labels.SYNC_OPTIONS: KEEP},
            )
