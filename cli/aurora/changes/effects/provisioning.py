"""Effects of changing the nodes that Karpenter provisions."""

from __future__ import annotations

from aurora.changes.effects.row import Row, Subject
from aurora.model.change import Effect

_pool = Subject(
    "nodepool",
    (("karpenter.sh", "NodePool"),),
    """\
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: gpu}
spec:
  limits: {cpu: "100"}
  weight: 10
  template:
    spec:
      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: gpu}
      requirements: [{key: karpenter.k8s.aws/instance-family, operator: In, values: [g5]}]
      taints: [{key: nvidia.com/gpu, value: "true", effect: NoSchedule}]
""",
)
_static = Subject(
    "nodepool",
    _pool.kinds,
    """\
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: fixed}
spec:
  replicas: 2
  template:
    spec:
      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: gpu}
      requirements: [{key: kubernetes.io/arch, operator: In, values: [amd64]}]
""",
)
_class = Subject(
    "nodeclass",
    (("karpenter.k8s.aws", "EC2NodeClass"),),
    """\
apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata: {name: gpu}
spec:
  amiSelectorTerms: [{alias: al2023@v20261001}]
  role: nodes
  subnetSelectorTerms: [{tags: {cluster: ml}}]
  securityGroupSelectorTerms: [{tags: {cluster: ml}}]
""",
)
_claim = Subject(
    "nodeclaim",
    (("karpenter.sh", "NodeClaim"),),
    """\
apiVersion: karpenter.sh/v1
kind: NodeClaim
metadata: {name: gpu-1}
spec: {expireAfter: 720h}
""",
)
_KARPENTER = "karpenter.sh: concepts"

_nodes = (
    _pool.row(
        "class-kind",
        "spec.template.spec.nodeClassRef.group",
        "spec.template.spec.nodeClassRef.kind",
        effect=Effect.REFUSED,
        words="a rule of the CRD keeps the kind of node class: make a pool of another name",
        source="NodePool CRD 1.14.1: transition rules",
        swap=("kind: EC2NodeClass", "kind: OtherNodeClass"),
    ),
    _pool.row(
        "drift",
        "spec.template.**",
        effect=Effect.ROLLING_RESTART,
        words="nodes that no longer match drift: they are replaced within the disruption budgets, and their pods move",
        source=f"{_KARPENTER}, disruption, drift",
        swap=("values: [g5]", "values: [g6]"),
    ),
    _static.row(
        "replicas",
        "spec.replicas",
        effect=Effect.SCALE,
        words="nodes are started, or drained and ended, until their number is reached",
        source=f"{_KARPENTER}, NodePools, static node pool",
        swap=("replicas: 2", "replicas: 3"),
    ),
    _pool.row(
        "settings",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="counts for nodes that are started or consolidated from now on; limits end no node",
        source=f"{_KARPENTER}, disruption, drift, behavioral fields",
        swap=('cpu: "100"', 'cpu: "50"'),
    ),
    _class.row(
        "drift",
        "spec.**",
        effect=Effect.ROLLING_RESTART,
        words="nodes of the class that no longer match drift: they are replaced within the disruption budgets, and "
        "their pods move",
        source=f"{_KARPENTER}, disruption, drift",
        swap=("v20261001", "v20261101"),
    ),
    _claim.row(
        "immutable",
        "spec.**",
        effect=Effect.REFUSED,
        words="a node's claim is immutable, and Karpenter's to make",
        source="NodeClaim CRD 1.14.1: rule `self == oldSelf`",
        swap=("720h", "360h"),
    ),
)

ROWS: tuple[Row, ...] = _nodes
