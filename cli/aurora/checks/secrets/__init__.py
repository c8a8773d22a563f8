"""The check `secrets`: no credential in Git, and none where it is not needed.

Source: `docs/facts/secrets.md`.
"""

from __future__ import annotations

from aurora.checks.check import InventoryCheck
from aurora.checks.secrets import plain_text, readers

CHECK = InventoryCheck("secrets", (*plain_text.RULES, *readers.RULES))
