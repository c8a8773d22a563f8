"""What the check `schema` may find about an object; broken definitions have a rule of `aurora.schemas`."""

from aurora.model.rule import BROKEN, REFUSED, Rule

INVALID = Rule("schema/invalid", REFUSED)
UNKNOWN_KIND = Rule("schema/unknown-kind", BROKEN)
VERSION_NOT_SERVED = Rule("schema/version-not-served", REFUSED)
MISSING_SPEC = Rule("schema/missing-spec", BROKEN)
