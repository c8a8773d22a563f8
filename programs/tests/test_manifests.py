"""The committed manifests give programs what they read, and ask for paths and series that they have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from pydantic_settings import BaseSettings

from aurora_contract import metrics, programs
from aurora_programs.control_plane import __main__ as control_plane
from aurora_programs.control_plane.cluster import ApiServer
from aurora_programs.control_plane.service import service as control_plane_service
from aurora_programs.housing_api import __main__ as housing_api
from aurora_programs.housing_api.runtime import Limits, Runtime
from aurora_programs.housing_api.service import service as housing_service
from aurora_programs.inference import __main__ as inference
from aurora_programs.inference.service import service as inference_service
from aurora_programs.keys import ApiKey
from aurora_programs.operator import handlers as operator
from aurora_programs.store.names import AbsentError
from aurora_programs.trainer.run import Run

GENERATED = Path(__file__).resolve().parents[2] / "generated"
IMAGES = re.compile(r"/(aurora|mlops-housing)/[^/]+@sha256:")
"""Images of these programs; runs of other people's frameworks have a container `trainer` too."""


def absent() -> Any:
    raise AbsentError("no model here")


APPS: dict[str, FastAPI] = {
    "control-plane": control_plane_service(Path("/nowhere"), ApiKey(SecretStr("k" * 32)), ApiServer()),
    "housing-api": housing_service(Runtime("http://predict.example.com", Limits())),
    "inference": inference_service("wine", "v20261120-020000", absent),
}
SETTINGS: dict[str, type[BaseSettings]] = {
    "control-plane": control_plane.Settings,
    "housing-api": housing_api.Settings,
    "inference": inference.Settings,
    "operator": operator.Settings,
    "trainer": Run,
}
PROGRAMS = {name: programs.BY_CONTAINER[name] for name in SETTINGS}


LOOKED_AT = re.compile(r"/(?:aurora|ml|mlops-housing)/|^kind: (?:PrometheusRule|PodMonitor|ServiceMonitor|Role)$", re.M)
"""What a file must hold to be read: an image of a platform with our programs, or a kind that knows their names."""


