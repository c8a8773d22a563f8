"""What `aurora test` proved: each expectation of each test, what the environments' objects meet, and mutants."""

from dataclasses import dataclass, field

from aurora.model.finding import Finding, Severity
from aurora.model.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """One expected verdict: `proved` says whether Kyverno gave it, `said` what it gave."""

    policy: str
    rule: str
    resource: str
    expected: str
    proved: bool
    said: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteResult:
    """One test file's document: its name, file, and expected verdicts."""

    name: str
    path: str
    cases: tuple[CaseResult, ...]
    seconds: float = 0.0

    @property
    def proved(self) -> int:
        """How many expected verdicts Kyverno gave."""
        return sum(case.proved for case in self.cases)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many objects of each environment a policy meets; an environment that does not bind it is left out."""

    policy: str
    met: dict[str, int]

    @property
    def total(self) -> int:
        """How many objects it meets in all environments."""
        return sum(self.met.values())


@dataclass(frozen=True, slots=True)
class Score:
    """How many of the mutants that a policy must refuse it does refuse."""

    policy: str
    mutants: int
    killed: int


@dataclass(frozen=True, slots=True)
class Killing:
    """How many mutants an operator made, and how many of their verdicts were refusals as they must be."""

    operator: str
    summary: str
    mutants: int
    killed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteReport:
    """Everything that one run of `aurora test` found, in the order in which it is shown."""

    tool: str
    suites: tuple[SuiteResult, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    scores: tuple[Score, ...] = ()
    operators: tuple[Killing, ...] = ()
    findings: tuple[Finding, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)

    def count(self, severity: Severity) -> int:
        """Count the findings of a severity."""
        return sum(finding.severity is severity for finding in self.findings)

    @property
    def cases(self) -> int:
        """How many verdicts were expected."""
        return sum(len(suite.cases) for suite in self.suites)

    @property
    def proved(self) -> int:
        """How many expected verdicts Kyverno gave."""
        return sum(suite.proved for suite in self.suites)
