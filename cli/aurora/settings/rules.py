"""What may be wrong with the settings of a repository."""

from __future__ import annotations

from aurora.model.rule import BROKEN, Rule

INVALID = Rule("settings/invalid", BROKEN)
RULES = (INVALID,)
