"""The wrapper believes kubeconform only what it proves: fakes that lie, break or hang are named errors."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aurora.errors import (
    StorageError,
    ToolCrashedError,
    ToolMissingError,
    ToolOutputError,
    ToolTimeoutError,
)
from aurora.tools import kubeconform
from aurora.tools.kubeconform import Call, Document, Judgement, Status, Verdict
from tools import fake_kubeconform as fake

GOOD = Document(file="00000.yaml", text="kind: ConfigMap\n", api_version="v1", kind="ConfigMap", name="a")
DRAFT = Document(file="00001.yaml", text="x", api_version="batch/v1", kind="Job", name="", generate_name="run-")
TRAP = Document(file="00002.yaml", text="y", api_version="v1", kind="ConfigMap", name="trap", planted="'trapField'")
DOCUMENTS = (GOOD, DRAFT, TRAP)


def judge(tmp_path: Path, tool: Path, *, documents: tuple[Document, ...] = DOCUMENTS, timeout: float = 30) -> Judgement:
    folder = tmp_path / "run"
    folder.mkdir(exist_ok=True)
    return kubeconform.judge(
        Call(
            tool=tool,
            documents=documents,
            folder=folder,
            schemas="schemas",
            kubernetes="1.35",
            parallel=2,
            timeout=timeout,
        )
    )


def answer(tmp_path: Path, change: Callable[[dict[str, Any]], None] = lambda _: None, *, code: int = 1) -> Judgement:
    output = copy.deepcopy(fake.honest(DOCUMENTS))
    change(output)
    return judge(tmp_path, fake.answering(tmp_path, fake.shown(output), code=code))


def recount(output: dict[str, Any]) -> None:
    output["summary"] = fake.summary(output["resources"])


def test_an_honest_run_gives_a_verdict_for_every_document(tmp_path: Path) -> None:
    assert answer(tmp_path) == Judgement(
        verdicts={"00000.yaml": Verdict(Status.VALID, ""), "00001.yaml": Verdict(Status.VALID, "")},
        caught=1,
        uncompiled=frozenset(),
    )


def test_what_is_said_about_an_invalid_document_is_passed_on(tmp_path: Path) -> None:
    def refuse(output: dict[str, Any]) -> None:
        output["resources"][0] |= {"status": "statusInvalid", "msg": "why"}
        recount(output)

    assert answer(tmp_path, refuse).verdicts["00000.yaml"] == Verdict(Status.INVALID, "why")


def test_a_document_that_cannot_be_read_has_no_identity_and_is_an_error_verdict(tmp_path: Path) -> None:
    def unreadable(output: dict[str, Any]) -> None:
        output["resources"][0] |= {"status": "statusError", "msg": "error unmarshalling", "kind": "", "name": ""}
        recount(output)

    assert answer(tmp_path, unreadable).verdicts["00000.yaml"] == Verdict(Status.ERROR, "error unmarshalling")


def test_a_schema_that_the_tool_cannot_use_is_told_and_proves_nothing(tmp_path: Path) -> None:
    def uncompiled(output: dict[str, Any]) -> None:
        for row in output["resources"][::2]:
            row |= {"status": "statusError", "msg": "could not find schema for ConfigMap"}
        recount(output)

    judgement = answer(tmp_path, uncompiled)
    assert (judgement.caught, judgement.uncompiled) == (0, frozenset({"00002.yaml"}))


def test_the_texts_are_written_exactly_and_the_command_asks_for_everything(tmp_path: Path) -> None:
    output = fake.shown(fake.honest(DOCUMENTS))
    tool = fake.program(
        tmp_path,
        "open('arguments', 'w').write('\\n'.join(sys.argv[1:]))\n"
        "open('input', 'w').write(sys.stdin.read())\n"
        f"sys.stdout.write({output!r})\nsys.exit(1)",
    )
    judge(tmp_path, tool)
    assert (tmp_path / "run" / "arguments").read_text().splitlines() == [
        *("-strict", "-summary", "-verbose", "-output", "json", "-n", "2", "-kubernetes-version", "1.35.0"),
        *("-schema-location", "schemas/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"),
        *("00000.yaml", "00001.yaml", "00002.yaml"),
    ]
    assert (tmp_path / "run" / "input").read_text() == ""
    assert (tmp_path / "run" / "00000.yaml").read_bytes() == b"kind: ConfigMap\n"


LIES: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "drops one document": (lambda o: o["resources"].pop(0), "it said nothing about `00000.yaml`"),
    "judges one twice": (lambda o: o["resources"].append(o["resources"][0]), "it judged several times: `00000.yaml`"),
    "judges a stranger": (
        lambda o: o["resources"].append({**o["resources"][0], "filename": "other.yaml"}),
        "it judged a file that it was not given: `other.yaml`",
    ),
    "takes one kind for another": (
        lambda o: o["resources"][0].update(kind="Secret"),
        "it took `00000.yaml`, ConfigMap `a`, for v1 Secret a",
    ),
    "takes one version for another": (lambda o: o["resources"][0].update(version="v2"), "for v2 ConfigMap a"),
    "takes one name for another": (lambda o: o["resources"][0].update(name="b"), "for v1 ConfigMap b"),
    "loses the prefix of a name": (lambda o: o["resources"][1].update(name="run-"), "for batch/v1 Job run-"),
    "passes the planted violation": (
        lambda o: o["resources"][2].update(status="statusValid", msg="", validationErrors=[]),
        "it missed the planted violation `'trapField'` in ConfigMap of `v1`",
    ),
    "refuses it for another reason": (
        lambda o: o["resources"][2].update(msg="missing property 'spec'"),
        "it missed the planted violation",
    ),
    "skips one": (
        lambda o: o["resources"][0].update(status="statusSkipped"),
        "it did not judge `00000.yaml`: its status is `statusSkipped`",
    ),
    "finds one empty": (
        lambda o: o["resources"][0].update(status=""),
        "it did not judge `00000.yaml`: its status is ``",
    ),
    "invents a status": (lambda o: o["resources"][0].update(status="statusFine"), "its status is `statusFine`"),
    "is valid with a message": (
        lambda o: o["resources"][0].update(msg="but"),
        "the status `statusValid` and the message of `00000.yaml` contradict",
    ),
    "is valid with causes": (
        lambda o: o["resources"][0].update(validationErrors=[{"path": "", "msg": "but"}]),
        "the status `statusValid` and the message of `00000.yaml` contradict",
    ),
    "is invalid without a message": (
        lambda o: o["resources"][2].update(msg=""),
        "the status `statusInvalid` and the message",
    ),
    "adds a field to a row": (lambda o: o["resources"][0].update(note="x"), "a row has unknown or missing fields"),
    "leaves out a field": (lambda o: o["resources"][0].pop("name"), "a row has unknown or missing fields"),
    "gives a field another type": (lambda o: o["resources"][0].update(name=1), "a row has a field of another type"),
    "gives causes another form": (
        lambda o: o["resources"][2].update(validationErrors=[{"path": ""}]),
        "a row has a field of another type",
    ),
    "gives a row that is none": (lambda o: o["resources"].append("x"), "a row has unknown or missing fields"),
    "adds a field to the output": (lambda o: o.update(note="x"), "its output is not a list of resources and a summary"),
    "leaves out the summary": (lambda o: o.pop("summary"), "its output is not a list of resources and a summary"),
    "gives no list": (lambda o: o.update(resources={}), "its output is not a list of resources and a summary"),
}
KEEP_SUMMARY = {"adds a field to the output", "leaves out the summary", "gives no list", "gives a row that is none"}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_found_even_if_the_summary_agrees_with_it(tmp_path: Path, lie: str) -> None:
    change, message = LIES[lie]

    def change_all(output: dict[str, Any]) -> None:
        change(output)
        if lie not in KEEP_SUMMARY:
            recount(output)

    with pytest.raises(ToolOutputError) as caught:
        answer(tmp_path, change_all, code=0 if lie == "passes the planted violation" else 1)
    assert message in caught.value.message


@pytest.mark.parametrize(
    "wrong", [{"valid": 3}, {"invalid": 0}, {"errors": 1}, {"skipped": 1}, {"valid": 2.0}, {"more": 0}]
)
def test_a_summary_that_contradicts_the_rows_is_found(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(ToolOutputError, match="its summary"):
        answer(tmp_path, lambda output: output["summary"].update(wrong))


def test_an_exit_code_that_contradicts_the_rows_is_found(tmp_path: Path) -> None:
    with pytest.raises(ToolOutputError, match="its exit code 0 contradicts its rows"):
        answer(tmp_path, code=0)


OUTPUTS = {
    "nothing": "",
    "half of it": fake.shown(fake.honest(DOCUMENTS))[:200],
    "words": "all resources are valid\n",
    "something behind it": fake.shown(fake.honest(DOCUMENTS)) + "{}",
    "a list": "[]",
    "null": "null",
    "a key twice": '{"resources": [], "resources": [], "summary": {}}',
    "a very deep list": "[" * 100_000,
}


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("code", [0, 1])
def test_an_output_that_is_no_report_is_found(tmp_path: Path, output: str, code: int) -> None:
    with pytest.raises(ToolOutputError, match="kubeconform proved nothing"):
        judge(tmp_path, fake.answering(tmp_path, OUTPUTS[output], code=code))


def test_an_output_that_is_not_utf_8_is_found(tmp_path: Path) -> None:
    with pytest.raises(ToolOutputError, match="not UTF-8"):
        judge(tmp_path, fake.program(tmp_path, "os.write(1, b'\\xff\\xfe')\nsys.exit(1)"))


def test_a_complaint_beside_the_report_is_found(tmp_path: Path) -> None:
    output = fake.shown(fake.honest(DOCUMENTS))
    tool = fake.program(tmp_path, f"sys.stdout.write({output!r})\nsys.stderr.write('failed writing log')\nsys.exit(1)")
    with pytest.raises(ToolOutputError, match="it complained: failed writing log"):
        judge(tmp_path, tool)


def test_a_tool_that_hangs_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(ToolTimeoutError, match=r"did not end within 0\.3 s"):
        judge(tmp_path, fake.program(tmp_path, "time.sleep(60)"), timeout=0.3)


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "SIGSEGV"),
        ("sys.exit(2)", "exit code 2"),
        ("1 / 0", "ended with|exit code 1|proved nothing"),
    ],
)
def test_a_tool_that_crashes_is_told(tmp_path: Path, body: str, outcome: str) -> None:
    with pytest.raises((ToolCrashedError, ToolOutputError), match=outcome):
        judge(tmp_path, fake.program(tmp_path, body))


def test_a_tool_that_floods_its_output_is_stopped(tmp_path: Path) -> None:
    tool = fake.program(tmp_path, "while True: sys.stdout.write('x' * 1_000_000)")
    with pytest.raises(ToolOutputError, match="printed more than"):
        judge(tmp_path, tool, timeout=60)


def test_a_tool_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ToolMissingError):
        judge(tmp_path, tmp_path / "nothing")


def test_a_run_without_a_planted_violation_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ToolOutputError, match="without a planted violation"):
        judge(tmp_path, tmp_path / "nothing", documents=(GOOD,))


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "00000.yaml").mkdir()
    with pytest.raises(StorageError, match="cannot be written"):
        judge(tmp_path, tmp_path / "nothing")
