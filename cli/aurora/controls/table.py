"""The controls and what is behind each, read from `table.yaml`.

Every policy case and event named there must exist, and refuse or report: `proofs` looks them up, and a cell whose
proof is gone says so. Derives nothing.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

from aurora import tables
from aurora.controls.authored import Tallied
from aurora.controls.counts import COUNTS
from aurora.tables import Entry

_FILE = Path(__file__).with_name("table.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyCase:
    """A Kyverno policy, and the object of its tests by which it is seen to do its part."""

    policy: str
    case: str
    kind: str = "Pod"
    result: str = "fail"
    group: str = ""
    version: str = "v1"
    resource: str = "pods"


@dataclass(frozen=True, slots=True)
class LevelCheck:
    """A check of Pod Security, and the lowest level that has it."""

    check: str
    level: str


@dataclass(frozen=True, slots=True)
class TracedEvent:
    """A tracing policy, and the event of its tests that it is seen to report."""

    policy: str
    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One thing that protects, whoever sees to it."""

    id: str
    title: str
    authored: Tallied | None = None
    kyverno: tuple[PolicyCase, ...] = ()
    pod_security: LevelCheck | None = None
    tetragon: tuple[TracedEvent, ...] = ()


def read(file: Path) -> tuple[Control, ...]:
    """Read controls.

    Raises:
        TableError: the file is not what it should be; the message names every place.
    """
    with tables.opened(file) as table:
        return tuple(_control(id_, entry) for id_ in table.values if (entry := table.entry(id_)))


def _control(id_: str, entry: Entry) -> Control:
    entry.only("title", "kyverno", "pod-security", "tetragon")
    check = entry.pair("pod-security")
    return Control(
        id=id_,
        title=entry.text("title"),
        authored=COUNTS.get(id_),
        kyverno=tuple(map(_case, entry.entries("kyverno"))),
        pod_security=LevelCheck(*check) if check else None,
        tetragon=tuple(map(_event, entry.entries("tetragon"))),
    )


def _case(entry: Entry) -> PolicyCase:
    entry.only(*_USUAL)
    named = {name: entry.text(name) for name in ("policy", "case")}
    return PolicyCase(**{**_USUAL, **{name: entry.text(name) for name in entry.values if name in _USUAL}, **named})


def _event(entry: Entry) -> TracedEvent:
    entry.only("policy", "event")
    return TracedEvent(entry.text("policy"), entry.text("event"))


_USUAL = asdict(PolicyCase(policy="", case=""))
CONTROLS = read(_FILE)
