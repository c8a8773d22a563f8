"""What an object may be called, by kind, and how its labels may read.

Sources: the registry strategies of Kubernetes 1.35 (pkg/apis/*/validation), apimachinery's `validation.go` for
the three forms of DNS names and for labels. Which form and which length hold for a kind stands in the table of
kinds. Must not look at other objects.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from aurora.cluster.references.lookup import Steps
from aurora.kinds import paths, table
from aurora.kinds.entry import DerivedName, Equals, Form, NameForm, Names
from aurora.model import counts
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.pod_template import pod_templates
from aurora.model.rule import Violation

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
LABEL_FROM_LETTER = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
SUBDOMAIN_LENGTH = 253
LONGEST = 63
"""What a label's value, and a name in DNS between two dots, may have (RFC 1123)."""
PATH_SEGMENT = re.compile(r"(?!\.{1,2}$)[^/%]*")
QUALIFIED = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]")
LABEL_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9])?")


_FORMS: dict[NameForm, tuple[re.Pattern[str], int, str]] = {
    NameForm.LABEL_FROM_LETTER: (
        LABEL_FROM_LETTER,
        63,
        "at most 63 lower case letters, digits and `-`, beginning with a letter, not ending with `-`",
    ),
    NameForm.LABEL: (LABEL, 63, "at most 63 lower case letters, digits and `-`, not beginning or ending with `-`"),
    NameForm.PATH_SEGMENT: (PATH_SEGMENT, 253, "it must not be `.` or `..` and must not contain `/` or `%`"),
    NameForm.SUBDOMAIN: (
        SUBDOMAIN,
        SUBDOMAIN_LENGTH,
        "at most 253 lower case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit",
    ),
}


def names(inventory: Inventory) -> Iterator[Violation]:
    """Find objects whose names the API server refuses."""
    for manifest in inventory.manifests:
        form = _broken_form(manifest)
        if manifest.id.name and form:
            yield Violation(
                manifest=manifest,
                steps=("metadata", "name"),
                message=f"`{manifest.id.name}` is no name for this {manifest.id.kind}: {form}",
                hint="choose a name of that form",
            )


def _broken_form(manifest: Manifest) -> str | None:
    name, known = manifest.id.name, _known(manifest)
    form = known.form if known else NameForm.SUBDOMAIN
    if form is NameForm.DEFINITION:
        wanted = f"{text(manifest.get('spec', 'names', 'plural'))}.{text(manifest.get('spec', 'group'))}"
        return None if name == wanted else f"it must be `{wanted}`, from `spec.names.plural` and `spec.group`"
    pattern, longest, rule = _FORMS[form]
    return None if len(name) <= longest and pattern.fullmatch(name) else rule


def _known(manifest: Manifest) -> Names | None:
    kind = table.find(manifest.id.group, manifest.id.kind)
    return kind.names if kind else None


def lengths(inventory: Inventory) -> Iterator[Violation]:
    """Find objects whose names leave no room for what is made from them."""
    for manifest in inventory.manifests:
        known = _known(manifest)
        if known and known.longest is not None and len(manifest.id.name) > known.longest:
            article = "an" if manifest.id.kind[0] in "AEIOU" else "a"
            yield Violation(
                manifest=manifest,
                steps=("metadata", "name"),
                message=f"`{manifest.id.name}` has {len(manifest.id.name)} characters; "
                f"the name of {article} {manifest.id.kind} has at most {known.longest}: {known.because}",
                hint=f"shorten the name to {known.longest} characters",
            )
        for derived in known.derived if known else ():
            yield from _derived_lengths(manifest, derived)


