"""The rules of `aurora test`: everything that Kyverno's own test command lets through, and what it never asks.

An example is a stream: the test, its policy, its objects. Must not look at anything.
"""

from aurora.model.finding import Severity
from aurora.model.rule import Basis, Rule

BROKEN = Rule("test/broken", Basis.BROKEN)
MISSING_FILE = Rule("test/missing-file", Basis.BROKEN)
POLICY_FILE = Rule("test/policy-file", Basis.BROKEN)
SAME_NAME = Rule("test/same-name", Basis.BROKEN)
REFUSED = Rule("test/refused-policy", Basis.REFUSED)
OBJECTS = Rule("test/unusable-objects", Basis.BROKEN)
UNKNOWN = Rule("test/unknown-name", Basis.BROKEN)
UNPROVED = Rule("test/unproved", Basis.BROKEN)
FAILED = Rule("test/failed", Basis.BROKEN)
ONE_SIDED = Rule("test/one-sided", Basis.BROKEN)
UNTESTED = Rule("test/untested", Basis.BROKEN)
NOT_RUN = Rule("test/not-run", Basis.BROKEN)

GENERATED = Rule("test/generated", Basis.BROKEN)

MEETS_NOTHING = Rule("test/meets-nothing", Basis.ADVICE, severity=Severity.WARNING)

SURVIVED = Rule("test/mutant-survived", Basis.BROKEN)
NO_MUTANT = Rule("test/no-mutant", Basis.ADVICE, severity=Severity.WARNING)

RULES = tuple(entry for entry in list(globals().values()) if isinstance(entry, Rule))
