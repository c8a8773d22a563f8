"""Resource quantities, exactly: `500m`, `1.5Gi`, `2e3` and the numbers that JSON allows in their place.

Source: `ParseQuantity` and the suffix table of k8s.io/apimachinery v0.36. No floating point: sums of
quantities are compared with quotas, where a rounding error is a wrong verdict. A text without digits is
refused: the API server reads `Mi` as 0 and refuses `Ei`, and nobody means either. Must not know what a
quantity is for.
"""

import re
from fractions import Fraction
from functools import lru_cache

from aurora.model.json_value import JsonValue

_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_FORM = re.compile(r"([-+]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*)([-+]?[0-9]*)")
_NANO = Fraction(1, 10**9)
_LARGEST = 2**63 - 1
MAX_LENGTH = 64
"""Longer texts are no quantities that anybody writes, and long exponents cost memory."""
MAX_EXPONENT = 100


def parse(value: JsonValue) -> Fraction:
    """Read a quantity as the API server does, rounded up to a billionth.

    Raises:
        ValueError: the value is no quantity.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("a quantity is a string or a number")  # noqa: TRY004 - one error for every unreadable value
    return _amount(str(value))


@lru_cache(maxsize=4096)
def _amount(written: str) -> Fraction:
    """Read a quantity's text; a platform repeats few."""
    form = _FORM.fullmatch(written) if len(written) <= MAX_LENGTH and written.isascii() else None
    if form is None or not (form[2] or form[3]):
        raise ValueError(f"`{written[:MAX_LENGTH]}` is no quantity")
    sign, whole, fraction, letters, exponent = form.groups()
    digits = Fraction(int((whole + (fraction or "")) or "0"), 10 ** len(fraction or ""))
    factor, binary = _factor(letters + exponent, written)
    amount = _rounded(digits * factor)
    if binary:
        amount = min(amount, Fraction(_LARGEST))
    return -amount if sign == "-" else amount


def _factor(suffix: str, written: str) -> tuple[Fraction, bool]:
    """Give what a suffix multiplies by and whether it is a binary one."""
    if suffix in _BINARY:
        return Fraction(2 ** _BINARY[suffix]), True
    if suffix in _DECIMAL:
        return Fraction(10) ** _DECIMAL[suffix], False
    if re.fullmatch(r"[eE][-+]?[0-9]+", suffix):
        power = int(suffix[1:])
        if abs(power) <= MAX_EXPONENT:
            return Fraction(10) ** power, False
    raise ValueError(f"`{written}` has a suffix that Kubernetes does not know")


def _rounded(amount: Fraction) -> Fraction:
    """Round up: who asks for a little is given a little, never nothing."""
    return -(-amount // _NANO) * _NANO


def read(value: JsonValue | None) -> Fraction | None:
    """Give the amount, or None where the value is missing or no quantity."""
    if value is None:
        return None
    try:
        return parse(value)
    except ValueError:
        return None


def render(amount: Fraction) -> str:
    """Write an amount for people: with the largest binary suffix that keeps it whole, else decimal."""
    if amount.denominator == 1:
        for suffix, power in reversed(_BINARY.items()):
            if amount and amount.numerator % 2**power == 0:
                return f"{amount.numerator >> power}{suffix}"
        return str(amount.numerator)
    for suffix in ("m", "u", "n"):
        scaled = amount / Fraction(10) ** _DECIMAL[suffix]
        if scaled.denominator == 1:
            return f"{scaled.numerator}{suffix}"
    return str(amount)
