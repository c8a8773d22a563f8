"""The matrix is derived from what is committed, and every claim in it names a test that exists."""

from __future__ import annotations

import ast
import html
import importlib.util
import json
import re
import shutil
from copy import deepcopy
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from aurora.checks.server.rules import POD_SECURITY_RULES
from aurora.controls import cells, matrix
from aurora.controls.cells import Scope
from aurora.controls.counts import COUNTS
from aurora.controls.proofs import Proofs
from aurora.controls.table import CONTROLS, Control, PolicyCase, TracedEvent, read
from aurora.errors import TableError
from aurora.model.control_matrix import Cell, ControlMatrix, Grip, Guard, Proof, Row, Section
from aurora.model.place import Place
from aurora.policies import folders
from aurora.policies.handing import Surroundings
from aurora.reporters import matrix_json, matrix_markdown
from aurora.reporters.html import matrix_page
from aurora.reporters.table import MATRIX_FORMATS, writer
from commands.command_line import CommandLine
from controls.control_cases import NAMESPACE, Body, inventory, pod
from reference.platform import reference

SOURCES = Path(__file__).resolve().parents[2]
PATHS = reference()
ROOT = PATHS.root


@cache
def committed() -> ControlMatrix:
    return matrix.committed(PATHS)


def control(id_: str) -> Control:
    (found,) = [entry for entry in CONTROLS if entry.id == id_]
    return found


def test_every_namespace_of_every_environment_has_every_control() -> None:
    assert committed().environments == PATHS.environment_names()
    for name in PATHS.environment_names():
        sections = [section for section in committed().sections if section.environment == name]
        namespaces = [namespace for section in sections for namespace in section.namespaces]
        assert len(namespaces) == len(set(namespaces)) >= 10
        assert all([row.control for row in section.rows] == [entry.id for entry in CONTROLS] for section in sections)


def test_every_claim_has_a_proof_that_exists() -> None:
    assert committed().unproved == ()
    for section in committed().sections:
        for row in section.rows:
            for cell in row.cells.values():
                assert cell.proofs or cell.grip is Grip.NONE, (row.title, cell.words)
    assert len(committed().proofs()) >= 40


