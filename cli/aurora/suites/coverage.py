"""Which objects each policy meets: a policy that meets none guards nothing, or nothing yet."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from aurora import suite_rules
from aurora.model.finding import Finding
from aurora.model.manifest import Manifest
from aurora.model.suite_report import Coverage
from aurora.suites.environments import Bound


def coverage(policies: Iterable[str], environments: Sequence[Bound]) -> tuple[Coverage, ...]:
    """Count the objects that each policy meets in each environment that binds it."""
    return tuple(
        Coverage(name, {entry.environment: entry.met(name) for entry in environments if name in entry.constraints})
        for name in policies
    )


def meeting_nothing(
    found: Iterable[Coverage], known: Mapping[str, Manifest], environments: Sequence[Bound]
) -> Iterator[Finding]:
    """Report every policy that meets no object of any environment, but those for namespaces that none describes."""
    for entry in found:
        if entry.total or any(environment.leaves_out(entry.policy) for environment in environments):
            continue
        manifest = known.get(entry.policy)
        yield Finding.of(
            suite_rules.MEETS_NOTHING,
            f"the policy `{entry.policy}` meets no object{_where(entry.met)}",
            manifest.source.place if manifest else None,
            resource=manifest.id if manifest else None,
            hint="bind it where its objects are, or remove it",
        )


def _where(environments: Collection[str]) -> str:
    if not environments:
        return ": no environment binds it"
    return f" of {', '.join(sorted(environments))}, which bind it"
