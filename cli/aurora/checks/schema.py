"""The check `schema`: every object against the schema of its kind, judged by kubeconform.

An object without a schema is a finding and is kept from the tool; every schema in use must refuse a planted
violation in the same run. What no schema can say (rules between fields, references, quantities) is the
business of other checks.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from aurora.checks.check import SingleCheck
from aurora.checks.schema_rules import INVALID, MISSING_SPEC, UNKNOWN_KIND, VERSION_NOT_SERVED
from aurora.errors import StorageError, ToolOutputError, UsageError
from aurora.manifests import located
from aurora.memory import digests
from aurora.memory.groups import groups
from aurora.memory.verdicts import remembered
from aurora.model.finding import Finding
from aurora.model.inventory import Inventory
from aurora.model.json_value import mapping, text
from aurora.model.manifest import Manifest
from aurora.model.place import Step
from aurora.model.report import CheckResult, ToolVersion
from aurora.model.rule import Rule
from aurora.schemas import complaint, group_version_kind, planted, sources
from aurora.schemas.group_version_kind import GroupVersionKind
from aurora.schemas.rules import BROKEN_CRD
from aurora.schemas.sources import Definition
from aurora.schemas.store import Reason, Schema, SchemaSet, SchemaStore
from aurora.schemas.trim import is_crd, trim
from aurora.tools import kubeconform
from aurora.tools.kubeconform import Document, Judgement, Status, Verdict
from aurora.tools.settings import Settings
from aurora.yamlio import writing

_BATCH = 20_000
"""Documents a run: more file names than that come near the limit of a command line."""

_IDENTIFYING: tuple[tuple[tuple[Step, ...], dict[str, str]], ...] = (
    ((), {name.casefold(): name for name in ("apiVersion", "kind", "metadata")}),
    (("metadata",), {name.casefold(): name for name in ("name", "generateName", "namespace")}),
)
"""The keys that say what an object is: the steps to their mapping, and each by its lower case."""


@dataclass(frozen=True, slots=True)
class SchemaCheck(SingleCheck):
    """The check; `locate_tool` gives the path of a pinned program by its name."""

    locate_tool: Callable[[str], Path]
    name: str = "schema"
    rules: tuple[Rule, ...] = (INVALID, UNKNOWN_KIND, VERSION_NOT_SERVED, MISSING_SPEC, BROKEN_CRD)

    def run(self, inventory: Inventory, settings: Settings) -> CheckResult:
        """Judge the objects.

        Raises:
            ToolError: kubeconform gave no proof that it looked at everything.
            UsageError: there are no schemas of the wanted Kubernetes version, or a folder does not exist.
            InputError: a folder of definitions holds a broken one.
            StorageError: the cache, the workspace or the schema pack cannot be used.
        """
        started = time.monotonic()
        own, findings = _own_definitions(inventory.manifests)
        run = _Run(self.locate_tool(kubeconform.NAME), inventory, settings)
        findings += run.judge(own)
        return CheckResult(
            name=self.name,
            examined=len(inventory.manifests),
            matched=run.judged,
            skipped=len(inventory.manifests) - run.judged,
            planted=run.caught,
            caught=run.caught,
            cached=run.cached,
            seconds=time.monotonic() - started,
            tool=ToolVersion(kubeconform.NAME, kubeconform.VERSION),
            findings=tuple(findings),
        )


def _own_definitions(manifests: Sequence[Manifest]) -> tuple[list[Definition], list[Finding]]:
    """Read the definitions among the manifests; their kinds can be used beside them."""
    own: list[Definition] = []
    findings: list[Finding] = []
    for manifest in manifests:
        if is_crd(manifest.body):
            trimmed = trim(manifest.body)
            if trimmed.crd is not None:
                own.append(sources.from_crd(trimmed.crd, str(manifest.source.place)))
            findings += (
                located(manifest, problem.steps, rule=BROKEN_CRD.id, message=problem.message)
                for problem in trimmed.problems
            )
    return own, findings


class _Run:
    """One run over one inventory; counts what was judged and what was caught."""

    def __init__(self, tool: Path, inventory: Inventory, settings: Settings) -> None:
        self._tool = tool
        self._inventory = inventory
        self._settings = settings
        self._known = remembered(settings.memory, tool, "schema", inventory.kubernetes)
        self._proved: set[str] = set()
        self._valid: set[int] = set()
        self.judged = 0
        self.cached = 0

    @property
    def caught(self) -> int:
        """The planted violations that were caught, now or before."""
        return len(self._proved)

    def judge(self, own: Sequence[Definition]) -> list[Finding]:
        folder = _fresh_folder(self._settings.workspace)
        store = SchemaStore(
            cache=self._settings.cache,
            kubernetes_version=self._inventory.kubernetes,
            folders=self._settings.schemas,
            own=own,
        )
        parts = self._inventory.once(groups)
        kinds = [sorted({group_version_kind.of(manifest.id) for manifest in part.manifests}) for part in parts]
        schemas = store.collect({planted.CONFIG_MAP}.union(*kinds), folder / "schemas")
        no_version = schemas.missing.get(planted.CONFIG_MAP)
        if no_version is not None:
            raise UsageError(no_version.message, hint=no_version.hint)
        contents = {kind: digests.of((schemas.folder / kind.file).read_bytes()) for kind in schemas.schemas}
        keys = {
            self._known.key(part.digest, *(contents.get(kind, "") for kind in each)): part
            for part, each in zip(parts, kinds, strict=True)
        }
        plants = [*planted.in_every_run(), *(planted.in_schema(kind, s.value) for kind, s in schemas.schemas.items())]
        proofs = {self._known.key(contents[each.kind], each.text, each.mentions): each for each in plants}
        known = self._known.recall([*keys, *proofs])
        self._proved.update(known.keys() & proofs.keys())
        left = {key: part.manifests for key, part in keys.items() if key not in known}
        self.cached = self.judged = len(self._inventory.manifests) - sum(map(len, left.values()))
        findings: list[Finding] = []
        ready: list[tuple[Manifest, Schema]] = []
        for manifest in chain(*left.values()):
            unready = _unready(manifest, schemas)
            if unready is None:
                ready.append((manifest, schemas.schemas[group_version_kind.of(manifest.id)]))
            else:
                findings.append(unready)
        for start in range(0, max(len(ready), len(self._proved) < len(proofs)), _BATCH):
            findings += self._batch(ready[start : start + _BATCH], proofs, schemas, folder)
        valid = [key for key, manifests in left.items() if self._valid.issuperset(map(id, manifests))]
        self._known.keep(dict.fromkeys([*self._proved, *valid], True))
        return findings

    def _batch(
        self,
        ready: Sequence[tuple[Manifest, Schema]],
        proofs: Mapping[str, planted.Planted],
        schemas: SchemaSet,
        folder: Path,
    ) -> list[Finding]:
        """Judge objects among the planted violations of their kinds, and those that were not caught before."""
        kinds = {planted.CONFIG_MAP, *(schema.kind for _, schema in ready)}
        set_out = {key: each for key, each in proofs.items() if each.kind in kinds or key not in self._proved}
        judgement, expected = self._judgement(ready, list(set_out.values()), folder)
        unusable = {expected[file].kind for file in judgement.uncompiled}
        self._proved.update(key for key, each in set_out.items() if each.kind not in unusable)
        findings: list[Finding] = []
        for index, (manifest, schema) in enumerate(ready):
            verdict = judgement.verdicts[_file(index)]
            if schema.kind in unusable:
                findings.append(_uncompiled(manifest, schema))
                continue
            self.judged += 1
            findings += _findings(manifest, schema, verdict)
            if verdict.status is Status.VALID:
                self._valid.add(id(manifest))
        _refuse_own_fault(schemas, unusable)
        return findings

    def _judgement(
        self, left: Sequence[tuple[Manifest, Schema]], plants: Sequence[planted.Planted], folder: Path
    ) -> tuple[Judgement, dict[str, planted.Planted]]:
        real = [_document(_file(index), manifest) for index, (manifest, _) in enumerate(left)]
        expected = {_file(len(real) + index): each for index, each in enumerate(plants)}
        call = kubeconform.Call(
            tool=self._tool,
            documents=(*real, *(_planted_document(file, each) for file, each in expected.items())),
            folder=folder,
            schemas="schemas",
            kubernetes=self._inventory.kubernetes,
            parallel=self._settings.parallel,
            timeout=self._settings.timeout,
        )
        return kubeconform.judge(call), expected


def _file(index: int) -> str:
    return f"{index:05}.yaml"


def _fresh_folder(workspace: Path) -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="schema-", dir=workspace))
    except OSError as error:
        raise StorageError(f"`{workspace}` cannot be written: {error.strerror}") from error


def _unready(manifest: Manifest, schemas: SchemaSet) -> Finding | None:
    """Say why an object must not be handed to kubeconform, if there is a reason."""
    kind = group_version_kind.of(manifest.id)
    missing = schemas.missing.get(kind)
    if missing is not None:
        rule = VERSION_NOT_SERVED if missing.reason is Reason.NOT_SERVED else UNKNOWN_KIND
        found = located(manifest, ("apiVersion",), rule=rule.id, message=missing.message)
        return replace(found, hint=missing.hint)
    if kind.kind.lower() == "list":
        message = "kubeconform opens every object of a kind `List` instead of judging it"
        return located(manifest, ("kind",), rule=INVALID.id, message=message)
    return _disguised(manifest)


def _disguised(manifest: Manifest) -> Finding | None:
    """Refuse a second spelling of a key that says what the object is: kubeconform would follow that one."""
    for steps, spelt in _IDENTIFYING:
        for key in mapping(manifest.get(*steps)):
            right = spelt.get(key.casefold(), key)
            if right != key:
                found = located(manifest, (*steps, key), rule=INVALID.id, message=f"unknown field `{key}`")
                return replace(found, hint=f"did you mean `{right}`?")
    return None


def _document(file: str, manifest: Manifest) -> Document:
    metadata = mapping(manifest.body.get("metadata"))
    # kubeconform cuts a file at every line that begins with `---`, even in the middle of a string.
    whole = "\n---" not in manifest.text
    return Document(
        file=file,
        text=manifest.text if whole else writing.dump(manifest.body),
        api_version=manifest.id.api_version,
        kind=manifest.id.kind,
        name=manifest.id.name,
        generate_name=text(metadata.get("generateName")),
    )


def _planted_document(file: str, each: planted.Planted) -> Document:
    return Document(
        file=file,
        text=each.text,
        api_version=each.kind.api_version,
        kind=each.kind.kind,
        name=planted.NAME,
        planted=each.mentions,
    )


def _findings(manifest: Manifest, schema: Schema, verdict: Verdict) -> Iterator[Finding]:
    if verdict.status is Status.ERROR:
        yield located(manifest, (), rule=INVALID.id, message=f"kubeconform cannot read it: {verdict.message}")
    elif verdict.status is Status.INVALID:
        for each in complaint.complaints(verdict.message, manifest.body, schema.value):
            no_spec = schema.custom and each.missing == "spec" and not each.steps
            rule = MISSING_SPEC if no_spec else INVALID
            yield replace(located(manifest, each.steps, rule=rule.id, message=each.message), hint=each.hint)


def _uncompiled(manifest: Manifest, schema: Schema) -> Finding:
    message = f"the schema of {schema.kind} from `{schema.origin}` cannot be used"
    found = located(manifest, ("apiVersion",), rule=BROKEN_CRD.id, message=message)
    return replace(found, hint="a pattern that is no Go expression, or a bound that is no number, are likely")


def _refuse_own_fault(schemas: SchemaSet, unusable: set[GroupVersionKind]) -> None:
    for kind in sorted(unusable):
        schema = schemas.schemas[kind]
        if schema.proved:
            raise ToolOutputError(
                f"kubeconform cannot use the schema of {kind} from `{schema.origin}`",
                hint="delete the cache folder; `%`, `#` or `?` in the temporary folder's path can also be the cause",
            )
