"""The effects of changes: a table of what the cluster does about each field, and the decision that reads it.

`decide` gives the effect of one object's change; `rows` reads the table that `docs/effects.md` and `aurora explain`
show. What a change means for other objects is not decided here.
"""

from aurora.changes.effects.decision import Verdict, decide
from aurora.changes.effects.row import Row

__all__ = ["Row", "Verdict", "decide"]
