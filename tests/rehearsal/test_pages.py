"""Rehearsals as text, JSON and HTML."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema

from aurora.model.rehearsal import Rehearsals
from aurora.reporters import rehearsal_json, rehearsal_text
from aurora.reporters.html import rehearsal_page
from rehearsal.test_order import REHEARSAL, moment

GOOD = Rehearsals(environments=(REHEARSAL,), programs={"etcd": "3.6.5"})
LATE = replace(moment("<b>", 5, healthy=None), reasons=("`x` is missing",))
BAD = Rehearsals(environments=(replace(REHEARSAL, timeline=(LATE,)),), programs={})


def test_the_json_fits_its_schema() -> None:
    schema = json.loads(rehearsal_json.SCHEMA_FILE.read_text(encoding="utf-8"))
    for found in (GOOD, BAD):
        written = json.loads(rehearsal_json.write(found))
        jsonschema.Draft202012Validator(schema).validate(written)
        assert written["holds"] is found.holds


def test_the_text_ends_with_one_line_about_everything() -> None:
    assert rehearsal_text.write(GOOD).splitlines()[-1] == (
        "1 environment: 1 as they should be; slowest 20 s from empty to healthy; 1 act, 0 not as expected"
    )
    assert "not as it should be: <b> was never healthy; `x` is missing" in rehearsal_text.write(BAD)


def test_the_page_has_a_bar_for_each_application_and_no_markup_of_names() -> None:
    written = rehearsal_page.write(BAD)
    assert "&lt;b&gt;" in written and "<b>" not in written
    assert "<code>x</code> is missing" in written
    assert rehearsal_page.write(GOOD).count("<rect") == len(REHEARSAL.timeline)
