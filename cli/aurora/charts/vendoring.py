"""Brings the archives of charts that environments name into the repository, each proved before it is kept.

An archive is held to the digest of its repository and to the lock, to its own `Chart.yaml`, to its provenance where it
has one, and to what `archives` demands. Everything that a run fetches is kept, or nothing is.
"""

import hashlib
import io
import re
import tarfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path, PurePosixPath
from threading import BoundedSemaphore, Thread
from typing import TypeVar

from aurora.charts import archives, lock
from aurora.charts.http_client import MIB, Client, Limits
from aurora.charts.lock import Locked
from aurora.charts.repositories import IndexRepository, Registry, repository
from aurora.environment.model import Environment
from aurora.environment.wording import suggestion
from aurora.errors import RepositoryError, StorageError, UsageError
from aurora.model.json_value import JsonObject, mapping, text
from aurora.yamlio import reading, writing
from aurora_constructs.charts import ChartRelease
from aurora_constructs.spec import Spec

HEADER = "# Written by `aurora charts vendor`.\n"
_SIGNED = b"-----BEGIN PGP SIGNED MESSAGE-----"
USUAL = Limits()
_TELL = "do not use it, and ask its publisher"
_VERSION = re.compile(r"v?([0-9]{1,9})\.([0-9]{1,9})\.([0-9]{1,9})(?:-([0-9A-Za-z.-]{1,99}))?(?:\+[0-9A-Za-z.-]+)?")
_PARALLEL = 4
Found = TypeVar("Found")
Store = IndexRepository | Registry


@dataclass(frozen=True, slots=True, order=True)
class Wanted:
    """A chart that environments name, at an exact version; `source` is its repository's URL."""

    source: str
    name: str
    version: str

    @property
    def file(self) -> str:
        """The name of its archive."""
        return lock.archive_file(self.name, self.version)

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def wanted(environments: Iterable[Environment]) -> tuple[Wanted, ...]:
    """Give the charts that environments name.

    Raises:
        UsageError: two repositories have one version of a chart.
    """
    found: dict[str, Wanted] = {}
    for one in (one for environment in environments for part in environment.components for one in _charts(part.spec)):
        known = found.setdefault(one.file, one)
        if known != one:
            message = f"{one} is wanted from `{known.source}` and from `{one.source}`"
            raise UsageError(message, hint="name one repository in all environments")
    return tuple(sorted(found.values()))


def _charts(value: object) -> Iterator[Wanted]:
    """Find charts in a specification, of whatever component kind."""
    if isinstance(value, ChartRelease):
        source = value.repository if "://" in value.repository else f"oci://{value.repository}"
        yield Wanted(source.rstrip("/"), value.chart, value.version)
    elif isinstance(value, Spec):
        yield from _charts(vars(value))
    elif isinstance(value, dict | list):
        for entry in value.values() if isinstance(value, dict) else value:
            yield from _charts(entry)


def chosen(every: Sequence[Wanted], names: Sequence[str]) -> tuple[Wanted, ...]:
    """Give the charts of some names, or all.

    Raises:
        UsageError: there is none of a name.
    """
    known = {one.name for one in every}
    for name in (name for name in names if name not in known):
        hint = suggestion(name, known, otherwise="charts:")
        raise UsageError(f"no environment names the chart `{name}`", hint=hint)
    return tuple(one for one in every if not names or one.name in names)


