"""The table of checks: the only list of them, in the order of reports."""

from collections.abc import Callable
from pathlib import Path

from aurora import differ, exports, inputs, manifests, suite_rules
from aurora.checks import (
    charts,
    encryption,
    gitops,
    identity,
    kubelet,
    monitoring,
    network,
    policy,
    recovery,
    references,
    routing,
    scaling,
    scheduling,
    schema,
    secrets,
    server,
    storage,
    tetragon,
    versions,
    workflows,
)
from aurora.checks.check import Check
from aurora.environment.rules import RULES as ENVIRONMENT_RULES
from aurora.model.rule import Rule
from aurora.policies import folders
from aurora.schemas.rules import NOT_A_CRD
from aurora.settings.rules import RULES as SETTINGS_RULES
from aurora.tracing import rules as tracing


def table(locate_tool: Callable[[str], Path], *, engine: str = policy.DEFAULT_ENGINE) -> tuple[Check, ...]:
    """Give every check; those with an outside tool find it with `locate_tool` when they run.

    `engine` judges by policies.
    """
    return (
        schema.SchemaCheck(locate_tool=locate_tool),
        server.ServerCheck(locate_tool),
        policy.PolicyCheck(locate_tool=locate_tool, engine=engine),
        references.CHECK,
        kubelet.CHECK,
        routing.CHECK,
        scaling.CHECK,
        scheduling.CHECK,
        network.CHECK,
        storage.CHECK,
        encryption.CHECK,
        recovery.CHECK,
        secrets.CHECK,
        identity.CHECK,
        monitoring.CHECK,
        gitops.CHECK,
        tetragon.CHECK,
        workflows.CHECK,
        versions.CHECK,
        charts.CHECK,
    )


# Rules that stages find, beside those of the checks.
STAGE_RULES: tuple[Rule, ...] = (
    NOT_A_CRD,
    *SETTINGS_RULES,
    *ENVIRONMENT_RULES,
    *inputs.RULES,
    *exports.RULES,
    *manifests.RULES,
    folders.UNUSABLE,
    *tracing.RULES,
    *suite_rules.RULES,
    differ.DRIFT,
)


def _no_tool(name: str) -> Path:
    raise AssertionError(f"`{name}` is not needed to list rules")


def all_rules() -> tuple[Rule, ...]:
    """Give every rule that a report can name, in the order of the table."""
    return (*STAGE_RULES, *(rule for check in table(_no_tool) for rule in check.rules))
