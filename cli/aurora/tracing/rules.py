"""What a suite of recorded events may find. Each example is a policy and, as second document, its events."""

from aurora.model.rule import BROKEN, Rule

WRONG_VERDICT = Rule("tracing/wrong-verdict", BROKEN)
UNPROVED_HOOK = Rule("tracing/unproved-hook", BROKEN)
UNPROVED_SELECTOR = Rule("tracing/unproved-selector", BROKEN)
UNMODELLED = Rule("tracing/unmodelled", BROKEN)
BAD_EVENT = Rule("tracing/bad-event", BROKEN)
RULES = (WRONG_VERDICT, UNPROVED_HOOK, UNPROVED_SELECTOR, UNMODELLED, BAD_EVENT)