def vendor(
    every: Sequence[Wanted],
    names: Sequence[str],
    folder: Path,
    limits: Limits = USUAL,
    *,
    update: bool = False,
    locked: bool = False,
) -> tuple[Locked, ...]:
    """Fetch what is not in the folder yet, and lock it; give what was fetched.

    With `update`, another digest than the locked one is accepted. With `locked`, only what the lock names is fetched.

    Raises:
        UsageError: there is no chart of a name.
        InputError: the lock cannot be used.
        RepositoryError: a chart was not found, or is not what it should be; nothing was written.
        StorageError: the folder is a link.
    """
    _refuse_link(folder)
    locks = lock.read(folder / lock.FILE, f"{folder.name}/{lock.FILE}").values()
    known = {entry.file: entry for entry in locks}
    missing = [one for one in chosen(every, names) if update or not _is_there(folder / one.file, known.get(one.file))]
    fetched, failed = asked(
        [one for one in missing if not locked or one.file in known],
        lambda store, one: _proved(store, one, None if update else known.get(one.file)),
        limits,
    )
    if failed:
        raise refusal(failed, "nothing was written")
    files = {file: content for _, kept in fetched.values() for file, content in kept.items()}
    used = {one.file: known[one.file] for one in every if one.file in known} if not locked else known
    entries = used | {one.file: entry for one, (entry, _) in fetched.items()}
    if entries != known or not (folder / lock.FILE).is_file():
        files[lock.FILE] = lock_text(entries.values()).encode()
    _write(folder, files)
    return tuple(entry for entry, _ in fetched.values())


def vendor_earlier(
    entries: Iterable[Locked], folder: Path, limits: Limits = USUAL
) -> tuple[tuple[Locked, ...], dict[Wanted, RepositoryError]]:
    """Fetch what another lock names and the folder lacks, beside the lock; give what was fetched, and what cannot be.

    Raises:
        StorageError: the folder is a link.
    """
    _refuse_link(folder)
    known = {entry.file: entry for entry in entries if not (folder / entry.file).exists()}
    missing = sorted(Wanted(entry.source, entry.name, entry.version) for entry in known.values())
    fetched, failed = asked(missing, lambda store, one: _proved(store, one, known[one.file]), limits)
    _write(folder, {file: content for _, kept in fetched.values() for file, content in kept.items()})
    return tuple(entry for entry, _ in fetched.values()), failed


def _refuse_link(folder: Path) -> None:
    if folder.is_symlink():
        raise StorageError(f"`{folder}` is a link: nothing outside the repository is changed", hint="make it a folder")


def _is_there(file: Path, entry: Locked | None) -> bool:
    if entry is None or not file.is_file():
        return False
    return entry.digest == f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"


def asked(
    charts: Sequence[Wanted], work: Callable[[Store, Wanted], Found], limits: Limits = USUAL
) -> tuple[dict[Wanted, Found], dict[Wanted, RepositoryError]]:
    """Ask several repositories at once, each for its charts; whoever is not done in time has failed."""
    found: dict[Wanted, Found] = {}
    failed: dict[Wanted, RepositoryError] = {}
    slots = BoundedSemaphore(_PARALLEL)

    def of_source(source: str, ones: Sequence[Wanted]) -> None:
        store = repository(source, Client(limits))
        with slots:
            for one in ones:
                try:
                    found[one] = work(store, one)
                except RepositoryError as error:
                    failed[one] = error

    ends = time.monotonic() + limits.whole
    groups = [(source, list(ones)) for source, ones in groupby(charts, lambda one: one.source)]
    threads = [Thread(target=of_source, args=group, daemon=True) for group in groups]  # the process waits for none
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0, ends - time.monotonic()))
    late = RepositoryError(f"no answer within {limits.whole:g} seconds", hint="try again later")
    done = {one: found[one] for one in charts if one in found}
    return done, {one: failed.get(one, late) for one in charts if one not in done}


def refusal(failed: Mapping[Wanted, RepositoryError], what: str) -> RepositoryError:
    """Make one error of those of several charts."""
    lines = [f"  {one}: {error.message}\n    hint: {error.hint}" for one, error in sorted(failed.items())]
    return RepositoryError("\n".join([f"{what}: charts that cannot be had: {len(failed)}", *lines]))


