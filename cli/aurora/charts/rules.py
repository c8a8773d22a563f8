"""The rules about charts themselves; what they render is judged by the rules of all checks."""

from aurora.model.rule import ADVICE, BROKEN, REFUSED, Rule

BROKEN_LOCK = Rule("charts/broken-lock", BROKEN)
APP_VERSION = Rule("charts/app-version", BROKEN)
NO_ARCHIVE = Rule("charts/no-archive", BROKEN)
UNUSABLE_ARCHIVE = Rule("charts/unusable-archive", BROKEN)
NOT_RENDERED = Rule("charts/not-rendered", REFUSED)
NOT_REPRODUCIBLE = Rule("charts/not-reproducible", BROKEN)
INVALID_VALUES = Rule("charts/invalid-values", REFUSED)
UNKNOWN_VALUE = Rule("charts/unknown-value", BROKEN)
VALUE_WITHOUT_EFFECT = Rule("charts/value-without-effect", ADVICE)
RULES = (
    BROKEN_LOCK,
    APP_VERSION,
    NO_ARCHIVE,
    UNUSABLE_ARCHIVE,
    NOT_RENDERED,
    NOT_REPRODUCIBLE,
    INVALID_VALUES,
    UNKNOWN_VALUE,
    VALUE_WITHOUT_EFFECT,
)
