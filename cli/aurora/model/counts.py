"""Whole numbers and percentages as manifests hold them, foreign ones included.

Source: `GetScaledValueFromIntOrPercent` of k8s.io/apimachinery v0.36 (`intstr`). Must not know fields.
"""

import re

from aurora.model.json_value import JsonValue

_PERCENT = re.compile(r"[0-9]{1,9}%")


def integer(value: JsonValue | None) -> int | None:
    """Give the value if it is a whole number; booleans are none, although Python counts them among them."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def is_percentage(value: JsonValue | None) -> bool:
    """Tell whether the value is a percentage, such as `25%`."""
    return isinstance(value, str) and _PERCENT.fullmatch(value) is not None


def scaled(value: JsonValue | None, total: int, *, round_up: bool) -> int | None:
    """Give a number as it is and a percentage as a share of the total; None for anything else."""
    if isinstance(value, str) and is_percentage(value):
        share = int(value[:-1]) * total
        return -(-share // 100) if round_up else share // 100
    return integer(value)