def _proved(store: IndexRepository | Registry, one: Wanted, entry: Locked | None) -> tuple[Locked, Mapping[str, bytes]]:
    fetched = store.fetch(one.name, one.version)
    digest = f"sha256:{hashlib.sha256(fetched.content).hexdigest()}"
    if fetched.digest and digest != f"sha256:{fetched.digest}":
        message = f"the digest of the archive is {digest}, and its repository says sha256:{fetched.digest}"
        raise RepositoryError(message, hint="try again later; if that stays, ask its publisher")
    if entry is not None and entry.digest != digest:
        message = f"the digest of the archive is {digest}, and {entry.digest} is locked: it was published anew"
        hint = f"find out why, then accept it with `aurora charts vendor {one.name} --update`"
        raise RepositoryError(message, hint=hint)
    try:
        archives.prove(one.file, fetched.content)
    except archives.UnusableArchiveError as error:
        raise RepositoryError(error.message, hint=_TELL) from error
    files = {one.file: fetched.content}
    if fetched.provenance is not None and fetched.provenance.startswith(_SIGNED):
        line = rf"^\s+[\"']?{re.escape(one.file)}[\"']?:\s*[\"']?{digest}\b"
        if not re.search(line.encode(), fetched.provenance, re.MULTILINE):
            raise RepositoryError("its provenance is about an archive with another digest", hint=_TELL)
        files[f"{one.file}.prov"] = fetched.provenance
    version = text(_metadata(one, fetched.content).get("appVersion"))
    shown = version if version.isprintable() and len(version) < 100 else ""
    locked = Locked(name=one.name, version=one.version, digest=digest, source=one.source, app_version=shown)
    return locked, files


def _metadata(one: Wanted, packed: bytes) -> JsonObject:
    """Read `Chart.yaml` of an archive that is proved to be harmless."""
    found: list[bytes] = []
    with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as opened:
        for member in opened:
            path = PurePosixPath(member.name).parts
            if len(path) == 2 and path[1] == "Chart.yaml" and (file := opened.extractfile(member)):
                found.append(file.read(MIB))
    try:
        metadata = mapping(reading.parse(reading.decode(found[0])).value) if len(found) == 1 else {}
    except reading.YamlError as error:
        raise RepositoryError(f"its `Chart.yaml` cannot be read: {error}", hint=_TELL) from error
    if (metadata.get("name"), metadata.get("version")) != (one.name, one.version):
        own = f"names `{metadata.get('name')}` {metadata.get('version')}" if metadata else "is not there once"
        raise RepositoryError(f"its `Chart.yaml` {own}", hint=_TELL)
    return metadata


def lock_text(entries: Iterable[Locked]) -> str:
    """Write a lock: equal entries give equal bytes."""
    ordered = sorted(entries, key=lambda entry: (entry.name, entry.version))
    rows = [(entry.name, entry.version, entry.digest, entry.source, entry.app_version) for entry in ordered]
    return HEADER + writing.dump({"charts": [dict(zip(lock.FIELDS, row, strict=True)) for row in rows]})


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files in their order: the lock comes last, so that it names nothing that is not there."""
    staged = {folder / name: folder / f".{name}.new" for name in files}
    try:
        folder.mkdir(exist_ok=True)
        for new, content in zip(staged.values(), files.values(), strict=True):
            new.write_bytes(content)
        for file, new in staged.items():
            new.replace(file)
    finally:
        for new in staged.values():
            new.unlink(missing_ok=True)


def newer(one: Wanted, versions: Iterable[str]) -> list[str]:
    """Give the newer ones of versions, newest first; pre-releases only where a pre-release is in use.

    Source: Semantic Versioning 2.0.0, section 11.
    """
    own = _precedence(one.version)
    known = sorted(((_precedence(version), version) for version in set(versions)), reverse=True)
    return [version for order, version in known if order > own and (order[1] or not own[1])]


def _precedence(version: str) -> tuple[list[int], bool, list[tuple[bool, int, str]]]:
    """Order versions by number, pre-releases before the release, their numbers before words; all else comes first."""
    matched = _VERSION.fullmatch(version)
    if matched is None:
        return [], False, []
    parts = [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in (matched[4] or "").split(".")]
    return [int(number) for number in matched.groups()[:3]], matched[4] is None, parts
