"""A training run: its identity, its way through the network, and the object of the backend that runs it."""

from collections.abc import Callable, Iterator, Mapping

from cdk8s_plus_35 import k8s

from aurora_constructs import labels, network, services
from aurora_constructs.component import Component
from aurora_constructs.components.training_job import job_sets, jobs, mpi_jobs, ray_jobs
from aurora_constructs.components.training_job.backends import Backend
from aurora_constructs.components.training_job.spec import TrainingJobSpec
from aurora_contract.programs import TRAINER

ADDED: Mapping[Backend, Callable[[Component[TrainingJobSpec]], None]] = {
    "Job": jobs.add_job,
    "JobSet": job_sets.add_job_set,
    "MLTrainingJob": jobs.add_ml_training_job,
    "MPIJob": mpi_jobs.add_mpi_job,
    "RayJob": ray_jobs.add_ray_job,
    "TrainJob": job_sets.add_train_job,
}
"""What each backend adds."""
TOGETHER: tuple[Backend, ...] = ("JobSet", "MPIJob", "RayJob", "TrainJob")
"""Backends whose pods talk to each other."""
METRICS = "metrics"
"""The name of the port at which a trainer serves its metrics."""


class TrainingJob(Component[TrainingJobSpec]):
    """Emits one run; whatever runs it, its pods are the same."""

    def compose(self) -> None:
        """Add the object of the backend, and the run's identity and network policy.

        Raises:
            KeyError: the image or the model store does not exist.
        """
        name, spec = self.object_name, self.spec
        identity = self.platform.identity(spec.identity)
        services.account(self, name, identity, spec.needs)
        selector = labels.selector(name, labels.TRAINING)
        services.flows(
            self,
            name,
            selector,
            ingress=list(self._callers(selector)),
            egress=[
                *self._ways(selector),
                *services.outside(spec.egress),
                *services.to_cloud(self, identity, spec.needs),
            ],
        )
        if spec.metrics:
            scrape = services.Scrape(kind="PodMonitor", sources=("trainer",), port=METRICS)
            services.monitor(self, name, selector, scrape)
        ADDED[spec.backend](self)

    def _callers(self, selector: Mapping[str, str]) -> Iterator[k8s.NetworkPolicyIngressRule]:
        """Let in the run's own pods, on every port, since frameworks choose theirs; and who asks Ray how the run is."""
        if self.spec.backend in TOGETHER:
            yield k8s.NetworkPolicyIngressRule(from_=[network.pods_in([self.namespace_name], selector)])
        if self.spec.backend == "RayJob":
            found = ray_jobs.operators(self.platform)
            if found:
                yield services.callers(found, ray_jobs.DASHBOARD)

        if self.spec.metrics:
            yield services.callers([self.platform.monitoring.namespace], TRAINER.ports_on_request[METRICS])

    def _ways(self, selector: Mapping[str, str]) -> Iterator[k8s.NetworkPolicyEgressRule]:
        if self.spec.backend in TOGETHER:
            yield k8s.NetworkPolicyEgressRule(to=[network.pods_in([self.namespace_name], selector)])
        if self.spec.backend == "RayJob" and self.spec.elastic:
            yield network.api_server(self.platform.api_server_cidrs)
