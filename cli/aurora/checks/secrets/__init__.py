"""The check `secrets`: no credential in Git, and none where it is not needed.

Source: `reference/domain.md` section 0 row 11 and section 18.
"""

from __future__ import annotations

from aurora.checks.check import InventoryCheck
from aurora.checks.secrets import plain_text, readers

CHECK = InventoryCheck("secrets", (*plain_text.RULES, *readers.RULES))
