"""Holds the check `workflows` to Argo Workflows' own validation, which the target builds.

The cases are the examples of the check's rules, the workflows of golden cases and of the committed environments, and
each of them with one value taken away, for every value. A difference is a case that only Aurora refuses; what only the
other one refuses is counted by its words: the check does not claim to know everything.
"""

import copy
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from aurora import manifests, rule_texts
from aurora.checks.workflows import CHECK
from aurora.cluster.workflows import KINDS
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue
from aurora.tools.runner import Command, run
from aurora.tools.settings import Settings
from aurora.yamlio import writing

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 1800.0
CONDITION = "workflows/hook-without-condition"
LATER = "it has no schedule"
"""What versions since 4.0 refuse, and the one that is built does not."""

Steps = tuple[str | int, ...]


@dataclass(frozen=True)
class Case:
    """One or more objects of one file."""

    name: str
    bodies: Sequence[JsonObject]

    @property
    def text(self) -> str:
        """The file."""
        return "---\n".join(writing.dump(body) for body in self.bodies)


def cases() -> Iterator[Case]:
    """Give the cases as they stand."""
    for rule in CHECK.rules:
        texts = rule_texts.text(rule.id)
        for half in ("bad", "good"):
            yield Case(f"{rule.id}, {half}", bodies(getattr(texts, half)))
    for folder in (*ROOT.glob("tests/golden/*/*/expected"), *ROOT.glob("generated/*")):
        found = [body for path in sorted(folder.rglob("*workflow*.yaml")) for body in bodies(path.read_text())]
        if found:
            yield Case(str(folder.relative_to(ROOT)), found)


def bodies(stream: str) -> list[JsonObject]:
    """Read the workflows of a stream; a name that occurs twice is kept once, since the linter judges by name."""
    found = [entry.body for entry in manifests.read(stream.encode(), "case.yaml").manifests]
    return list(
        {json.dumps([body["kind"], body["metadata"]]): body for body in found if body["kind"] in KINDS}.values()
    )


def mutants(case: Case) -> Iterator[Case]:
    """Give the case with each of its values taken away."""
    for number, body in enumerate(case.bodies):
        for steps in paths(body["spec"], ("spec",)):
            changed = copy.deepcopy(body)
            holder: JsonValue = changed
            for step in steps[:-1]:
                holder = holder[step]  # type: ignore[index, call-overload]
            del holder[steps[-1]]  # type: ignore[union-attr, arg-type]
            name = f"{case.name}, {number} without {'.'.join(map(str, steps))}"
            yield Case(name, [*case.bodies[:number], changed, *case.bodies[number + 1 :]])


def paths(value: JsonValue, steps: Steps) -> Iterator[Steps]:
    """Give the way to every value inside a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in inner:
        yield (*steps, key)
        yield from paths(child, (*steps, key))


def ours(case: Case, settings: Settings) -> list[str]:
    """Give what the check refuses, in words."""
    found = manifests.read(case.text.encode(), "case.yaml")
    judged = CHECK.run(Inventory(found.manifests), settings).findings
    errors = [entry for entry in judged if entry.severity is Severity.ERROR and entry.message != LATER]
    return [f"{entry.rule}: {entry.message}" for entry in errors if not unseen(entry.rule, f"{entry.pointer}/")]


def unseen(rule: str, pointer: str) -> bool:
    """Tell whether Argo Workflows does not look at it until it runs: what hooks run, and the hooks of tasks at all."""
    of_template = "/templates/" in pointer
    return ("/hooks/" in pointer and (of_template or rule != CONDITION)) or (of_template and "/onExit/" in pointer)


def theirs(program: Path, files: Sequence[Path], workspace: Path) -> dict[str, list[str]]:
    """Give what Argo Workflows refuses, by file."""
    listed, said = workspace / "files.txt", workspace / "verdicts.jsonl"
    listed.write_text("\n".join(map(str, files)))
    run(Command(args=(str(program),), cwd=workspace, timeout=SECONDS, input=listed, output=said))
    found: dict[str, list[str]] = {str(path): [] for path in files}
    for line in said.read_text().splitlines():
        verdict = json.loads(line)
        found[verdict["file"]] += [verdict["error"]] if verdict["error"] else []
    return found


def main(program: Path) -> int:
    """Compare all; print each difference."""
    compared, differences, missed = 0, 0, Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        settings = Settings(cache=workspace, workspace=workspace)
        every = [each for case in cases() for each in (case, *mutants(case))]
        files = [workspace / f"{number}.yaml" for number in range(len(every))]
        for path, case in zip(files, every, strict=True):
            path.write_text(case.text)
        answers = theirs(program, files, workspace)
    for path, case in zip(files, every, strict=True):
        refused, answer = ours(case, settings), answers[str(path)]
        compared += 1
        if refused and not answer:
            differences += 1
            print(f"{case.name}: only Aurora refuses it: {'; '.join(refused)}")
        elif answer and not refused:
            missed[re.sub(r"['\"`].*?['\"`]|templates?\.\S+|\d+", "…", answer[0])] += 1
    for words, count in missed.most_common():
        print(f"{count} only by Argo Workflows: {words}")
    print(f"{compared} cases, {differences} differences, {missed.total()} that only Argo Workflows refuses")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
