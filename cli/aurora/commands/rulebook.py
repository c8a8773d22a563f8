"""The rules as people read them: `aurora explain RULE`, `aurora list`, and the pages under `docs/rules/`.

Every rule that a report can name is here. Runs no tool; writes only where it is told to.
"""

import difflib
import json
import re
import textwrap
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from aurora import rule_texts
from aurora.changes import page
from aurora.changes.rules import RULES as CHANGE_RULES
from aurora.checks.check import names_of
from aurora.checks.table import all_rules as rules_of_checks
from aurora.checks.table import table
from aurora.errors import UsageError
from aurora.model.finding import Severity
from aurora.model.rule import Basis, Rule
from aurora.paths import find_repository
from aurora.policies import folders
from aurora.rule_texts import RuleText
from aurora.yamlio import reading

INDEX = "README.md"
FORMATS = ("text", "json", "markdown")

SUBJECTS = {
    "input": "What is named on the command line.",
    "yaml": "Documents, before anything is known about them.",
    "settings": "The settings of a repository.",
    "environment": "Environment files and their layers: what people write.",
    "charts": "Helm charts: their archives, their values and what cannot be rendered.",
    "generated": "What is committed, against what would be compiled.",
    "tracing": "The recorded events of tracing policies.",
    "test": "The tests of Kyverno policies, their coverage and their mutants.",
    "diff": "What a comparison could not read or judge.",
    "rollout": "What an edit does to a model's version on trial that the state machine refuses.",
    "schema": "The shape of every object, by kubeconform.",
    "server": "What the API server would say to every object, by its own code.",
    "pod-security": "Every pod, at the Pod Security level of its namespace.",
    "policy": "Every object, by the Kyverno policies that apply to it.",
    "references": "Everything that an object names exists.",
    "kubelet": "Pods that the API server takes and no kubelet starts.",
    "routing": "Requests reach what they are meant for, in the shares that are stated.",
    "scheduling": "Every pod has a node pool that takes it, and every pool has pods.",
    "scaling": "Replicas, resources, quotas and disruptions fit together.",
    "network": "Network policies allow what is needed and nothing else.",
    "storage": "Volumes can be mounted where and as they are used.",
    "recovery": "Backups are accepted, often enough for what is promised, and tried.",
    "encryption": "What goes over the network and what is stored is encrypted, or an exception says why not.",
    "secrets": "No secret in plain text, and none for who does not need it.",
    "identity": "Pods act in the cloud as who they are meant to be, and need what they name there.",
    "monitoring": "Alerts, recordings, dashboards and what they are made from.",
    "gitops": "Argo CD may, can and will sync what is committed, in an order that works.",
    "tetragon": "Tracing policies stay within the limits of Tetragon and do what they seem to.",
    "versions": "The versions of an environment fit each other, and somebody still maintains them.",
    "workflows": "Workflows of Argo are ones that its controller accepts and can finish.",
}
"""What the rules with each first part of an id are about, in the order of the pages."""

_BASES = (
    "Each rule says what it rests on. `refused`: a server, webhook, kubelet or controller refuses or ignores what is "
    "found; the source is named. `broken`: it is accepted, and cannot work as written. `advice`: it works, and is held "
    "to be unwise; on manifests that no environment of the repository makes, advice is at most a warning."
)


def all_rules() -> tuple[Rule, ...]:
    """Give every rule that a report can name; a repository's own policies come in addition."""
    return (*rules_of_checks(), *CHANGE_RULES)


@dataclass(frozen=True, slots=True)
class Explained:
    """A rule and what people read about it."""

    rule: Rule
    text: RuleText


def explanation(id_: str, folder: Path) -> Explained:
    """Give a rule by its id, or a policy of the repository that a folder belongs to.

    Raises:
        UsageError: there is no such rule; the hint names the nearest ones.
        StorageError: the policy cannot be read.
    """
    rules = {entry.id: entry for entry in all_rules()}
    if id_ not in rules:
        policy = _policy(id_, folder)
        if policy is not None:
            return policy
        near = difflib.get_close_matches(id_, [*rules, *page.ids()], n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(f'`{name}`' for name in near)}?" if near else "`aurora list rules`"
        raise UsageError(f"`{id_}` is no rule", hint=hint)
    return Explained(rules[id_], rule_texts.text(id_))


def _policy(id_: str, folder: Path) -> Explained | None:
    subject, _, name = id_.partition("/")
    if subject != "policy" or not name:
        return None
    try:
        found = folders.explained(find_repository(folder), name)
    except UsageError:
        return None
    return None if found is None else Explained(Rule(id_, Basis.REFUSED), found)


