"""An environment as a rehearsal's Argo CD gets it: committed files, read from a repository on this machine.

Sources that cannot be reached here are replaced: a chart by what it renders where its archive is there, and otherwise
by the definitions that objects of the environment need. Every replacement is told. Must not apply anything.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from aurora import pipeline, render, validation
from aurora.cluster.applications import Application, deployments
from aurora.cluster.custom_kinds import custom_kinds
from aurora.environment.model import Environment
from aurora.errors import UsageError
from aurora.model.clock import Clock
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.rehearsal import StandIn
from aurora.overview.bring_up import Step, steps
from aurora.packs import pack_of
from aurora.paths import RepositoryPaths
from aurora.schemas import pack, profiles
from aurora.schemas.lock import PackedCrd
from aurora.yamlio import reading, writing

STAND_INS = "stand-ins"
_ARGO = "argoproj.io"
_PROVIDES = "provides"
_APPROVAL = "api-approved.kubernetes.io"
"""What the API server demands of definitions in groups of Kubernetes itself."""
# Nobody answers these here: with them, the API server would refuse what they are asked about.
_UNANSWERED = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "APIService")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """One environment: the files of the repository, what is applied by hand, and what Argo CD is told."""

    name: str
    inventory: Inventory
    revision: str
    follows: bool
    repository: str
    files: Mapping[str, bytes]
    stand_ins: tuple[StandIn, ...]
    definitions: tuple[JsonObject, ...]
    settings: Mapping[str, str]
    order: tuple[Step, ...]
    _extra: Mapping[str, bytes] = field(default_factory=dict)

    def at(self, address: str, files: Mapping[str, bytes] | None = None, *, number: int = 0) -> dict[str, bytes]:
        """Give the files of a commit, with the address of the repository in the place of the one that they name."""
        given = self.files if files is None else files
        found = {path: self._local(path, content, address, self.tag(number)) for path, content in given.items()}
        return {**found, **self._extra}

    def tag(self, number: int) -> str:
        """Give the name of the commit of that number: the next tag, where the root follows the newest one."""
        first, _, last = self.revision.rpartition(".")
        return f"{first}.{int(last) + number}" if self.follows and last.isdecimal() else self.revision

    def by_hand(self, files: Mapping[str, bytes]) -> Iterator[JsonObject]:
        """Give the AppProjects and the root Application, as they stand in such files: projects first."""
        root = self.order[0].application
        wanted = [
            mapping(reading.parse(content.decode()).value) for path, content in sorted(files.items()) if _is_argo(path)
        ]
        yield from (body for body in wanted if body.get("kind") == "AppProject")
        yield from (
            body for body in wanted if body.get("kind") == "Application" and dig(body, "metadata", "name") == root
        )

    def _local(self, path: str, content: bytes, address: str, tag: str) -> bytes:
        if not _is_argo(path):
            return content
        body = mapping(reading.parse(content.decode()).value)
        if body.get("kind") == "AppProject":
            spec = mapping(body.get("spec"))
            body = {**body, "spec": {**spec, "sourceRepos": [*items(spec.get("sourceRepos")), address]}}
        replaced = {each.application for each in self.stand_ins}
        name = text(dig(body, "metadata", "name"))
        if body.get("kind") == "Application" and name in replaced:
            spec = {key: value for key, value in mapping(body.get("spec")).items() if key not in ("source", "sources")}
            source: JsonObject = {
                "repoURL": address,
                "path": f"{STAND_INS}/{name}",
                "targetRevision": tag,
                "directory": {"recurse": True, "include": "*.yaml"},
            }
            body = {**body, "spec": {**spec, "source": source}}
        written = writing.dump(body).replace(self.repository, address)
        return written.replace(f"targetRevision: {self.revision}\n", f"targetRevision: {tag}\n").encode()


def _is_argo(path: str) -> bool:
    return path.rpartition("/")[2].startswith(("application.", "appproject."))


def prepare(paths: RepositoryPaths, environment: Environment) -> Prepared:
    """Read what is committed of an environment.

    Raises:
        InputError: a committed manifest cannot be read.
        UsageError: the environment was never compiled, or nothing in it is synced by Argo CD.
        StorageError: a file cannot be read.
    """
    return _prepared(paths, environment, validation.readable(paths, environment), _files(paths, environment.name))


def elsewhere(paths: RepositoryPaths, environment: Environment, cluster: str) -> Prepared:
    """Compile an environment as it is where Argo CD runs in another cluster, which knows this one by a name.

    Raises:
        BuildError: the environment cannot be compiled.
        UsageError: nothing in it is synced by Argo CD.
    """
    facts = environment.spec.cluster.model_copy(update={"argocd_name": cluster})
    spec = environment.spec.model_copy(update={"cluster": facts})
    moved = replace(environment, spec=spec, platform=replace(environment.platform, cluster=facts))
    compiled = pipeline.compile_environment(moved, Clock())
    return _prepared(paths, moved, compiled.inventory, render.files(compiled.manifests))


def _prepared(
    paths: RepositoryPaths, environment: Environment, written: Inventory, files: Mapping[str, bytes]
) -> Prepared:
    (inventory,) = validation.with_charts(paths, [written], None)
    order = steps(inventory)
    if not order or order[0].waves:
        raise UsageError(f"`{environment.name}` has no root Application", hint="a rehearsal begins with it")
    found = deployments(inventory).applications
    root = next(each for each in found if each.name == order[0].application)
    repository, revision, follows = _revision(found, root)
    foreign = [each for each in found if any(source.repository != repository for source in each.sources)]
    ranked = sorted(foreign, key=lambda each: next(n for n, step in enumerate(order) if step.application == each.name))
    packed = profiles.folder(pack_of(paths), environment.platform.cluster.profile)
    given = _definitions(inventory, packed, ranked)
    stand_ins, extra = [], {}
    for application in ranked:
        stand_in, own = _stand_in(inventory, application, given.get(application.name, []), packed)
        stand_ins.append(stand_in)
        extra.update(own)
    return Prepared(
        name=environment.name,
        inventory=inventory,
        revision=revision,
        follows=follows,
        repository=repository,
        files=files,
        stand_ins=tuple(stand_ins),
        definitions=tuple(_of_argo_cd(inventory, packed)),
        settings=_settings(found),
        order=order,
        _extra=extra,
    )


def _revision(found: tuple[Application, ...], root: Application) -> tuple[str, str, bool]:
    """Give the repository, the revision that Applications are pinned to, and whether the root follows newer tags."""
    repository, followed = root.sources[0].repository, root.sources[0].revision
    pinned = [source.revision for each in found for source in each.sources if source.repository == repository]
    other = next((each for each in pinned if each != followed), None)
    return repository, other or followed, other is not None


def _files(paths: RepositoryPaths, name: str) -> dict[str, bytes]:
    found = sorted((paths.generated / name).rglob("*.yaml"))
    return {f"generated/{path.relative_to(paths.generated).as_posix()}": path.read_bytes() for path in found}


def _stand_in(
    inventory: Inventory, application: Application, definitions: list[PackedCrd], packed: Path
) -> tuple[StandIn, dict[str, bytes]]:
    """Give what takes the place of a source: what its chart renders, and definitions of the schema pack."""
    folder = f"{STAND_INS}/{application.name}"
    rendered = [each for each in inventory.manifests if each.rendered_by == application.manifest.id]
    left = [each for each in rendered if each.id.kind in _UNANSWERED]
    kept = [each for each in rendered if each.id.kind not in _UNANSWERED]
    # Git keeps no empty folder, and Argo CD refuses a path that is not there.
    files = {f"{folder}/README.md": b"In place of a source that cannot be reached here.\n"}
    files |= {f"{folder}/rendered-{number}.yaml": writing.dump(each.body).encode() for number, each in enumerate(kept)}
    for crd in definitions:
        files[f"{folder}/{crd.file}.yaml"] = json.dumps(_read(packed, crd)).encode()
    source = application.sources[0]
    what = f"chart {source.chart} {source.revision}" if source.is_chart else f"{source.repository} {source.revision}"
    stand_in = StandIn(
        application=application.name,
        source=what,
        rendered=len(kept),
        definitions=tuple(crd.file.removesuffix(".json") for crd in definitions),
        left_out=tuple(str(each.id) for each in left),
    )
    return stand_in, files


def _definitions(inventory: Inventory, packed: Path, foreign: list[Application]) -> dict[str, list[PackedCrd]]:
    """Say which Application brings the definitions that objects need and that nothing of the environment brings.

    The one that says so by its annotation, else one that is called as the definition's project, else the first.
    """
    brought = {(group, kind) for group, kind in custom_kinds(inventory)}
    used = {(each.id.group, each.id.kind) for each in inventory.custom()} - brought
    found: dict[str, list[PackedCrd]] = defaultdict(list)
    for crd in pack.read_lock(packed).crds:
        if (crd.group, crd.kind) in used and crd.component != "argo-cd" and foreign:
            found[_bringing(inventory, crd, foreign).name].append(crd)
    return found


def _of_argo_cd(inventory: Inventory, packed: Path) -> Iterator[JsonObject]:
    """Give the definitions of Argo CD that it needs to run, and those that the environment has objects of."""
    used = {each.id.kind for each in inventory.custom() if each.id.group == _ARGO} | {"Application", "AppProject"}
    for crd in pack.read_lock(packed).crds:
        if crd.component == "argo-cd" and crd.kind in used:
            yield _read(packed, crd)


def _bringing(inventory: Inventory, crd: PackedCrd, foreign: list[Application]) -> Application:
    stated = inventory.names.key(_PROVIDES)
    for application in foreign:
        if crd.group in application.manifest.annotations.get(stated, "").split(","):
            return application
    named = (each for each in foreign if crd.component in each.name)
    return next(named, foreign[0])


def _read(packed: Path, crd: PackedCrd) -> JsonObject:
    """Read a definition, without versions that are not served: the pack has no schemas of them."""
    found: JsonObject = json.loads((packed / crd.file).read_bytes())
    spec = mapping(found.get("spec"))
    served = [version for version in items(spec.get("versions")) if dig(version, "served")]
    approval: JsonObject = {_APPROVAL: "unapproved, for a rehearsal"}
    metadata: JsonObject = {**mapping(found.get("metadata")), "annotations": approval}
    return {**found, "metadata": metadata, "spec": {**spec, "versions": served}}


def _settings(found: tuple[Application, ...]) -> dict[str, str]:
    """Give the entries of Argo CD's ConfigMap, as the values of its own chart state them."""
    for application in found:
        for source in application.sources:
            if source.chart == "argo-cd":
                stated = mapping(dig(source.body, "helm", "valuesObject", "configs", "cm"))
                return {key: text(value) for key, value in stated.items() if isinstance(value, str)}
    return {}


def belongs(manifest: Manifest) -> bool:
    """Tell whether Argo CD applies an object that an environment holds."""
    return manifest.emitted and manifest.rendered_by is None
