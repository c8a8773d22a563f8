"""Asks the API server's own code what differs between the two sides of each pair, and what it would refuse.

One run of server validation for all pairs of an environment. What has no stored form is compared as written,
and says so.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aurora.changes import masking, rules, structural
from aurora.changes.pairing import documents
from aurora.changes.pairs import Pair
from aurora.changes.sides import Side
from aurora.cluster.sync_ways import way_of
from aurora.kinds.table import is_builtin_group
from aurora.model.change import ABSENT, FieldChange
from aurora.model.finding import Finding
from aurora.model.json_value import mapping
from aurora.model.manifest import Manifest
from aurora.server_validation.planted import PREFIX, Planted, caught
from aurora.server_validation.session import CLASSES, CONFIGURE, flags, session, skew
from aurora.tools.protocol import JUDGED, Conversation, Reply, Request
from aurora.tools.settings import Settings
from aurora_constructs.cluster import ClusterFacts

REFUSING = frozenset(
    f"server/{name}"
    for name in (
        *("create-refused", "update-refused", "malformed", "unknown-kind", "not-served", "not-stored"),
        # The server alone would drop the field, but Argo CD applies with validation.
        "unknown-field",
    )
) | {"pod-security/namespace-labels"}
_CRD = "CustomResourceDefinition"
_CLAIMS_OF_DEVICES = frozenset({"ResourceClaim", "ResourceClaimTemplate"})
_CLASSED = frozenset({"PersistentVolumeClaim", "Pod"})
"""The kinds whose verdict depends on the labels of their namespace, and on classes."""


@dataclass(frozen=True, slots=True)
class Compared:
    """The pairs with everything that is known of them, and what could not be judged."""

    pairs: tuple[Pair, ...]
    findings: tuple[Finding, ...]


def compare(
    pairs: Sequence[Pair],
    after: Side,
    settings: Settings,
    *,
    locate_tool: Callable[[str], Path],
    kubernetes: str,
    cluster: ClusterFacts | None = None,
) -> Compared:
    """Compare the pairs of one environment, in its cluster.

    Raises:
        ToolError: the program is missing, failed, lost an answer, or did not see a planted difference.
    """
    asked = [request for number, pair in enumerate(pairs) for request in _requests(number, pair)]
    if not asked:
        return Compared(tuple(pairs), ())
    custom = {(entry.id.group, entry.id.kind) for entry in documents(pairs) if not is_builtin_group(entry.id.group)}
    own = [entry.body for entry in after.mentioning(_CRD) if entry.id.kind == _CRD] if custom else []
    kinds = {pair.subject.id.kind for pair in pairs}
    opened = session(
        locate_tool,
        settings,
        kubernetes=kubernetes,
        kinds=custom,
        definitions=own,
        **flags(cluster),
        admissionObjects=[entry.body for entry in _of(after, CLASSES)] if kinds & _CLASSED else [],
        namespaces=[
            {"name": entry.id.name, "labels": entry.labels}
            for entry in (_of(after, {"Namespace": ""}) if kinds & _CLAIMS_OF_DEVICES else ())
        ],
    )
    conversation = opened.ask([*asked, _PLANTED.request])
    caught([_PLANTED], conversation.replies)
    compared = tuple(_answered(number, pair, conversation.replies) for number, pair in enumerate(pairs))
    unsure = _unsure(conversation, kubernetes, after.environment)
    assumed = _assumed(pairs, conversation.replies, after.environment)
    return Compared(compared, (*unsure, *assumed, *_unjudged(compared, after.environment)))


def _of(side: Side, kinds: Mapping[str, str]) -> Iterator[Manifest]:
    """Yield the objects of the kinds, given with their groups."""
    for kind, group in kinds.items():
        yield from (entry for entry in side.mentioning(kind) if (entry.id.kind, entry.id.group) == (kind, group))


def _requests(number: int, pair: Pair) -> Iterator[Request]:
    """Ask for the differences of both sides and the verdict on the update, or for that on a new object.

    Bodies go as JSON, which the program reads much faster than YAML; yamlio reads YAML as the program does.
    """
    if pair.after is None or pair.same:
        return
    new: dict[str, Any] = {"object": pair.after.body}
    if pair.before is None:
        yield Request(_id(number), "judge", {**new, "want": ["create"]})
    else:
        want = ["create"] if pair.renamed else ["create", "update"]
        yield Request(_id(number), "compare", {"before": {"object": pair.before.body}, "after": new, "want": want})


def _id(number: int) -> str:
    return f"pair:{number}"


def _answered(number: int, pair: Pair, replies: Mapping[str, Reply]) -> Pair:
    reply = replies.get(_id(number))
    if reply is None:
        return pair
    if pair.before is None or pair.after is None:
        refusals = tuple(_refusals(reply.result, pair))
        return replace(pair, refusals=refusals, unstored=None if refusals else _why_not(reply, reply.result))
    verdict = mapping(reply.result.get("verdict"))
    unstored = reply.result.get("unstorable") or _why_not(reply, verdict)
    same = bool(reply.result.get("same"))
    fields = tuple(map(_field, reply.result.get("differences", ())))
    if not same and not fields:
        fields = structural.differences(pair.before.body, pair.after.body)
    if masking.is_secret(pair.resource):
        fields = masking.fields(fields)
    return replace(pair, fields=fields, same=same, refusals=tuple(_refusals(verdict, pair)), unstored=unstored)


def _refusals(verdict: Mapping[str, Any], pair: Pair) -> Iterator[str]:
    """Yield what the server says to the apply that is used; to both where nothing says which."""
    for finding in verdict.get("findings", ()):
        if finding.get("rule") in REFUSING and finding.get("severity") == "error":
            side, message = finding.get("apply"), str(finding.get("message"))
            how = way_of(pair.after, pair.owners) if side and pair.after else None
            if how is None or how.may_be(side):
                yield f"{how.when(side)}{message}" if how else message


def _why_not(reply: Reply, verdict: Mapping[str, Any]) -> str | None:
    """Say why nobody knows whether the server refuses the change."""
    if reply.outcome != JUDGED:
        return reply.message
    judged = verdict.get("judged", ())
    parts = [str(entry.get("why")) for entry in verdict.get("notJudged", ()) if entry.get("part") not in judged]
    return parts[0] if parts else None


def _assumed(pairs: Iterable[Pair], replies: Mapping[str, Reply], environment: str | None) -> Iterator[Finding]:
    """Say which verdicts depend on what is not given."""
    for number, pair in enumerate(pairs):
        result = replies[_id(number)].result if _id(number) in replies else {}
        verdict: Mapping[str, Any] = result.get("verdict") or result
        part = "create" if pair.before is None else "update"
        for entry in verdict.get("notJudged", ()):
            if entry.get("part") == part and part in verdict.get("judged", ()):
                yield rules.found(
                    rules.NOT_JUDGED,
                    f"`{pair.subject.id}`: {entry.get('why')}",
                    place=pair.subject.source.place,
                    environment=environment,
                    hint="give both sides with the object that decides",
                )


def _field(difference: Mapping[str, Any]) -> FieldChange:
    return FieldChange(
        pointer=str(difference["pointer"]),
        path=str(difference["path"]),
        before=difference.get("before", ABSENT),
        after=difference.get("after", ABSENT),
        reordered=bool(difference.get("reordered")),
    )


def _unsure(conversation: Conversation, kubernetes: str, environment: str | None) -> Iterator[Finding]:
    """Say what makes the answers less sure: another version of the cluster, definitions that cannot be used."""
    configured = conversation.replies[CONFIGURE].result
    yield from skew(configured, kubernetes, conversation.kubernetes, environment, judged="changes")
    for problem in configured.get("problems", ()):
        yield rules.found(
            rules.NOT_JUDGED,
            f"a definition of the input cannot be used: {problem.get('message')}",
            place=None,
            environment=environment,
            hint="correct the CustomResourceDefinition",
        )


def _unjudged(pairs: Iterable[Pair], environment: str | None) -> Iterator[Finding]:
    """Say of which kinds the server's code knows too little, once for each reason."""
    by_reason: dict[tuple[str, str, str], list[Pair]] = defaultdict(list)
    for pair in pairs:
        if pair.unstored and not pair.refusals:
            subject = pair.subject
            why = pair.unstored.replace(f"{subject.id.kind}/{subject.id.name}", subject.id.kind)
            by_reason[subject.id.api_version, subject.id.kind, why].append(pair)
    for (version, kind, _), same in sorted(by_reason.items()):
        first = same[0].subject
        count = "1 object" if len(same) == 1 else f"{len(same)} objects"
        yield rules.found(
            rules.NOT_JUDGED,
            f"{count} of kind `{kind}` (`{version}`), such as `{first.id}`, compared as written: {same[0].unstored}",
            place=first.source.place,
            environment=environment,
            hint="give the kind's definition with `--schemas`, or correct the object",
        )


def _secret(value: str) -> dict[str, Any]:
    metadata = {"name": "planted", "namespace": "aurora-planted"}
    head = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "immutable": True}
    return {"object": {**head, "stringData": {"k": value}}}


_PLANTED = Planted(
    Request(f"{PREFIX}change", "compare", {"before": _secret("v"), "after": _secret("w"), "want": ["update"]}),
    frozenset({"server/update-refused"}),
    differences=("/data/k",),
)
"""A change that must be seen and refused in every run: proof that both comparison and verdict can be believed."""
