"""What the shell offers while somebody types: names of environments, policies, checks, rules and formats.

Completion never fails and never speaks: outside a repository there is simply nothing to offer.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from aurora.errors import UsageError


def environments(incomplete: str) -> Iterator[str]:
    """Offer the environments of the repository around the working folder."""
    from aurora.paths import find_repository  # noqa: PLC0415 - `--help` needs no paths

    try:
        yield from _fitting(find_repository(Path.cwd()).environment_names(), incomplete)
    except UsageError:
        return


def policies(incomplete: str) -> Iterator[str]:
    """Offer the policies of the repository around the working folder."""
    from aurora.paths import find_repository  # noqa: PLC0415 - as above

    try:
        folders = find_repository(Path.cwd()).policies.glob("*/policy.yaml")
    except UsageError:
        return
    yield from _fitting(sorted(file.parent.name for file in folders), incomplete)


def platforms(incomplete: str) -> Iterator[str]:
    """Offer the platforms of which a new repository can be."""
    from aurora.starting import shipped  # noqa: PLC0415 - as above

    yield from _fitting(shipped.platforms(), incomplete)


def checks(incomplete: str) -> Iterator[str]:
    """Offer the checks."""
    from aurora.commands import rulebook  # noqa: PLC0415 - `--help` needs no checks

    yield from _fitting((name for name, _ in rulebook.checks()), incomplete)


def explainable(incomplete: str) -> Iterator[str]:
    """Offer environments and rules."""
    from aurora.commands import rulebook  # noqa: PLC0415 - `--help` needs no checks

    yield from environments(incomplete)
    yield from _fitting((name for name, _ in rulebook.rules()), incomplete)


def formats(incomplete: str) -> Iterator[str]:
    """Offer the formats of reports."""
    from aurora.reporters.table import FORMATS  # noqa: PLC0415 - `--help` needs no reporters

    yield from _fitting(FORMATS, incomplete)


def _fitting(names: Iterable[str], incomplete: str) -> Iterator[str]:
    return (name for name in names if name.startswith(incomplete))
