"""Reads `metrics.yaml`, the catalogue of metrics: who exports which series, with which labels, and what brings them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from aurora import tables
from aurora.model.json_value import JsonObject, dig
from aurora.tables import Entry
from aurora_contract import metrics as contract

TYPES = {"counter": ("",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
"""The types of metrics, and what the names of their series end in."""
_CONTRACTS = {
    "housing-api": contract.HOUSING_API,
    "inference": contract.INFERENCE,
    "operator": contract.OPERATOR,
    "trainer": contract.TRAINER,
}


@dataclass(frozen=True, slots=True)
class ChartScrape:
    """The monitor that a chart brings where its values `needs` are true and none of `unless_off` is false."""

    chart: str
    needs: tuple[str, ...]
    unless_off: tuple[str, ...]
    honors: bool
    adds: frozenset[str]

    def is_on(self, values: JsonObject) -> bool:
        """Tell whether values of the chart switch its monitor on."""
        switched = [dig(values, *path.split(".")) is True for path in self.needs]
        return all(switched) and all(dig(values, *path.split(".")) is not False for path in self.unless_off)


@dataclass(frozen=True, slots=True)
class Source:
    """A program that exports metrics: its series, each with the labels that the program sets."""

    name: str
    what: str
    series: Mapping[str, frozenset[str]]
    charts: tuple[ChartScrape, ...] = ()
    always: bool = False

    @property
    def way(self) -> str:
        """Say what brings its series."""
        values = [
            f"the chart `{each.chart}`" + (f" with `{each.needs[-1]}: true`" if each.needs else "")
            for each in self.charts
        ]
        return " or ".join([*values, f"a monitor with the annotation `metrics: {self.name}`"])


@cache
def catalogue() -> Mapping[str, Source]:
    """Give the sources by name.

    Raises:
        StorageError: the table cannot be read.
        TableError: it is not what its reader expects.
    """
    with tables.opened(Path(__file__).with_name("metrics.yaml")) as table:
        table.only("sources")
        entries = table.entry("sources")
        found: dict[str, Source] = {}
        for name in entries.values if entries else ():
            entry = entries.entry(name) if entries else None
            if entry is not None:
                found[name] = _source(name, entry)
                _distinct(entry, found)
    return found


@cache
def exported() -> Mapping[str, Source]:
    """Give the source of every series."""
    return {series: source for source in catalogue().values() for series in source.series}


def _distinct(entry: Entry, found: Mapping[str, Source]) -> None:
    *earlier, last = found.values()
    for other in earlier:
        for series in sorted(other.series.keys() & last.series.keys()):
            entry.refuse(f"`{series}` is a series of `{other.name}` already")


def _source(name: str, entry: Entry) -> Source:
    entry.only("what", "source", "always", "contract", "labels", "metrics", "charts")
    entry.text("source")
    series = {**dict(_from_contract(entry)), **dict(_listed(entry))}
    if not series:
        entry.refuse("it has neither `metrics` nor a `contract`")
    charts = tuple(_chart(each) for each in entry.entries("charts"))
    return Source(name, entry.text("what"), series, charts, always=entry.flag("always"))


def _from_contract(entry: Entry) -> Iterator[tuple[str, frozenset[str]]]:
    for metric in (entry.choice("contract", _CONTRACTS) or ()) if "contract" in entry.values else ():
        yield from _series(metric.name, metric.type, frozenset(metric.labels))


def _listed(entry: Entry) -> Iterator[tuple[str, frozenset[str]]]:
    metrics, shared = entry.entry("metrics"), frozenset(entry.texts("labels"))
    for name, value in metrics.values.items() if metrics else ():
        one = metrics.entry(name) if metrics and isinstance(value, dict) else None
        if one is not None:
            one.only("type", "labels")
        kind = one.text("type") if one else str(value)
        if kind not in TYPES:
            entry.refuse(f"`{kind}` is no type of a metric{tables.nearest(kind, TYPES)}", "metrics", name)
        yield from _series(name, kind, shared | frozenset(one.texts("labels") if one else ()))


def _series(name: str, kind: str, labels: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    for suffix in TYPES.get(kind, ()):
        yield f"{name}{suffix}", labels | ({"le"} if suffix == "_bucket" else set())


def _chart(entry: Entry) -> ChartScrape:
    entry.only("chart", "needs", "unless_off", "honors", "adds")
    return ChartScrape(
        entry.text("chart"),
        entry.texts("needs"),
        entry.texts("unless_off"),
        honors=entry.flag("honors"),
        adds=frozenset(entry.texts("adds")),
    )
