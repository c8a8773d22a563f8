"""The rules of the check besides the policies themselves, whose ids are `policy/<name of the policy>`."""

from aurora.model.finding import Severity
from aurora.model.rule import ADVICE, BROKEN, REFUSED, Rule

INVALID = Rule("policy/invalid", REFUSED)
ERROR = Rule("policy/error", BROKEN)
NOT_JUDGED = Rule("policy/not-judged", BROKEN, severity=Severity.WARNING)
UNPROVED = Rule("policy/unproved", BROKEN)
UNJUDGED = Rule("policy/unjudged", BROKEN)
EXCEPTION = Rule("policy/exception", ADVICE)
RULES = (NOT_JUDGED, INVALID, ERROR, UNPROVED, UNJUDGED, EXCEPTION)
