"""Data of a bucket in a shared folder: the script that copies it, and what is refused."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aurora_constructs.cluster import Eks
from aurora_constructs.components.data_ingestion.script import COPY
from aurora_constructs.platform import Platform
from components.building import CLUSTER, build, specification, without

SCRIPT: dict[str, Any] = {"__name__": "copy"}
exec(compile(COPY.text, COPY.file_name, "exec"), SCRIPT)  # noqa: S102 - our own script, as its pod runs it

EKS = Eks.model_validate(
    {
        "provider": "eks",
        "kubernetes": "1.35",
        "domain": "example.com",
        "apiServerCidrs": ["10.0.0.10/32"],
        "region": "eu-central-1",
        "account": "111122223333",
        "identity": {"type": "pod-identity"},
        "identities": {"ingestion": "ingestion"},
        "resources": {
            "datasets": {"type": "bucket", "bucket": "datasets", "prefix": "shared"},
            "mail": {"type": "parameter-store"},
        },
        "storage": {"shared": {"type": "efs", "fileSystem": "fs-0a1b2c3d4e5f60718"}},
    }
)
FOLDERS = {"kind": "SharedFolders", "namespace": "training", "folders": {"datasets": {"size": "1Ti"}}}
INGESTION: dict[str, Any] = {
    "kind": "DataIngestion",
    "namespace": "training",
    "source": "datasets",
    "path": "images/v3",
    "identity": "ingestion",
    "schedule": "0 1 * * *",
}


class Bucket:
    """A client of S3 with objects by key; it counts what is fetched."""

    def __init__(self, **objects: bytes) -> None:
        self.objects = {key.replace("__", "/"): content for key, content in objects.items()}
        self.fetched: list[str] = []
        self.cut: set[str] = set()

    def get_paginator(self, operation: str) -> Bucket:
        assert operation == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:  # noqa: N803 - S3's own names
        assert Bucket == "data"
        for key, content in sorted(self.objects.items()):
            if key.startswith(Prefix):
                yield {"Contents": [{"Key": key, "ETag": self.tag(content), "Size": len(content)}]}
        yield {}

    def get_object(self, *, Bucket: str, Key: str, IfMatch: str, ChecksumMode: str) -> dict[str, Any]:  # noqa: N803
        assert (Bucket, ChecksumMode, self.tag(self.objects[Key])) == ("data", "ENABLED", IfMatch)
        self.fetched.append(Key)
        content = self.objects[Key][:-1] if Key in self.cut else self.objects[Key]
        return {"Body": Body(content)}

    @staticmethod
    def tag(content: bytes) -> str:
        return f'"{hashlib.sha1(content, usedforsecurity=False).hexdigest()}"'


class Body(io.BytesIO):
    """The content of an object, as the client gives it."""

    def iter_chunks(self, size: int) -> Iterator[bytes]:
        while chunk := self.read(min(size, 3)):
            yield chunk


def copy(bucket: Bucket, folder: Path) -> dict[str, Any]:
    SCRIPT["main"](bucket, "data", "v3", folder)
    found: dict[str, Any] = json.loads((folder / ".ingested.json").read_text())
    return found


def test_every_object_becomes_a_file_and_the_state_says_what_it_is(tmp_path: Path) -> None:
    state = copy(Bucket(v3__a=b"one", v3__sub__b=b"two two", v30__c=b"elsewhere"), tmp_path / "v3")
    assert (tmp_path / "v3/a").read_bytes() == b"one"
    assert (tmp_path / "v3/sub/b").read_bytes() == b"two two"
    assert state["complete"] is True
    assert sorted(state["files"]) == ["a", "sub/b"]
    assert state["files"]["a"]["sha256"] == hashlib.sha256(b"one").hexdigest()
    assert not list(tmp_path.rglob("*.part"))


def test_a_second_run_copies_what_is_new_changed_or_lost_and_nothing_else(tmp_path: Path) -> None:
    bucket = Bucket(v3__a=b"one", v3__b=b"two", v3__c=b"three")
    copy(bucket, tmp_path)
    bucket.fetched.clear()
    copy(bucket, tmp_path)
    assert bucket.fetched == []
    bucket.objects["v3/a"] = b"eno"
    bucket.objects["v3/d"] = b"four"
    (tmp_path / "b").unlink()
    copy(bucket, tmp_path)
    assert bucket.fetched == ["v3/a", "v3/b", "v3/d"]
    assert (tmp_path / "a").read_bytes() == b"eno"


def test_a_file_whose_object_is_gone_stays_and_is_no_part_of_the_dataset(tmp_path: Path) -> None:
    bucket = Bucket(v3__a=b"one", v3__b=b"two")
    copy(bucket, tmp_path)
    del bucket.objects["v3/b"]
    assert sorted(copy(bucket, tmp_path)["files"]) == ["a"]
    assert (tmp_path / "b").read_bytes() == b"two"


def test_a_run_that_ends_early_keeps_what_it_has_and_says_that_it_is_not_complete(tmp_path: Path) -> None:
    bucket = Bucket(v3__a=b"one", v3__b=b"two")
    bucket.cut.add("v3/b")
    with pytest.raises(SystemExit, match="b has 3 bytes, 2 arrived"):
        copy(bucket, tmp_path)
    state = json.loads((tmp_path / ".ingested.json").read_text())
    assert (state["complete"], list(state["files"])) == (False, ["a"])
    assert not (tmp_path / "b").exists()
    bucket.cut.clear()
    bucket.fetched.clear()
    assert copy(bucket, tmp_path)["complete"] is True
    assert bucket.fetched == ["v3/b"]


def test_a_copy_that_reads_back_otherwise_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SCRIPT, "digest", lambda _: "0" * 64)
    with pytest.raises(SystemExit, match="a does not read back"):
        copy(Bucket(v3__a=b"one"), tmp_path)


@pytest.mark.parametrize("key", ["v3/../a", "v3//a", "v3/./a", "v3/.ingested.json", "v3/sub/a.part"])
def test_keys_that_are_no_path_in_the_folder_are_refused_before_anything_is_copied(tmp_path: Path, key: str) -> None:
    bucket = Bucket(v3__0=b"one")
    bucket.objects[key] = b"x"
    with pytest.raises(SystemExit, match="no path of a file"):
        copy(bucket, tmp_path)
    assert bucket.fetched == []


def test_markers_of_folders_are_no_files_and_an_object_that_is_a_folder_too_is_refused(tmp_path: Path) -> None:
    bucket = Bucket(v3__a=b"one")
    bucket.objects["v3/sub/"] = b""
    assert sorted(copy(bucket, tmp_path)["files"]) == ["a"]
    bucket.objects["v3/a/b"] = b"two"
    with pytest.raises(SystemExit, match="a is an object and the folder of a/b"):
        copy(bucket, tmp_path)


def test_an_empty_prefix_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no objects below v3/"):
        copy(Bucket(v30__a=b"one"), tmp_path)


@pytest.mark.parametrize("broken", ["", "[]", '{"files": []}', '{"files": {"a": 1}}'])
def test_a_state_that_cannot_be_read_means_that_everything_is_copied_again(tmp_path: Path, broken: str) -> None:
    (tmp_path / ".ingested.json").write_text(broken)
    (tmp_path / "a").write_bytes(b"eno")
    copy(Bucket(v3__a=b"one"), tmp_path)
    assert (tmp_path / "a").read_bytes() == b"one"


def words(entry: dict[str, Any], *, cluster: Any = EKS, folders: Any = FOLDERS) -> list[str]:
    components = {"shared-files": specification(folders), "images": specification(entry)}
    platform = Platform(environment="example", cluster=cluster, components=components)
    return [problem.words for problem in components["images"].problems("images", platform)]


def test_what_a_dataset_needs_and_is_not_there_is_told() -> None:
    assert words(INGESTION) == []
    assert "has no folder `dataset`" in words(without(INGESTION, claim="dataset"))[0]
    assert "is in namespace `training`, not `serving`" in words(without(INGESTION, namespace="serving"))[0]
    assert "`cluster.identities` has no `reader`" in words(without(INGESTION, identity="reader"))[0]
    assert "is for secrets, not for objects" in words(without(INGESTION, source="mail"))[0]
    assert len(words(INGESTION, cluster=CLUSTER, folders=FOLDERS)) == 2


@pytest.mark.parametrize("path", ["/images", "images/", "../images", "images/../other", "images//v3"])
def test_a_path_that_leaves_its_place_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        specification(without(INGESTION, path=path))


@pytest.mark.parametrize("schedule", ["0 25 * * *", "0 1 30 2 *", "0 1 * *", "now"])
def test_a_schedule_that_never_comes_or_is_none_is_refused(schedule: str) -> None:
    with pytest.raises(ValueError, match="schedule"):
        specification(without(INGESTION, schedule=schedule))


def test_a_pool_that_is_not_there_is_told() -> None:
    assert "there is no node pool `memory`" in words(without(INGESTION, pool="memory"))[0]


def test_the_prefix_of_the_bucket_comes_before_the_path() -> None:
    built = build("images", {"shared-files": FOLDERS, "images": INGESTION}, cluster=EKS)
    (container,) = built.one("CronJob")["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    assert container["args"] == ["datasets", "shared/images/v3", "/dataset/images/v3"]
