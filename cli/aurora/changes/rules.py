"""The rules of a diff.

Those of `diff` say what it could not read or judge: each keeps it from being the whole truth. Those of `rollout` say
what an edit does to a model's version on trial that the state machine refuses.
"""

from aurora.model.finding import Finding, Severity
from aurora.model.place import Place
from aurora.model.rule import ADVICE, BROKEN, Rule

HUGE = Rule("diff/huge-file", BROKEN)
NO_FILE = Rule("diff/no-file", BROKEN)
NO_MANIFEST = Rule("diff/no-manifest", ADVICE, severity=Severity.NOTE)
NOT_JUDGED = Rule("diff/not-judged", BROKEN, severity=Severity.WARNING)
NOT_COMPILED = Rule("diff/not-compiled", BROKEN, severity=Severity.WARNING)
NOT_LOADED = Rule("diff/not-loaded", BROKEN, severity=Severity.WARNING)
CHANGED_ON_TRIAL = Rule("rollout/changed-on-trial", ADVICE)
STEP_SKIPPED = Rule("rollout/step-skipped", ADVICE)
UNTRIED_VERSION = Rule("rollout/untried-version", ADVICE)
PROMOTED_UNJUDGED = Rule("rollout/promoted-unjudged", ADVICE)
RULES = (
    *(HUGE, NO_FILE, NO_MANIFEST, NOT_JUDGED, NOT_COMPILED, NOT_LOADED),
    *(CHANGED_ON_TRIAL, STEP_SKIPPED, UNTRIED_VERSION, PROMOTED_UNJUDGED),
)


def found(rule: Rule, message: str, *, place: Place | None, environment: str | None, hint: str) -> Finding:
    """Make a finding of a rule."""
    return Finding(
        rule=rule.id, severity=rule.severity, message=message, place=place, environment=environment, hint=hint
    )
