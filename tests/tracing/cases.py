"""Policies and events as text, and their suites' results."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aurora.model.finding import Finding
from aurora.model.json_value import JsonObject
from aurora.policies import folders
from aurora.tracing.suite import TESTS, SuiteResult, run
from aurora.yamlio import writing

Body = dict[str, Any]

HEAD = "apiVersion: cilium.io/v1alpha1\nkind: TracingPolicyNamespaced\nmetadata: {name: watch}\n"


def policy(selectors: str, *, call: str = "hooked", args: str = "[{index: 0, type: path}]", more: str = "") -> str:
    """Write a policy with one hook."""
    return (
        f"{HEAD}spec:\n  kprobes:\n    - call: {call}\n      syscall: false\n      args: {args}\n"
        f"      selectors: {selectors}\n{more}"
    )


def judged(folder: Path, policy_text: str, tests: str) -> SuiteResult:
    """Run a suite that is written to a folder."""
    place = folder / "watch"
    place.mkdir(parents=True, exist_ok=True)
    (place / folders.FILE).write_text(policy_text, encoding="utf-8")
    (place / TESTS).write_text(tests, encoding="utf-8")
    return run(place, shown="tetragon/watch")


def rules(findings: tuple[Finding, ...]) -> set[str]:
    """Give the rules that findings name."""
    return {finding.rule for finding in findings}


def without_one_filter(body: JsonObject) -> Iterator[tuple[str, str]]:
    """Yield copies of a policy that lack one filter each, with the filter's place."""
    source: Any = body
    for number, hook in enumerate(source["spec"]["kprobes"]):
        for position, selector in enumerate(hook["selectors"]):
            for field in ("matchArgs", "matchBinaries"):
                for index, _ in enumerate(selector.get(field, [])):
                    changed: Any = copy.deepcopy(source)
                    del changed["spec"]["kprobes"][number]["selectors"][position][field][index]
                    yield f"{hook['call']}/{position}/{field}/{index}", writing.dump(changed)


def with_one_value_less(body: JsonObject) -> Iterator[tuple[str, str]]:
    """Yield copies of a policy that lack one value of one filter each, with the value's place."""
    source: Any = body
    for number, hook in enumerate(source["spec"]["kprobes"]):
        for position, selector in enumerate(hook["selectors"]):
            for field in ("matchArgs", "matchBinaries"):
                for index, entry in enumerate(selector.get(field, [])):
                    for value in range(len(entry["values"])):
                        changed: Any = copy.deepcopy(source)
                        place = changed["spec"]["kprobes"][number]["selectors"][position][field][index]
                        name = f"{hook['call']}/{position}/{field}/{index}/{place['values'].pop(value)}"
                        place["values"] = place["values"] or ["/nothing/has/this/name"]
                        yield name, writing.dump(changed)
