"""Sides come from a Git revision, from committed files or from folders; what cannot be read is a finding."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora.changes import reading
from aurora.changes.sides import Side, synthesised
from aurora.errors import UsageError
from aurora.model.json_value import JsonObject
from aurora.model.manifest import Manifest, Origin, Source, identify
from aurora.paths import RepositoryPaths
from aurora.yamlio.writing import dump
from changes import git_folder

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: x}\ndata: {k: v}\n"


def write(folder: Path, path: str, content: str | bytes) -> Path:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def revision(folder: Path) -> reading.Revision:
    git_folder.committed(folder)
    return reading.revision(RepositoryPaths(folder), "HEAD", ["generated"])


def test_a_revision_knows_its_environments_and_their_files(tmp_path: Path) -> None:
    write(tmp_path, "generated/dev/web/x/configmap.a.yaml", CONFIG)
    write(tmp_path, "generated/prod/web/x/configmap.a.yaml", CONFIG)
    write(tmp_path, "generated/notes.txt", "x")
    found = revision(tmp_path)
    assert found.environments() == ("dev", "prod")
    side = found.side("dev", {}).side
    (manifest,) = side.read("generated/dev/web/x/configmap.a.yaml").manifests
    assert (manifest.environment, manifest.component) == ("dev", "web")
    assert found.side("none", {}).side.files == {}


def test_what_is_the_same_now_is_not_fetched_from_git(tmp_path: Path) -> None:
    same = CONFIG.encode()
    write(tmp_path, "generated/dev/web/x/same.yaml", same)
    write(tmp_path, "generated/dev/web/x/other.yaml", "a: 1\n")
    found = revision(tmp_path)
    now = {"generated/dev/web/x/same.yaml": same, "generated/dev/web/x/other.yaml": b"a: 2\n"}
    side = found.side("dev", now).side
    assert side.files["generated/dev/web/x/same.yaml"] is same
    assert side.files["generated/dev/web/x/other.yaml"] == b"a: 1\n"
    assert list(found._contents.values()) == [b"a: 1\n"]


def test_files_that_are_too_large_are_found_on_every_side(tmp_path: Path) -> None:
    write(tmp_path, "generated/dev/web/x/huge.yaml", b"#" * (reading.LARGEST + 1))
    write(tmp_path, "generated/dev/web/x/good.yaml", CONFIG)
    before = revision(tmp_path).side("dev", {})
    now = reading.committed(RepositoryPaths(tmp_path), "dev", {})
    foreign = reading.given(tmp_path / "generated")
    for side in (before, now, foreign):
        assert [finding.rule for finding in side.findings] == ["diff/huge-file"]
        assert [path for path in side.side.files if path.endswith("huge.yaml")] == []
        assert [path for path in side.side.files if path.endswith("good.yaml")]


def test_a_link_at_the_base_is_what_it_is_in_the_folder(tmp_path: Path) -> None:
    target = write(tmp_path, "generated/dev/web/x/a.yaml", CONFIG)
    (target.parent / "b.yaml").symlink_to("a.yaml")
    now = reading.committed(RepositoryPaths(tmp_path), "dev", {})
    assert revision(tmp_path).side("dev", {}).side.files == now.side.files


def test_a_submodule_is_found(tmp_path: Path) -> None:
    write(tmp_path, "generated/dev/web/x/a.yaml", CONFIG)
    write(tmp_path / "generated/dev/module", "a.yaml", CONFIG)
    git_folder.committed(tmp_path / "generated/dev/module")
    found = revision(tmp_path).side("dev", {})
    assert [finding.rule for finding in found.findings] == ["diff/no-file"]
    assert len(found.side.files) == 1


def test_committed_objects_have_the_line_of_their_component(tmp_path: Path) -> None:
    path = "generated/dev/web/x/a.yaml"
    write(tmp_path, path, CONFIG)
    origin = Origin("environments/dev.yaml", 7)
    (manifest,) = reading.committed(RepositoryPaths(tmp_path), "dev", {"web": origin}).side.read(path).manifests
    assert manifest.origin == origin


def test_a_file_and_a_folder_can_be_given(tmp_path: Path) -> None:
    one = write(tmp_path, "one.yaml", CONFIG)
    other = write(tmp_path, "other.yaml", CONFIG)
    assert reading.given(one).side.files == reading.given(other).side.files
    write(tmp_path, "in/a.yaml", CONFIG)
    write(tmp_path, "in/notes.txt", "x")
    (tmp_path / "in" / "gone.yaml").symlink_to("nowhere")
    found = reading.given(tmp_path / "in")
    assert sorted(found.side.files) == ["a.yaml"]
    assert found.side.read("a.yaml").manifests[0].source.path == str(tmp_path / "in" / "a.yaml")
    assert [(entry.rule, "`nowhere`" in entry.message) for entry in found.findings] == [("input/unreadable", True)]
    with pytest.raises(UsageError, match="does not exist"):
        reading.given(tmp_path / "nothing")


def test_what_was_just_compiled_is_not_parsed_again() -> None:
    body: JsonObject = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
    made = Manifest(id=identify(body), body=body, text=dump(body), source=Source("generated/dev/web/a.yaml"))
    template = Manifest(id=identify(body), body=body, text="", source=Source("template"), emitted=False)
    side = synthesised("dev", (made, template), name="compiled")
    assert list(side.files) == ["generated/dev/web/a.yaml"]
    assert side.read("generated/dev/web/a.yaml").manifests[0] is made


def test_only_files_that_mention_a_name_are_parsed() -> None:
    body = CONFIG.encode()
    side = Side(None, {"a.yaml": body, "b.yaml": body.replace(b"name: a", b"name: b"), "c.yaml": b'k: "\\x61"\n'})
    assert [entry.id.name for entry in side.mentioning("name: b")] == ["b"]
    assert set(side._read) == {"b.yaml", "c.yaml"}


STORED = CONFIG.replace("x}", "x, uid: a, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z'}")


def test_of_a_foreign_file_that_was_read_from_a_cluster_what_people_write_is_compared() -> None:
    (manifest,) = Side(None, {"a.yaml": STORED.encode()}).read("a.yaml").manifests
    assert manifest.body["metadata"] == {"name": "a", "namespace": "x"}


def test_what_is_committed_is_compared_as_it_is() -> None:
    (manifest,) = Side("dev", {"a.yaml": STORED.encode()}).read("a.yaml").manifests
    assert manifest.get("metadata", "uid") == "a"
