"""Two CronJobs, their script, and an account that may scale these Deployments and nothing else."""

from cdk8s_plus_35 import k8s

from aurora_constructs import batch, labels, network, pods, services, sleeping
from aurora_constructs.component import Component
from aurora_constructs.components.sleep_schedule.script import SCALE
from aurora_constructs.components.sleep_schedule.spec import SleepScheduleSpec

RETRIES, DEADLINE = 3, 300


class SleepSchedule(Component[SleepScheduleSpec]):
    """Emits a CronJob for the evening and one for the morning."""

    def compose(self) -> None:
        """Add the objects."""
        name, spec = self.object_name, self.spec
        selector = labels.selector(name, labels.SLEEP)
        services.account(self, name)
        rule = k8s.PolicyRule(
            api_groups=["apps"],
            resources=["deployments/scale"],
            resource_names=sorted(spec.deployments),
            verbs=["get", "patch"],
        )
        services.namespace_permissions(self, name, self.namespace_name, [rule])
        SCALE.add_config_map(self, name)
        services.flows(self, name, selector, egress=[network.api_server(self.platform.api_server_cidrs)])
        stated = sleeping.entries(spec.deployments)
        for mode, schedule in (("sleep", spec.sleep), ("wake", spec.wake)):
            batch.cron_job(
                self,
                mode,
                metadata=self.meta(
                    f"{name}-{mode}", annotations={self.platform.names.key(sleeping.SCALES): ",".join(stated)}
                ),
                job=batch.job_spec(
                    self._pod(name, selector, [self.namespace_name, mode, *stated]),
                    retries=RETRIES,
                    deadline=DEADLINE,
                ),
                schedule=schedule,
                timezone=spec.timezone,
            )

    def _pod(self, name: str, selector: dict[str, str], args: list[str]) -> pods.PodSpec:
        return pods.PodSpec(
            labels=self.pod_labels(selector),
            service_account=name,
            calls_api=True,
            restart_policy="Never",
            containers=[
                pods.ContainerSpec(
                    name="scale",
                    image=self.platform.image(self.spec.image),
                    resources=self.spec.resources,
                    command=SCALE.command,
                    args=args,
                    mounts=[SCALE.mount()],
                )
            ],
            volumes=[SCALE.pod_volume(name)],
        )
