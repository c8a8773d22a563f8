"""A VerticalPodAutoscaler for each workload."""

from aurora_constructs.component import Component
from aurora_constructs.components.training_job.spec import TrainingJobSpec
from aurora_constructs.components.vertical_autoscaler.spec import VerticalAutoscalerSpec
from aurora_constructs.components.web_service.spec import WebServiceSpec


class VerticalAutoscaler(Component[VerticalAutoscalerSpec]):
    """Emits the objects that the recommender reads."""

    def compose(self) -> None:
        """Add one for each target."""
        for target in sorted(self.spec.targets):
            self.custom(
                target,
                api_version="autoscaling.k8s.io/v1",
                kind="VerticalPodAutoscaler",
                name=self.platform.names.object(target),
                namespace=self.namespace_name,
                body={
                    "spec": {
                        "targetRef": self._workload(target),
                        "updatePolicy": {"updateMode": self.spec.mode},
                        "resourcePolicy": {"containerPolicies": [self._bounds()]},
                    }
                },
            )

    def _bounds(self) -> dict[str, object]:
        """Limits keep their distance to requests, so that memory stays guaranteed where it was."""
        return {
            "containerName": "*",
            "controlledResources": ["cpu", "memory"],
            "controlledValues": "RequestsAndLimits",
            "minAllowed": self.spec.minimum.model_dump(),
            "maxAllowed": self.spec.maximum.model_dump(),
        }

    def _workload(self, target: str) -> dict[str, str]:
        """Name what makes the pods: the recommender takes the topmost controller that it knows."""
        spec = self.platform.components[target]
        if isinstance(spec, TrainingJobSpec):
            return {"apiVersion": "batch/v1", "kind": "Job", "name": spec.run_name}
        name = self.platform.names.object(target)
        if isinstance(spec, WebServiceSpec):
            return {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
        return {"apiVersion": "batch/v1", "kind": "CronJob", "name": name}
