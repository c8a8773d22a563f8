"""What a suite of recorded events may find. Each example is a policy and, as second document, its events."""

from __future__ import annotations

from aurora.model.finding import Severity
from aurora.model.rule import Rule

_POLICY = """\
apiVersion: cilium.io/v1alpha1
kind: TracingPolicyNamespaced
metadata: {name: example}
spec:
  kprobes:
    - call: tcp_connect
      syscall: false
      args: [{index: 0, type: sock}]
      selectors:
        - matchArgs: [{index: 0, operator: NotDAddr, values: [127.0.0.0/8]}]
"""
_SECOND_SELECTOR = "        - matchArgs: [{index: 0, operator: DAddr, values: [192.0.2.0/24]}]\n"
_FOLLOWED = _POLICY.replace(
    "        - matchArgs",
    "        - matchBinaries: [{operator: In, values: [/bin/sh], followChildren: true}]\n          matchArgs",
)
_EVENT = (
    "  - {name: %s, call: tcp_connect, binary: /bin/sh, args: [{source: 192.0.2.1, sourcePort: 1, "
    "destination: %s, destinationPort: 443}]}\n"
)
_MUST = "mustMatch:\n" + _EVENT % ("a stranger", "203.0.113.7")
_MUST_NOT = "mustNotMatch:\n" + _EVENT % ("itself", "127.0.0.1")
_EVENTS = f"policy: example\n{_MUST}{_MUST_NOT}"
_GOOD = f"{_POLICY}---\n{_EVENTS}"

WRONG_VERDICT = Rule(
    id="tracing/wrong-verdict",
    severity=Severity.ERROR,
    summary="a recorded event that a tracing policy judges otherwise than its tests demand",
    why="The policy would miss what it is for, or report what is right until nobody reads its events.",
    bad=f"{_POLICY}---\n{_EVENTS.replace('203.0.113.7', '127.0.0.2')}",
    good=_GOOD,
)
UNPROVED_HOOK = Rule(
    id="tracing/unproved-hook",
    severity=Severity.ERROR,
    summary="a hook without an event that must match, or without one that must not",
    why="A hook that reports everything passes every test of the one sort, a dead one every test of the other.",
    bad=f"{_POLICY}---\npolicy: example\n{_MUST}",
    good=_GOOD,
)
UNPROVED_SELECTOR = Rule(
    id="tracing/unproved-selector",
    severity=Severity.ERROR,
    summary="a selector that no event is reported by",
    why="Selectors are tried in their order and the first one reports: a later one may be dead.",
    bad=f"{_POLICY}{_SECOND_SELECTOR}---\n{_EVENTS}",
    good=_GOOD,
)
UNMODELLED = Rule(
    id="tracing/unmodelled",
    severity=Severity.ERROR,
    summary="a tracing policy that uses what the evaluator does not model",
    why="What is passed over may decide whether an event is reported, so the tests would prove nothing.",
    bad=f"{_FOLLOWED}---\n{_EVENTS}",
    good=_GOOD,
)
BAD_EVENT = Rule(
    id="tracing/bad-event",
    severity=Severity.ERROR,
    summary="recorded events that cannot be judged",
    why="An event that is left out counts as passed for whoever reads the totals.",
    bad=f"{_POLICY}---\n{_EVENTS}{_EVENT % ('itself', '127.0.0.1')}",
    good=_GOOD,
)
RULES = (WRONG_VERDICT, UNPROVED_HOOK, UNPROVED_SELECTOR, UNMODELLED, BAD_EVENT)
