"""What webhooks and controllers refuse of an object by itself: rows of the table of kinds, judged by the server's CEL.

A row becomes a ValidatingAdmissionPolicy that only Aurora binds. What a webhook asks of the cluster is no row:
docs/facts/webhooks.md says so of each.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from aurora import rule_texts
from aurora.kinds import table
from aurora.model.rule import REFUSED, Rule
from aurora.tables import Entry, opened

_PREFIX = "aurora-webhook."
_GROUP = "admissionregistration.k8s.io/v1"
_ID = re.compile(r"^(server/[a-z0-9-]+):$", re.MULTILINE)
_VALUE = re.compile(r"\{([^{}]+)\}")
FAILURE = "Ignore"
"""An object that a row cannot read is one that its definition refuses."""
_SAID = re.compile(r"^.*? denied request: ", re.DOTALL)


@cache
def rules() -> tuple[Rule, ...]:
    """Give the rule of every row."""
    texts = (path.read_text(encoding="utf-8") for path in rule_texts.webhooks())
    return tuple(Rule(id_, REFUSED) for text in texts for id_ in _ID.findall(text))


def policies(kinds: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """Give the policies, with bindings, about some kinds by group and name.

    Raises:
        TableError: a table is not what it should be.
    """
    wanted = set(kinds)
    groups = {group for group, _ in wanted}
    rows = [(group, row) for group in sorted(groups) for row in _rows(group)]
    return [
        part for group, row in rows if any((group, kind) in wanted for kind in row["kinds"]) for part in row["objects"]
    ]


def origin(entry: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """Give rule, words and place of what a row found; None for a finding of another policy."""
    name = str(entry.get("policy", ""))
    if not name.startswith(_PREFIX):
        return None
    group, _, row = name.removeprefix(_PREFIX).partition(".row.")
    at = next(each["at"] for each in _rows(group) if each["id"] == f"server/{row}")
    return f"server/{row}", _SAID.sub("", str(entry["message"])), at


@cache
def _rows(group: str) -> tuple[dict[str, Any], ...]:
    file = table.FOLDER / (group or table.CORE) / rule_texts.WEBHOOK
    if not file.is_file():
        return ()
    with opened(file) as found:
        entries = [(id_, found.entry(id_)) for id_ in found.values if id_ != rule_texts.EXAMPLES]
        return tuple(_row(group, id_, entry) for id_, entry in entries if entry)


def _row(group: str, id_: str, entry: Entry) -> dict[str, Any]:
    kinds = entry.texts("kinds", required=True)
    name = f"{_PREFIX}{group}.row.{id_.removeprefix('server/')}"
    validation = {"expression": entry.text("holds"), **_words(entry.text("says"))}
    spec = {
        "failurePolicy": FAILURE,
        "matchConstraints": {"resourceRules": [_ANYTHING | {"apiGroups": [group]}]},
        "matchConditions": [{"name": "kind", "expression": f"object.kind in {list(kinds)}"}],
        "variables": [{"name": key, "expression": text} for key, text in _variables(entry)],
        "validations": [validation],
    }
    bound = {"policyName": name, "validationActions": ["Deny"]}
    objects = [
        {"apiVersion": _GROUP, "kind": kind, "metadata": {"name": name}, "spec": part}
        for kind, part in (("ValidatingAdmissionPolicy", spec), ("ValidatingAdmissionPolicyBinding", bound))
    ]
    return {"id": id_, "kinds": kinds, "at": entry.text("at", ""), "objects": objects}


_ANYTHING = {"apiVersions": ["*"], "operations": ["CREATE", "UPDATE"], "resources": ["*"]}


def _variables(entry: Entry) -> Iterator[tuple[str, str]]:
    found = entry.entry("with")
    for name in found.values if found else ():
        yield name, found.text(name) if found else ""


def _words(says: str) -> dict[str, str]:
    """Write words with `{expressions}` in them as an expression."""
    parts = _VALUE.split(says)
    if len(parts) == 1:
        return {"message": says}
    quoted = [f"string({part})" if index % 2 else repr(part) for index, part in enumerate(parts) if part]
    return {"message": says, "messageExpression": " + ".join(quoted)}
