"""The run that tries a restore: CronJob, script, account, permissions, flows, and the quota of its scratch space."""

from cdk8s_plus_35 import k8s

from aurora_constructs import batch, labels, network, pods, services
from aurora_constructs.component import Component
from aurora_constructs.components.backups.restore_script import RESOURCES, RESTORE_CHECK
from aurora_constructs.components.backups.spec import BackupsSpec, RestoreCheck
from aurora_constructs.cron import longest_gap
from aurora_constructs.recovery import CHECKS

SUFFIX = "-restore-check"
DEADLINE = 1800
GRACE_SECONDS = 3600
"""How long after its hour a backup may be complete."""
_GROUPS = {"configmaps": "", "deployments": "apps", "networkpolicies": "networking.k8s.io"}

Owner = Component[BackupsSpec]


def add(owner: Owner, check: RestoreCheck, location: str) -> None:
    """Add the objects; the backup is the one that is made in this location."""
    name, schedule = f"{owner.object_name}{SUFFIX}", f"{check.backup}-{location}"
    selector = labels.selector(name, labels.RESTORE_CHECK)
    services.account(owner, name)
    _permissions(owner, name, check)
    RESTORE_CHECK.add_config_map(owner, owner.object_name)
    k8s.KubeResourceQuota(
        owner,
        "scratch-quota",
        metadata=owner.meta(name, namespace=check.scratch),
        spec=k8s.ResourceQuotaSpec(hard=pods.quantities({"pods": "0"})),
    )
    services.flows(owner, name, selector, egress=[network.api_server(owner.platform.api_server_cidrs)])
    batch.cron_job(
        owner,
        "restore-check",
        metadata=owner.meta(name, annotations={owner.platform.names.key(CHECKS): schedule}),
        job=batch.job_spec(
            _pod(owner, check, location, selector),
            retries=0,
            deadline=DEADLINE,
        ),
        schedule=check.when,
        timezone=check.timezone,
    )


def _permissions(owner: Owner, name: str, check: RestoreCheck) -> None:
    """Let it read what it compares, empty its scratch space, and make and remove restores; it reads no Secret."""

    def rules(*verbs: str) -> list[k8s.PolicyRule]:
        return [
            k8s.PolicyRule(api_groups=[_GROUPS[resource]], resources=[resource], verbs=list(verbs))
            for resource in sorted(RESOURCES)
        ]

    velero = ["velero.io"]
    services.namespace_permissions(owner, name, check.namespace, rules("list"))
    services.namespace_permissions(owner, name, check.scratch, rules("delete", "list"))
    services.namespace_permissions(
        owner,
        name,
        owner.namespace_name,
        [
            k8s.PolicyRule(api_groups=velero, resources=["backups"], verbs=["get"]),
            k8s.PolicyRule(api_groups=velero, resources=["datauploads", "podvolumebackups"], verbs=["list"]),
            k8s.PolicyRule(api_groups=velero, resources=["restores"], verbs=["create", "delete", "get"]),
        ],
    )


def _pod(owner: Owner, check: RestoreCheck, location: str, selector: dict[str, str]) -> pods.PodSpec:
    backup = owner.spec.backups[check.backup]
    gap = longest_gap(backup.when[location])
    oldest = (round(gap.total_seconds()) if gap else 0) + GRACE_SECONDS
    names = [owner.namespace_name, f"{check.backup}-{location}", check.namespace, check.scratch]
    return pods.PodSpec(
        labels=owner.pod_labels(selector),
        service_account=f"{owner.object_name}{SUFFIX}",
        calls_api=True,
        restart_policy="Never",
        containers=[
            pods.ContainerSpec(
                name="restore-check",
                image=owner.platform.image(check.image),
                resources=check.resources,
                command=RESTORE_CHECK.command,
                args=[*names, str(oldest), backup.volumes],
                mounts=[RESTORE_CHECK.mount()],
            )
        ],
        volumes=[RESTORE_CHECK.pod_volume(owner.object_name)],
    )
