"""What `add-default-networkpolicy` must never be taken to generate, in both of its forms."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from aurora import suite_rules
from aurora.suites import reading
from aurora.suites.running import Runner, run_suite
from aurora.tools.installed import Toolbox
from aurora.tools.runner import Command, run

FOLDER = Path(__file__).resolve().parents[2] / "policies" / "add-default-networkpolicy"


@pytest.mark.real_tools
@pytest.mark.parametrize("form", [".", "seed"])
def test_an_open_namespace_is_not_taken_for_a_closed_one_although_kyverno_does(
    form: str, real_toolbox: Toolbox, tmp_path: Path
) -> None:
    copy = tmp_path / "policy"
    shutil.copytree(FOLDER, copy)
    shutil.copy(copy / "resources/opposite.yaml", copy / "resources/generated-in-team-a.yaml")
    program = real_toolbox.locate("kyverno")
    args = (str(program), "test", str(copy / form), "--require-tests")
    assert run(Command(args=args, cwd=tmp_path, timeout=60.0)).code == 0
    (suite,) = reading.read(copy / form / reading.FILE, "kyverno-test.yaml").suites
    (tmp_path / "work").mkdir()
    using = Runner(program=program, workspace=tmp_path / "work", timeout=60.0, strict=True)
    (finding,) = run_suite(suite, using, number=0).findings
    assert (finding.rule, finding.pointer) == (suite_rules.GENERATED.id, "/spec/ingress")
