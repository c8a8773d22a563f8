"""Traces findings about the values of charts to the lines of environment files on which the values stand."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from aurora.charts.rules import RULES
from aurora.environment.model import Environment
from aurora.model.finding import Finding
from aurora.model.place import Step, steps

_RULES = frozenset(rule.id for rule in RULES)
_VALUES = "valuesObject"


def traced(findings: Iterable[Finding], environments: Sequence[Environment]) -> Iterator[Finding]:
    """Yield findings, those about a chart with the line of its entry, or of the value that they are about."""
    known = {environment.name: environment for environment in environments}
    for finding in findings:
        environment = known.get(finding.environment or "")
        about = finding.rule in _RULES and finding.resource is not None and finding.origin is not None
        yield _traced(finding, environment) if about and environment else finding


def _traced(finding: Finding, environment: Environment) -> Finding:
    """Find the component by its line, and its chart by the name of the Application: `<environment>-<name>`."""
    origin, tree = finding.origin, environment.tree
    if origin is None or finding.resource is None or tree is None:
        return finding
    release = finding.resource.name.removeprefix(f"{environment.name}-")
    path = steps(finding.pointer or "")
    values: tuple[Step, ...] = ("values", *path[path.index(_VALUES) + 1 :]) if _VALUES in path else ()
    for component in environment.components:
        if (component.place.path, component.place.line) == (origin.path, origin.line):
            below = ("components", component.name)
            one = tree.find((*below, "charts", release)) is not None
            place = tree.nearest((*below, *(("charts", release) if one else ()), *values)).at
            return replace(finding, origin=replace(origin, path=place.path, line=place.line))
    return finding
