"""What the matrix counts: an object that keeps a control is counted, every way of breaking it is not."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest

from aurora.controls.authored import Tally
from aurora.controls.table import CONTROLS, Control
from aurora.model.inventory import Inventory
from aurora_constructs.names import Names
from controls.control_cases import (
    CLOSED,
    NAMESPACE,
    POD_BREAKS,
    PROJECT,
    REGISTRIES,
    Body,
    application,
    broken,
    inventory,
    pod,
    service,
)

COUNTED = [control for control in CONTROLS if control.authored is not None]
AROUND = (PROJECT, CLOSED, REGISTRIES)
KINDS = {"exposed-services": service, "sources": application}


def _spec(body: Body, **fields: object) -> Body:
    copy = deepcopy(body)
    copy["spec"] |= fields
    return copy


_OPEN_TO_ALL = {"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}
OBJECTS: dict[str, tuple[tuple[Body, ...], ...]] = {
    "exposed-services": (
        (_spec(service(), type="LoadBalancer"),),
        (_spec(service(), type="NodePort"),),
        (_spec(service(), externalIPs=["192.0.2.7"]),),
    ),
    "sources": (
        (_spec(application(), source={"repoURL": "https://git.example.com/other.git"}), PROJECT),
        (_spec(application(), sources=[{"repoURL": "https://other.example.com/x.git"}]), PROJECT),
        (application(), _spec(PROJECT, sourceRepos=["*"])),
        (application(),),
    ),
    "inbound": ((pod(),), (pod(), _spec(CLOSED, policyTypes=["Egress"])), (pod(), _spec(CLOSED, ingress=[{}]))),
    "outbound": (
        (pod(),),
        (pod(), _spec(CLOSED, policyTypes=["Ingress"])),
        (pod(), _spec(CLOSED, egress=[{}])),
        (pod(), _spec(CLOSED, egress=[_OPEN_TO_ALL])),
    ),
}


def broken_worlds(control: Control) -> list[tuple[Body, ...]]:
    """Give, for each way of breaking a control, all objects of the namespace."""
    if control.id in OBJECTS:
        return list(OBJECTS[control.id])
    worlds: list[tuple[Body, ...]] = [(broken(change, pod()), *AROUND) for change in POD_BREAKS[control.id]]
    return [*worlds, (pod(), PROJECT, CLOSED)] if control.id == "registries" else worlds


def tally(control: Control, *bodies: Body) -> Tally:
    assert control.authored is not None
    return control.authored(inventory(*bodies), NAMESPACE)


def named(control: Control) -> str:
    return control.id


@pytest.mark.parametrize("control", COUNTED, ids=named)
def test_what_lacks_the_control_is_not_counted(control: Control) -> None:
    worlds = broken_worlds(control)
    assert worlds
    for bodies in worlds:
        found = tally(control, *bodies)
        assert (found.kept, found.total) == (0, 1), bodies[0]


@pytest.mark.parametrize("control", COUNTED, ids=named)
def test_what_keeps_the_control_is_counted(control: Control) -> None:
    good = KINDS.get(control.id, pod)()
    found = tally(control, good, *AROUND)
    assert (found.kept, found.total) == (1, 1)


@pytest.mark.parametrize("control", COUNTED, ids=named)
def test_another_namespace_is_not_counted(control: Control) -> None:
    assert control.authored is not None
    assert control.authored(inventory(pod(), service(), application(), *AROUND), "elsewhere").total == 0


@pytest.mark.parametrize("id_", ["no-token", "read-only-models"])
def test_controls_of_inference_leave_other_pods_out(id_: str) -> None:
    (control,) = [control for control in CONTROLS if control.id == id_]
    body = pod()
    body["metadata"]["labels"]["app.kubernetes.io/component"] = "training"
    assert tally(control, body).total == 0


def test_labels_have_the_prefix_of_the_environments_names() -> None:
    (control,) = [control for control in CONTROLS if control.id == "labels"]
    assert control.authored is not None
    other = inventory(pod()).manifests
    names = Names(label_prefix="shop.example.com")
    assert control.authored(Inventory(other, names=names), NAMESPACE).kept == 0
    assert control.authored(Inventory(other), NAMESPACE).kept == 1


def test_pods_that_controllers_will_create_are_counted() -> None:
    (control,) = [control for control in CONTROLS if control.id == "non-root"]
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "train"},
        "spec": {"template": {"metadata": {}, "spec": {"containers": [{"name": "train", "image": "x"}]}}},
    }
    held = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "job", "namespace": NAMESPACE}}
    found = tally(control, pod(), {**held, "data": {"job.json": json.dumps(job)}})
    assert (found.kept, found.total) == (1, 2)


def test_a_pod_without_containers_keeps_nothing_that_containers_must() -> None:
    (control,) = [control for control in CONTROLS if control.id == "no-escalation"]
    body = pod()
    body["spec"]["containers"] = []
    assert tally(control, body) == Tally(0, 1, "pod template")
