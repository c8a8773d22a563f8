"""What quantities of Kubernetes amount to, as far as specifications compare them. Imports no cdk8s."""

from fractions import Fraction

_FACTORS: dict[str, Fraction] = {
    "m": Fraction(1, 1000),
    **{letter: Fraction(1000) ** power for power, letter in enumerate(("", "k", "M", "G", "T", "P", "E"))},
    **{f"{letter}i": Fraction(1024) ** power for power, letter in enumerate("KMGTPE", start=1)},
}


def is_more(quantity: str, than: str) -> bool:
    """Tell whether a quantity is more than another."""
    return _amount(quantity) > _amount(than)


def _amount(quantity: str) -> Fraction:
    digits = quantity.rstrip("".join(_FACTORS))
    return Fraction(digits) * _FACTORS[quantity[len(digits) :]]
