"""What a run and a queue of Kueue call each other by. Imports no cdk8s.

Source: kueue.sigs.k8s.io, concepts; Kueue 0.19, pkg/controller/constants.
"""

GROUP = "kueue.x-k8s.io"
QUEUE = f"{GROUP}/queue-name"
"""The label of a run with the LocalQueue of its namespace that admits it."""
PRIORITY = f"{GROUP}/priority-class"
"""The label of a run with its WorkloadPriorityClass."""


def labels(queue: str | None, priority: str | None) -> dict[str, str]:
    """Give the labels by which Kueue takes a run; none where it is not queued."""
    return {key: value for key, value in ((QUEUE, queue), (PRIORITY, priority)) if value}
