"""The comment on a pull request: it fits, it leaves nothing out silently, and foreign text stays text."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from aurora.model.change import Change, Consequence, Effect, FieldChange, Impact
from aurora.model.diff import Diff, Edit, Fold, Movement, Totals
from aurora.model.manifest import Origin
from aurora.model.place import Place
from aurora.model.resource import ResourceId
from aurora.reporters import diff_markdown
from aurora.reporters.diff_entries import full, line
from reporters import diff_cases

PARSER = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")
OWN_HTML = re.compile(
    r"<!-- aurora-diff -->|</details>|"
    r"<details(?: open)?>\n<summary>(?:<b>[a-z-]+</b>|<code>[^<>]*</code>"
    r"|(?:same change in|the same happens to) [\d,]+ objects?(?: of [\d,]+ environments?)?| · | )*</summary>"
)


def counts_of(text: str) -> diff_markdown.Accounting:
    """Count again, from nothing but the text, what the comment says that it shows."""
    changes = text.partition("#### Changes, riskiest first")[2]
    in_line = sum(
        entry.startswith("- **") for entry in re.sub(r"<details.*?</details>", "", changes, flags=re.S).split("\n")
    )
    tail = changes.partition("| effect | kind | changes |")[2]
    said = re.search(r"^([\d,]+) changes? more, the least risky", changes, flags=re.M)
    counted = number(said[1]) if said else 0
    assert sum(number(row) for row in re.findall(r"\| ([\d,]+) \|$", tail, flags=re.M)) == counted
    alike = [number(found) for found in re.findall(r"(?:same change in|the same happens to) ([\d,]+) objects", changes)]
    in_full = changes.count("<details")
    folded = sum(count - 1 for count in alike)
    total = in_full + in_line + folded + counted
    return diff_markdown.Accounting(total=total, in_full=in_full, in_line=in_line, folded=folded, counted=counted)


def number(text: str) -> int:
    return int(text.replace(",", ""))


def assert_fits_and_accounts(diff: Diff) -> diff_markdown.Comment:
    comment = diff_markdown.compose(diff)
    assert len(comment.text) <= diff_markdown.LIMIT
    assert len(comment.text.encode("utf-16-le")) // 2 <= diff_markdown.LIMIT
    assert len(comment.text.encode()) <= diff_markdown.ROOM
    assert comment.accounting.total == len(diff.changes)
    assert comment.accounting.balanced
    return comment


def test_a_small_diff_is_shown_in_full() -> None:
    diff = diff_cases.review()
    comment = assert_fits_and_accounts(diff)
    assert comment.accounting == counts_of(comment.text)
    assert (comment.accounting.in_full, comment.accounting.folded) == (len(diff.folds), 8)
    assert comment.text.startswith("<!-- aurora-diff -->\n### 16 objects differ in 3 environments\n")
    assert "402 identical byte for byte" in comment.text
    assert "| **rolling-restart** | 9 |" in comment.text
    assert "| `gpu-prod` | 6 → 8 (+2) | 48 → 64 (+16) | 288Gi → 384Gi (+96Gi) | 6 → 8 (+2) | 0 |" in comment.text
    assert "at `environments/bases/images.yaml:9:14`: 9 objects in 3 environments" in comment.text


def test_the_riskiest_change_stands_first_and_open() -> None:
    changes = diff_markdown.write(diff_cases.review()).partition("#### Changes, riskiest first\n\n")[2]
    assert changes.startswith("<details open>\n<summary><b>refused</b> <code>PersistentVolumeClaim</code>")


@pytest.mark.parametrize("alike", [1, 7, 84, 5000])
def test_5_000_changes_fit_and_are_accounted_for(alike: int) -> None:
    diff = diff_cases.many(5000, alike=alike)
    comment = assert_fits_and_accounts(diff)
    assert comment.accounting == counts_of(comment.text)
    assert comment.text.count("<details") == comment.text.count("</details>")


def test_where_not_every_change_finds_room_the_three_levels_are_all_used() -> None:
    accounting = diff_markdown.compose(diff_cases.many(5000)).accounting
    assert accounting.in_full > 20
    assert accounting.in_line > 100
    assert accounting.counted > 1000


def test_what_is_only_counted_is_the_least_risky() -> None:
    deleted = [diff_cases.plain("Job", f"job-{number}", Effect.DELETED) for number in range(40)]
    labelled = [diff_cases.plain("Service", f"service-{number}", Effect.METADATA_ONLY) for number in range(4000)]
    text = assert_fits_and_accounts(diff_cases.of([*deleted, *labelled])).text
    assert all(f"<code>aurora/job-{number}</code>" in text for number in range(40))
    assert re.search(r"\| metadata-only \| `Service` \| [\d,]+ \|", text)
    assert "| deleted | `Job`" not in text


def test_lines_are_never_cut() -> None:
    whole = {entry for fold in diff_cases.many(5000).folds for entry in full(fold)}
    whole |= {line(fold) for fold in diff_cases.many(5000).folds}
    changes = diff_markdown.write(diff_cases.many(5000)).partition("#### Changes, riskiest first\n\n")[2]
    shown = changes.partition("\n\n4,")[0].split("\n")
    assert len(shown) > 300
    assert [entry for entry in shown if entry not in whole] == []


def test_thousands_of_kinds_are_counted_together_where_they_find_no_room() -> None:
    changes = [diff_cases.plain(f"Kind{number:05}", "x" * 250, Effect.CREATED) for number in range(5000)]
    comment = assert_fits_and_accounts(diff_cases.of(changes))
    assert comment.accounting == counts_of(comment.text)
    assert "| created | other kinds |" in comment.text


def test_a_value_of_a_megabyte_is_shortened_and_says_so() -> None:
    change = replace(diff_cases.new_image("big"), fields=(diff_cases.field("data.report", "a" * 1_000_000, "b"),))
    text = assert_fits_and_accounts(diff_cases.of([change])).text
    assert "… (+999,840 characters)" in text


def test_of_long_values_the_part_that_differs_is_shown() -> None:
    fields = (diff_cases.field("data.report", "a" * 5000 + "1" + "c" * 300, "a" * 5000 + "2" + "c" * 300),)
    text = diff_markdown.write(diff_cases.of([replace(diff_cases.new_image("big"), fields=fields)]))
    assert (
        f"`… {'a' * 40}1{'c' * 119} … (+5,141 characters)` → `… {'a' * 40}2{'c' * 119} … (+5,141 characters)`" in text
    )


def test_the_line_of_a_change_shows_the_field_that_its_reason_names() -> None:
    fields = (diff_cases.field("metadata.labels.a", 1, 2), diff_cases.field("spec.replicas", 3, 4))
    change = replace(diff_cases.new_image("x"), reason="`spec.replicas`: more pods", fields=fields)
    assert line(Fold(changes=(change,))).endswith(" · `spec.replicas`: `3` → `4` and 1 field more")


def test_a_thousand_fields_leave_a_count() -> None:
    fields = tuple(diff_cases.field(f"data.key-{number}", number, number + 1) for number in range(1000))
    text = assert_fits_and_accounts(diff_cases.of([replace(diff_cases.new_image("wide"), fields=fields)])).text
    assert "- 980 fields more, on the HTML page" in text


def test_objects_of_a_fold_are_named_by_environment_and_the_others_counted() -> None:
    text = diff_markdown.write(diff_cases.many(84, alike=84))
    assert "same change in 84 objects of 3 environments" in text
    assert "- objects of `gpu-prod`: `Deployment aurora/service-00002`, " in text
    assert "- 54 objects more: 54 `Deployment`" in text


def test_findings_are_always_shown() -> None:
    diff = replace(diff_cases.many(5000), findings=(diff_cases.finding(),))
    text = assert_fits_and_accounts(diff).text
    assert "**Incomplete: 1 finding about what could not be read or judged.**" in text
    assert "- **error** `diff/unreadable` at `generated/aurora-dev/api/aurora/service.api.yaml:12:3`" in text


def test_thousands_of_findings_are_folded_and_the_rest_is_counted_by_rule() -> None:
    different = tuple(diff_cases.finding(f"the file {'long ' * 40} {number}") for number in range(3000))
    same = (diff_cases.finding(),) * 50
    text = assert_fits_and_accounts(replace(diff_cases.many(3000), findings=same + different)).text
    assert "and 49 places more" in text
    shown = text.count("\n- **error** `diff/unreadable`")
    assert f"- {3000 + 1 - shown:,} findings more: {3000 + 1 - shown:,} of `diff/unreadable`." in text


def test_thousands_of_edits_and_environments_are_counted() -> None:
    edits = tuple(Edit(what=f"a: {number}", place=Place("e.yaml", number), resources=()) for number in range(3000))
    totals = Totals(pods=1)
    moves = tuple(Movement(environment=f"e-{number}", before=totals, after=totals) for number in range(3000))
    changed = Movement(environment="last", before=totals, after=Totals(pods=2))
    diff = replace(diff_cases.review(), edits=edits, movements=(*moves, changed))
    text = assert_fits_and_accounts(diff).text
    assert "| `last` | 1 → 2 (+1) |" in text
    assert re.search(r"[\d,]+ environments more, 0 of them with other totals", text)
    assert re.search(r"- 2,\d+ edits more\.", text)


def test_an_empty_diff_says_so_and_one_that_read_nothing_does_not() -> None:
    same = Diff(base="a", head="b", objects_before=9, objects_after=9, identical=9)
    assert "### Nothing changes\n" in diff_markdown.write(same)
    assert "9 objects before, 9 after: 9 identical" in diff_markdown.write(same)
    blind = replace(same, findings=(diff_cases.finding(),))
    assert "### No change was found in what could be read\n" in diff_markdown.write(blind)
    assert "### No object was found on either side" in diff_markdown.write(Diff(base="a", head="b"))


TRICKS = st.sampled_from(
    [
        *(
            "`",
            "``",
            "|",
            "\\",
            "\\|",
            "<script>alert(1)</script>",
            "</summary>",
            "</details>",
            "-->",
            "<!--",
            "@everyone",
        ),
        *("#123", "GH-12", "![x](http://a.b/c.png)", "[a](b)", "https://example.com", "www.example.com", "a@b.co"),
        *(
            "org/repo#4",
            ":tada:",
            "**",
            "__",
            "_",
            "*",
            "~~",
            "$`x`$",
            "$",
            "\n",
            "\n\n",
            "\r",
            "- ",
            "1. ",
            "# ",
            "> ",
        ),
        *(
            "---",
            "\t",
            "    ",
            "&lt;",
            "&#64;x",
            "\u202e",
            "\u200b",
            "\x00",
            "\ud800",
            "😀",
            "é",
            "deadbeef",
            "word",
            " ",
        ),
        *("0123456789abcdef0123456789abcdef01234567", "'", '"'),
    ]
)
HOSTILE = st.lists(TRICKS | st.text(max_size=6), max_size=8).map("".join)


@st.composite
def hostile_diffs(draw: st.DrawFn) -> Diff:
    resource = ResourceId(draw(HOSTILE), draw(HOSTILE), draw(HOSTILE), draw(HOSTILE))
    change = Change(
        resource=resource,
        effect=draw(st.sampled_from(Effect)),
        rule=draw(HOSTILE),
        reason=draw(HOSTILE),
        environment=draw(HOSTILE),
        fields=(FieldChange(pointer="/a", path=draw(HOSTILE), before=draw(HOSTILE), after=draw(HOSTILE)),),
        consequences=(
            Consequence(rule=draw(HOSTILE), message=draw(HOSTILE), impacts=(Impact.DATA_LOSS_RISK,), resource=resource),
        ),
        origin=Origin(draw(HOSTILE), 3, draw(HOSTILE)),
    )
    changes = [change] * draw(st.integers(1, 3))
    folds = [Fold(changes=tuple(changes))] if draw(st.booleans()) else None
    found = diff_cases.of(
        changes, folds=folds, findings=(replace(diff_cases.finding(draw(HOSTILE)), hint=draw(HOSTILE)),)
    )
    edit = Edit(what=draw(HOSTILE), place=Place(draw(HOSTILE)), resources=((draw(HOSTILE), resource),))
    movement = Movement(environment=draw(HOSTILE), before=Totals(), after=Totals(pods=1))
    return replace(found, base=draw(HOSTILE), head=draw(HOSTILE), edits=(edit,), movements=(movement,))


def inlines(text: str) -> list[Token]:
    return [child for token in PARSER.parse(text) for child in token.children or ()]


@settings(max_examples=50)
@given(hostile_diffs())
def test_hostile_text_stays_text(diff: Diff) -> None:
    text = diff_markdown.write(diff)
    assert {token.type for token in inlines(text)} <= {
        "text",
        "code_inline",
        "strong_open",
        "strong_close",
        "softbreak",
    }
    blocks = [token.content.strip() for token in PARSER.parse(text) if token.type == "html_block"]
    assert [block for block in blocks if not OWN_HTML.fullmatch(block)] == []
    assert {token.type for token in PARSER.parse(text)} & {"code_block", "fence", "blockquote_open", "hr"} == set()


@settings(max_examples=50)
@given(hostile_diffs())
def test_what_github_would_link_stands_in_code(diff: Diff) -> None:
    plain = [token.content for token in inlines(diff_markdown.write(diff)) if token.type == "text"]
    links = re.compile(r"@\w|#\d|\w+-\d+\b|://|www\.|:\w+:|\b[0-9a-f]{7,40}\b|\$")
    assert [words for words in plain if links.search(words)] == []


@settings(max_examples=50)
@given(hostile_diffs())
def test_a_table_keeps_its_columns(diff: Diff) -> None:
    depth = 0
    for token in PARSER.parse(diff_markdown.write(diff)):
        if token.type == "tr_open":
            depth = 0
        depth += token.type in {"td_open", "th_open"}
        if token.type == "tr_close":
            assert depth in {3, 6}
