"""What the evaluator does not model is refused by name: it is never taken for something that does not match."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aurora.tracing.argument_types import FAMILIES, OPERATORS
from aurora.tracing.operators import MODELLED
from aurora.tracing.policy import TYPES, UnmodelledError, hooks
from aurora.yamlio import reading
from tracing.cases import HEAD, judged, policy

EVENTS = "policy: watch\nmustNotMatch:\n  - {name: nothing, call: hooked, binary: /bin/sh, args: [/a]}\n"
MATCH = "matchArgs: [{index: 0, operator: Equal, values: [/b]}]"


def refused(text: str) -> UnmodelledError:
    body: Any = reading.parse(text).value
    with pytest.raises(UnmodelledError) as caught:
        hooks(body)
    return caught.value


@pytest.mark.parametrize(
    "field",
    [
        "macros: [x]",
        "matchCapabilities: [{type: Effective, operator: In, values: [CAP_CHOWN]}]",
        "matchCapabilityChanges: [{type: Effective, operator: In, values: [CAP_CHOWN]}]",
        "matchData: [{index: 0, operator: Equal, values: ['1']}]",
        "matchNamespaceChanges: [{operator: In, values: [Mnt]}]",
        "matchNamespaces: [{namespace: Mnt, operator: In, values: [host_ns]}]",
        "matchPIDs: [{operator: In, values: [1]}]",
        "matchParentBinaries: [{operator: In, values: [/bin/sh]}]",
        "matchReturnArgs: [{index: 0, operator: Equal, values: ['0']}]",
        "matchReturnActions: [{action: Post}]",
        "somethingNew: 1",
    ],
)
def test_fields_of_selectors(field: str, tmp_path: Path) -> None:
    text = policy(f"[{{{MATCH}, {field}}}]")
    assert field.partition(":")[0] in refused(text).message
    result = judged(tmp_path, text, EVENTS)
    assert (result.passed, result.cases, [finding.rule for finding in result.findings]) == (
        False,
        (),
        ["tracing/unmodelled"],
    )


@pytest.mark.parametrize("kind", sorted(FAMILIES))
def test_operators_and_types(kind: str) -> None:
    modelled = MODELLED[FAMILIES[kind]] if kind in TYPES else frozenset()
    others = {*OPERATORS, "CelExpr", "Equals", ""} - modelled
    assert others
    for operator in sorted(others):
        filters = f'[{{matchArgs: [{{index: 0, operator: "{operator}", values: ["1"]}}]}}]'
        assert "is not modelled" in refused(policy(filters, args=f"[{{index: 0, type: {kind}}}]")).message


def test_every_modelled_operator_is_read() -> None:
    for kind in sorted(TYPES):
        for operator in sorted(MODELLED[FAMILIES[kind]]):
            value = "10.0.0.0/8" if operator.endswith("Addr") else "1"
            text = policy(
                f"[{{matchArgs: [{{index: 0, operator: {operator}, values: ['{value}']}}]}}]",
                args=f"[{{index: 0, type: {kind}}}]",
            )
            body: Any = reading.parse(text).value
            assert len(hooks(body)) == 1


@pytest.mark.parametrize(
    ("selectors", "words"),
    [
        ("[{matchArgs: [{index: 1, operator: Equal, values: [a]}]}]", "does not read"),
        ("[{matchArgs: [{operator: Equal, values: [a]}]}]", "does not read"),
        ("[{matchArgs: [{index: 0, operator: Equal, values: []}]}]", "no values"),
        ("[{matchArgs: [{index: 0, operator: Equal}]}]", "no values"),
        ("[{matchArgs: [{index: 0, operator: Equal, values: [1]}]}]", "no texts"),
        ("[{matchArgs: [{args: [0], operator: Equal, values: [a]}]}]", "`args`"),
        ("[{matchBinaries: [{operator: In, values: [/a], followChildren: true}]}]", "`followChildren`"),
        ("[{matchBinaries: [{operator: Equal, values: [/a]}]}]", "`Equal`"),
        ("[{matchBinaries: [{operator: In, values: [/a]}, {operator: In, values: [/b]}]}]", "at most one"),
        ("[{matchActions: [{action: NoPost}]}]", "`NoPost`"),
        ("[{matchActions: [{action: Sigkill}]}]", "`Sigkill`"),
        ("[{matchActions: [{action: Post, argFd: 1}]}]", "`argFd`"),
        ("[]", "every call"),
    ],
)
def test_parts_of_selectors(selectors: str, words: str) -> None:
    assert words in refused(policy(selectors)).message


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ("[{index: 0, type: path, resolve: a.b}]", "`resolve`"),
        ("[{index: 0, type: path, returnCopy: true}]", "`returnCopy`"),
        ("[{type: path}]", "no index"),
        ("[{index: 0}]", "type ``"),
        ("[{index: 0, type: auto}]", "`auto`"),
    ],
)
def test_parts_of_arguments(args: str, words: str) -> None:
    assert words in refused(policy(f"[{{{MATCH}}}]", args=args)).message


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("kprobes: []", "hooks nothing"),
        ("tracepoints: []", "`tracepoints`"),
        ("lsmhooks: []", "`lsmhooks`"),
        ("podSelector: {}", "`podSelector`"),
        ("lists: []", "`lists`"),
        ("selectorsMacros: {}", "`selectorsMacros`"),
        ("kprobes: [{call: a, returnArgAction: TrackSock}]", "`returnArgAction`"),
        ("kprobes: [{syscall: true}]", "names no call"),
        ("kprobes: [{call: a, selectors: [{}]}, {call: a, selectors: [{}]}]", "hooked twice"),
    ],
)
def test_parts_of_policies(spec: str, words: str) -> None:
    assert words in refused(f"{HEAD}spec: {{{spec}}}\n").message


def test_a_refusal_says_where(tmp_path: Path) -> None:
    text = policy("[{matchArgs: [{index: 0, operator: SubString, values: [a]}]}]")
    (finding,) = judged(tmp_path, text, EVENTS).findings
    assert str(finding.place).startswith("tetragon/watch/policy.yaml:9:")
    assert "`SubString`" in finding.message