def explained(id_: str, format_: str, *, folder: Path) -> str:
    """Explain a rule, or a row of the tables behind a diff: as text, as JSON for programs, or as Markdown.

    Raises:
        UsageError: there is no such rule.
    """
    row = page.explained(id_)
    if row is not None:
        return {"json": json.dumps({"id": id_, "text": row}), "markdown": f"```text\n{row}\n```"}.get(format_, row)
    found = explanation(id_, folder)
    if format_ == "json":
        return json.dumps(_as_json(found), indent=2)
    if format_ == "markdown":
        return _section(found)
    blocks = [
        f"{found.rule.id} ({found.rule.severity}, {found.rule.basis})\n{found.text.summary}",
        textwrap.fill(found.text.why, 100),
        *([f"source: {found.text.source}"] if found.text.source else []),
        f"bad:\n{textwrap.indent(found.text.bad.strip(), '    ')}",
        f"good:\n{textwrap.indent(found.text.good.strip(), '    ')}",
    ]
    return "\n\n".join(blocks)


def _as_json(found: Explained) -> dict[str, str]:
    rule = found.rule
    return {"id": rule.id, "severity": str(rule.severity), "basis": str(rule.basis), **asdict(found.text)}


def _nowhere(name: str) -> Path:
    raise AssertionError(f"`{name}` is not needed to list checks")


def checks() -> list[tuple[str, str]]:
    """Give each check with the number of its rules."""
    every = table(_nowhere)
    found = [entry.id for check in every for entry in check.rules]
    return [(name, f"{sum(id_.startswith(f'{name}/') for id_ in found)} rules") for name in names_of(every)]


def rules() -> list[tuple[str, str]]:
    """Give each rule with its severity, what it rests on and what it finds."""
    texts = rule_texts.texts()
    return [(entry.id, f"{entry.severity}, {entry.basis}: {texts[entry.id].summary}") for entry in all_rules()]


def pages() -> Mapping[str, str]:
    """Give the text of every page by its file's name: one for each first part of an id, and the index."""
    subjects: dict[str, list[Explained]] = {}
    texts = rule_texts.texts()
    for entry in all_rules():
        subjects.setdefault(entry.id.partition("/")[0], []).append(Explained(entry, texts[entry.id]))
    ordered = {name: subjects[name] for name in SUBJECTS if name in subjects} | subjects
    return {INDEX: _index(ordered), **{f"{name}.md": _page(name, entries) for name, entries in ordered.items()}}


def _index(subjects: Mapping[str, list[Explained]]) -> str:
    total = sum(map(len, subjects.values()))
    lines = [
        "# Rules",
        "",
        f"Everything that Aurora may find: {total} rules. `aurora explain RULE` prints one of them. These pages are",
        "written by `aurora explain --write docs/rules`; a test compares them with the rules.",
        "",
        *textwrap.wrap(_BASES, 120),
        "",
        "| rules | about | errors | warnings | notes | refused | broken | advice |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, entries in subjects.items():
        counts = Counter(str(found) for entry in entries for found in (entry.rule.severity, entry.rule.basis))
        shown = " | ".join(str(counts[name]) for name in (*Severity, *Basis))
        lines.append(f"| [{name}]({name}.md) | {SUBJECTS.get(name, '')} | {shown} |")
    return "\n".join(lines) + "\n"


def _page(name: str, entries: list[Explained]) -> str:
    return "\n\n".join([f"# {name}\n\n{SUBJECTS.get(name, '')}".rstrip(), *map(_section, entries)]) + "\n"


def _section(entry: Explained) -> str:
    rule, text = entry.rule, entry.text
    source = [f"Source: {text.source}."] if text.source else []
    return "\n\n".join(
        [
            f"## `{rule.id}`",
            f"{text.summary[:1].upper()}{text.summary[1:]} ({rule.severity}, {rule.basis}).",
            *(
                textwrap.fill(words, 120, break_long_words=False, break_on_hyphens=False)
                for words in (text.why, *source)
            ),
            f"Bad:\n\n{_fenced(text.bad)}",
            f"Good:\n\n{_fenced(text.good)}",
        ]
    )


def _fenced(example: str) -> str:
    """Fence an example with more backticks than it holds; only what reads as a mapping is called YAML."""
    longest = max(map(len, re.findall(r"`+", example)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{'yaml' if _is_yaml(example) else 'text'}\n{example.strip(chr(10))}\n{fence}"


def _is_yaml(example: str) -> bool:
    try:
        values = [reading.parse(document.text).value for document in reading.split(example)]
    except reading.YamlError:
        return False
    return bool(values) and all(isinstance(value, dict) for value in values)
