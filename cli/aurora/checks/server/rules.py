"""Everything that server validation and Pod Security may find.

The Go program decides; these values explain. `docs/protocol.md` lists the same ids.
"""

from aurora.model.finding import Severity
from aurora.model.rule import ADVICE, BROKEN, REFUSED, Rule
from aurora.server_validation.planted import LIMIT_RANGE_DEFAULT, OUTSIDE_LIMIT_RANGE

SERVER_RULES: tuple[Rule, ...] = (
    Rule("server/create-refused", REFUSED),
    Rule("server/unknown-field", REFUSED),
    Rule("server/duplicate-field", REFUSED),
    Rule("server/malformed", REFUSED),
    Rule("server/unknown-kind", REFUSED),
    Rule("server/not-served", REFUSED),
    Rule("server/not-stored", REFUSED),
    Rule("server/deprecated", ADVICE, severity=Severity.WARNING),
    Rule("server/warning", ADVICE, severity=Severity.WARNING),
    Rule("server/generate-name", ADVICE, severity=Severity.WARNING),
    Rule("server/drift", ADVICE, severity=Severity.WARNING),
    Rule("server/admission-denied", REFUSED),
    Rule("server/update-refused", REFUSED),
    Rule("server/refused-when-new", ADVICE, severity=Severity.WARNING),
    Rule("server/unjudged", BROKEN),
    Rule("server/version-skew", ADVICE, severity=Severity.NOTE),
)

LIMIT_RULES: tuple[Rule, ...] = (
    Rule(OUTSIDE_LIMIT_RANGE, REFUSED),
    Rule(LIMIT_RANGE_DEFAULT, REFUSED),
)
"""Those about workloads that only the server's code can judge: their results are part of the check `scaling`."""

POD_SECURITY_RULES: tuple[Rule, ...] = (
    Rule("pod-security/enforce", REFUSED),
    Rule("pod-security/warn", ADVICE, severity=Severity.WARNING),
    Rule("pod-security/audit", ADVICE, severity=Severity.NOTE),
    Rule("pod-security/namespace-labels", REFUSED),
)
