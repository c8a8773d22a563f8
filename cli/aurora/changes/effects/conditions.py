"""The conditions that rows have: a value in one place, written in the row, or a function of this module by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora.changes.effects.row import When
from aurora.cluster.shares import action_in_shares, shares_of
from aurora.cluster.sync_ways import way_of
from aurora.model import quantity
from aurora.model.change import ABSENT
from aurora.model.json_value import JsonValue, dig, items, mapping, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from aurora.changes.effects.leaves import Leaf
    from aurora.changes.pairs import Pair
    from aurora.model.manifest import Manifest
    from aurora.tables import Entry

    Condition = Callable[[Pair, Leaf], bool]

_KSERVE_MODE = "serving.kserve.io/deploymentMode"


def read(entry: Entry) -> When:
    """Read what stands under `when`: words, and one of `named`, `becomes`, or `is` with `before`, `after` or both."""
    entry.only("words", "named", "becomes", "before", "after", "is")
    words = entry.text("words")
    forms = [form for form in ("named", "becomes", "is") if form in entry.values]
    if len(forms) != 1:
        entry.refuse("a condition has one of `named`, `becomes` and `is`")
    elif forms == ["named"]:
        return When(words, entry.choice("named", NAMED) or _never)
    elif forms == ["becomes"]:
        return When(words, _becomes(entry.texts("becomes")))
    elif not {"before", "after"} & entry.values.keys():
        entry.refuse("`is` needs `before` or `after`: the field that has the value")
    else:
        return When(words, _both(entry.text("before", ""), entry.text("after", ""), entry.value("is")))
    return When(words, _never)


def _both(before: str, after: str, value: JsonValue) -> Condition:
    """Ask that each side has a value in one place; a side without a place is not asked."""

    def has(side: Manifest | None, path: str) -> bool:
        return not path or (side is not None and _same(dig(side.body, *path.split(".")), value))

    return lambda pair, _leaf: has(pair.before, before) and has(pair.after, after)


def _becomes(values: tuple[str, ...]) -> Condition:
    """Ask that the changed field has one of the values afterwards."""
    return lambda _pair, leaf: leaf.after in values


def _same(found: JsonValue | None, value: JsonValue) -> bool:
    """Compare as JSON does: `true` is not 1."""
    return type(found) is type(value) and found == value


def _never(_pair: Pair, _leaf: Leaf) -> bool:
    """Stand in for a condition that the table does not say; reading it ends in an error."""
    return False


def _added(_pair: Pair, leaf: Leaf) -> bool:
    return leaf.before is ABSENT


def _removed(_pair: Pair, leaf: Leaf) -> bool:
    return leaf.after is ABSENT


def _removed_by_apply(pair: Pair, leaf: Leaf) -> bool:
    """Tell whether a field goes by an apply, which leaves what it never stated; a replacement leaves nothing."""
    return leaf.after is ABSENT and pair.after is not None and not way_of(pair.after, pair.owners).replaces


def _set(_pair: Pair, leaf: Leaf) -> bool:
    return leaf.after is not ABSENT


def _kept(_pair: Pair, leaf: Leaf) -> bool:
    return leaf.before is not ABSENT and leaf.after is not ABSENT


def _reordered(_pair: Pair, leaf: Leaf) -> bool:
    return leaf.reordered


def _number(value: JsonValue | object, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise


def _lowered(_pair: Pair, leaf: Leaf) -> bool:
    return _number(leaf.after, 0) < _number(leaf.before, 0)


def _less(_pair: Pair, leaf: Leaf) -> bool:
    before, after = (quantity.read(None if value is ABSENT else value) for value in (leaf.before, leaf.after))
    return before is not None and (after is None or after < before)


def _pods_still_selected(pair: Pair, _leaf: Leaf) -> bool:
    """Tell whether the pods of the earlier template, which is in use, have every label of the later selector."""
    if pair.before is None or pair.after is None:
        return False
    labels = mapping(pair.before.get("spec", "template", "metadata", "labels"))
    return mapping(pair.after.get("spec", "selector")).items() <= labels.items()


def _below_partition(pair: Pair, _leaf: Leaf) -> bool:
    """Tell whether every pod is below the partition, which counts from the first pod whatever its number is."""
    partition = pair.subject.get("spec", "updateStrategy", "rollingUpdate", "partition")
    return _number(partition, 0) >= _number(pair.subject.get("spec", "replicas"), 1) > 0


def _never_external_name(pair: Pair, _leaf: Leaf) -> bool:
    return all(side is not None and side.get("spec", "type") != "ExternalName" for side in (pair.before, pair.after))


def _second_range_added(pair: Pair, _leaf: Leaf) -> bool:
    return [len(_items(side, "cidrs")) for side in (pair.before, pair.after)] == [1, 2]


def _gradual_rollout(pair: Pair, _leaf: Leaf) -> bool:
    """Read both spellings: the older one wins where it is given."""
    older = pair.subject.get("spec", "rolloutStrategy")
    return (older or pair.subject.get("spec", "rollout", "strategy")) == "gradual"


def _never_suspended(pair: Pair, _leaf: Leaf) -> bool:
    sides = (pair.before, pair.after)
    return not any(side is not None and side.get("spec", "suspend") is True for side in sides)


def _standard_mode(pair: Pair, _leaf: Leaf) -> bool:
    return pair.subject.annotations.get(_KSERVE_MODE) in ("Standard", "RawDeployment")


def _component_recreated(pair: Pair, leaf: Leaf) -> bool:
    return pair.subject.get("spec", leaf.steps[1], "deploymentStrategy", "type") == "Recreate"


def _shares_kept(pair: Pair, _leaf: Leaf) -> bool:
    """Tell whether every Service gets the same part of the requests in every place that divides them."""
    shares = [shares_of(side) for side in (pair.before, pair.after) if side is not None]
    return bool(shares[0]) and shares[0] == shares[-1] and len(shares) == 2


def _action_kept(_pair: Pair, leaf: Leaf) -> bool:
    """Tell whether an action of a load balancer differs in nothing but weights of the same proportion."""
    old, new = (action_in_shares(value) if isinstance(value, str) else None for value in (leaf.before, leaf.after))
    return old is not None and old == new


def _items(manifest: Manifest | None, field: str) -> list[JsonValue]:
    return [] if manifest is None else items(manifest.get("spec", field))


def _versions(manifest: Manifest | None, flag: str | None = None) -> set[str]:
    """Give the names of a definition's versions: all of them, or those with a flag."""
    versions = map(mapping, _items(manifest, "versions"))
    return {text(version.get("name")) for version in versions if flag is None or version.get(flag) is True}


def _storage_version_gone(pair: Pair, _leaf: Leaf) -> bool:
    return bool(_versions(pair.before, "storage") - _versions(pair.after))


def _served_version_gone(pair: Pair, _leaf: Leaf) -> bool:
    return bool(_versions(pair.before, "served") - _versions(pair.after, "served"))


def _storage_version_moved(pair: Pair, _leaf: Leaf) -> bool:
    return _versions(pair.before, "storage") != _versions(pair.after, "storage")


NAMED: dict[str, Condition] = {
    function.__name__[1:].replace("_", "-"): function
    for function in (
        _added,
        _removed,
        _removed_by_apply,
        _set,
        _kept,
        _reordered,
        _lowered,
        _less,
        _pods_still_selected,
        _below_partition,
        _never_external_name,
        _second_range_added,
        _gradual_rollout,
        _never_suspended,
        _standard_mode,
        _component_recreated,
        _shares_kept,
        _action_kept,
        _storage_version_gone,
        _served_version_gone,
        _storage_version_moved,
    )
}
"""Every condition that a row can name."""
