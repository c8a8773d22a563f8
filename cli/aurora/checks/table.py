"""The table of checks: the only list of them, in the order of reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aurora.checks.check import Check

TABLE: tuple[Check, ...] = ()
