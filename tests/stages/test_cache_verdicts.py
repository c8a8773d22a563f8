"""Verdicts that were proved before are those that would be proved now, whatever part of them is asked again."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from aurora import pipeline, validation
from aurora.checks.check import Check
from aurora.checks.policy.check import PolicyCheck
from aurora.checks.schema import SchemaCheck
from aurora.checks.server import ServerCheck
from aurora.errors import ToolOutputError
from aurora.memory import digests, groups
from aurora.memory.store import FILE, FileMemory, Memory
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject
from aurora.model.manifest import Manifest
from aurora.model.report import CheckResult
from aurora.paths import RepositoryPaths
from aurora.tools.installed import Toolbox
from aurora.tools.settings import Settings
from aurora.yamlio import writing
from reference.platform import reference

CHECKS = ("schema", "server", "pod-security", "policy")


def checks(tools: Toolbox) -> Sequence[Check]:
    return (
        SchemaCheck(locate_tool=tools.locate),
        ServerCheck(tools.locate),
        PolicyCheck(locate_tool=tools.locate),
    )


class Bench:
    """Judges inventories with a memory in one folder."""

    def __init__(
        self, inventory: Inventory, repository: RepositoryPaths, tools: Toolbox, folder: Path, *, derived: Path
    ) -> None:
        self.tools = tools
        self.inventory = inventory
        self.settings = Settings(
            cache=derived,
            workspace=folder,
            schemas=(repository.schemas,),
            planted=(repository.policies,),
            parallel=2,
        )
        self.folder = folder

    def judge(self, inventory: Inventory, memory: Memory | None = None) -> dict[str, CheckResult]:
        found: dict[str, CheckResult] = {}
        for check in checks(self.tools):
            workspace = Path(tempfile.mkdtemp(dir=self.folder))
            settings = self.settings if memory is None else replace(self.settings, memory=memory)
            found |= {result.name: result for result in check.results(inventory, settings.within(workspace))}
        return found

    def of(self, manifests: Sequence[Manifest]) -> Inventory:
        return self.inventory.part(manifests)


@dataclass(frozen=True)
class First:
    """A first run over a whole inventory: what it found and what it remembers, once for all tests."""

    inventory: Inventory
    results: dict[str, CheckResult]
    folder: Path

    def memory(self, bench: Bench) -> Memory:
        """Give a copy of what it remembers."""
        shutil.copy(self.folder / FILE, bench.folder / FILE)
        return FileMemory(bench.folder)


@pytest.fixture(scope="module")
def first(repository: RepositoryPaths, real_toolbox: Toolbox, tmp_path_factory: pytest.TempPathFactory) -> First:
    folder = tmp_path_factory.mktemp("first")
    (environment,) = pipeline.load_environments(reference(), ["aurora-dev"])
    inventory = validation.committed(reference(), environment).inventory
    bench = Bench(inventory, repository, real_toolbox, folder, derived=folder / "derived")
    results = bench.judge(inventory, FileMemory(folder))
    assert not list(folder.glob(f"{FILE}-*")), "the memory is still open"
    return First(inventory, results, folder)


@pytest.fixture
def bench(repository: RepositoryPaths, real_toolbox: Toolbox, tmp_path: Path, first: First) -> Bench:
    return Bench(first.inventory, repository, real_toolbox, tmp_path, derived=first.folder / "derived")


def comparable(results: dict[str, CheckResult]) -> dict[str, CheckResult]:
    return {name: replace(result, seconds=0.0, cached=0) for name, result in results.items()}


def broken(manifest: Manifest, number: int) -> Manifest:
    """Give an object with another text: with a label, without its spec, or with a field that nobody knows."""
    body = dict(manifest.body)
    match number % 3:
        case 0:
            body["metadata"] = {**manifest.body["metadata"], "labels": {"edited": str(number)}}  # type: ignore[dict-item]
        case 1:
            body.pop("spec", None)
        case _:
            body["unknown"] = number
    return replace(manifest, body=body, text=writing.dump(body))


@pytest.mark.real_tools
def test_a_second_run_asks_nobody_and_reports_the_same_proofs(
    bench: Bench, first: First, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = bench.judge(bench.inventory)
    monkeypatch.setattr("aurora.tools.runner._start", lambda *_, **__: pytest.fail("a program was started"))
    second = bench.judge(bench.inventory, first.memory(bench))
    assert comparable(fresh) == comparable(first.results) == comparable(second)
    assert all(first.results[name].cached == 0 for name in CHECKS)
    assert all(second[name].planted == second[name].caught > 0 for name in CHECKS)
    examined = len(bench.inventory.manifests)
    assert [second[name].cached for name in CHECKS[:3]] == [examined] * 3
    assert second["policy"].cached > 0


@pytest.mark.real_tools
@pytest.mark.parametrize("seed", range(2))
def test_whatever_is_edited_the_verdicts_are_those_of_a_fresh_run(bench: Bench, first: First, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    memory = first.memory(bench)
    manifests = list(bench.inventory.manifests)
    for _ in range(3):
        for index in chance.sample(range(len(manifests)), 4):
            manifests[index] = broken(manifests[index], chance.randrange(3))
        del manifests[chance.randrange(len(manifests))]
        edited = bench.of(manifests)
        recalled = bench.judge(edited, memory)
        assert comparable(recalled) == comparable(bench.judge(edited))
        assert sum(result.cached for result in recalled.values()) > 0


@pytest.mark.real_tools
@pytest.mark.parametrize("kind", ["Deployment", "Ingress"])
def test_one_edit_asks_about_its_component_alone(bench: Bench, first: First, kind: str) -> None:
    memory = first.memory(bench)
    manifests = list(bench.inventory.manifests)
    index = next(index for index, each in enumerate(manifests) if each.id.kind == kind)
    manifests[index] = broken(manifests[index], 0)
    edited = bench.of(manifests)
    own = sum(groups.name(each) == groups.name(manifests[index]) for each in manifests)
    again = bench.judge(edited, memory)
    assert 0 < own < len(manifests)
    assert [again[name].cached for name in CHECKS[:3]] == [len(manifests) - own] * 3
    assert comparable(again) == comparable(bench.judge(edited))


@pytest.mark.real_tools
def test_a_component_with_an_object_that_was_not_decided_is_asked_again(bench: Bench) -> None:
    memory = FileMemory(bench.folder)
    manifests = list(bench.inventory.manifests)
    index = next(index for index, each in enumerate(manifests) if each.id.kind == "ServiceAccount")
    unknown = replace(manifests[index].id, api_version="nobody.example.com/v1", kind="Thing")
    body: JsonObject = {"apiVersion": unknown.api_version, "kind": unknown.kind, "metadata": {"name": unknown.name}}
    manifests[index] = replace(manifests[index], id=unknown, body=body, text=writing.dump(body))
    odd = bench.of(manifests)
    own = sum(groups.name(each) == groups.name(manifests[index]) for each in manifests)
    once, again = bench.judge(odd, memory), bench.judge(odd, memory)
    assert comparable(once) == comparable(again)
    assert [again[name].cached for name in ("schema", "server")] == [len(manifests) - own] * 2


@pytest.mark.real_tools
def test_a_changed_tool_proves_everything_again(bench: Bench, first: First, tmp_path: Path) -> None:
    memory = first.memory(bench)
    programs = {}
    for name in ("kubeconform", "server-validation", "policy-engine"):
        program = tmp_path / "programs" / name
        program.parent.mkdir(exist_ok=True)
        program.write_bytes(bench.tools.locate(name).read_bytes() + b"\0")
        program.chmod(0o755)
        programs[name] = program

    class Other(Toolbox):
        def locate(self, name: str) -> Path:
            return programs[name]

    bench.tools = Other(cache=tmp_path, sources=tmp_path)
    again = bench.judge(bench.inventory, memory)
    assert all(again[name].cached == 0 for name in CHECKS)


@pytest.mark.real_tools
def test_a_run_that_proved_nothing_is_not_remembered(bench: Bench, tmp_path: Path) -> None:
    """A program that passes everything without looking is refused, and nothing of what it said is kept."""
    program = tmp_path / "kubeconform"
    program.write_text(
        "#!/bin/sh\n"
        "exec python3 - \"$@\" <<'EOF'\n"
        "import json, sys\n"
        "files = [word for word in sys.argv if word.endswith('.yaml')]\n"
        "print(json.dumps({'resources': [], 'summary': {'valid': len(files)}}))\n"
        "EOF\n"
    )
    program.chmod(0o755)
    memory = FileMemory(bench.folder)
    for _ in range(2):
        with pytest.raises(ToolOutputError):
            SchemaCheck(locate_tool=lambda _: program).run(bench.inventory, replace(bench.settings, memory=memory))


@pytest.mark.real_tools
def test_another_code_recalls_no_verdict(bench: Bench, first: First, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = first.memory(bench)
    for code in ("another", None):
        monkeypatch.setattr(digests, "code", lambda code=code: code)
        again = bench.judge(bench.inventory, memory)
        assert all(again[name].cached == 0 for name in CHECKS)
