"""Which schema judges which kind, and why there is none."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path

import pytest

from aurora.errors import InputError, StorageError, UsageError
from aurora.model.json_value import JsonObject, dig
from aurora.schemas import pack, sources
from aurora.schemas.group_version_kind import GroupVersionKind
from aurora.schemas.store import Missing, Reason, SchemaSet, SchemaStore
from schemas.crd_cases import FOLDER, definition, documents, of_spec, trimmed

DEPLOYMENT = GroupVersionKind("apps", "v1", "Deployment")
CONFIG_MAP = GroupVersionKind("", "v1", "ConfigMap")
PIPE = GroupVersionKind("plumbing.example.com", "v1", "Pipe")
VALVE = GroupVersionKind("plumbing.example.com", "v2", "Valve")


def collect(
    tmp_path: Path, *kinds: GroupVersionKind, folders: tuple[Path, ...] = (FOLDER,), own: tuple[JsonObject, ...] = ()
) -> SchemaSet:
    definitions = [sources.from_crd(trimmed(body), "input.yaml:1:1") for body in own]
    store = SchemaStore(cache=tmp_path / "cache", kubernetes_version="1.35", folders=folders, own=definitions)
    return store.collect(kinds, tmp_path / f"set{len(list(tmp_path.glob('set*')))}")


@pytest.fixture
def built_pack(tmp_path: Path) -> Path:
    source = tmp_path / "source"
    shutil.copytree(FOLDER, source)
    (source / "LICENSE-Apache-2.0.txt").write_text("text\n")
    pack.build(source, tmp_path / "schemas", ["plumbing.example.com/Pipe"])
    return tmp_path / "schemas"


def test_files_lie_where_kubeconform_looks(tmp_path: Path) -> None:
    found = collect(tmp_path, DEPLOYMENT, CONFIG_MAP, PIPE, VALVE)
    files = sorted(path.relative_to(found.folder).as_posix() for path in found.folder.rglob("*.json"))
    assert files == [
        "apps/deployment_v1.json",
        "plumbing.example.com/pipe_v1.json",
        "plumbing.example.com/valve_v2.json",
        "v1/configmap_v1.json",
    ]
    assert found.missing == {}
    for kind, schema in found.schemas.items():
        assert json.loads((found.folder / kind.file).read_text()) == schema.value


def test_a_second_run_takes_everything_from_the_cache(tmp_path: Path) -> None:
    first = collect(tmp_path, DEPLOYMENT, PIPE)
    cached = {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").rglob("*.json")}
    second = collect(tmp_path, DEPLOYMENT, PIPE)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").rglob("*.json")} == cached
    assert second.schemas == first.schemas


def test_the_set_survives_the_deletion_of_the_cache(tmp_path: Path) -> None:
    found = collect(tmp_path, DEPLOYMENT)
    shutil.rmtree(tmp_path / "cache")
    assert json.loads((found.folder / DEPLOYMENT.file).read_text())["type"] == ["object", "null"]


def test_a_half_written_cache_file_counts_as_absent(tmp_path: Path) -> None:
    first = collect(tmp_path, PIPE)
    for path in (tmp_path / "cache").rglob("*.json"):
        path.write_text(path.read_text()[:20])
    assert collect(tmp_path, PIPE).schemas == first.schemas


def test_a_cache_file_that_could_refuse_nothing_is_made_again(tmp_path: Path) -> None:
    first = collect(tmp_path, CONFIG_MAP)
    files = {path: path.read_bytes() for path in (tmp_path / "cache").rglob("*.json")}
    for path in files:
        path.unlink()
        path.write_text("{}")
    assert collect(tmp_path, CONFIG_MAP).schemas == first.schemas
    assert {path: path.read_bytes() for path in files} == files


def test_another_definition_gives_another_schema_at_once(tmp_path: Path) -> None:
    kind = GroupVersionKind("example.com", "v1", "Thing")
    for name in ("a", "b"):
        body = definition(of_spec({"type": "object", "properties": {name: {"type": "string"}}}))
        found = collect(tmp_path, kind, own=(body,))
        assert dig(found.schemas[kind].value, "properties", "spec", "properties") == {
            name: {"type": ["string", "null"]}
        }


def test_runs_side_by_side_agree(tmp_path: Path) -> None:
    kinds = [DEPLOYMENT, CONFIG_MAP, PIPE, VALVE]
    stores = [SchemaStore(cache=tmp_path / "cache", kubernetes_version="1.35", folders=(FOLDER,)) for _ in range(4)]
    found: list[SchemaSet] = []
    threads = [
        threading.Thread(
            target=lambda store=store, index=index: found.append(store.collect(kinds, tmp_path / f"s{index}"))
        )
        for index, store in enumerate(stores)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each.schemas for each in found] == [found[0].schemas] * 4
    assert list((tmp_path / "cache").rglob("*.tmp")) == []


def test_a_definition_in_the_input_comes_before_a_folder_and_a_later_folder_before_an_earlier_one(
    tmp_path: Path, built_pack: Path
) -> None:
    by_folders = collect(tmp_path, PIPE, folders=(FOLDER, built_pack)).schemas[PIPE]
    assert (by_folders.origin, by_folders.proved) == ("schemas/pipes.plumbing.example.com.json", True)
    by_plain = collect(tmp_path, PIPE, folders=(built_pack, FOLDER)).schemas[PIPE]
    assert (by_plain.origin.endswith("pipes.plumbing.example.com.yaml"), by_plain.proved) == (True, False)
    own = documents(FOLDER / "plumbing-1.2.0" / "pipes.plumbing.example.com.yaml")[0]
    by_input = collect(tmp_path, PIPE, folders=(built_pack,), own=(own,)).schemas[PIPE]
    assert by_input.origin == "input.yaml:1:1"


def test_pack_and_plain_folder_give_the_same_schema(tmp_path: Path, built_pack: Path) -> None:
    packed = collect(tmp_path, PIPE, folders=(built_pack,)).schemas[PIPE].value
    assert packed == collect(tmp_path, PIPE).schemas[PIPE].value


def test_a_tampered_pack_is_refused(tmp_path: Path, built_pack: Path) -> None:
    (built_pack / "pipes.plumbing.example.com.json").write_text("{}")
    with pytest.raises(StorageError, match=r"is not what `lock\.yaml` says"):
        collect(tmp_path, PIPE, folders=(built_pack,))


MISSING = [
    (
        GroupVersionKind("plumbing.example.com", "v1alpha1", "Pipe"),
        Missing(Reason.NOT_SERVED, "is not served", "`plumbing.example.com/v1`"),
    ),
    (
        GroupVersionKind("plumbing.example.com", "v9", "Pipe"),
        Missing(Reason.NOT_SERVED, "does not exist", "`plumbing.example.com/v1`"),
    ),
    (
        GroupVersionKind("policy", "v1beta1", "PodDisruptionBudget"),
        Missing(Reason.NOT_SERVED, "does not serve", "`apiVersion: policy/v1`"),
    ),
    (
        GroupVersionKind("extensions", "v1beta1", "Ingress"),
        Missing(Reason.UNKNOWN, "`Ingress` in `extensions/v1beta1`", "`networking.k8s.io/v1`"),
    ),
    (
        GroupVersionKind("apps", "v1", "Deploiment"),
        Missing(Reason.UNKNOWN, "`Deploiment`", "`Deployment` of `apps/v1`"),
    ),
    (
        GroupVersionKind("apps", "v1", "deployment"),
        Missing(Reason.UNKNOWN, "`deployment`", "`Deployment` of `apps/v1`"),
    ),
    (
        GroupVersionKind("plumbing.example.com", "v1", "Pipes"),
        Missing(Reason.UNKNOWN, "`Pipes`", "did you mean `Pipe`"),
    ),
    (
        GroupVersionKind("nobody.example.com", "v1", "Nothing"),
        Missing(Reason.UNKNOWN, "`Nothing`", "aurora schemas add FILE"),
    ),
    (GroupVersionKind("a/b", "c", "../../x"), Missing(Reason.UNKNOWN, "`../../x`", "--schemas DIR")),
    (GroupVersionKind("", "v1", "PodList"), Missing(Reason.UNKNOWN, "`PodList`", "did you mean")),
]


@pytest.mark.parametrize(("kind", "expected"), MISSING)
def test_a_kind_without_a_schema_has_a_reason_and_a_way_out(
    tmp_path: Path, kind: GroupVersionKind, expected: Missing
) -> None:
    found = collect(tmp_path, kind)
    assert found.schemas == {}
    assert found.missing[kind].reason is expected.reason
    assert expected.message in found.missing[kind].message
    assert expected.hint in found.missing[kind].hint


def test_a_kubernetes_version_that_is_not_installed_is_a_reason(tmp_path: Path) -> None:
    store = SchemaStore(cache=tmp_path / "cache", kubernetes_version="1.99")
    missing = store.collect([DEPLOYMENT], tmp_path / "set").missing[DEPLOYMENT]
    assert missing.reason is Reason.NO_KUBERNETES
    assert (missing.message, missing.hint) == (
        "there are no schemas of Kubernetes 1.99",
        "there are those of 1.25 to 1.37",
    )


def test_what_a_version_of_kubernetes_serves_depends_on_it(tmp_path: Path) -> None:
    kind = GroupVersionKind("autoscaling", "v2beta2", "HorizontalPodAutoscaler")
    for version, served in (("1.25", True), ("1.26", False)):
        store = SchemaStore(cache=tmp_path / "cache", kubernetes_version=version)
        assert (kind in store.collect([kind], tmp_path / f"set{version}").schemas) is served


def test_other_objects_may_lie_in_a_folder_of_definitions_but_nothing_broken(tmp_path: Path) -> None:
    folder = tmp_path / "crds"
    shutil.copytree(FOLDER, folder)
    (folder / "config.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    assert PIPE in collect(tmp_path, PIPE, folders=(folder,)).schemas
    (folder / "broken.yaml").write_text("a: [\n")
    with pytest.raises(InputError) as caught:
        collect(tmp_path, PIPE, folders=(folder,))
    assert [finding.rule for finding in caught.value.findings] == ["yaml/broken"]


def test_a_folder_that_defines_a_kind_in_two_ways_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "crds"
    shutil.copytree(FOLDER, folder)
    copy = (folder / "garden-0.3.1" / "plots.garden.example.com.yml").read_text()
    (folder / "again.yaml").write_text(copy)
    assert PIPE in collect(tmp_path, PIPE, folders=(folder,)).schemas
    (folder / "again.yaml").write_text(copy.replace("integer", "string"))
    with pytest.raises(UsageError, match=r"defines the kind `Plot` of `garden\.example\.com` in two ways"):
        collect(tmp_path, PIPE, folders=(folder,))


def test_folders_are_not_read_for_built_in_kinds(tmp_path: Path) -> None:
    assert DEPLOYMENT in collect(tmp_path, DEPLOYMENT, folders=(tmp_path / "nowhere",)).schemas
    with pytest.raises(UsageError, match="does not exist"):
        collect(tmp_path, PIPE, folders=(tmp_path / "nowhere",))
