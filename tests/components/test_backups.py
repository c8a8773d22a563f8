"""Backups: what is refused before Velero could refuse it, and the script that tries a restore."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from aurora_constructs.cluster import Eks
from aurora_constructs.components.backups.restore_script import RESTORE_CHECK
from aurora_constructs.platform import Platform
from components.building import specification

RESOURCES: dict[str, Any] = {
    "backups": {"type": "bucket", "bucket": "backups", "keepsDays": 35},
    "backups-copy": {"type": "bucket", "bucket": "backups-copy", "region": "eu-west-1"},
    "backups-near": {"type": "bucket", "bucket": "backups-near"},
    "images": {"type": "registry", "host": "registry.example.com"},
}
CLUSTER: dict[str, Any] = {
    "provider": "eks",
    "kubernetes": "1.35",
    "domain": "example.com",
    "region": "eu-central-1",
    "account": "210987654321",
    "apiServerCidrs": ["10.0.0.10/32"],
    "identity": {"type": "pod-identity"},
}
MODELS: dict[str, Any] = {"namespaces": ["ml"], "volumes": "files", "keep": "35d", "when": {"primary": "0 */6 * * *"}}
ENTRY: dict[str, Any] = {
    "kind": "Backups",
    "namespace": "velero",
    "locations": {"primary": "backups", "copy": "backups-copy"},
    "default": "primary",
    "backups": {"models": MODELS},
}


def cluster(**resources: Any) -> Eks:
    return Eks.model_validate({**CLUSTER, "resources": {**RESOURCES, **resources}})


def problems(**changes: Any) -> list[str]:
    platform = Platform(environment="example", cluster=cluster())
    return [each.words for each in specification({**ENTRY, **changes}).problems("backups", platform)]


def models(**changes: Any) -> dict[str, Any]:
    return {"models": {**MODELS, **changes}}


def test_an_entry_as_people_write_it_is_fine() -> None:
    assert problems() == []
    assert problems(check={"backup": "models", "namespace": "ml", "scratch": "scratch", "when": "0 5 * * 1"}) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"default": "primry"}, "no location `primry`: did you mean `primary`"),
        ({"backups": models(when={"elsewhere": "0 3 * * *"})}, "no location `elsewhere`"),
        (
            {"locations": {"primary": "backups", "copy": "backups-near"}},
            "all locations are in the region `eu-central-1`",
        ),
        ({"locations": {"primary": "nowhere"}}, "`cluster.resources` has no `nowhere`"),
        ({"locations": {"primary": "images"}}, "is for images, not for objects"),
        ({"backups": models(volumes="snapshots")}, "nothing says where snapshots of disks are kept"),
        ({"check": {"backup": "model", "namespace": "ml", "scratch": "s", "when": "0 5 * * 1"}}, "no backup `model`"),
        ({"check": {"backup": "models", "namespace": "ml", "scratch": "ml", "when": "0 5 * * 1"}}, "its own namespace"),
    ],
)
def test_what_the_environment_does_not_have_is_told(changes: dict[str, Any], words: str) -> None:
    assert [each for each in problems(**changes) if words in each]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"keep": "-720h"}, "keep"),
        ({"keep": "0d"}, "keep"),
        ({"keep": "6h"}, "keep 6h is no longer than the time between two backups in `primary`, 6h"),
        ({"when": {}}, "when"),
        ({"when": {"primary": "0 3 * *"}}, "it has 4 fields instead of 5"),
        ({"namespaces": []}, "namespaces"),
    ],
)
def test_a_backup_that_cannot_be_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        specification({**ENTRY, "backups": models(**changes)})


@pytest.mark.parametrize(
    ("resource", "words"),
    [
        ({"replica": "nothing"}, "is no bucket or container of `resources`"),
        ({"replica": "backups-near"}, "states no other `region`"),
        ({"keepsDays": None, "recovery": {"rpo": "1h", "rto": "4h"}}, "nothing keeps what is deleted by mistake"),
        ({"ageing": [{}]}, "name `archiveDays`, `deleteDays` or both"),
        ({"ageing": [{"archiveDays": 30, "deleteDays": 30}]}, "deleted after 30 days, before they are archived"),
    ],
)
def test_a_bucket_that_promises_what_it_cannot_keep_is_refused(resource: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        cluster(backups={**RESOURCES["backups"], **resource})


def test_a_replica_in_another_region_is_fine() -> None:
    assert cluster(backups={**RESOURCES["backups"], "replica": "backups-copy"}).resources["backups"]


SCRIPT: dict[str, Any] = {"__name__": "restore_check"}
exec(compile(RESTORE_CHECK.text, RESTORE_CHECK.file_name, "exec"), SCRIPT)  # noqa: S102 - as the pod runs it
BEFORE, START, AFTER = "2026-11-30T01:00:00Z", "2026-11-30T02:00:00Z", "2026-11-30T03:00:00Z"
HOUR = 3600


def config(name: str, *, made: str = BEFORE, changed: str = BEFORE, value: str = "1", labels: Any = None) -> Any:
    metadata = {"name": name, "creationTimestamp": made, "managedFields": [{"time": changed}], "labels": labels or {}}
    return {"metadata": metadata, "data": {"key": value}}


class Api:
    """An API server with some objects, and a Velero that restores what it is told to have."""

    def __init__(self, live: list[Any], restored: list[Any], *, phase: str = "Completed", copies: Any = ()) -> None:
        marked = [
            {**each, "metadata": {**each["metadata"], "labels": {"velero.io/restore-name": "x"}}} for each in restored
        ]
        self.places: dict[str, list[Any]] = {"ml": live, "scratch": [config("baseline")]}
        self.restored, self.phase, self.copies = marked, phase, copies
        self.deleted: list[str] = []
        self.asked = 0

    def ask(self, method: str, path: str, body: Any = None, kind: str = "") -> Any:
        if method == "DELETE":
            self.deleted.append(path)
            return {}
        if method == "POST":
            assert body["spec"]["namespaceMapping"] == {"ml": "scratch"}
            self.places["scratch"] += self.restored
            return {"metadata": {"name": "check-1"}}
        if "/restores/" in path:
            self.asked += 1
            status = {"phase": self.phase if self.asked > 1 else "InProgress"}
            return {"spec": {"backupName": "nightly-1"}, "status": status}
        if "/backups/" in path:
            return {"status": {"startTimestamp": START}}
        if "podvolumebackups" in path:
            return {"items": list(self.copies)}
        namespace, _, resource = path.partition("/namespaces/")[2].partition("/")
        return {"items": self.places[namespace] if resource == "configmaps" else []}


def run(api: Api, *, oldest: int = 24 * HOUR, volumes: str = "none") -> list[str]:
    later = SCRIPT["moment"](START) + 2 * HOUR
    waited: list[float] = []
    found: list[str] = SCRIPT["main"](
        api, "velero", "nightly", "ml", "scratch", str(oldest), volumes, pause=waited.append, now=lambda: later
    )
    assert waited
    return found


def test_a_restore_that_gives_back_what_was_there_is_fine_and_leaves_nothing_behind() -> None:
    api = Api([config("a"), config("kube-root-ca.crt"), config("b", made=AFTER)], [config("a")])
    assert run(api) == []
    assert api.deleted == [
        "/api/v1/namespaces/scratch/configmaps/a",
        "/apis/velero.io/v1/namespaces/velero/restores/check-1",
    ]


def test_what_was_changed_since_may_differ() -> None:
    assert run(Api([config("a", changed=AFTER, value="2")], [config("a")])) == []


@pytest.mark.parametrize(
    ("api", "words"),
    [
        (Api([config("a")], []), "configmaps a is not in the backup nightly-1"),
        (Api([config("a", value="2")], [config("a")]), "differs from the backup nightly-1"),
        (Api([], []), "has nothing of ml to compare"),
        (Api([config("a")], [config("a")], phase="PartiallyFailed"), "the restore ended as PartiallyFailed"),
    ],
)
def test_what_is_missing_or_differs_is_found(api: Api, words: str) -> None:
    (found,) = run(api)
    assert words in found


def test_a_backup_that_is_too_old_is_found() -> None:
    assert run(Api([config("a")], [config("a")]), oldest=HOUR) == [
        "the newest backup nightly-1 is 120 minutes old, more than 60"
    ]


def copy(phase: str, done: int) -> dict[str, Any]:
    status = {"phase": phase, "progress": {"bytesDone": done, "totalBytes": 7}}
    return {"metadata": {"name": "copy-1"}, "status": status}


@pytest.mark.parametrize(
    ("copies", "found"),
    [
        ([copy("Completed", 7)], []),
        ([copy("Failed", 7)], ["the copy copy-1 of a volume is not complete"]),
        ([copy("Completed", 3)], ["the copy copy-1 of a volume is not complete"]),
        ([], ["the backup nightly-1 has no copy of a volume: no running pod mounted one"]),
    ],
)
def test_every_copy_of_a_volume_must_be_whole(copies: list[Any], found: list[str]) -> None:
    assert run(Api([config("a")], [config("a")], copies=copies), volumes="files") == found
