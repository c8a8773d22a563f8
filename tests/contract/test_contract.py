"""Manifests and rules say nothing to Aurora's programs that the contract does not know, and it needs nothing."""

from __future__ import annotations

import json
import re
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aurora.tools.runner import Command, run
from aurora.yamlio import reading
from aurora_constructs.components.model_serving.gate import GATE
from aurora_constructs.components.model_store.layout import LAYOUT
from aurora_contract import metrics, pipeline, programs, store
from components.promql import names

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "programs/contract"
OWN_KINDS = (
    *("control_plane", "model_serving", "model_store", "monitoring", "training_job", "training_operator"),
    "web_service/prices-of-houses",
)
MODULES = ("metrics", "pipeline", "programs", "store", "variables")


def expected() -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the golden objects of the components that run Aurora's own programs; Jobs in templates too."""
    for kind in OWN_KINDS:
        for path in sorted((ROOT / "tests/golden" / kind).rglob("expected/**/*.yaml")):
            body: Any = reading.parse(path.read_text(encoding="utf-8")).value
            yield path.parent.name, body
            for name, text in body.get("data", {}).items():
                if name == "job.json":
                    yield path.parent.name, json.loads(text)


OBJECTS = list(expected())


def containers() -> list[dict[str, Any]]:
    # The template of a TrainingRuntime is one of Jobs.
    found = [body["spec"]["template"]["spec"] for _, body in OBJECTS if "template" in body.get("spec", {})]
    pods = [spec for spec in found if "containers" in spec]
    return [one for pod in pods for one in (*pod.get("initContainers", ()), *pod["containers"])]


def test_a_step_of_a_pipeline_reads_what_steps_before_it_make() -> None:
    before: dict[str, set[str]] = {}
    for name, step in pipeline.STEPS.items():
        before[name] = {*step.waits, *(earlier for wait in step.waits for earlier in before[wait])}
        for artifact, maker in step.inputs.items():
            assert maker in before[name], name
            assert artifact in pipeline.STEPS[maker].artifacts, name


def test_every_program_is_met_and_every_container_runs_one() -> None:
    assert {one["name"] for one in containers()} == set(programs.BY_CONTAINER)


@pytest.mark.parametrize("program", programs.PROGRAMS, ids=lambda program: program.container)
def test_containers_get_what_the_contract_names(program: programs.Program) -> None:
    met = [one for one in containers() if one["name"] == program.container]
    given = {variable["name"] for one in met for variable in one.get("env", ())}
    # People may add variables of their own to a trainer: one case does.
    assert given - {"OMP_NUM_THREADS"} - set(program.variables_on_request) == set(program.variables)
    for one in met:
        ports = {port["name"]: port["containerPort"] for port in one.get("ports", ())}
        assert ports in ({**program.ports}, {**program.ports, **program.ports_on_request})
        paths = {
            probe: one[f"{probe}Probe"]["httpGet"]["path"]
            for probe in ("liveness", "readiness")
            if f"{probe}Probe" in one
        }
        assert paths == {
            probe: path for probe, path in (("liveness", program.liveness), ("readiness", program.readiness)) if path
        }
        places = {mount["mountPath"] for mount in one["volumeMounts"]}
        assert places - {"/tmp", "/dev/shm", GATE.mount_path, LAYOUT.mount_path} <= set(program.mounts)


def test_monitors_read_the_path_and_ports_of_the_contract() -> None:
    found = [body["spec"] for _, body in OBJECTS if body["kind"] in ("PodMonitor", "ServiceMonitor")]
    endpoints = [end for spec in found for end in spec.get("endpoints", spec.get("podMetricsEndpoints"))]
    ports = {port for program in programs.PROGRAMS for port in (*program.ports, *program.ports_on_request)}
    assert len(endpoints) >= 3
    assert {end["path"] for end in endpoints} == {metrics.PATH}
    assert {end["port"] for end in endpoints} <= ports


def expressions() -> list[str]:
    rules = [group["rules"] for _, body in OBJECTS for group in body.get("spec", {}).get("groups", ())]
    boards = [
        json.loads(text) for _, body in OBJECTS for name, text in body.get("data", {}).items() if "aurora-inf" in name
    ]
    panels = [panel["targets"] for board in boards for panel in board["panels"]]
    return [one["expr"] for part in (*rules, *panels) for one in part]


def test_rules_and_panels_ask_for_series_of_the_contract_only() -> None:
    known = {series for program in programs.PROGRAMS for metric in program.metrics for series in metric.series}
    asked = {
        series for expression in expressions() for series in names(expression).series if series.startswith("aurora_")
    }
    assert asked
    assert asked <= known


def test_the_gate_and_the_layout_use_the_names_of_the_contract() -> None:
    read = set(re.findall(r'os\.environ\["(\w+)"', GATE.text))
    assert read == set(programs.MODEL_GATE.variables) - {"MODEL_NAME"}
    scripts = [body["data"][GATE.file_name] for _, body in OBJECTS if GATE.file_name in body.get("data", {})]
    assert scripts
    for script in scripts:
        files = set(re.findall(r'"([\w.]+\.(?:json|pkl|\w*))"', script)) - {f"{store.ARTIFACT}.partial"}
        assert files == {store.ARTIFACT, store.METADATA}
    for folder in (store.REGISTRY, store.VERSIONS, store.ALIASES):
        assert f'/ "{folder}"' in LAYOUT.text


def test_the_contract_is_imported_without_any_package() -> None:
    code = f"import sys; sys.path.insert(0, {str(FOLDER)!r})\n" + "\n".join(
        f"import aurora_contract.{m}" for m in MODULES
    )
    run(Command(args=(sys.executable, "-I", "-S", "-c", code), cwd=FOLDER, timeout=30))


def test_its_wheel_holds_the_package_and_aurora_asks_for_its_version(tmp_path: Path) -> None:
    own = tomllib.loads((FOLDER / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    aurora = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert own["dependencies"] == []
    assert f"{own['name']}=={own['version']}" in aurora["dependencies"]
    args = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path))
    run(Command(args=args, cwd=FOLDER, timeout=60))
    (wheel,) = tmp_path.glob("*.whl")
    held = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("aurora_contract/")}
    assert held == {f"aurora_contract/{name}" for name in ("__init__.py", "py.typed", *(f"{m}.py" for m in MODULES))}
