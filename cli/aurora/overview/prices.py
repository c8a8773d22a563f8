"""Reads a price list: a file that somebody gives, since Aurora knows no price. Judges it, and computes nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from aurora.environment import rules
from aurora.environment.documents import obstacle, read_document
from aurora.environment.judgement import Judgement
from aurora.environment.rules import found
from aurora.environment.tree import Node
from aurora.environment.wording import suggestion, visible
from aurora.errors import InputError, UsageError
from aurora.model.finding import Finding, order
from aurora_constructs.machines import AZURE, EC2
from aurora_constructs.pools import Capacity
from aurora_constructs.spec import Spec

HOURS = 730
"""Hours of a month: a twelfth of a year."""

Price = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
"""An amount of money for one hour."""


class Rates(Spec):
    """What requests cost by the hour, where machines differ: of one CPU, one GiB of memory, one GPU."""

    cpu: Price = 0
    """One CPU."""
    memory: Price = 0
    """One GiB of memory."""
    gpu: Price = 0
    """One GPU."""


class PriceListSpec(Spec):
    """A price list, as people write it."""

    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    """The currency of every price, by its three letters."""
    hours_per_month: Annotated[float, Field(gt=0, le=744)] = HOURS
    """Hours of a month."""
    machines: dict[str, dict[Capacity, Price]] = {}
    """The price of a machine for an hour, by its type and by how it is bought."""
    rates: dict[Capacity, Rates] = {}
    """The price of what is requested for an hour, by how the machines are bought: for pools whose machines differ."""


@dataclass(frozen=True, slots=True)
class PriceList:
    """A price list whose machines are all known; numbers are exact."""

    spec: PriceListSpec

    def machine(self, name: str, bought: str) -> Fraction | None:
        """Give the price of a machine for an hour."""
        price = {str(key): value for key, value in self.spec.machines.get(name, {}).items()}.get(bought)
        return None if price is None else exact(price)

    def rates(self, bought: str) -> Rates | None:
        """Give the prices of requests for an hour."""
        return {str(key): value for key, value in self.spec.rates.items()}.get(bought)


def exact(price: float) -> Fraction:
    """Give a number as it is written in decimals."""
    return Fraction(repr(price))


def read(file: Path, known: Collection[str]) -> PriceList:
    """Read a price list; `known` are the types of machines that environments state beside those that Aurora knows.

    Raises:
        UsageError: there is no such file.
        InputError: it cannot be used; the findings are all that is wrong with it.
        StorageError: it cannot be read.
    """
    path = str(file)
    wrong = obstacle(file, path)
    if wrong:
        raise UsageError(f"`--prices`: {wrong}", hint="name a file in YAML or JSON")
    document = read_document(
        file, path, holds="a price list holds one mapping with `currency` and `machines` or `rates`"
    )
    findings = list(document.findings)
    spec = None
    if document.tree is not None:
        judgement = Judgement(document.tree, complete=True, subject=("the price list", "a price list"))
        judgement.unknown_keys(PriceListSpec, document.tree, ())
        spec = judgement.validate(PriceListSpec)
        findings += [*judgement.findings, *_unknown(document.tree, {*known, *EC2, *AZURE})]
    if spec is None or findings:
        raise InputError(f"the price list `{visible(path)}` cannot be used", findings=sorted(findings, key=order))
    return PriceList(spec)


def _unknown(tree: Node, known: Collection[str]) -> list[Finding]:
    """Find machines that nobody knows: a price that is never used hides that another is missing."""
    machines = tree.find(("machines",))
    return [
        found(
            rules.INVALID,
            node.key,
            f"`{visible(str(name))}` is no type of machine that Aurora or an environment knows",
            steps=("machines", name),
            hint=suggestion(str(name), known, otherwise="there are"),
        )
        for name, node in (machines.entries() if machines is not None else ())
        if isinstance(name, str) and name not in known
    ]
