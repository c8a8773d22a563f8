"""Names of objects in what a container is started with, in every form of a command line."""

from __future__ import annotations

import pytest

from aurora import rule_texts
from aurora.checks import gitops, secrets
from aurora.model.examples import altered
from checks.inventory_cases import judge

BAD = rule_texts.text("gitops/late-argument").bad
WRITTEN = "['--configmap=edge/settings']"
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {containers: [{name: web, image: "r.example.com/web:1", args: %s}]}
"""


@pytest.mark.parametrize(
    ("args", "found"),
    [
        (WRITTEN, True),
        ("['--configmap', edge/settings]", True),
        ("[-configmap-name, settings]", True),
        ("[sh, -c, 'exec proxy --configmap settings']", True),
        ("[sh, -c, 'exec proxy --configmap=$(NAMESPACE)/settings']", True),
        ("['--configmap', '--settings']", False),
        ("['--configmap', --verbose, settings]", False),
        ("[configmap, settings]", False),
        ("['--configmap', other/settings]", False),
    ],
)
def test_an_option_and_its_value_may_be_one_word_or_two(args: str, found: bool) -> None:
    rules = {finding.rule for finding in judge(gitops.CHECK, altered(BAD, WRITTEN, args))}
    assert ("gitops/late-argument" in rules) is found


@pytest.mark.parametrize(("args", "found"), [("[--password, hunter2x]", True), ("[--password, --hunter2x]", False)])
def test_credentials_are_read_from_the_same_options(args: str, found: bool) -> None:
    assert ("secrets/written-out" in {entry.rule for entry in judge(secrets.CHECK, POD % args)}) is found
