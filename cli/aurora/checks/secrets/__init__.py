"""The check `secrets`: no credential in Git, none where it is not needed, and one writer for each.

Source: `docs/facts/secrets.md`.
"""

from aurora.checks.check import InventoryCheck
from aurora.checks.secrets import plain_text, readers, writers

CHECK = InventoryCheck("secrets", (*plain_text.RULES, *readers.RULES, *writers.RULES))
