"""What may be wrong with the settings of a repository, its baseline, and the comments that silence a rule."""

from aurora.model.finding import Severity
from aurora.model.rule import ADVICE, BROKEN, Rule

INVALID = Rule("settings/invalid", BROKEN)
EXCLUDED = Rule("settings/excluded", ADVICE, severity=Severity.NOTE)
BASELINE_STALE = Rule("settings/baseline-stale", ADVICE, severity=Severity.WARNING)
COMMENT_INVALID = Rule("settings/comment-invalid", BROKEN)
COMMENT_UNUSED = Rule("settings/comment-unused", BROKEN)
RULES = (INVALID, EXCLUDED, BASELINE_STALE, COMMENT_INVALID, COMMENT_UNUSED)
