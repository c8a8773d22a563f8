from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from aurora.changes import consequences
from aurora.changes.consequences import texts
from aurora.changes.consequences.capacity.fitting import OUTSIDE
from aurora.changes.consequences.refused_pods import ProgramJudge
from aurora.changes.consequences.row import Row
from aurora.changes.consequences.view import Limits, PodVerdict
from aurora.changes.pairs import Scene
from aurora.errors import TableError
from aurora.model.manifest import Manifest
from aurora.tools.installed import Toolbox
from aurora.tools.settings import Settings
from changes.scenes import CLAIM, scene

EXAMPLES = pytest.mark.parametrize("row", consequences.ROWS, ids=lambda row: row.id)


def rules(given: Scene) -> list[str]:
    return [consequence.rule for _, consequence in consequences.follow(given, refuse_where_restricted)]


def refuse_where_restricted(
    namespace: str, labels: Mapping[str, str], workloads: tuple[Manifest, ...]
) -> list[PodVerdict]:
    strict = labels.get("pod-security.kubernetes.io/enforce") == "restricted"
    return [PodVerdict(workload, f"refused in `{namespace}`") for workload in workloads if strict]


def prepared(row: Row, given: Scene) -> Scene:
    text = texts.every()[row.id]
    if row.id != "refused/held-back" or text.example.before != text.counter.before:
        return given
    return replace(given, pairs=tuple(replace(pair, refusals=("field is immutable",)) for pair in given.pairs))


def follows(row: Row, limits: Limits | None = None) -> bool:
    """Tell whether a row follows from its example, with words and its impacts."""
    example = texts.every()[row.id].example
    given = prepared(row, scene(example.before, example.after))
    judge = refuse_where_restricted if row.id == "admission/pods-refused" else None
    found = [entry for _, entry in consequences.follow(given, judge, limits) if entry.rule == row.id]
    return bool(found) and all(entry.message and entry.impacts == row.impacts for entry in found)


@EXAMPLES
def test_a_row_follows_from_its_example(row: Row) -> None:
    assert row is OUTSIDE or follows(row)


@pytest.mark.real_tools
def test_the_servers_own_code_says_what_limit_ranges_newly_refuse(tmp_path: Path, real_toolbox: Toolbox) -> None:
    settings = Settings(cache=tmp_path, workspace=tmp_path)
    judge = ProgramJudge(locate_tool=real_toolbox.locate, settings=settings, kubernetes="1.35")
    text = texts.every()[OUTSIDE.id]
    assert follows(OUTSIDE, judge.outside)
    for before, after in (
        (text.counter.before, text.counter.after),
        (text.example.after, text.example.after.replace("note: one", "note: two")),
    ):
        followed = consequences.follow(scene(before, after), refuse_where_restricted, judge.outside)
        assert OUTSIDE.id not in {entry.rule for _, entry in followed}
    tighter = text.counter.after.replace("max: {memory: 2Gi}", "max: {memory: 1Gi}")
    found = [
        (pair.resource.kind, entry.resource and entry.resource.kind)
        for pair, entry in consequences.follow(scene(text.counter.after, tighter), None, judge.outside)
        if entry.rule == OUTSIDE.id
    ]
    assert found == [("LimitRange", "Deployment")]


@EXAMPLES
def test_a_row_does_not_follow_from_its_counter_example(row: Row) -> None:
    counter = texts.every()[row.id].counter
    assert counter.before != counter.after
    assert row.id not in rules(scene(counter.before, counter.after))


def test_ids_of_rows_are_unique_and_name_their_domain() -> None:
    ids = [row.id for row in consequences.ROWS]
    assert len(ids) == len(set(ids))
    assert all(name.count("/") == 1 for name in ids)


def test_every_row_has_texts_and_every_text_a_row() -> None:
    assert {row.id for row in consequences.ROWS} == texts.every().keys()


TEXTS = """\
examples:
  small: {of: claim, swap: ["10Gi", "5Gi"]}
rows:
- id: data/one
  subject: PersistentVolumeClaim
  words: it is gone
  source: example.com
  example: {before: [claim, small], after: small}
  counter: {after: {of: small, swaps: [["5Gi", "6Gi"], ["models", "other"]]}}
"""


def test_a_file_of_texts_names_shared_objects_and_its_own(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(TEXTS, encoding="utf-8")
    (text,) = texts.read(tmp_path).values()
    assert text.example.before.startswith(CLAIM + "---\n")
    assert (text.example.after.count("5Gi"), text.counter.before) == (1, "")
    assert ("6Gi" in text.counter.after, "name: other" in text.counter.after) == (True, True)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("after: small", "after: smal", "8:37: there is no example `smal` (nearest: `small`)"),
        ('"10Gi"', '"11Gi"', "2:3: `11Gi` occurs 0 times in the example"),
        ("swaps: [", "swap: [", "9:13: a swap is a list of two texts"),
        ("swaps:", "swop:", "9:13: an example of another one needs `of`, and `swap` or `swaps`"),
        ("  words: it is gone\n", "", "4:3: `words` is missing"),
        ("  counter:", "  conter:", "9:3: unknown key `conter` (nearest: `counter`)"),
        ("after: small", "afer: small", "8:37: unknown key `afer` (nearest: `after`)"),
    ],
)
def test_broken_texts_are_told_with_their_place(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in TEXTS
    (tmp_path / "one.yaml").write_text(TEXTS.replace(old, new), encoding="utf-8")
    with pytest.raises(TableError) as error:
        texts.read(tmp_path)
    assert f"{tmp_path / 'one.yaml'}:{message}" in str(error.value).splitlines()


def test_an_id_of_two_files_is_an_error(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(TEXTS, encoding="utf-8")
    with pytest.raises(TableError, match="two.yaml:4:3: a second row has the id `data/one`"):
        texts.read(tmp_path)
