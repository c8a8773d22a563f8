"""The alerts about runtime policies: what they report, and whether they are loaded at all. Pure.

A policy that is not loaded reports nothing, which looks exactly like a quiet platform.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aurora_constructs.components.monitoring.rules import Alert, any_of

_EVENTS = "tetragon_policy_events_total"
_LOADED = "tetragon_tracingpolicy_loaded"
_BY = "namespace, workload, policy"


def runtime_alerts(watched: Mapping[str, Sequence[str]]) -> tuple[Alert, ...]:
    """Give the alerts about tracing policies; `watched` names the policies of each namespace."""
    return (
        _reported(watched),
        Alert(
            name="TracingPolicyNotLoaded",
            expr=f'max by (node, state) ({_LOADED}{{state=~"error|load_error"}}) > 0',
            hold="5m",
            severity="critical",
            summary="A tracing policy is not loaded",
            description="On node `{{ $labels.node }}`, {{ $value }} tracing policies are in state "
            "`{{ $labels.state }}`: they report nothing there. The agent's log says why.",
        ),
        Alert(
            name="TracingPoliciesAbsent",
            expr=f'absent({_LOADED}{{state="enabled"}} > 0)',
            hold="15m",
            severity="critical",
            summary="No tracing policy watches anything",
            description="No agent of Tetragon says that it has loaded a policy: silence proves nothing now.",
        ),
    )


def _reported(watched: Mapping[str, Sequence[str]]) -> Alert:
    """A counter that is born with its first event never increases: the second half sees it appear."""
    policies = [policy for names in watched.values() for policy in names]
    counter = f'{_EVENTS}{{namespace=~"{any_of(list(watched))}",policy=~"{any_of(policies)}"}}'
    return Alert(
        name="RuntimePolicyMatched",
        expr=(
            f"sum by ({_BY}) (increase({counter}[15m])) > 0 "
            f"or sum by ({_BY}) ({counter} unless {counter} offset 15m) > 0"
        ),
        hold="1m",
        severity="warning",
        summary="A process did what a runtime policy watches for",
        description="`{{ $labels.policy }}` reported `{{ $labels.workload }}` in namespace "
        "`{{ $labels.namespace }}`: Tetragon's events of that namespace name the process and its arguments.",
    )
