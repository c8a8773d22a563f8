"""The connections that components state: clients, ways out, and the flows of pods that charts make."""

from __future__ import annotations

from dataclasses import replace

from aurora import pipeline
from aurora.environment import flows
from aurora.environment.model import Environment
from aurora.model.inventory import StatedFlow
from aurora_constructs.components.control_plane.spec import ControlPlaneSpec
from aurora_constructs.components.network_flows.spec import NetworkFlowsSpec
from aurora_constructs.spec import ComponentSpec
from reference.platform import reference

(PLATFORM,) = pipeline.load_environments(reference(), ["aurora-dev"])
SERVER = PLATFORM.spec.cluster.api_server_cidrs[0]


def alone(name: str, spec: ComponentSpec | None = None) -> Environment:
    """The platform with one of its components, or with another specification in its place."""
    one = next(component for component in PLATFORM.components if component.name == name)
    return replace(PLATFORM, components=(replace(one, spec=spec or one.spec),))


def test_a_component_states_where_its_pods_go() -> None:
    assert flows.stated(alone("training")) == (StatedFlow("training", inward=False, cidr="203.0.113.0/24", port=443),)


def test_a_component_states_its_clients() -> None:
    known = next(each.spec for each in PLATFORM.components if each.name == "control-plane")
    assert isinstance(known, ControlPlaneSpec)
    spec = known.model_copy(update={"client_namespaces": ["shop"]})
    assert flows.stated(alone("control-plane", spec)) == (StatedFlow("control-plane", inward=True, namespace="shop"),)
    assert flows.stated(alone("control-plane")) == ()


def test_flows_of_pods_that_charts_make_have_a_home_and_labels() -> None:
    stated = {
        "pods": {"app": "controller"},
        "callers": [{"namespaces": ["monitoring"], "ports": [8080]}],
        "webhooks": [9443],
        "apiServer": True,
        "egress": [{"cidr": "192.0.2.0/24", "port": 8443}],
    }
    spec = NetworkFlowsSpec.model_validate({"kind": "NetworkFlows", "namespace": "kserve", "flows": {"a": stated}})
    found = flows.stated(alone("training", spec))
    assert {(flow.inward, flow.namespace or flow.cidr, flow.port) for flow in found} == {
        (True, "monitoring", 8080),
        (True, SERVER, 9443),
        (False, SERVER, None),
        (False, "192.0.2.0/24", 8443),
    }
    assert {(flow.home, flow.labels) for flow in found} == {("kserve", (("app", "controller"),))}
