"""The table of node pools: what runs where, and what it requests there at its smallest and its largest."""

from __future__ import annotations

from fractions import Fraction

from aurora.cluster.pool_demand import pools
from aurora.model.inventory import Inventory
from checks.test_scheduling import inventory, pod

SCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: ml}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 2, maxReplicas: 8}
"""


def test_requests_of_tenants_stand_beside_what_the_pool_has() -> None:
    workload = pod(resources="{requests: {cpu: 500m, memory: 1Gi}}")
    found = pools(inventory(workload, SCALER, pod("nodeSelector: {team: other}", name="stray")))
    (system, gpu) = found.lines
    assert (system.name, system.stated, system.nodes, system.tenants) == (
        "system",
        True,
        "2 to 4",
        ("Deployment ml/web",),
    )
    cpu = system.amounts[0]
    # At the largest an update has a quarter of the pods twice.
    assert (cpu.item, *map(float, (cpu.least, cpu.written, cpu.most))) == ("cpu", 1, 1, 5)
    assert cpu.capacity is not None
    assert float(cpu.capacity) == 4 * 3.86
    assert gpu.tenants == ()
    assert (gpu.capacity, gpu.amounts[-1].capacity) == ("spot", Fraction(2))
    assert [(entry.workload, entry.pools) for entry in found.reached] == [
        ("Deployment ml/stray", ()),
        ("Deployment ml/web", ("system",)),
    ]


def test_a_workload_that_several_pools_take_is_nobodys_tenant() -> None:
    system = {"machine": "Standard_D4s_v3", "mode": "system", "minimum": 2, "maximum": 2}
    (first, _) = pools(inventory(pod(), system=system, more={**system, "maximum": 9})).lines
    assert (first.tenants, first.shared, first.nodes) == ((), 1, "2")


def test_without_pools_there_is_no_table() -> None:
    bare = Inventory(inventory(pod()).manifests, closed=True)
    assert (pools(bare).lines, pools(bare).reached) == ((), ())
