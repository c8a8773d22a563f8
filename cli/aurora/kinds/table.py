"""The table: what is known of a kind, by group and name. A group's files are read at the first question about it."""

from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

from aurora.kinds.entry import Group, Kind, Made
from aurora.kinds.reading import read_group

FOLDER = Path(__file__).parent
CORE = "core"
"""The folder of the group without a name."""
OWN = "ml.aurora.example.com"
"""The folder of Aurora's own kinds, which an environment may put into another group."""
FILES = "kinds*.yaml"
_NOTHING = Group(kinds={})


@cache
def group(name: str, folder: Path = FOLDER) -> Group:
    """Give the kinds of an API group; none for a group that the table does not know.

    Raises:
        StorageError: a file of the group cannot be read.
        TableError: one is broken, or a kind stands in two of them.
    """
    found = _NOTHING
    home: dict[str, Path] = {}
    for path in sorted((folder / (name or CORE)).glob(FILES)) if _is_name(name) else ():
        read = read_group(path, name, home)
        home |= dict.fromkeys(read.kinds, path)
        found = Group(
            builtin=found.builtin or read.builtin,
            pod_labels=found.pod_labels + read.pod_labels,
            kinds=found.kinds | read.kinds,
        )
    return found


def _is_name(name: str) -> bool:
    return "/" not in name and not name.startswith(".")


def home(group_name: str, kind: str) -> str:
    """Give the group under which the table has a kind: its own, but for Aurora's kinds in a group of no folder."""
    return OWN if kind in group(OWN).kinds and not group(group_name).kinds else group_name


@lru_cache(maxsize=4096)
def find(group_name: str, kind: str) -> Kind | None:
    """Give what is known of a kind; None for one that is not in the table."""
    return group(home(group_name, kind)).kinds.get(kind)


def groups(folder: Path = FOLDER) -> tuple[str, ...]:
    """Name every group of the table, sorted; reads no file."""
    names = {path.parent.name for path in folder.glob(f"*/{FILES}")}
    return tuple(sorted("" if name == CORE else name for name in names))


@cache
def every() -> tuple[Kind, ...]:
    """Give every kind of the table: this reads all of its files."""
    return tuple(kind for name in groups() for kind in group(name).kinds.values())


@cache
def pod_labels() -> tuple[str, ...]:
    """Give the prefixes of labels that controllers give to pods which they create: this reads all files."""
    return tuple(sorted({prefix for name in groups() for prefix in group(name).pod_labels}))


@cache
def makers(group_name: str, kind: str) -> tuple[tuple[Kind, Made], ...]:
    """Give the kinds whose controllers make objects of a kind, each with how: this reads all files."""
    return tuple((maker, made) for maker in every() for made in maker.makes if made.kind == (group_name, kind))


def pods_for_programs(groups: Iterable[str]) -> list[dict[str, object]]:
    """Write down where the pods of some groups stand, as `configure` of the server validation takes it."""
    return [
        {
            "group": kind.group,
            "kind": kind.name,
            "at": list(place.at),
            "form": place.form.value,
            **({"partial": place.partial} if place.partial else {}),
        }
        for name in sorted(set(groups))
        for kind in group(name).kinds.values()
        for place in kind.pods
    ]


def is_builtin_group(name: str) -> bool:
    """Tell whether every cluster serves the group, without a CustomResourceDefinition."""
    return group(name).builtin


def builtin_scope(group_name: str, kind: str) -> str | None:
    """Give `Cluster` or `Namespaced` for a built-in kind, None where a CustomResourceDefinition decides."""
    known = find(group_name, kind) if is_builtin_group(group_name) else None
    return known.scope if known else None