@cache
def objects() -> list[tuple[str, dict[str, Any]]]:
    """Give every committed object with its file, and the Jobs in templates of the operator."""
    found = []
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for path in sorted(GENERATED.rglob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        if LOOKED_AT.search(text) is None:
            continue
        body = yaml.load(text, loader)
        where = str(path.relative_to(GENERATED))
        found.append((where, body))
        template = body.get("data", {}).get("job.json") if body["kind"] == "ConfigMap" else None
        if template:
            found.append((where, json.loads(template)))
    return found


@cache
def containers(name: str) -> list[tuple[str, dict[str, Any]]]:
    """Give the containers that run one program."""
    found = []
    for where, body in objects():
        pod = body.get("spec", {}).get("template", {}).get("spec", {}) if isinstance(body.get("spec"), dict) else {}
        for one in pod.get("containers", ()) if isinstance(pod, dict) else ():
            if one["name"] == name and IMAGES.search(one["image"]):
                found.append((where, one))
    return found


def routes(app: FastAPI, method: str) -> set[str]:
    return {getattr(route, "path", "") for route in app.routes if method in getattr(route, "methods", ())}


@pytest.mark.parametrize("name", SETTINGS)
def test_containers_set_what_the_program_needs_and_nothing_that_it_does_not_read(name: str) -> None:
    assert containers(name)
    fields = SETTINGS[name].model_fields.values()
    read = {str(field.validation_alias) for field in fields}
    needed = {str(field.validation_alias) for field in fields if field.is_required()}
    for where, one in containers(name):
        given = {variable["name"] for variable in one.get("env", ())}
        assert needed <= given <= read, where


@pytest.mark.parametrize("name", SETTINGS)
def test_the_program_reads_the_variables_of_the_contract(name: str) -> None:
    program = PROGRAMS[name]
    fields = SETTINGS[name].model_fields.values()
    assert {str(field.validation_alias) for field in fields} == {*program.variables, *program.variables_on_request}
    assert {str(field.validation_alias) for field in fields if field.is_required()} == set(program.variables)


@pytest.mark.parametrize("name", APPS)
def test_probes_ask_for_paths_and_ports_that_are_served(name: str) -> None:
    served = routes(APPS[name], "GET")
    for where, one in containers(name):
        ports = {port["name"]: port["containerPort"] for port in one["ports"]}
        port = SETTINGS[name].model_fields["port"]
        told = [int(each["value"]) for each in one["env"] if each["name"] == "PORT"]
        assert ports["http"] == (told[0] if told else port.default), where
        probes = [one[kind]["httpGet"] for kind in ("livenessProbe", "readinessProbe", "startupProbe")]
        assert {probe["path"] for probe in probes} <= served, where
        assert {probe["port"] for probe in probes} <= set(ports), where


@pytest.mark.parametrize("name", APPS)
def test_paths_for_clients_lead_to_routes(name: str) -> None:
    served = routes(APPS[name], "GET") | routes(APPS[name], "POST")
    for beginning in PROGRAMS[name].routes:
        assert any(path == beginning or path.startswith(f"{beginning}/") for path in served), beginning
    apart = {"/metrics", PROGRAMS[name].liveness, PROGRAMS[name].readiness}
    assert all(path.startswith(PROGRAMS[name].routes) for path in served - apart)


def exported(name: str) -> set[str]:
    with TestClient(APPS[name]) as client:
        text = client.get(metrics.PATH).text
    return {family.name for family in text_string_to_metric_families(text)}


@pytest.mark.parametrize("name", APPS)
def test_programs_export_every_metric_of_the_contract(name: str) -> None:
    wanted = {metric.name.removesuffix("_total") for metric in PROGRAMS[name].metrics}
    assert wanted
    assert wanted <= exported(name)


def test_the_operator_is_started_by_its_module_in_the_namespaces_of_its_roles() -> None:
    named = [body["metadata"] for _, body in objects() if body["kind"] == "Role"]
    roles = {each["namespace"] for each in named if "operator" in each["name"]}
    found = containers("operator")
    assert found and roles
    for where, one in found:
        assert f"--module={operator.__package__}" in one["args"], where
        watched = {each.removeprefix("--namespace=") for each in one["args"] if each.startswith("--namespace=")}
        assert watched and watched <= roles, where
        assert "-A" not in one["args"], where
        assert f"--liveness=http://0.0.0.0:8080{one['livenessProbe']['httpGet']['path']}" in one["args"], where


def test_the_operator_exports_every_metric_of_the_contract() -> None:
    text = generate_latest(REGISTRY).decode()
    found = {family.name for family in text_string_to_metric_families(text)}
    assert {metric.name.removesuffix("_total") for metric in programs.OPERATOR.metrics} <= found


def asked() -> Iterator[tuple[str, str]]:
    for where, body in objects():
        if body["kind"] == "PrometheusRule":
            for group in body["spec"]["groups"]:
                for rule in group["rules"]:
                    yield from ((where, name) for name in re.findall(r"\baurora_\w+(?=[{\[\s)]|$)", rule["expr"]))


def test_rules_ask_for_series_that_programs_have() -> None:
    known = {series for program in programs.PROGRAMS for metric in program.metrics for series in metric.series}
    found = list(asked())
    assert len(found) > 10
    assert {(where, series) for where, series in found if series not in known} == set()


def test_monitors_of_the_runtime_add_version_and_track_to_every_series() -> None:
    monitors = [
        body
        for _, body in objects()
        if body["metadata"].get("annotations", {}).get("aurora.example.com/metrics") == "inference"
    ]
    assert monitors
    for body in monitors:
        spec = body["spec"]
        for end in spec.get("podMetricsEndpoints", spec.get("endpoints")):
            assert end["path"] == metrics.PATH
            assert {"model_version"} <= {one["targetLabel"] for one in end["relabelings"]}
            if "mlops-housing" not in str(body):
                assert "track" in {one["targetLabel"] for one in end["relabelings"]}
