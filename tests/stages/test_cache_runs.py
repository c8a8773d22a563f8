"""With memory and without, `aurora` writes the same bytes and reports the same, whatever was changed before."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from aurora.memory.store import FILE
from aurora.paths import RepositoryPaths
from aurora.tools.installed import Toolbox
from aurora.tools.runner import Command, ToolRun, run
from commands.command_line import ENVIRONMENT, tree

POLICY = "policies/disallow-latest-tag/policy.yaml"
SCHEMA = "schemas/applications.argoproj.io.json"
CONSTRUCT = "code/constructs/aurora_constructs/components/network_baseline/chart.py"
WRITTEN = "generated/example/namespaces/_cluster/namespace.team.yaml"
COMPONENTS = """\
  policies:
    kind: KyvernoPolicies
    policies:
      disallow-latest-tag: {namespaces: [team], action: Deny}
"""
KYVERNO = """\
externals:
  policies:
    group: apiextensions.k8s.io
    kind: CustomResourceDefinition
    name: validatingpolicies.policies.kyverno.io
    reason: installed with Kyverno
"""


class Machine:
    """A repository, a copy of the code, and a cache of its own; every command is a process."""

    def __init__(self, folder: Path, sources: Path, tools: Toolbox) -> None:
        self.folder = folder
        for name in ("cli", "constructs", "tools", "schemas"):  # with what Python compiled of them
            shutil.copytree(sources / name, folder / "code" / name)
        for name in (str(Path(POLICY).parent), "schemas"):
            shutil.copytree(sources / name, folder / name)
        (folder / "environments").mkdir()
        (folder / "environments" / "example.yaml").write_text(ENVIRONMENT.replace("externals:\n", KYVERNO) + COMPONENTS)
        programs = {f"AURORA_{name.upper().replace('-', '_')}": str(tools.locate(name)) for name in PROGRAMS}
        paths = {"PYTHONPATH": f"{folder}/code/cli:{folder}/code/constructs", "AURORA_CACHE": str(folder / "cache")}
        self.environment = {**os.environ, **programs, **paths}
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)  # or every command compiles all of the copy again

    def run(self, *args: str, code: str = "from aurora.app import run; run()") -> ToolRun:
        command = (sys.executable, "-c", code, *args)
        codes = frozenset({0, 1})
        return run(
            Command(args=command, cwd=self.folder, timeout=300, accepted_codes=codes, environment=self.environment)
        )

    def report(self, *args: str) -> dict[str, Any]:
        found = self.run(*args, "--format", "json")
        assert found.stdout, found.stderr
        report: dict[str, Any] = json.loads(found.stdout)
        return report

    def generated(self) -> dict[str, bytes]:
        return {path: content for path, content in tree(self.folder / "generated").items() if path != ".lock"}

    def replace(self, path: str, old: str, new: str) -> None:
        file = self.folder / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new, 1))


PROGRAMS = ("kubeconform", "kyverno", "server-validation", "policy-engine")


@pytest.fixture
def machine(tmp_path: Path, repository: RepositoryPaths, real_toolbox: Toolbox) -> Machine:
    return Machine(tmp_path, repository.root, real_toolbox)


def comparable(report: dict[str, Any]) -> dict[str, Any]:
    checks = [{**check, "seconds": 0, "cached": 0} for check in report["checks"]]
    return {**report, "checks": checks, "seconds": {}}


def cached(report: dict[str, Any]) -> dict[str, int]:
    return {check["name"]: check["cached"] for check in report["checks"]}


def edit_environment(machine: Machine) -> None:
    machine.replace("environments/example.yaml", "pods: 20", "pods: 21")


def edit_policy(machine: Machine) -> None:
    machine.replace(POLICY, '["latest"]', '["latest", "edge"]')


def edit_schema(machine: Machine) -> None:
    file, lock = machine.folder / SCHEMA, machine.folder / "schemas" / "lock.yaml"
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    crd = json.loads(file.read_text())
    spec = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    spec["properties"]["project"]["maxLength"] = 3
    file.write_text(json.dumps(crd))
    after = hashlib.sha256(file.read_bytes()).hexdigest()
    assert before in lock.read_text()
    lock.write_text(lock.read_text().replace(before, after))


def edit_construct(machine: Machine) -> None:
    machine.replace(CONSTRUCT, '"default-deny"', '"deny-by-default"')


def edit_tool(machine: Machine) -> None:
    variable = "AURORA_KUBECONFORM"
    program = machine.folder / "kubeconform"
    program.write_bytes(Path(machine.environment[variable]).read_bytes() + b"\0")
    program.chmod(0o755)
    machine.environment[variable] = str(program)


def edit_generated(machine: Machine) -> None:
    machine.replace(WRITTEN, "restricted", "privileged")


def damage_memory(machine: Machine) -> None:
    with sqlite3.connect(machine.folder / "cache" / FILE) as connection:
        connection.execute("UPDATE entries SET value = value || x'20'")


def delete_memory(machine: Machine) -> None:
    shutil.rmtree(machine.folder / "cache")


def link_generated(machine: Machine) -> None:
    folder = machine.folder / "generated/example/network"
    folder.rename(machine.folder / "elsewhere")
    folder.symlink_to(machine.folder / "elsewhere")


SYNTH, CHECK, VALIDATE = ("synth",), ("synth", "--check"), ("validate",)
CHANGES: tuple[tuple[Callable[[Machine], None], tuple[tuple[str, ...], ...]], ...] = (
    (edit_environment, (SYNTH,)),
    (edit_policy, (CHECK, SYNTH)),
    (edit_construct, (SYNTH,)),
    (edit_tool, (SYNTH,)),
    (edit_generated, (CHECK, VALIDATE, SYNTH)),
    (link_generated, (CHECK, SYNTH)),
    (damage_memory, (SYNTH,)),
    (delete_memory, (SYNTH,)),
    (edit_schema, (VALIDATE, SYNTH)),
)


def twice(machine: Machine, *args: str) -> Iterator[tuple[dict[str, Any], dict[str, bytes]]]:
    """Run a command on the same tree with memory and then without."""
    before = machine.folder / "before"
    shutil.rmtree(before, ignore_errors=True)
    shutil.copytree(machine.folder / "generated", before, symlinks=True)
    yield machine.report(*args), machine.generated()
    shutil.rmtree(machine.folder / "generated")
    shutil.copytree(before, machine.folder / "generated", symlinks=True)
    yield machine.report(*args, "--no-cache"), machine.generated()


@pytest.mark.real_tools
def test_after_every_change_memory_makes_no_difference(machine: Machine) -> None:
    assert machine.run("synth").code == 0
    for change, commands in CHANGES:
        change(machine)
        for args in commands:
            (recalled, written), (computed, rewritten) = twice(machine, *args)
            assert comparable(recalled) == comparable(computed), (change.__name__, args)
            assert written == rewritten, (change.__name__, args)
            assert not any(cached(computed).values())
    assert any("schema" in finding["sources"] for finding in computed["findings"])


@pytest.mark.real_tools
def test_a_run_that_changes_nothing_is_recalled_whole(machine: Machine) -> None:
    first = machine.report("synth")
    for args in (("synth",), ("synth", "--check")):
        again = machine.report(*args)
        assert again["seconds"].keys() == {"recall"}
        assert comparable(again) == comparable(first)
        assert cached(again) == {check["name"]: check["examined"] for check in first["checks"]}
    judged = machine.report("validate")
    assert machine.report("validate")["seconds"].keys() == {"recall"} != judged["seconds"].keys()
    # Other options, names and days are other runs.
    assert machine.report("synth", "--skip", "policy")["seconds"].keys() != {"recall"}
    assert machine.report("synth", "example")["seconds"].keys() != {"recall"}
    assert machine.report("validate", "--engine", "cli")["seconds"].keys() != {"recall"}
    # What is not committed as it was rendered is found, and what nobody owns too.
    (machine.folder / "generated" / "stray.yaml").write_text("a: b\n")
    drift = machine.run("synth", "--check")
    assert (drift.code, "generated/stray.yaml" in drift.stdout) == (1, True)


@pytest.mark.real_tools
def test_one_edited_component_is_judged_alone(machine: Machine) -> None:
    machine.run("synth")
    edit_environment(machine)
    report = machine.report("synth")
    edited = len(list((machine.folder / "generated" / "example" / "namespaces").rglob("*.yaml")))
    others = report["summary"]["objects"] - edited
    assert edited and cached(report)["schema"] == cached(report)["server"] == others
    assert all(check["planted"] == check["caught"] for check in report["checks"])


@pytest.mark.real_tools
def test_two_runs_at_once_share_one_memory(machine: Machine) -> None:
    from concurrent.futures import ThreadPoolExecutor

    machine.run("synth")
    edit_policy(machine)
    with ThreadPoolExecutor(max_workers=2) as pool:
        first, second = pool.map(lambda _: machine.report("synth", "--check"), range(2))
    assert comparable(first) == comparable(second) == comparable(machine.report("synth", "--check", "--no-cache"))


AHEAD = """
import sys
from aurora import node
start = node.start
node.start = lambda: (print("Node starts ahead", file=sys.stderr), start())
from aurora.app import run
run()
"""


def test_node_starts_ahead_where_an_environment_is_news(machine: Machine) -> None:
    def is_ahead(*args: str) -> bool:
        return "Node starts ahead" in machine.run("synth", *args, code=AHEAD).stderr

    assert is_ahead()
    assert not is_ahead()
    edit_policy(machine)
    assert not is_ahead()
    edit_environment(machine)
    assert is_ahead()
    assert not is_ahead("--skip", "references")
    assert is_ahead("--no-cache")
