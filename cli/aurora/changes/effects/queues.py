"""Effects of changing the queues and quotas of Kueue."""

from __future__ import annotations

from aurora.changes.effects.conditions import becomes
from aurora.changes.effects.row import Row, Subject
from aurora.model.change import Effect

_queue = Subject(
    "queue",
    tuple(("kueue.x-k8s.io", kind) for kind in ("ClusterQueue", "LocalQueue", "Cohort")),
    """\
apiVersion: kueue.x-k8s.io/v1beta2
kind: ClusterQueue
metadata: {name: research}
spec:
  stopPolicy: None
  resourceGroups:
  - coveredResources: [cpu]
    flavors: [{name: spot, resources: [{name: cpu, nominalQuota: 10}]}]
""",
)
_local = Subject(
    "localqueue",
    (("kueue.x-k8s.io", "LocalQueue"),),
    """\
apiVersion: kueue.x-k8s.io/v1beta2
kind: LocalQueue
metadata: {name: research, namespace: aurora}
spec: {clusterQueue: research}
""",
)
_flavor = Subject(
    "queue-settings",
    tuple(
        ("kueue.x-k8s.io", kind)
        for kind in ("ResourceFlavor", "AdmissionCheck", "WorkloadPriorityClass", "ProvisioningRequestConfig")
    ),
    """\
apiVersion: kueue.x-k8s.io/v1beta2
kind: ResourceFlavor
metadata: {name: spot}
spec: {nodeLabels: {pool: spot}}
""",
)
_topology = Subject(
    "queue-topology",
    (("kueue.x-k8s.io", "Topology"), ("kueue.x-k8s.io", "AdmissionCheck")),
    """\
apiVersion: kueue.x-k8s.io/v1beta2
kind: Topology
metadata: {name: racks}
spec: {levels: [{nodeLabel: rack}]}
""",
)
_queues = (
    _local.row(
        "cluster-queue",
        "spec.clusterQueue",
        effect=Effect.REFUSED,
        words="the ClusterQueue of a LocalQueue is immutable: make one of another name",
        source="LocalQueue CRD 0.19.2: rule `self == oldSelf`",
        swap=("clusterQueue: research", "clusterQueue: urgent"),
    ),
    _queue.row(
        "drain",
        "spec.stopPolicy",
        effect=Effect.RECREATE,
        words="Kueue evicts every admitted workload of the queue: its pods end, and it waits until the queue opens",
        source="kueue.sigs.k8s.io: concepts, ClusterQueue, stopPolicy",
        swap=("stopPolicy: None", "stopPolicy: HoldAndDrain"),
        when=becomes("it becomes HoldAndDrain", "HoldAndDrain"),
    ),
    _queue.row(
        "admission",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="waiting workloads are admitted by the new quota; admitted ones stay, unless others may preempt them",
        source="kueue.sigs.k8s.io: concepts, ClusterQueue and Cohort",
        swap=("nominalQuota: 10", "nominalQuota: 20"),
    ),
    _topology.row(
        "immutable",
        "spec.levels.**",
        "spec.controllerName",
        effect=Effect.REFUSED,
        words="a rule of the CRD keeps it as it is: make one of another name",
        source="Topology and AdmissionCheck CRDs 0.19.2: rules `self == oldSelf`",
        swap=("nodeLabel: rack", "nodeLabel: block"),
    ),
    _flavor.row(
        "settings",
        "spec.**",
        "value",
        "description",
        effect=Effect.IN_PLACE,
        words="counts for workloads that are admitted from now on",
        source="kueue.sigs.k8s.io: concepts, ResourceFlavor and WorkloadPriorityClass",
        swap=("pool: spot", "pool: gpu"),
    ),
)

ROWS: tuple[Row, ...] = _queues
