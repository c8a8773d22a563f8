"""What components find wrong with themselves in a cloud, before anything is built."""

from __future__ import annotations

from typing import Any

import pytest

from aurora_constructs.components.edge.routes import load_balancer, way_in
from aurora_constructs.components.edge.spec import EdgeSpec
from aurora_constructs.components.language_model.spec import LanguageModelSpec
from aurora_constructs.components.mlflow.spec import MlflowSpec
from aurora_constructs.components.scaled_workers.spec import ScaledWorkersSpec
from aurora_constructs.platform import Platform
from aurora_constructs.spec import ComponentSpec
from environment.test_cluster_facts import AKS, EKS, cluster

CERTIFICATE = "arn:aws:acm:{place}:certificate/4a3f2e1d-0c9b-4877-9665-544332211aaf"
OWN = f"{EKS['region']}:{EKS['account']}"


def edge(place: str = OWN) -> EdgeSpec:
    return EdgeSpec.model_validate(
        {
            "kind": "Edge",
            "namespace": "a",
            "scheme": "internet-facing",
            "certificates": [CERTIFICATE.format(place=place)],
        }
    )


def platform(facts: dict[str, Any], changes: dict[str, Any], **components: ComponentSpec) -> Platform:
    return Platform(environment="a", cluster=cluster(facts, **changes), components=components)


def said(name: str, around: Platform) -> list[tuple[tuple[str | int, ...], str]]:
    return [(problem.steps, problem.message) for problem in around.components[name].problems(name, around)]


@pytest.mark.parametrize("ranges", [[], ["0.0.0.0/0"], ["0.0.0.0/1", "128.0.0.0/1"], ["10.0.0.0/8", "::/0"]])
def test_ranges_that_are_all_addresses_limit_nobody(ranges: list[str]) -> None:
    mlflow = MlflowSpec.model_validate(
        {"kind": "Mlflow", "namespace": "a", "artifacts": "x", "identity": "x", "edge": "edge"}
    )
    around = platform(EKS, {"edge": {"sourceRanges": ranges}}, edge=edge(), mlflow=mlflow)
    assert any(steps == ("edge",) and "everybody can reach it" in text for steps, text in said("mlflow", around))
    limited = platform(EKS, {"edge": {"sourceRanges": ["0.0.0.0/1", "128.0.0.0/2"]}}, edge=edge(), mlflow=mlflow)
    assert not any("everybody" in text for _, text in said("mlflow", limited))


def test_the_way_out_for_a_route_without_login_is_one_that_its_kind_has() -> None:
    mlflow = MlflowSpec.model_validate(
        {"kind": "Mlflow", "namespace": "a", "artifacts": "x", "identity": "x", "edge": "edge"}
    )
    model = LanguageModelSpec.model_validate(
        {
            "kind": "LanguageModel",
            "namespace": "a",
            "model": "m",
            "architecture": "tinyllama-1.1b",
            "source": {"version": "1", "path": "llm/m"},
            "storage": "x",
            "identity": "x",
            "pool": "gpu",
            "maxModelLen": 2048,
        }
    )
    around = platform(EKS, {"edge": {"sourceRanges": []}}, edge=edge(), mlflow=mlflow, model=model)
    hints = {
        name: problem.hint or ""
        for name in ("mlflow", "model")
        for problem in around.components[name].problems(name, around)
        if "no login" in problem.message
    }
    assert "write `edge: null`" in hints["mlflow"]
    assert "null" not in hints["model"] and "`scheme: internal`" in hints["model"]


@pytest.mark.parametrize("place", [f"us-east-1:{EKS['account']}", f"{EKS['region']}:999988887777"])
def test_a_load_balancer_shows_no_certificate_of_another_region_or_account(place: str) -> None:
    found = said("edge", platform(EKS, {}, edge=edge(place)))
    assert any(steps == ("certificates", 0) and place.split(":", maxsplit=1)[0] in text for steps, text in found)
    assert not any(steps[:1] == ("certificates",) for steps, _ in said("edge", platform(EKS, {}, edge=edge())))


@pytest.mark.parametrize(("gpus", "misfits"), [(1, 0), (2, 1)])
def test_workers_ask_for_no_more_gpus_than_a_machine_of_their_pool_has(gpus: int, misfits: int) -> None:
    workers = ScaledWorkersSpec.model_validate(
        {
            "kind": "ScaledWorkers",
            "namespace": "a",
            "image": "worker",
            "demand": {"type": "workflows", "forEach": 2},
            "maximum": 1,
            "pool": "gpu",
            "gpus": gpus,
            "resources": {"cpu": "1", "memory": "1Gi"},
        }
    )
    pool = {"machine": "Standard_NC24ads_A100_v4", "minimum": 0, "maximum": 1}
    found = said("workers", platform(AKS, {"pools": {"gpu": pool}}, workers=workers))
    assert [steps for steps, text in found if "needs 2 GPUs" in text] == [("gpus",)] * misfits


@pytest.mark.parametrize(
    ("hop", "plain"),
    [
        ({"source": "clients", "target": "load balancer"}, True),
        ({"source": "clients"}, True),
        ({"source": "load balancer"}, False),
        ({"target": "edge"}, False),
    ],
)
def test_a_load_balancer_needs_no_certificate_where_the_facts_accept_plain_clients(
    hop: dict[str, str], plain: bool
) -> None:
    entry = edge().model_copy(update={"certificates": []})
    around = platform(EKS, {"plainHops": {"a": {**hop, "reason": "a network of our own"}}}, edge=entry)
    way = way_in(around, "edge")
    assert (way.scheme == "http") is plain
    assert ("HTTPS" in load_balancer(way, "/ready")["alb.ingress.kubernetes.io/listen-ports"]) is not plain
    assert any("needs a certificate" in text for _, text in said("edge", around)) is not plain


def test_certificates_are_shown_whatever_the_facts_accept() -> None:
    accepted = {"plainHops": {"all": {"reason": "a network of our own"}}}
    assert way_in(platform(EKS, accepted, edge=edge()), "edge").scheme == "https"
