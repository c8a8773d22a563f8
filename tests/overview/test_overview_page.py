"""The page of the report: complete, self-contained, and whatever people wrote stays text."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from aurora.model.control_matrix import Cell, ControlMatrix, Grip, Guard, Objects, Proof, Row, Section
from aurora.model.encryption import Encrypted, Encryption, Hop, Store
from aurora.model.finding import Finding, Severity
from aurora.model.node_pools import Costs, PoolAmount, PoolCost, PoolLine, Pools, PoolTotal, Reached
from aurora.model.overview import (
    Amount,
    Backend,
    Capacity,
    ComponentLine,
    EnvironmentOverview,
    Overview,
    Route,
    Version,
)
from aurora.model.place import Place
from aurora.model.report import CheckResult, Report, ToolVersion
from aurora.model.resource import ResourceId
from aurora.reporters.html import overview_page
from commands.command_line import RULES_ONLY, CommandLine
from overview.overview_cases import ROOT, committed
from reference.platform import NAMES

HOSTILE = "<script>document.title = 'run'</script>\x1b[31m"
ONE = Fraction(1)
RESOURCE = ResourceId(HOSTILE, HOSTILE, HOSTILE, HOSTILE)


def hostile() -> Overview:
    finding = Finding(
        rule=HOSTILE, severity=Severity.ERROR, message=f"`{HOSTILE}`", resource=RESOURCE, place=Place(HOSTILE)
    )
    environment = EnvironmentOverview(
        name=HOSTILE,
        facts=((HOSTILE, HOSTILE),),
        objects=Objects(1, 0),
        components=(
            ComponentLine(name=HOSTILE, kind=HOSTILE, namespaces=(HOSTILE,), objects=1, pods=1, place=Place(HOSTILE)),
        ),
        routes=(
            Route(
                RESOURCE,
                (HOSTILE,),
                (Backend(service=HOSTILE, share=Fraction(1), condition=HOSTILE, versions=(HOSTILE,), pods="1"),),
            ),
        ),
        capacity=(Capacity(HOSTILE, (Amount(item=HOSTILE, most=Fraction(3), quota=Fraction(2)),), (HOSTILE,)),),
        pools=Pools(
            (
                PoolLine(
                    name=HOSTILE,
                    stated=True,
                    machines=HOSTILE,
                    capacity=HOSTILE,
                    nodes=HOSTILE,
                    taints=(HOSTILE,),
                    amounts=(
                        PoolAmount(
                            item=HOSTILE, least=Fraction(1), written=Fraction(1), most=Fraction(2), capacity=None
                        ),
                    ),
                    tenants=(HOSTILE,),
                    shared=1,
                ),
            ),
            (Reached(HOSTILE, (HOSTILE,)),),
            (PoolAmount(item=HOSTILE, least=ONE, written=ONE, most=ONE, capacity=None),),
            (PoolTotal(item=HOSTILE, least=ONE, written=ONE, most=ONE, spot=ONE, spot_at_most=ONE),),
        ),
        costs=Costs(
            currency=HOSTILE,
            hours=ONE,
            lines=(PoolCost(pool=HOSTILE, bought=HOSTILE, by=HOSTILE, missing=HOSTILE),),
            least=ONE,
            written=ONE,
            most=ONE,
        ),
        versions=(Version(path=HOSTILE, value=HOSTILE, current="1", place=Place(HOSTILE)),),
        encryption=Encryption(
            (Hop(source=HOSTILE, target=HOSTILE, tls=Encrypted.NO, ends=HOSTILE, says=HOSTILE, accepted=HOSTILE),),
            (Store(name=HOSTILE, encrypted=Encrypted.NO, key=HOSTILE, says=HOSTILE, accepted=HOSTILE),),
        ),
    )
    check = CheckResult(name=HOSTILE, examined=1, tool=ToolVersion(HOSTILE, HOSTILE), note=HOSTILE)
    row = Row(HOSTILE, HOSTILE, dict.fromkeys(Guard, Cell(Grip.FIRM, HOSTILE, (Proof(HOSTILE, None),))))
    matrix = ControlMatrix((HOSTILE,), (Section(HOSTILE, (HOSTILE,), (row,)),), ((HOSTILE, HOSTILE),))
    report = Report(command="validate", objects=1, checks=(check,), findings=(finding,), environments=(HOSTILE,))
    return Overview((environment,), report, matrix)


def test_what_others_wrote_stays_text() -> None:
    page = overview_page.write(hostile())
    assert "<script>document.title" not in page
    assert page.count("&lt;script&gt;document.title") >= 55
    assert "\x1b" not in page


def test_the_page_loads_nothing() -> None:
    page = overview_page.write(committed(*NAMES))
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", page)
    assert "default-src 'none'" in html.unescape(page)
    assert len(page) < 500_000


def test_the_page_says_everything() -> None:
    found = committed(*NAMES)
    page = html.unescape(overview_page.write(found))
    assert "No errors, no warnings" in page
    for check in found.report.checks:
        assert check.name in page
    for environment in found.environments:
        assert all(f"{line.place.path}:{line.place.line}" in page for line in environment.components)
        assert all(version.path in page for version in environment.versions)
        assert all(entry.item in page for place in environment.capacity for entry in place.amounts)
    for section in found.matrix.sections:
        assert all(row.title in page for row in section.rows)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"findings": (Finding(rule="a/b", severity=Severity.ERROR, message="wrong"),)}, "Errors were found"),
        ({"findings": (Finding(rule="a/b", severity=Severity.WARNING, message="odd"),)}, "Warnings were found"),
        (
            {"findings": (Finding(rule="a/b", severity=Severity.ERROR, message="so", waived="x"),)},
            "No errors, no warnings",
        ),
    ],
)
def test_the_verdict_follows_the_findings(change: dict[str, tuple[Finding, ...]], words: str) -> None:
    found = committed("aurora-dev")
    page = overview_page.write(replace(found, report=replace(found.report, **change)))  # type: ignore[arg-type]
    assert words in page
    assert change["findings"][0].message in page


def test_a_page_of_some_checks_does_not_claim_that_everything_is_in_order() -> None:
    page = overview_page.write(replace(committed("aurora-dev"), left_out=("schema", "policy")))
    assert "Not everything was checked" in page
    assert "Not run for this page: schema, policy." in page
    assert "every check was run" not in page
    assert "every check was run" in overview_page.write(committed("aurora-dev"))


def test_a_control_without_proof_is_no_order() -> None:
    assert "Errors were found" in overview_page.write(replace(committed("aurora-dev"), matrix=hostile().matrix))


@pytest.mark.parametrize(
    ("most", "quota", "tone", "words"),
    [
        (1, 4, "calm", "25 %"),
        (9, 10, "warn", "90 %"),
        (3, 2, "grave", "150 %"),
        (0, 0, "quiet", "none"),
        (1, 0, "grave", "none"),
    ],
)
def test_bars_say_how_full_a_quota_may_become(most: int, quota: int, tone: str, words: str) -> None:
    meter = overview_page.meter(Amount(item="pods", most=Fraction(most), quota=Fraction(quota)))
    assert meter is not None
    assert (meter.tone, meter.words) == (tone, words)
    assert 0 <= float(meter.width) <= 100


def test_without_quota_there_is_no_bar() -> None:
    assert overview_page.meter(Amount(item="pods", most=Fraction(1), quota=None)) is None


def test_the_command_writes_a_page_without_node_and_tools(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    line = CommandLine(ROOT, monkeypatch, capsys)
    file = tmp_path / "report.html"
    outcome = line("report", "aurora-dev", "--no-cache", "--output", str(file), *RULES_ONLY)
    assert (outcome.code, outcome.out) == (0, "")
    assert "<h1>aurora-dev</h1>" in file.read_text()
    assert "Not run for this page: schema, server, pod-security, policy." in file.read_text()
    printed = line("report", "aurora-dev", "--no-cache", *RULES_ONLY)
    assert printed.out == file.read_text()


def test_what_is_not_there_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    line = CommandLine(ROOT, monkeypatch, capsys)
    assert line("report", "aurora-dvv", *RULES_ONLY).code == 2
    assert line("report", "environments", *RULES_ONLY).code == 2
    missing = tmp_path / "nowhere" / "report.html"
    assert line("report", "aurora-dev", "--no-cache", "--output", str(missing), *RULES_ONLY).code == 3


def test_findings_fail_the_command_and_are_on_the_page(aurora: CommandLine) -> None:
    aurora.write(
        "generated/example/network/team/configmap.a.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: nowhere}\n",
    )
    outcome = aurora("report", "--no-cache", *RULES_ONLY)
    assert outcome.code == 1
    assert "references/namespace" in outcome.out


def test_the_page_leads_with_findings_routes_and_capacity_and_folds_what_is_zero() -> None:
    found = hostile()
    [environment] = found.environments
    amounts = (
        Amount(item="pods", most=Fraction(3), quota=Fraction(9)),
        Amount(item="claims", most=Fraction(0), quota=Fraction(4)),
    )
    pool = replace(
        environment.pools.lines[0], amounts=(replace(environment.pools.lines[0].amounts[0], most=Fraction(0)),)
    )
    shown = replace(environment, capacity=(Capacity("shop", amounts),), pools=replace(environment.pools, lines=(pool,)))
    page = overview_page.write(replace(found, environments=(shown,)))
    places = [
        page.index(words)
        for words in (
            'id="findings"',
            "Where requests go",
            "Maximum use",
            "Node pools",
            "What the environment states",
            'id="checks"',
        )
    ]
    assert places == sorted(places)
    assert "nothing used of the quota: claims" in page
    assert '<th scope="row">claims</th>' not in page
    assert "nothing is requested" in page


def test_a_page_without_findings_says_so() -> None:
    assert "Nothing was found." in overview_page.write(replace(hostile(), report=Report(command="validate", objects=1)))
