"""The rules as people read them: `aurora explain RULE`, `aurora list`, and the pages under `docs/rules/`.

Every rule that a report can name is here. Runs no tool; writes only where it is told to.
"""

from __future__ import annotations

import difflib
import json
import re
import textwrap
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from aurora.changes import page
from aurora.changes.rules import RULES as CHANGE_RULES
from aurora.checks.table import all_rules as rules_of_checks
from aurora.checks.table import table
from aurora.errors import StorageError, UsageError
from aurora.model.rule import Rule
from aurora.paths import find_repository
from aurora.policies import folders
from aurora.yamlio import reading

INDEX = "README.md"
FORMATS = ("text", "json", "markdown")

SUBJECTS = {
    "input": "What is named on the command line.",
    "yaml": "Documents, before anything is known about them.",
    "settings": "The settings of a repository.",
    "environment": "Environment files and their layers: what people write.",
    "generated": "What is committed, against what would be compiled.",
    "tracing": "The recorded events of tracing policies.",
    "test": "The tests of Kyverno policies, their coverage and their mutants.",
    "diff": "What a comparison could not read or judge.",
    "schema": "The shape of every object, by kubeconform.",
    "server": "What the API server would say to every object, by its own code.",
    "pod-security": "Every pod, at the Pod Security level of its namespace.",
    "policy": "Every object, by the Kyverno policies that apply to it.",
    "references": "Everything that an object names exists.",
    "routing": "Requests reach what they are meant for, in the shares that are stated.",
    "scaling": "Replicas, resources, quotas and disruptions fit together.",
    "network": "Network policies allow what is needed and nothing else.",
    "storage": "Volumes can be mounted where and as they are used.",
    "secrets": "No secret in plain text, and none for who does not need it.",
    "monitoring": "Alerts, recordings, dashboards and what they are made from.",
    "gitops": "Argo CD may, can and will sync what is committed, in an order that works.",
    "tetragon": "Tracing policies stay within the limits of Tetragon and do what they seem to.",
}
"""What the rules with each first part of an id are about, in the order of the pages."""


def all_rules() -> tuple[Rule, ...]:
    """Give every rule that a report can name; a repository's own policies come in addition."""
    return (*rules_of_checks(), *CHANGE_RULES)


def rule(id_: str, folder: Path) -> Rule:
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
    return rules[id_]


def _policy(id_: str, folder: Path) -> Rule | None:
    subject, _, name = id_.partition("/")
    if subject != "policy" or not name:
        return None
    try:
        return folders.as_rule(find_repository(folder), name)
    except UsageError:
        return None


def explained(id_: str, format_: str, *, folder: Path) -> str:
    """Explain a rule, or a row of the tables behind a diff: as text, as JSON for programs, or as Markdown.

    Raises:
        UsageError: there is no such rule.
    """
    row = page.explained(id_)
    if row is not None:
        return {"json": json.dumps({"id": id_, "text": row}), "markdown": f"```text\n{row}\n```"}.get(format_, row)
    found = rule(id_, folder)
    if format_ == "json":
        return json.dumps(asdict(found), indent=2)
    if format_ == "markdown":
        return _section(found)
    blocks = [
        f"{found.id} ({found.severity})\n{found.summary}",
        textwrap.fill(found.why, 100),
        f"bad:\n{textwrap.indent(found.bad.strip(), '    ')}",
        f"good:\n{textwrap.indent(found.good.strip(), '    ')}",
    ]
    return "\n\n".join(blocks)


def _nowhere(name: str) -> Path:
    raise AssertionError(f"`{name}` is not needed to list checks")


def checks() -> list[tuple[str, str]]:
    """Give each check with the number of its rules."""
    found = ((name, check) for check in table(_nowhere) for name in check.names)
    return [(name, f"{sum(entry.id.startswith(f'{name}/') for entry in check.rules)} rules") for name, check in found]


def rules() -> list[tuple[str, str]]:
    """Give each rule with its severity and what it finds."""
    return [(entry.id, f"{entry.severity}: {entry.summary}") for entry in all_rules()]


def pages() -> Mapping[str, str]:
    """Give the text of every page by its file's name: one for each first part of an id, and the index."""
    subjects: dict[str, list[Rule]] = {}
    for entry in all_rules():
        subjects.setdefault(entry.id.partition("/")[0], []).append(entry)
    ordered = {name: subjects[name] for name in SUBJECTS if name in subjects} | subjects
    return {INDEX: _index(ordered), **{f"{name}.md": _page(name, entries) for name, entries in ordered.items()}}


def write(folder: Path) -> list[str]:
    """Write every page into a folder, remove pages of rules that are gone, and give what was written.

    Raises:
        StorageError: a file cannot be written.
    """
    found = pages()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for stale in folder.glob("*.md"):
            if stale.name not in found:
                stale.unlink()
        for name, content in found.items():
            (folder / name).write_text(content, encoding="utf-8", newline="\n")
    except OSError as error:
        raise StorageError(f"`{error.filename or folder}` cannot be written: {error.strerror}") from error
    return [str(folder / name) for name in found]


def _index(subjects: Mapping[str, list[Rule]]) -> str:
    total = sum(map(len, subjects.values()))
    lines = [
        "# Rules",
        "",
        f"Everything that Aurora may find: {total} rules. `aurora explain RULE` prints one of them. These pages are",
        "written by `aurora explain --write docs/rules`; a test compares them with the rules.",
        "",
        "| rules | about | errors | warnings | notes |",
        "|---|---|---|---|---|",
    ]
    for name, entries in subjects.items():
        counts = Counter(str(entry.severity) for entry in entries)
        shown = " | ".join(str(counts[severity]) for severity in ("error", "warning", "note"))
        lines.append(f"| [{name}]({name}.md) | {SUBJECTS.get(name, '')} | {shown} |")
    return "\n".join(lines) + "\n"


def _page(name: str, entries: list[Rule]) -> str:
    return "\n\n".join([f"# {name}\n\n{SUBJECTS.get(name, '')}".rstrip(), *map(_section, entries)]) + "\n"


def _section(entry: Rule) -> str:
    summary = entry.summary[:1].upper() + entry.summary[1:]
    return "\n\n".join(
        [
            f"## `{entry.id}`",
            f"{summary} ({entry.severity}).",
            textwrap.fill(entry.why, 120, break_long_words=False, break_on_hyphens=False),
            f"Bad:\n\n{_fenced(entry.bad)}",
            f"Good:\n\n{_fenced(entry.good)}",
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