def _derived_lengths(manifest: Manifest, derived: DerivedName) -> Iterator[Violation]:
    if derived.without and manifest.get(*derived.without):
        return
    for steps, part in paths.follow(manifest.body, derived.at):
        if all(_holds(dig(part, *field.at), field) for field in derived.when):
            named = text(dig(part, *derived.named)) if derived.named else str(steps[-1]) if derived.keyed else ""
            last = (max((counts.integer(dig(part, *count)) or 1) - 1, 0) for count in derived.counts)
            over = len(manifest.id.name) + derived.adds + len(named) + sum(len(str(index)) for index in last) - LONGEST
            if over > 0:
                yield Violation(
                    manifest=manifest,
                    steps=("metadata", "name"),
                    message=f"`{manifest.id.name}` is too long by {over} characters: {derived.because}, "
                    f"which may have {LONGEST} characters",
                    hint="shorten the name" + (f", or that of `{named}`" if named else ""),
                )


def _holds(value: JsonValue | None, field: Equals) -> bool:
    return value is not None if not field.values else text(value) in field.values


def label_values(inventory: Inventory) -> Iterator[Violation]:
    """Find values of labels, annotations and selectors that are no strings."""
    for manifest, steps, found in inventory.every(_string_maps):
        for key, value in found.items():
            if not isinstance(value, str):
                yield Violation(
                    manifest=manifest,
                    steps=(*steps, key),
                    message=f"`{key}` is {_shown(value)}, not a string",
                    hint="write the value in quotes",
                )


def _shown(value: JsonValue) -> str:
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    if value is None:
        return "null"
    return f"the boolean `{str(value).lower()}`" if isinstance(value, bool) else f"the number `{value}`"


def label_syntax(inventory: Inventory) -> Iterator[Violation]:
    """Find labels whose keys or values have a form that the API server refuses."""
    for manifest, steps, found in inventory.every(_string_maps):
        if steps[-1] != "annotations":
            for key, value in found.items():
                problem = _label_problem(key, value if isinstance(value, str) else None)
                if problem:
                    yield Violation(manifest=manifest, steps=(*steps, key), message=problem)


@lru_cache(maxsize=4096)
def _label_problem(key: str, value: str | None) -> str | None:
    """Say what is wrong with a label; the objects of a platform have much the same ones."""
    prefix, slash, name = key.rpartition("/")
    if not QUALIFIED.fullmatch(name) or (
        slash and not (len(prefix) <= SUBDOMAIN_LENGTH and SUBDOMAIN.fullmatch(prefix))
    ):
        return f"`{key}` is no label key: it is at most 63 letters, digits, `-`, `_` and `.`, after an optional domain"
    if value is not None and not LABEL_VALUE.fullmatch(value):
        return (
            f"`{value}` is no label value: it is at most 63 letters, digits, `-`, `_` and `.`, "
            "beginning and ending with a letter or digit"
        )
    return None


def _string_maps(inventory: Inventory) -> Iterator[tuple[Manifest, Steps, JsonObject]]:
    for manifest in inventory.manifests:
        for steps, found in string_maps(manifest):
            yield manifest, steps, mapping(found)


def string_maps(manifest: Manifest) -> Iterator[tuple[Steps, JsonValue | None]]:
    """Yield the maps of an object that hold only strings: labels, annotations, and selectors made of labels."""
    for metadata in _metadata(manifest):
        for field in ("labels", "annotations"):
            yield (*metadata, field), manifest.get(*metadata, field)
    known = table.find(manifest.id.group, manifest.id.kind)
    for selector in known.selectors if known else ():
        for steps, value in paths.follow(manifest.body, selector.at):
            yield (steps, value) if selector.plain else ((*steps, "matchLabels"), dig(value, "matchLabels"))


def _metadata(manifest: Manifest) -> Iterator[Steps]:
    yield ("metadata",)
    for pod in pod_templates(manifest):
        if pod.place.form is Form.TEMPLATE and pod.steps:
            yield pod.metadata_at()
    if manifest.id.kind == "CronJob":
        yield ("spec", "jobTemplate", "metadata")
    if manifest.id.kind == "StatefulSet":
        for index, claim in enumerate(items(manifest.get("spec", "volumeClaimTemplates"))):
            if isinstance(dig(claim, "metadata"), dict):
                yield ("spec", "volumeClaimTemplates", index, "metadata")
