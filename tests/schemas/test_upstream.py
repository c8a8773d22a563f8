"""Upstream's definitions, where they are at hand beside the repository, and the pack that was built from them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aurora import manifests
from aurora.checks.schema import SchemaCheck
from aurora.model import json_schema
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, dig, mapping
from aurora.paths import RepositoryPaths
from aurora.schemas import crd_files, pack, planted, profiles
from aurora.schemas.convert import convert
from aurora.schemas.group_version_kind import GroupVersionKind
from aurora.schemas.trim import TrimmedCrd
from aurora.tools import kubeconform
from aurora.tools.installed import Toolbox
from aurora.tools.settings import Settings
from aurora_constructs.catalogue import kinds_among, packed_kinds

SOURCE = Path(__file__).resolve().parents[3] / "shared" / "crds"
needs_source = pytest.mark.skipif(not SOURCE.is_dir(), reason="upstream's definitions are not beside the repository")


@pytest.fixture(scope="session")
def committed(repository: RepositoryPaths) -> pack.Pack:
    return pack.load(repository.schemas)


def nodes(schema: JsonObject) -> list[JsonObject]:
    return [schema, *(node for child in json_schema.children(schema) for node in nodes(child))]


def test_the_committed_pack_is_what_its_lock_says_and_holds_every_kind_that_is_emitted(committed: pack.Pack) -> None:
    packed = {f"{crd.group}/{crd.kind}" for crd in committed.lock.crds}
    assert set(packed_kinds()) <= packed


def test_the_committed_pack_holds_no_text_of_upstream(committed: pack.Pack) -> None:
    for name, text in committed.texts.items():
        crd = TrimmedCrd(json.loads(text))
        for version in crd.served:
            for node in nodes(mapping(dig(crd.version(version), "schema", "openAPIV3Schema"))):
                assert not node.keys() & {"description", "title", "example", "externalDocs"}, name
                rules = node.get("x-kubernetes-validations")
                assert not isinstance(rules, list) or not [
                    r for r in rules if mapping(r).keys() & {"message", "messageExpression"}
                ]


def test_the_committed_notice_covers_every_component(committed: pack.Pack) -> None:
    notice = (committed.folder / pack.NOTICE).read_text()
    assert {crd.component for crd in committed.lock.crds} == {component.name for component in committed.lock.components}
    assert all(f"{component.name} {component.version}:" in notice for component in committed.lock.components)
    assert "Apache License" in (committed.folder / pack.LICENCE).read_text()


@needs_source
def test_the_committed_pack_is_the_one_that_is_built_from_the_source(committed: pack.Pack, tmp_path: Path) -> None:
    wanted = [f"{crd.group}/{crd.kind}" for crd in committed.lock.crds]
    pack.build(SOURCE / "current", tmp_path / "schemas", wanted)
    rebuilt = {path.name: path.read_bytes() for path in (tmp_path / "schemas").iterdir()}
    assert rebuilt == {
        path.name: path.read_bytes()
        for path in committed.folder.iterdir()
        if path.is_file() and path.name != "README.md"
    }


def test_the_pack_of_each_profile_has_every_kind_that_is_emitted_or_says_that_it_lacks_it(
    repository: RepositoryPaths,
) -> None:
    for lock in repository.schemas.glob("*/lock.yaml"):
        made = pack.load(lock.parent).lock
        packed = {f"{crd.group}/{crd.kind}" for crd in made.crds}
        assert (tuple(sorted(packed)), made.lacking) == kinds_among(packed)
    assert set(profiles.read(repository.schemas)) == {"current", "seed"}


@needs_source
def test_the_pack_of_the_older_profile_is_the_one_that_is_built_from_the_source(
    repository: RepositoryPaths, tmp_path: Path
) -> None:
    pack.build(SOURCE / "seed", tmp_path / "seed", *kinds_among(pack.all_kinds(SOURCE / "seed")))
    rebuilt = {path.name: path.read_bytes() for path in (tmp_path / "seed").iterdir()}
    assert rebuilt == {path.name: path.read_bytes() for path in (repository.schemas / "seed").iterdir()}


@needs_source
@pytest.mark.real_tools
@pytest.mark.parametrize(("profile", "count"), [("current", 210), ("seed", 92)])
def test_every_definition_of_upstream_gives_schemas_that_kubeconform_can_use(
    real_toolbox: Toolbox, tmp_path: Path, profile: str, count: int
) -> None:
    crds = 0
    traps: list[kubeconform.Document] = []
    for file in crd_files.files(SOURCE / profile):
        read = crd_files.definitions(file)
        assert (read.broken, read.others) == ((), ())
        for crd in read.crds:
            crds += 1
            traps += (trap(crd, version, tmp_path) for version in crd.served)
    judgement = kubeconform.judge(
        kubeconform.Call(
            tool=real_toolbox.locate("kubeconform"),
            documents=tuple(traps),
            folder=tmp_path,
            schemas="schemas",
            kubernetes="1.35",
            parallel=2,
            timeout=300,
        )
    )
    assert crds == count
    assert (judgement.caught, judgement.uncompiled) == (len(traps), frozenset())


def trap(crd: TrimmedCrd, version: str, folder: Path) -> kubeconform.Document:
    """Write a version's schema and plant a violation in it."""
    kind = GroupVersionKind(crd.group, version, crd.kind)
    schema = convert(crd, version)
    path = folder / "schemas" / kind.file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(schema))
    each = planted.in_schema(kind, schema)
    return kubeconform.Document(
        file=f"{kind.group}.{kind.kind}.{version}.yaml",
        text=each.text,
        api_version=kind.api_version,
        kind=kind.kind,
        name=planted.NAME,
        planted=each.mentions,
    )


GATEWAY = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: web, namespace: edge}
spec:
  gatewayClassName: standard
  addresses: [ADDRESS]
  listeners: [{name: http, port: 80, protocol: HTTP}]
"""
ADDRESSES = {
    "{value: 10.0.0.1}": True,
    "{type: IPAddress, value: 10.0.0.1}": True,
    "{type: Hostname, value: web.example.com}": True,
    "{value: web.example.com}": False,
    "{type: IPAddress, value: web.example.com}": False,
}


@pytest.mark.real_tools
def test_a_default_that_decides_between_branches_is_respected(
    real_toolbox: Toolbox, repository: RepositoryPaths, tmp_path: Path
) -> None:
    check = SchemaCheck(real_toolbox.locate)
    (tmp_path / "workspace").mkdir()
    settings = Settings(cache=tmp_path / "cache", workspace=tmp_path / "workspace", schemas=(repository.schemas,))
    stream = "---\n".join(
        GATEWAY.replace("ADDRESS", address).replace("name: web,", f"name: web{index},")
        for index, address in enumerate(ADDRESSES)
    )
    read = manifests.read(stream.encode(), "gateways.yaml")
    found = {
        finding.resource.name for finding in check.run(Inventory(read.manifests), settings).findings if finding.resource
    }
    assert found == {f"web{index}" for index, valid in enumerate(ADDRESSES.values()) if not valid}