@pytest.mark.parametrize("proof", committed().proofs(), ids=lambda proof: proof.name)
def test_a_proof_stands_where_the_matrix_says(proof: Proof) -> None:
    assert proof.place is not None
    path = SOURCES / proof.place.path
    lines = path.read_text().splitlines()
    if "::" not in proof.name:
        word = proof.name.partition(": ")[2].removesuffix(" is refused").removesuffix(" gets its object")
        assert word.split()[-1] in lines[proof.place.line - 1]
        return
    _, test, case = re.split(r"::|\[", proof.name.removesuffix("]"))
    functions = [node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
    assert test in functions
    assert case in _parametrised(path, test)


def _parametrised(path: Path, test: str) -> set[str]:
    """Give the ids with which pytest runs a test of this folder: those of the controls that its module lists."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (mark,) = [mark for mark in getattr(module, test).pytestmark if mark.name == "parametrize"]
    return {mark.kwargs["ids"](value) for value in mark.args[1]}


def test_every_case_and_event_of_the_table_exists_bound_or_not() -> None:
    proofs = Proofs(PATHS)
    for entry in CONTROLS:
        for case in entry.kyverno:
            assert proofs.case(case).place is not None, case
        for event in entry.tetragon:
            assert proofs.event(event).place is not None, event


def test_every_policy_of_the_repository_belongs_to_a_control() -> None:
    assert {*folders.read(PATHS), *folders.read_tracing(PATHS)} == matrix.ASSIGNED
    assert committed().unassigned == ()


def test_pod_security_checks_of_the_table_are_those_of_the_levels() -> None:
    assert len(POD_SECURITY_RULES) == 4
    for entry in CONTROLS:
        if entry.pod_security:
            assert entry.pod_security.level in ("baseline", "restricted")


@pytest.mark.parametrize(
    ("case", "exists"),
    [
        (PolicyCase(policy="disallow-privilege", case="aurora/privileged"), True),
        (PolicyCase(policy="disallow-privilege", case="aurora/privilegd"), False),
        (PolicyCase(policy="disallow-privilege", case="aurora/silent"), False),  # that one is accepted
        (PolicyCase(policy="disallow-privilege", case="aurora/privileged", kind="Deployment"), False),
        (PolicyCase(policy="no-such-policy", case="aurora/privileged"), False),
    ],
)
def test_a_case_counts_only_if_it_is_expected_to_be_refused(case: PolicyCase, exists: bool) -> None:
    assert (Proofs(PATHS).case(case).place is not None) is exists


@pytest.mark.parametrize("event", ["a worker starts", "the server starts a worker"])
def test_an_event_that_need_not_be_reported_proves_nothing(event: str) -> None:
    assert Proofs(PATHS).event(TracedEvent("suspicious-process-execution", event)).place is None


def test_a_claim_without_a_test_fails_the_command(tmp_path: Path, aurora: CommandLine) -> None:
    for folder in ("environments", "generated", "policies", "tetragon"):
        shutil.copytree(ROOT / folder, aurora.folder / folder, dirs_exist_ok=True)
    (aurora.folder / "environments" / "example.yaml").unlink()
    assert aurora("matrix", "aurora-prod").code == 0
    suite = aurora.folder / "policies" / "disallow-privilege" / "kyverno-test.yaml"
    suite.write_text(suite.read_text().replace("      - aurora/privileged\n", ""))
    outcome = aurora("matrix", "aurora-prod")
    assert outcome.code == 1
    assert "MISSING: disallow-privilege: Pod aurora/privileged is refused" in outcome.out
    assert "aurora-prod/aurora: no privileged containers: Kyverno (disallow-privilege Deny)" in outcome.out


def test_an_environment_that_was_never_compiled_is_refused(aurora: CommandLine) -> None:
    outcome = aurora("matrix")
    assert (outcome.code, outcome.out) == (2, "")
    assert "run `aurora synth example`" in outcome.err


# What a guard does is read from the manifests.

POLICY: Body = {
    "apiVersion": "policies.kyverno.io/v1",
    "kind": "ValidatingPolicy",
    "metadata": {"name": "disallow-privilege"},
    "spec": {
        "validationActions": ["Deny"],
        "failurePolicy": "Fail",
        "matchConstraints": {
            "namespaceSelector": {
                "matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "In", "values": [NAMESPACE]}]
            },
            "resourceRules": [
                {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
            ],
        },
        "validations": [{"expression": "true"}],
    },
}


def _policy(**spec: Any) -> Body:
    copy = deepcopy(POLICY)
    copy["spec"] |= spec
    return copy


def cell(id_: str, guard: Guard, *bodies: Body, namespace: str = NAMESPACE) -> Cell:
    found = inventory(*bodies)
    return cells.cells(control(id_), Scope(found, namespace, Proofs(PATHS), Surroundings(found)))[guard]


@pytest.mark.parametrize(
    ("policy", "grip", "words"),
    [
        (_policy(), Grip.FIRM, "disallow-privilege Deny"),
        (_policy(validationActions=["Audit"]), Grip.REPORTS, "disallow-privilege Audit"),
        (_policy(failurePolicy="Ignore"), Grip.FIRM, "disallow-privilege Deny (open while Kyverno is away)"),
        (
            _policy(matchConditions=[{"name": "some", "expression": "false"}]),
            Grip.PARTIAL,
            "disallow-privilege Deny (under conditions)",
        ),
        (
            _policy(evaluation={"admission": {"enabled": False}}),
            Grip.PARTIAL,
            "disallow-privilege Deny (not at admission)",
        ),
        (
            _policy(
                matchConstraints=POLICY["spec"]["matchConstraints"] | {"objectSelector": {"matchLabels": {"a": "b"}}}
            ),
            Grip.PARTIAL,
            "disallow-privilege Deny (for some objects)",
        ),
    ],
)
def test_kyverno_does_what_the_bound_policy_says(policy: Body, grip: Grip, words: str) -> None:
    found = cell("not-privileged", Guard.KYVERNO, policy)
    assert (found.grip, found.words) == (grip, words)
    assert [proof.place.path for proof in found.proofs if proof.place] == [
        "policies/disallow-privilege/kyverno-test.yaml"
    ]


def test_a_policy_does_nothing_in_a_namespace_that_it_does_not_select() -> None:
    assert cell("not-privileged", Guard.KYVERNO, POLICY, namespace="elsewhere") == cells.NOTHING


def test_a_policy_of_another_resource_does_nothing() -> None:
    rules = [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["services"]}]
    other = _policy(matchConstraints=POLICY["spec"]["matchConstraints"] | {"resourceRules": rules})
    assert cell("not-privileged", Guard.KYVERNO, other) == cells.NOTHING


def test_an_exception_is_told() -> None:
    exception = {
        "apiVersion": "policies.kyverno.io/v1",
        "kind": "PolicyException",
        "metadata": {"name": "debugging", "namespace": NAMESPACE},
        "spec": {"policyRefs": [{"name": "disallow-privilege", "kind": "ValidatingPolicy"}]},
    }
    found = cell("not-privileged", Guard.KYVERNO, POLICY, exception)
    assert (found.grip, found.words) == (Grip.PARTIAL, "disallow-privilege Deny (except debugging)")


def _namespace(**levels: str) -> Body:
    labels = {f"pod-security.kubernetes.io/{mode}": level for mode, level in levels.items()}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": labels}}


@pytest.mark.parametrize(
    ("id_", "levels", "grip", "words"),
    [
        ("non-root", {"enforce": "restricted"}, Grip.FIRM, "enforce restricted (runAsNonRoot)"),
        ("non-root", {"enforce": "baseline", "warn": "restricted"}, Grip.REPORTS, "warn restricted (runAsNonRoot)"),
        ("non-root", {"enforce": "baseline", "audit": "restricted"}, Grip.REPORTS, "audit restricted (runAsNonRoot)"),
        ("non-root", {"enforce": "baseline"}, Grip.NONE, "—"),
        ("host-path", {"enforce": "baseline"}, Grip.FIRM, "enforce baseline (hostPathVolumes)"),
        ("host-path", {"enforce": "privileged"}, Grip.NONE, "—"),
        ("host-path", {"enforce": "strict"}, Grip.NONE, "—"),
        ("host-path", {}, Grip.NONE, "—"),
        ("image-digest", {"enforce": "restricted"}, Grip.NONE, "—"),
    ],
)
def test_pod_security_follows_the_labels(id_: str, levels: dict[str, str], grip: Grip, words: str) -> None:
    found = cell(id_, Guard.POD_SECURITY, _namespace(**levels))
    assert (found.grip, found.words) == (grip, words)


def _tracing(mode: str | None, action: str = "Post", **spec: Any) -> Body:
    options = [{"name": "policy-mode", "value": mode}] if mode else []
    hook = {"call": "security_bprm_check", "syscall": False, "selectors": [{"matchActions": [{"action": action}]}]}
    return {
        "apiVersion": "cilium.io/v1alpha1",
        "kind": "TracingPolicyNamespaced",
        "metadata": {"name": "suspicious-process-execution", "namespace": NAMESPACE},
        "spec": {"options": options, "kprobes": [hook], **spec},
    }


SELECTOR = {"matchLabels": {"app.kubernetes.io/component": "inference"}}


@pytest.mark.parametrize(
    ("policy", "grip", "words"),
    [
        (_tracing("monitor"), Grip.REPORTS, "monitor"),
        (_tracing("monitor", "Sigkill"), Grip.REPORTS, "monitor"),
        (_tracing("enforce", "Sigkill"), Grip.FIRM, "enforce"),
        (_tracing(None, "Sigkill"), Grip.FIRM, "enforce"),
        (_tracing("enforce"), Grip.REPORTS, "enforce (reports only)"),
        (_tracing("monitor", podSelector=SELECTOR), Grip.REPORTS, "monitor, 1 of 2 pod templates"),
    ],
)
def test_tetragon_does_what_the_policy_says(policy: Body, grip: Grip, words: str) -> None:
    other = pod()
    other["metadata"] = {"name": "other", "namespace": NAMESPACE}
    found = cell("programs", Guard.TETRAGON, policy, pod(), other)
    assert (found.grip, found.words) == (grip, f"suspicious-process-execution {words}")
    assert cell("programs", Guard.TETRAGON, policy, namespace="elsewhere") == cells.NOTHING


def test_objects_that_keep_a_control_partly_are_counted() -> None:
    other = pod()
    other["metadata"]["name"] = "other"
    other["spec"]["hostNetwork"] = True
    found = cell("host-namespaces", Guard.AUTHORING, pod(), other)
    assert (found.grip, found.words) == (Grip.PARTIAL, "1 of 2 pod templates")
    assert cell("host-namespaces", Guard.AUTHORING, other).words == "0 of 1 pod template"


def test_a_bound_policy_that_no_control_names_is_listed() -> None:
    stranger = deepcopy(POLICY)
    stranger["metadata"]["name"] = "require-tea"
    found = matrix.of([inventory(stranger, pod())], PATHS)
    assert found.unassigned == (("example", "require-tea"),)
    for write in (writer(MATRIX_FORMATS, name) for name in MATRIX_FORMATS):
        assert "require-tea" in write(found)


# What is printed.

HOSTILE = '<script>alert(1)</script> `|` "&\x1b[31m'


def hostile() -> ControlMatrix:
    proof = Proof(HOSTILE, Place(HOSTILE, 3))
    cell = Cell(Grip.PARTIAL, HOSTILE, (proof, Proof(HOSTILE, None)))
    row = Row("a", HOSTILE, dict.fromkeys(Guard, cell))
    return ControlMatrix((HOSTILE,), (Section(HOSTILE, (HOSTILE,), (row,)),), ((HOSTILE, HOSTILE),))


@pytest.mark.parametrize(
    "found", [committed(), hostile(), ControlMatrix((), ())], ids=["committed", "hostile", "empty"]
)
def test_the_json_fits_its_schema(found: ControlMatrix) -> None:
    schema = json.loads(matrix_json.SCHEMA_FILE.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json.loads(matrix_json.write(found)))


def test_what_others_wrote_stays_text() -> None:
    assert "<script>alert" not in matrix_page.write(hostile())
    assert "&lt;script&gt;alert(1)" in matrix_page.write(hostile())
    for name, write in ((name, writer(MATRIX_FORMATS, name)) for name in MATRIX_FORMATS):
        assert "\x1b" not in write(hostile()), name
    outside_code = re.sub(r"(`+).*?\1(?!`)", "", matrix_markdown.write(hostile()))
    assert "<script>" not in outside_code


def test_a_claim_without_proof_is_told_in_every_format() -> None:
    (section,) = hostile().sections
    row = replace(section.rows[0], title="a claim", cells={Guard.KYVERNO: Cell(Grip.FIRM, "Deny")} | _nothing())
    found = ControlMatrix(("dev",), (Section("dev", ("team",), (row,)),))
    assert found.unproved == ("dev/team: a claim: Kyverno (Deny)",)
    for name, write in ((name, writer(MATRIX_FORMATS, name)) for name in MATRIX_FORMATS):
        assert "dev/team: a claim: Kyverno (Deny)" in write(found).replace("&#40;", "(").replace("&#41;", ")"), name


def _nothing() -> dict[Guard, Cell]:
    return {guard: cells.NOTHING for guard in Guard if guard is not Guard.KYVERNO}


def test_the_page_loads_nothing() -> None:
    page = matrix_page.write(committed())
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", page)
    assert "default-src 'none'" in html.unescape(page)


@pytest.mark.parametrize("name", ["text", "markdown", "html"])
def test_every_control_and_namespace_is_shown(name: str) -> None:
    text = writer(MATRIX_FORMATS, name)(committed())
    for section in committed().sections:
        assert all(namespace in text for namespace in section.namespaces)
        assert all(row.title in text for row in section.rows)


def test_a_broken_table_of_controls_is_told_at_its_place(tmp_path: Path) -> None:
    file = tmp_path / "table.yaml"
    file.write_text("a: {titel: b}\nc: {title: d, kyverno: [{policy: e, kidn: Pod}]}\n", encoding="utf-8")
    with pytest.raises(TableError) as error:
        read(file)
    assert [(place.line, message) for place, message in error.value.problems] == [
        (1, "unknown key `titel` (nearest: `title`)"),
        (1, "`title` is missing"),
        (2, "unknown key `kidn` (nearest: `kind`)"),
        (2, "`case` is missing"),
    ]


def test_what_is_counted_belongs_to_a_control() -> None:
    assert COUNTS.keys() <= {entry.id for entry in CONTROLS}
