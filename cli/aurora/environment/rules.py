"""The rules that environment files are held to, with examples that the tests run; and findings made of them.

An example is the file of an environment named `example`.
"""

from aurora.model.finding import Finding, Severity
from aurora.model.place import Place, Step, pointer
from aurora.model.rule import ADVICE, BROKEN, Rule

SYNTAX = Rule("environment/syntax", BROKEN)
AMBIGUOUS = Rule("environment/ambiguous-value", BROKEN)
UNKNOWN_KEY = Rule("environment/unknown-key", BROKEN)
UNKNOWN_KIND = Rule("environment/unknown-kind", BROKEN)
INVALID = Rule("environment/invalid-value", BROKEN)
MISSING_KEY = Rule("environment/missing-key", BROKEN)
LAYER = Rule("environment/layer", BROKEN)
NAME = Rule("environment/name", BROKEN)
UNKNOWN_COMPONENT = Rule("environment/unknown-component", BROKEN)
WRONG_COMPONENT_KIND = Rule("environment/wrong-component-kind", BROKEN)
UNKNOWN_IMAGE = Rule("environment/unknown-image", BROKEN)
UNKNOWN_NAMESPACE = Rule("environment/unknown-namespace", BROKEN)
MISFIT = Rule("environment/misfit", BROKEN)
RESERVED_NAME = Rule("environment/reserved-name", BROKEN)
UNKNOWN_STAGE = Rule("environment/unknown-stage", BROKEN)
PLACEHOLDER = Rule("environment/placeholder", ADVICE)
UNUSED_FACT = Rule("environment/unused-fact", ADVICE, severity=Severity.WARNING)
WAIVER_EXPIRED = Rule("environment/waiver-expired", ADVICE)
WAIVER_UNUSED = Rule("environment/waiver-unused", ADVICE)

RULES = tuple(entry for entry in list(globals().values()) if isinstance(entry, Rule))


def found(
    rule: Rule, place: Place, message: str, *, steps: tuple[Step, ...] | None = None, hint: str | None = None
) -> Finding:
    """Make a finding about a place in an environment file."""
    return Finding.of(rule, message, place, pointer=None if steps is None else pointer(steps), hint=hint)
