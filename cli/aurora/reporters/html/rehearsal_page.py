"""The page of rehearsals: what was not as it should be, the timeline of each environment, and what was asked of it.

Writes no files.
"""

from aurora.model.rehearsal import Moment, Rehearsal, Rehearsals
from aurora.reporters import rehearsal_text
from aurora.reporters.html import page


def write(found: Rehearsals) -> str:
    """Write rehearsals as one HTML page that loads nothing."""
    values = {
        "found": found,
        "problems": {each.environment: list(rehearsal_text.problems(each)) for each in found.environments},
        "bars": {each.environment: [_bar(each, moment) for moment in each.timeline] for each in found.environments},
        "rehearsal_summary": rehearsal_text.summary(found),
    }
    return page.render("rehearsal.html.j2", values, styles=("rehearsal.css",))


def _bar(found: Rehearsal, moment: Moment) -> tuple[float, float]:
    """Give the beginning and the length of an Application's bar, in percent of the whole time."""
    whole = max([found.seconds, *(each.healthy or 0 for each in found.timeline)]) or 1
    created = whole if moment.created is None else moment.created
    healthy = whole if moment.healthy is None else moment.healthy
    return round(100 * created / whole, 1), round(max(100 * (healthy - created) / whole, 0.5), 1)
