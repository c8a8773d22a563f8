"""What webhooks and controllers refuse of an object by itself: rows of the table of kinds, judged by the server's CEL.

The rows of a kind become a ValidatingAdmissionPolicy that only Aurora binds. What a webhook asks of the cluster is no
row: docs/facts/webhooks.md says so of each.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from aurora import rule_texts
from aurora.kinds import table
from aurora.model.rule import REFUSED, Rule
from aurora.tables import Entry, opened

_NAME = "aurora-webhook"
_GROUP = "admissionregistration.k8s.io/v1"
FAILURE = "Ignore"
"""An object that a row cannot read is one that its definition refuses."""
_ID = re.compile(r"^(server/[a-z0-9-]+):$", re.MULTILINE)
_SAID = re.compile(r"': (server/[a-z0-9-]+): (.*)", re.DOTALL)
_VALUE = re.compile(r"\{([^{}]+)\}")
_VARIABLE = re.compile(r"\bvariables\.(?=\w)")


@dataclass(frozen=True, slots=True)
class _Row:
    id: str
    kinds: tuple[str, ...]
    variables: tuple[tuple[str, str], ...]
    holds: str
    says: str
    at: str


@cache
def rules() -> tuple[Rule, ...]:
    """Give the rule of every row."""
    texts = (path.read_text(encoding="utf-8") for path in rule_texts.webhooks())
    return tuple(Rule(id_, REFUSED) for text in texts for id_ in _ID.findall(text))


def policies(kinds: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """Give a policy with its binding for each of some kinds, by group and name, that has rows.

    Raises:
        TableError: a table is not what it should be.
    """
    return [part for group, kind in sorted(set(kinds)) for part in _policy(group, kind)]


def rest(kinds: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Say what of the webhooks of some kinds no row decides, one sentence for each kind."""
    for group, kind in sorted(set(kinds)):
        if kind in (left := _table(group)[1]):
            yield f"not judged: the webhook of {kind}: {left[kind]}"


def origin(entry: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """Give rule, words and place of what a row found; None for a finding of another policy."""
    policy, said = str(entry.get("policy", "")), _SAID.search(str(entry["message"]))
    if said is None or not policy.startswith(f"{_NAME}."):
        return None
    group = policy.split(".", 2)[2]
    return said[1], said[2], next(row.at for row in _rows(group) if row.id == said[1])


def _policy(group: str, kind: str) -> Iterator[dict[str, Any]]:
    rows = [row for row in _rows(group) if kind in row.kinds]
    if not rows:
        return
    spec = {
        "failurePolicy": FAILURE,
        "matchConstraints": {"resourceRules": [_ANYTHING | {"apiGroups": [group]}]},
        "matchConditions": [{"name": "kind", "expression": f"object.kind == '{kind}'"}],
        "variables": [
            {"name": f"r{number}_{name}", "expression": _own(text, number)}
            for number, row in enumerate(rows)
            for name, text in row.variables
        ],
        "validations": [
            {"expression": _own(row.holds, number), **_words(_own(f"{row.id}: {row.says}", number))}
            for number, row in enumerate(rows)
        ],
    }
    name = f"{_NAME}.{kind.lower()}.{group}"
    bound = {"policyName": name, "validationActions": ["Warn"]}
    for policy_kind, part in (("ValidatingAdmissionPolicy", spec), ("ValidatingAdmissionPolicyBinding", bound)):
        yield {"apiVersion": _GROUP, "kind": policy_kind, "metadata": {"name": name}, "spec": part}


_ANYTHING = {"apiVersions": ["*"], "operations": ["CREATE", "UPDATE"], "resources": ["*"]}


def _own(expression: str, number: int) -> str:
    """Name the variables of a row so that those of other rows are others."""
    return _VARIABLE.sub(f"variables.r{number}_", expression)


def _rows(group: str) -> tuple[_Row, ...]:
    return _table(group)[0]


@cache
def _table(group: str) -> tuple[tuple[_Row, ...], Mapping[str, str]]:
    file = table.FOLDER / (group or table.CORE) / rule_texts.WEBHOOK
    if not file.is_file():
        return (), {}
    with opened(file) as found:
        left = found.entry(rule_texts.REST)
        names = [name for name in found.values if name not in (rule_texts.EXAMPLES, rule_texts.REST)]
        rows = tuple(_row(name, entry) for name in names if (entry := found.entry(name)))
        return rows, {kind: left.text(kind) for kind in left.values} if left else {}


def _row(id_: str, entry: Entry) -> _Row:
    given = entry.entry("with")
    return _Row(
        id=id_,
        kinds=entry.texts("kinds", required=True),
        variables=tuple((name, given.text(name)) for name in given.values) if given else (),
        holds=entry.text("holds"),
        says=entry.text("says"),
        at=entry.text("at", ""),
    )


def _words(says: str) -> dict[str, str]:
    """Write words with `{expressions}` in them as an expression."""
    parts = _VALUE.split(says)
    if len(parts) == 1:
        return {"message": says}
    quoted = [f"string({part})" if index % 2 else repr(part) for index, part in enumerate(parts) if part]
    return {"message": says, "messageExpression": " + ".join(quoted)}
