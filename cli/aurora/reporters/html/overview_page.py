"""The page of `aurora report`: one page for people who would rather look than read. Writes no files."""

from dataclasses import dataclass
from fractions import Fraction

from aurora.model import quantity
from aurora.model.encryption import Encrypted
from aurora.model.finding import Entry, Severity, folded
from aurora.model.node_pools import PoolTotal
from aurora.model.overview import Amount, EnvironmentOverview, Overview, Standing
from aurora.reporters import checks_table
from aurora.reporters.html import matrix_page, page
from aurora.reporters.text import summary, where

TONES = {Severity.ERROR: "grave", Severity.WARNING: "warn", Severity.NOTE: "quiet"}
STANDINGS = {Standing.CURRENT: "good", Standing.OTHER: "warn", Standing.OWN: "quiet"}
ENCRYPTED = {Encrypted.YES: "good", Encrypted.NO: "warn", Encrypted.UNKNOWN: "quiet"}
_TIGHT = Fraction(9, 10)
_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Meter:
    """How full a quota may become: the bar's width of a hundred, its tone and what it means in words."""

    width: str
    tone: str
    words: str


def write(overview: Overview) -> str:
    """Write an overview as one HTML page that loads nothing."""
    values = {
        **matrix_page.values(overview.matrix),
        "overview": overview,
        "report": overview.report,
        "summary": summary(overview.report),
        "verdict": _verdict(overview),
        "loud": _findings(overview, quiet=False),
        "quiet": _findings(overview, quiet=True),
        "head": checks_table.HEAD,
        "checks": checks_table.loud(overview.report),
        "remarks": checks_table.lines(overview.report),
        "where": where,
        "severity_tones": TONES,
        "standings": STANDINGS,
        "encrypted_tones": ENCRYPTED,
        "behind": _behind,
        "meter": meter,
        "amount": quantity.render,
        "pool_amount": _pool_amount,
        "spot_share": spot_share,
        "money": money,
        "percent": lambda share: f"{float(share * 100):.4g} %",
    }
    return page.render("overview.html.j2", values, styles=("matrix.css", "overview.css"))


def _pool_amount(item: str, amount: Fraction) -> str:
    """Write what a pool has or what is requested of it: memory in GiB, everything else as a number."""
    return f"{float(amount) / 2**30:.4g} GiB" if item == "memory" else f"{float(amount):.4g}"


def spot_share(total: PoolTotal) -> str:
    """Write which part of what is requested as written runs on spot machines; a range where nobody can tell."""
    if not total.written:
        return "nothing requested"
    least, most = (f"{float(part / total.written):.0%}" for part in (total.spot, total.spot_at_most))
    return least if least == most else f"{least} to {most}"


def money(amount: Fraction) -> str:
    """Write an amount of money with two decimals, rounded to the nearest."""
    return f"{float(round(amount, 2)):,.2f}"


def _verdict(overview: Overview) -> tuple[str, str]:
    """Say in a tone and few words whether everything is in order."""
    report, unproved = overview.report, overview.matrix.unproved
    if report.count(Severity.ERROR) or unproved:
        return "grave", "Errors were found"
    if overview.left_out:
        return "warn", "Not everything was checked"
    return ("warn", "Warnings were found") if report.count(Severity.WARNING) else ("good", "No errors, no warnings")


def _findings(overview: Overview, *, quiet: bool) -> tuple[Entry, ...]:
    """Give what somebody must look at, or else notes and what is waived; each text once."""
    found = overview.report.findings
    return folded(each for each in found if (each.severity is Severity.NOTE or each.waived is not None) is quiet)


def _behind(environment: EnvironmentOverview) -> int:
    return sum(version.standing is Standing.OTHER for version in environment.versions)


def meter(amount: Amount) -> Meter | None:
    """Give the bar of an amount; None where no quota bounds it."""
    if amount.quota is None:
        return None
    if not amount.quota:
        return Meter("0" if not amount.most else str(_WIDTH), "grave" if amount.most else "quiet", "none")
    share = amount.most / amount.quota
    tone = "grave" if share > 1 else "warn" if share >= _TIGHT else "calm"
    return Meter(f"{float(min(share, Fraction(1)) * _WIDTH):.2f}", tone, f"{float(share * _WIDTH):.0f} %")
