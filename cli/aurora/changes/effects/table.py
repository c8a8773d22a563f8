"""The rows of single kinds, by subject, in the order in which they are asked. The only list of them."""

from __future__ import annotations

from aurora.changes.effects import (
    access,
    addresses,
    cluster,
    configuration,
    definitions,
    deployments,
    devices,
    drivers,
    gateways,
    gitops,
    jobs,
    monitoring,
    namespaces,
    pods,
    policies,
    provisioning,
    queues,
    ray,
    routes,
    scaling,
    services,
    serving,
    statefulsets,
    training,
    volumes,
    workflows,
)
from aurora.changes.effects.row import Row

SECTIONS: dict[str, tuple[Row, ...]] = {
    "Workloads": (
        *deployments.ROWS,
        *statefulsets.ROWS,
        *jobs.ROWS,
        *pods.ROWS,
    ),
    "Services and routes": (
        *services.ROWS,
        *addresses.ROWS,
        *routes.ROWS,
        *gateways.ROWS,
    ),
    "Configuration and secrets": (*configuration.ROWS,),
    "Storage": (
        *volumes.ROWS,
        *drivers.ROWS,
    ),
    "Autoscaling and disruption": (*scaling.ROWS,),
    "Access and admission": (*access.ROWS,),
    "Namespaces, quotas and classes": (*namespaces.ROWS,),
    "The API and the cluster": (
        *definitions.ROWS,
        *cluster.ROWS,
        *devices.ROWS,
    ),
    "GitOps, certificates and monitoring": (*gitops.ROWS, *monitoring.ROWS),
    "Policies": (*policies.ROWS,),
    "Training and queues": (
        *training.ROWS,
        *queues.ROWS,
    ),
    "Serving and Ray": (
        *serving.ROWS,
        *ray.ROWS,
    ),
    "Workflows and rollouts": (*workflows.ROWS,),
    "Provisioned nodes": (*provisioning.ROWS,),
}
"""What people read together."""

ROWS: tuple[Row, ...] = tuple(row for rows in SECTIONS.values() for row in rows)
