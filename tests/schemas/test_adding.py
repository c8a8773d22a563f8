"""Adding definitions of one's own to the schema pack of a repository."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from aurora.errors import InputError, StorageError, UsageError
from aurora.schemas import adding, pack
from schemas.crd_cases import FOLDER

PIPE = "plumbing.example.com/Pipe"


def definition(kind: str = "Rack", *, maximum: int = 3, described: str = "") -> str:
    schema = {
        "type": "object",
        "description": described,
        "properties": {"size": {"type": "integer", "maximum": maximum}},
    }
    names = {"kind": kind, "listKind": f"{kind}List", "plural": f"{kind.lower()}s", "singular": kind.lower()}
    body = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind.lower()}s.example.org"},
        "spec": {
            "group": "example.org",
            "scope": "Namespaced",
            "names": names,
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
        },
    }
    return json.dumps(body)


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    source = tmp_path / "source"
    shutil.copytree(FOLDER, source)
    (source / "LICENSE-Apache-2.0.txt").write_text("licence\n")
    pack.build(source, tmp_path / "shipped", (PIPE,))
    return tmp_path / "shipped"


@pytest.fixture
def given(tmp_path: Path) -> Path:
    (tmp_path / "given").mkdir()
    return tmp_path / "given"


def test_a_repository_without_a_pack_keeps_what_was_known_and_gets_the_definition(
    tmp_path: Path, shipped: Path, given: Path
) -> None:
    (given / "rack.json").write_text(definition(described="for people"))
    (given / "other.yaml").write_text("{apiVersion: v1, kind: ConfigMap, metadata: {name: beside}}")
    target = tmp_path / "schemas"
    assert adding.add(given, target, shipped).new == ("example.org/Rack",)
    loaded = pack.load(target)
    assert {crd.kind: crd.component for crd in loaded.lock.crds} == {"Pipe": "plumbing", "Rack": "added"}
    assert "for people" not in loaded.texts["racks.example.org.json"]
    assert (target / "NOTICE").read_text() == (shipped / "NOTICE").read_text()


def test_the_same_definition_again_changes_nothing(tmp_path: Path, shipped: Path, given: Path) -> None:
    (given / "rack.json").write_text(definition())
    target = tmp_path / "schemas"
    adding.add(given, target, shipped)
    before = (target / "lock.yaml").read_bytes()
    assert adding.add(given / "rack.json", target, shipped) == adding.Added((), ("example.org/Rack",))
    assert (target / "lock.yaml").read_bytes() == before


def test_another_definition_of_a_kind_needs_to_be_asked_for(tmp_path: Path, shipped: Path, given: Path) -> None:
    (given / "rack.json").write_text(definition())
    target = tmp_path / "schemas"
    adding.add(given, target, shipped)
    (given / "rack.json").write_text(definition(maximum=9))
    with pytest.raises(UsageError, match="has another definition of `example.org/Rack`"):
        adding.add(given, target, shipped)
    assert '"maximum": 9' not in json.dumps(json.loads(pack.load(target).texts["racks.example.org.json"]))
    assert adding.add(given, target, shipped, replacing=True).new == ("example.org/Rack",)
    assert '"maximum": 9' in json.dumps(json.loads(pack.load(target).texts["racks.example.org.json"]))


def test_two_versions_of_one_definition_are_refused_and_a_copy_is_not(
    tmp_path: Path, shipped: Path, given: Path
) -> None:
    (given / "a.json").write_text(definition())
    (given / "b.json").write_text(definition())
    assert adding.add(given, tmp_path / "schemas", shipped).new == ("example.org/Rack",)
    (given / "b.json").write_text(definition(maximum=9))
    with pytest.raises(UsageError, match="defined in two ways: in `a.json` and in `b.json`"):
        adding.add(given, tmp_path / "schemas", shipped)


def test_what_holds_no_definition_is_refused_and_nothing_is_written(tmp_path: Path, shipped: Path, given: Path) -> None:
    file = given / "map.yaml"
    file.write_text("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}")
    for source in (file, given):
        with pytest.raises(UsageError, match="holds no CustomResourceDefinition"):
            adding.add(source, tmp_path / "schemas", shipped)
    file.write_text("a: [")
    with pytest.raises(InputError):
        adding.add(file, tmp_path / "schemas", shipped)
    with pytest.raises(UsageError, match="does not exist"):
        adding.add(given / "absent", tmp_path / "schemas", shipped)
    assert not (tmp_path / "schemas").exists()


def test_a_folder_that_is_no_pack_is_left_alone(tmp_path: Path, shipped: Path, given: Path) -> None:
    (given / "rack.json").write_text(definition())
    target = tmp_path / "schemas"
    target.mkdir()
    (target / "notes.txt").write_text("mine")
    with pytest.raises(StorageError, match="is no schema pack"):
        adding.add(given, target, shipped)
    assert (target / "notes.txt").read_text() == "mine"
