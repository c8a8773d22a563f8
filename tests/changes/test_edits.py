"""Edits of environments are found where they are written, with the objects that they touched."""

from __future__ import annotations

from pathlib import Path

from aurora.changes import edits, reading, sources_before, values
from aurora.environment.documents import parse_document
from aurora.environment.tree import Node, merge
from aurora.model.change import ABSENT, Absent, Change, Effect, FieldChange
from aurora.model.diff import Edit
from aurora.model.json_value import JsonValue
from aurora.model.resource import ResourceId
from aurora.paths import RepositoryPaths
from changes import git_folder

ENVIRONMENT = """\
extends: [bases/all.yaml]
cluster: {domain: %s}
components:
  inference: {canary: {weight: %s}}
"""
LAYER = "components:\n  inference: {replicas: %s}\n  training: {kind: TrainingJob}\n"


def tree(text: str, path: str = "environments/dev.yaml") -> Node:
    found = parse_document(text.encode(), path).tree
    assert found is not None
    return found


def change(
    name: str, component: str, *fields: tuple[JsonValue | Absent, JsonValue | Absent], environment: str = "dev"
) -> Change:
    return Change(
        resource=ResourceId("v1", "ConfigMap", "x", name),
        effect=Effect.IN_PLACE,
        rule="r/r",
        reason="so",
        environment=environment,
        component=component,
        fields=tuple(FieldChange(pointer="/a", path="a", before=old, after=new) for old, new in fields),
    )


def write(folder: Path, path: str, text: str) -> None:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def found(folder: Path, changes: list[Change], names: tuple[str, ...] = ("dev",)) -> tuple[Edit, ...]:
    revision = reading.revision(RepositoryPaths(folder), "HEAD", sources_before.WRITTEN)
    outcome = edits.find(revision, (), names, changes)
    assert not outcome.findings
    return outcome.edits


def touched(edit: Edit) -> list[str]:
    return [resource.name for _, resource in edit.resources]


def test_the_lowest_values_that_differ_are_named_with_their_places() -> None:
    before = tree("a: {b: 1, c: [1, 2], gone: {x: 1}}\n")
    after = tree("a:\n  b: 2\n  c: [1, 3]\n  new: {z: text}\n")
    assert [(edit.what, edit.place.line) for edit in values.differences(before, after)] == [
        ("a.b: 1 → 2", 2),
        ("a.c: [1, 2] → [1, 3]", 3),
        ('a.new: (absent) → {"z": "text"}', 4),
        ('a.gone: {"x": 1} → (absent)', 1),
    ]


def test_a_value_that_moves_between_layers_is_no_edit() -> None:
    before = merge(tree("a: {b: 1}\n", "environments/bases/all.yaml"), tree("c: 1\n"))
    assert not list(values.differences(before, tree("a: {b: 1}\nc: 1\n")))


def test_an_edit_of_a_component_touches_the_objects_that_changed_as_it_did_and_those_that_nothing_explains(
    tmp_path: Path,
) -> None:
    write(tmp_path, "environments/bases/all.yaml", LAYER % 1)
    write(tmp_path, "environments/dev.yaml", ENVIRONMENT % ("old.example.com", 10))
    git_folder.committed(tmp_path)
    write(tmp_path, "environments/bases/all.yaml", LAYER % 2)
    write(tmp_path, "environments/dev.yaml", ENVIRONMENT % ("new.example.com", 25))
    changes = [
        change("route", "inference", (90, 75), (10, 25)),
        change("deployment", "inference", (1, 2)),
        change("rest", "inference", ("a", "b")),
        change("other", "training", (10, 25)),
        change("host", "edge", ("old.example.com", "new.example.com")),
        change("elsewhere", "inference", (10, 25), environment="prod"),
    ]
    assert {edit.what: touched(edit) for edit in found(tmp_path, changes)} == {
        "cluster.domain: old.example.com → new.example.com": ["host"],
        "components.inference.replicas: 1 → 2": ["deployment", "rest"],
        "components.inference.canary.weight: 10 → 25": ["route", "rest"],
    }


def test_an_edit_of_a_shared_layer_is_one_for_all_environments(tmp_path: Path) -> None:
    write(tmp_path, "environments/bases/all.yaml", LAYER % 1)
    for name in ("dev", "prod"):
        write(tmp_path, f"environments/{name}.yaml", ENVIRONMENT % ("a.example.com", 10))
    git_folder.committed(tmp_path)
    write(tmp_path, "environments/bases/all.yaml", LAYER % 2)
    changes = [change("a", "inference", (1, 2), environment=name) for name in ("dev", "prod")]
    (edit,) = found(tmp_path, changes, ("dev", "prod"))
    assert edit.place is not None
    assert edit.place.path == "environments/bases/all.yaml"
    assert [environment for environment, _ in edit.resources] == ["dev", "prod"]


def test_a_policy_is_an_edit_of_the_objects_of_its_name(tmp_path: Path) -> None:
    write(tmp_path, "policies/no-latest/policy.yaml", "a: 1\n")
    git_folder.committed(tmp_path)
    write(tmp_path, "policies/no-latest/policy.yaml", "a: 2\n")
    write(tmp_path, "policies/no-latest/README.md", "prose\n")
    (edit,) = found(tmp_path, [change("no-latest-aurora", "policies"), change("other", "policies")])
    assert edit.what == "`policies/no-latest/policy.yaml` changed"
    assert touched(edit) == ["no-latest-aurora"]


def test_shared_code_of_constructs_touches_every_component(tmp_path: Path) -> None:
    write(tmp_path, "constructs/aurora_constructs/pods.py", "A = 1\n")
    git_folder.committed(tmp_path)
    write(tmp_path, "constructs/aurora_constructs/pods.py", "A = 2\n")
    (edit,) = found(tmp_path, [change("a", "inference", (ABSENT, 1)), change("b", "training")])
    assert touched(edit) == ["a", "b"]


def test_files_at_the_base_that_leave_the_folder_are_not_written(tmp_path: Path) -> None:
    write(tmp_path, "environments/dev.yaml", "a: 1\n")
    (tmp_path / "environments" / "link.yaml").symlink_to("/etc/passwd")
    git_folder.committed(tmp_path)
    revision = reading.revision(RepositoryPaths(tmp_path), "HEAD", sources_before.WRITTEN)
    with sources_before.exported(revision) as before:
        assert [path.name for path in before.environments.iterdir()] == ["dev.yaml"]
    assert not before.root.exists()
