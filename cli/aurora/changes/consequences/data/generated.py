"""What becomes of the Applications that ApplicationSets generate: those that go take along what they manage.

Sources: Argo CD 3.5.1, ApplicationSets: `RenderTemplateParams` (the finalizer), policies, owner references.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from aurora.changes import structural
from aurora.changes.consequences.row import DATA_LOSS, DOWNTIME, Found, Row, counted, quoted
from aurora.changes.consequences.view import View
from aurora.changes.pairs import Pair
from aurora.cluster.application_sets import CASCADE, Draft, Expansion, cascades, expand, policy
from aurora.cluster.applications import GROUP, MOST_GENERATED
from aurora.cluster.templates import NotRenderedError
from aurora.model.json_value import items
from aurora.model.manifest import Manifest

GONE = Row("data/generated-deleted", DATA_LOSS + DOWNTIME)
RELEASED = Row("data/generated-released")
KEPT = Row("data/generated-kept")
CHANGED = Row("data/generated-changed")
CREATED = Row("data/generated-created")
UNKNOWN = Row("data/generated-unknown")

SET = "ApplicationSet"
SHOWN = 20
"""Applications of one set that are told one by one."""
Told = tuple[Row, Draft, str]


def find(view: View) -> Iterator[Found]:
    """Yield what happens to generated Applications; `view.after` has the sets that stay without a manifest."""
    before, after = (
        {entry.id.identity: entry for entry in side.of_kinds(SET) if entry.id.group == GROUP}
        for side in (view.before, view.after)
    )
    for identity in dict.fromkeys((*before, *after)):
        yield from _of_set(view, before.get(identity), after.get(identity))


def _of_set(view: View, old: Manifest | None, new: Manifest | None) -> Iterator[Found]:
    known = [found for entry in (old, new) if entry is not None and (found := view.pair_of(entry))]
    was, now = _expanded(old, view.before.folders), _expanded(new, view.after.folders)
    if was.drafts.keys() == now.drafts.keys() and not known:
        return
    told: dict[tuple[Row, str], list[tuple[Pair, str]]] = {}
    for name, (row, draft, words) in _told(old, new, was, now):
        pair = known[0] if known else _in_folder(view, draft.folder)
        if pair is not None:
            told.setdefault((row, words), []).append((pair, name))
    namespace = (new or old or known[0].subject).id.namespace
    for (row, words), entries in told.items():
        for pair, name in entries[:SHOWN]:
            resource = replace(
                pair.resource, api_version=f"{GROUP}/v1alpha1", kind="Application", namespace=namespace, name=name
            )
            yield row.found(pair, words, resource=resource)
        if len(entries) > SHOWN:
            more = [name for _, name in entries[SHOWN:]]
            yield row.found(
                entries[SHOWN][0], f"the same happens to {counted(len(more), 'Application')} more: {quoted(more)}"
            )
    if known:
        yield from _unknown(known[0], was, now)


def _unknown(pair: Pair, was: Expansion, now: Expansion) -> Iterator[Found]:
    for reason in dict.fromkeys((*was.unknown, *now.unknown)):
        yield UNKNOWN.found(pair, f"not all of its Applications are known here: {reason}")
    looked_at = (draft for side in (was, now) for draft in islice(side.drafts.values(), MOST_GENERATED))
    for reason in dict.fromkeys(map(_unpatched, looked_at)):
        if reason:
            yield UNKNOWN.found(pair, f"what its `templatePatch` changes in Applications is not judged: {reason}")


def _unpatched(draft: Draft) -> str:
    """Say why a patch cannot be filled in; nothing where it can."""
    try:
        draft.change()
    except NotRenderedError as error:
        return str(error)
    return ""


def _expanded(manifest: Manifest | None, folders: Iterable[str]) -> Expansion:
    return Expansion({}, ()) if manifest is None else expand(manifest, frozenset(folders))


def _told(old: Manifest | None, new: Manifest | None, was: Expansion, now: Expansion) -> Iterator[tuple[str, Told]]:
    """Say of each Application what happens to it; one that no longer appears may come from a generator unknown here."""
    sure = was.unknown == now.unknown
    for name, draft in was.drafts.items():
        if name not in now.drafts and old is not None and (sure or new is None):
            yield name, _gone(old, new, draft)
    for name, draft in now.drafts.items():
        former = was.drafts.get(name)
        if former is None and new is not None and (sure or old is None):
            yield name, (CREATED, draft, "is created")
        elif former is not None and former != draft and new is not None:
            changed = _changes(former, draft)
            may = policy(new) in ("sync", "create-update")
            if changed and may:
                yield name, (CHANGED, draft, f"changes {changed}")
            elif changed:
                yield name, (KEPT, draft, f"keeps {changed}: `applicationsSync` is `{policy(new)}`")


def _gone(old: Manifest, new: Manifest | None, draft: Draft) -> Told:
    stays = new is not None and policy(new) not in ("sync", "create-delete")
    # An owner's deletion takes Applications along, unless its own finalizer is there to let them go first.
    let_go = (
        new is None
        and policy(old) not in ("sync", "create-delete")
        and CASCADE in items(old.get("metadata", "finalizers"))
    )
    if stays or let_go:
        return KEPT, draft, f"is no longer generated, and stays: `applicationsSync` is `{policy(new or old)}`"
    if cascades(old, draft):
        return (GONE, draft, "is deleted with everything that it deployed: it has the finalizer of Argo CD")
    return RELEASED, draft, "is deleted; what it deployed stays, and nobody looks after it any more"


def _changes(former: Draft, draft: Draft) -> str:
    """Name the fields that differ, without what patches do that cannot be filled in here; else none."""
    try:
        fields = structural.differences(former.body(), draft.body())
    except NotRenderedError:
        if former.patch or draft.patch:
            return _changes(replace(former, patch=""), replace(draft, patch=""))
        return ""
    return quoted(field.path for field in fields)


def _in_folder(view: View, folder: str) -> Pair | None:
    """Give the changed object by which a folder came or went."""
    for pair in view.pairs if folder else ():
        for side, entry in ((view.before, pair.before), (view.after, pair.after)):
            if entry is not None and f"{side.below(entry)}/".startswith(f"{folder}/"):
                return pair
    return None
