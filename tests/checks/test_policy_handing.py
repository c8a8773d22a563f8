"""Objects are handed to a judge as admission would see them; what is not known of them is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora import manifests
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, dig
from aurora.model.manifest import Manifest, Source, identify
from aurora.policies.handing import Handed, Surroundings, sort_out
from aurora.policies.judging import CliJudge, EngineJudge
from aurora.policies.matching import constraints
from aurora.policies.sources import Policy
from checks.policy_cases import in_namespaces, policy_spec


def hand(stream: str) -> tuple[Surroundings, list[JsonObject]]:
    inventory = Inventory(manifests.read(stream.encode(), "input.yaml").manifests)
    surroundings = Surroundings(inventory)
    return surroundings, [surroundings.hand(manifest).body for manifest in inventory.manifests]


def test_an_object_without_namespace_is_handed_over_in_the_default_one() -> None:
    _, (pod, role) = hand(
        "{apiVersion: v1, kind: Pod, metadata: {name: a}}\n---\n"
        "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: a}}\n"
    )
    assert dig(pod, "metadata", "namespace") == "default"
    assert dig(role, "metadata", "namespace") is None


def test_a_namespace_has_the_label_that_the_api_server_gives_it() -> None:
    surroundings, (namespace,) = hand("{apiVersion: v1, kind: Namespace, metadata: {name: ml, labels: {tier: gold}}}")
    labels = {"tier": "gold", "kubernetes.io/metadata.name": "ml"}
    assert dig(namespace, "metadata", "labels") == labels
    assert dig(surroundings.namespace("ml"), "metadata", "labels") == labels
    assert dig(surroundings.namespace("unknown"), "metadata", "labels") == {"kubernetes.io/metadata.name": "unknown"}


def test_what_is_null_in_a_built_in_kind_is_absent_and_kept_in_a_custom_one() -> None:
    inventory = Inventory(
        manifests.read(
            b"{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {initContainers: null, containers: [{a: null}]}}\n"
            b"---\n{apiVersion: example.com/v1, kind: Thing, metadata: {name: a}, spec: {a: null}}\n",
            "input.yaml",
        ).manifests
    )
    surroundings = Surroundings(inventory)
    pod, thing = sort_out(surroundings.hand(manifest) for manifest in inventory.manifests).handed
    assert pod.body["spec"] == {"containers": [{}]}
    assert thing.body["spec"] == {"a": None}


GATEWAYS = policy_spec(
    rules=[
        {
            "apiGroups": ["gateway.networking.k8s.io"],
            "apiVersions": ["v1"],
            "operations": ["CREATE"],
            "resources": ["gateways"],
        }
    ]
)
GATEWAY = "{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: a, namespace: aurora}}\n"
GATEWAY_CRD = (
    "---\n{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: x}, spec: "
    "{group: gateway.networking.k8s.io, scope: Namespaced, names: {kind: Gateway, plural: gateways}}}\n"
)


def of_spec(spec: JsonObject) -> Policy:
    body: JsonObject = {"apiVersion": "policies.kyverno.io/v1", "kind": "ValidatingPolicy", "spec": spec}
    return Policy(Manifest(id=identify(body), body=body, text="", source=Source("policy.yaml")), constraints(spec))


def gateway(crd: str) -> tuple[Surroundings, Handed]:
    inventory = Inventory(manifests.read(f"{GATEWAY}{crd}".encode(), "input.yaml").manifests)
    surroundings = Surroundings(inventory)
    return surroundings, surroundings.hand(inventory.manifests[0])


def test_a_kind_whose_plural_the_command_line_guesses_wrong_is_noticed() -> None:
    surroundings, handed = gateway(GATEWAY_CRD)
    limits = {"program": Path("p"), "workspace": Path("w"), "timeout": 1.0}
    cli, engine = CliJudge(**limits), EngineJudge(**limits)  # type: ignore[arg-type]
    assert cli.misjudged(of_spec(GATEWAYS), [handed], surroundings) == ("Gateway",)
    assert engine.misjudged(of_spec(GATEWAYS), [handed], surroundings) == ()
    assert cli.misjudged(of_spec(policy_spec()), [handed], surroundings) == ()


def test_a_policy_that_may_match_a_kind_without_definition_is_in_doubt() -> None:
    surroundings, handed = gateway("")
    doubt = surroundings.doubt(of_spec(GATEWAYS), handed)
    assert doubt is not None
    assert "no definition of its kind" in doubt.reason
    assert surroundings.doubt(of_spec(policy_spec()), handed) is None
    assert gateway(GATEWAY_CRD)[0].doubt(of_spec(GATEWAYS), handed) is None


def test_the_command_line_gets_every_custom_kind_in_a_namespace_and_the_engine_as_it_is() -> None:
    surroundings, handed = gateway(GATEWAY_CRD.replace("Namespaced", "Cluster"))
    assert (handed.subject.resource, handed.subject.namespace, handed.id.namespace) == ("gateways", "", None)
    guessed = CliJudge(program=Path("p"), workspace=Path("w"), timeout=1.0).seen(handed, surroundings)
    assert (guessed.subject.resource, guessed.subject.namespace, guessed.id.namespace) == (
        "gatewaies",
        "default",
        "default",
    )


BY_LABEL: JsonObject = {"matchLabels": {"tier": "ml"}}
UNDESCRIBED = {
    "by a label": (policy_spec(namespaceSelector=BY_LABEL), True),
    "by its name": (policy_spec(namespaceSelector=in_namespaces("other")), False),
    "by no label": (policy_spec(), False),
    "by a label of another namespace": (
        policy_spec(namespaceSelector=BY_LABEL | in_namespaces("elsewhere")),
        False,
    ),
    "in an expression": (policy_spec() | {"validations": [{"expression": "has(namespaceObject.metadata)"}]}, True),
    "in an expression of a policy that does not match": (
        policy_spec(namespaceSelector=in_namespaces("elsewhere"))
        | {"variables": [{"name": "a", "expression": "namespaceObject"}]},
        False,
    ),
}


@pytest.mark.parametrize(("spec", "doubted"), UNDESCRIBED.values(), ids=UNDESCRIBED.keys())
def test_a_namespace_that_is_not_there_is_in_doubt_where_its_labels_are_asked(spec: JsonObject, doubted: bool) -> None:
    pod = "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: other}}"
    described = f"{pod}\n---\n{{apiVersion: v1, kind: Namespace, metadata: {{name: other}}}}"
    for stream, expected in ((pod, doubted), (described, False)):
        inventory = Inventory(manifests.read(stream.encode(), "input.yaml").manifests)
        surroundings = Surroundings(inventory)
        handed = surroundings.hand(inventory.manifests[0])
        assert (surroundings.doubt(of_spec(spec), handed) is not None) is expected
