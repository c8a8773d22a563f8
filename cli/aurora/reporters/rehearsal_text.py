"""Rehearsals as people read them: what is not as it should be first, then the timeline. Writes no files, no colours."""

from collections.abc import Iterator

from aurora.console import printable
from aurora.model.rehearsal import Act, Moment, Rehearsal, Rehearsals
from aurora.reporters.text import counted, table

HEAD = ("waves", "Application", "objects", "created", "healthy")


def write(found: Rehearsals) -> str:
    """Write each environment, and one line about all of them last."""
    return "\n\n".join([*("\n".join(_environment(each)) for each in found.environments), summary(found)])


def _environment(found: Rehearsal) -> Iterator[str]:
    yield printable(f"{found.environment} at {found.revision}")
    for line in problems(found):
        yield printable(f"  not as it should be: {line}")
    rows = [_row(each) for each in found.timeline]
    yield from (f"  {line}" for line in table([HEAD, *rows], words=2))
    for act in found.acts:
        yield printable(f"  {'as expected' if act.holds else 'NOT as expected'}: {said(act)}")
    for line in found.not_shown:
        yield printable(f"  not shown: {line}")


def problems(found: Rehearsal) -> Iterator[str]:
    """Say what was not as it should be."""
    for each in found.timeline:
        if each.healthy is None:
            yield f"{each.application} was never healthy{''.join(f'; {reason}' for reason in each.reasons[:3])}"
    yield from found.out_of_order
    yield from (said(act) for act in found.acts if not act.holds)


def said(act: Act) -> str:
    """Write an act on one line."""
    return f"{act.asked}: expected: {act.expected}; happened: {act.happened} ({act.seconds:g} s)"


def _row(each: Moment) -> tuple[str, str, str, str, str]:
    waves = " / ".join(map(str, each.waves)) or "root"
    return waves, each.application, str(each.objects), _time(each.created), _time(each.healthy)


def _time(seconds: float | None) -> str:
    return "never" if seconds is None else f"{seconds:g} s"


def summary(found: Rehearsals) -> str:
    """Write the last line: which environments became healthy, and what was asked of them."""
    good = [each for each in found.environments if each.holds]
    acts = [act for each in found.environments for act in each.acts]
    wrong = sum(not act.holds for act in acts)
    slowest = max((each.seconds for each in found.environments), default=0.0)
    return printable(
        f"{counted(len(found.environments), 'environment')}: {len(good)} as they should be; slowest {slowest:g} s from "
        f"empty to healthy; {counted(len(acts), 'act')}, {wrong} not as expected"
    )
