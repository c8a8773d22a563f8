"""Finds the tests that prove a cell: cases of Kyverno's tests, events of tracing policies, Aurora's own tests.

A proof without a place is one that is not there. Reads the repository's test files, each once. Runs nothing.
"""

from dataclasses import dataclass, field

from aurora.controls.table import Control, PolicyCase, TracedEvent
from aurora.errors import StorageError
from aurora.model.control_matrix import Proof
from aurora.model.json_value import dig, items
from aurora.model.place import Place
from aurora.paths import RepositoryPaths
from aurora.suites import reading as suites
from aurora.tracing import suite as tracing
from aurora.tracing.events import MUST

AUTHORED_TEST = "tests/controls/test_authored.py::test_what_lacks_the_control_is_not_counted"
POD_SECURITY_TEST = "tests/controls/test_pod_security_levels.py::test_the_level_refuses_what_lacks_the_control"


def authored(control: Control) -> Proof:
    """Name the test that breaks an object and sees it counted as lacking the control."""
    return _own_test(AUTHORED_TEST, control)


def pod_security(control: Control) -> Proof:
    """Name the test that breaks a pod and sees its level refuse it."""
    return _own_test(POD_SECURITY_TEST, control)


def _own_test(name: str, control: Control) -> Proof:
    return Proof(f"{name}[{control.id}]", Place(name.partition("::")[0]))


@dataclass(slots=True)
class Proofs:
    """The tests of a repository's policies, read when they are first asked for."""

    paths: RepositoryPaths
    _suites: dict[str, tuple[suites.Suite, ...]] = field(default_factory=dict)
    _events: dict[str, tracing.Text | None] = field(default_factory=dict)

    def case(self, case: PolicyCase) -> Proof:
        """Find the case of a policy's tests.

        Raises:
            StorageError: the test file cannot be read.
        """
        expected = {"fail": "is refused", "pass": "gets its object"}[case.result]
        return Proof(f"{case.policy}: {case.kind} {case.case} {expected}", self._case_place(case))

    def _case_place(self, case: PolicyCase) -> Place | None:
        for suite in self._suites_of(case.policy):
            for entry in suite.expectations:
                if (entry.policy, entry.kind, entry.result) == (case.policy, case.kind, case.result):
                    for index, name in enumerate(entry.resources):
                        if name == case.case:
                            return suite.place(*entry.steps, "resources", index)
        return None

    def _suites_of(self, policy: str) -> tuple[suites.Suite, ...]:
        if policy not in self._suites:
            file = self.paths.policies / policy / suites.FILE
            found = suites.read(file, self.paths.shown(file)).suites if file.is_file() else []
            self._suites[policy] = tuple(found)
        return self._suites[policy]

    def event(self, event: TracedEvent) -> Proof:
        """Find the event of a tracing policy's tests that must be reported.

        Raises:
            StorageError: the file of events cannot be read.
        """
        return Proof(f"{event.policy}: {event.event}", self._event_place(event))

    def _event_place(self, event: TracedEvent) -> Place | None:
        tests = self._tests_of(event.policy)
        for index, entry in enumerate(items(tests.body.get(MUST)) if tests else ()):
            if dig(entry, "name") == event.event and tests:
                return tests.place((MUST, index, "name"))
        return None

    def _tests_of(self, policy: str) -> tracing.Text | None:
        """Read the events of a policy; a file that is missing or no YAML holds no proof."""
        if policy not in self._events:
            file = self.paths.tracing_policies / policy / tracing.TESTS
            shown = self.paths.shown(file)
            try:
                self._events[policy] = tracing.parse_tests(file.read_bytes(), shown)[0] if file.is_file() else None
            except OSError as error:
                raise StorageError(f"`{shown}` cannot be read: {error.strerror}") from error
        return self._events[policy]
