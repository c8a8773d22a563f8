"""Results of one check on several environments, added up."""

from aurora.model.report import CheckResult


def test_what_two_environments_both_say_is_said_once() -> None:
    first = CheckResult(name="server", examined=3, note="not judged: a; not judged: b")
    second = CheckResult(name="server", examined=4, note="not judged: b; not judged: c")
    assert first.plus(second).note == "not judged: a; not judged: b; not judged: c"
    assert first.plus(CheckResult(name="server", examined=1)).note == first.note
    assert CheckResult(name="server", examined=1).plus(CheckResult(name="server", examined=1)).note is None
