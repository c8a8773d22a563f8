"""Holds the policy engine to Kyverno's own command line on the engine's own cases: exceptions, selectors, versions.

Each object of `testdata/cases` that is created is judged by both, one by one, since some have one name. Must not say
what a verdict should be: the tests of the engine do.
"""

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from aurora.tools.installed import Toolbox, toolbox
from aurora.tools.kyverno_output import read_report, reports
from aurora.tools.protocol import Request, converse
from aurora.tools.runner import Command, run

CASES = Path(__file__).resolve().parents[1] / "tools/kyverno/internal/verdict/testdata/cases"
APART = {"kinds"}
"""The files whose point is a difference: plurals that the command line guesses."""
SECONDS = 300.0
Rows = Counter[tuple[str, ...]]
"""How often a policy, an object, a result and its message are in a verdict."""


def compare(file: Path, tools: Toolbox, workspace: Path) -> tuple[int, list[str]]:
    """Judge the objects of a file by both; give how many there were, and every row that only one of the two has."""
    case = YAML(typ="safe").load(file)
    asked = [
        entry["body"] for entry in case.get("judge", ()) if not entry.get("error") and "operation" not in entry["body"]
    ]
    requests = [Request("configure", "configure", case["configure"])]
    requests += [Request(str(number), "judge", body) for number, body in enumerate(asked)]
    replies = converse(tools.locate("policy-engine"), requests, workspace=workspace, timeout=SECONDS).replies
    refused = {entry["pointer"] for entry in replies["configure"].result["refused"]}
    differences: list[str] = []
    for number, body in enumerate(asked):
        verdict = replies[str(number)].result
        files = _files(case["configure"], refused, seen(body["object"], verdict["resource"]), workspace)
        ours, theirs = _of_engine(verdict), _of_command_line(tools.locate("kyverno"), files, workspace)
        differences += [f"{file.stem}: only the engine says {row}" for row in ours - theirs]
        differences += [f"{file.stem}: only the command line says {row}" for row in theirs - ours]
    return len(asked), differences


def seen(body: Mapping[str, Any], resource: Mapping[str, Any]) -> dict[str, Any]:
    """Give an object with what the API server has added or left out when admission sees it."""
    metadata = {key: value for key, value in body["metadata"].items() if key != "namespace"}
    if resource.get("namespace"):
        metadata["namespace"] = resource["namespace"]
    if resource["resource"] == "namespaces":
        metadata["labels"] = {"kubernetes.io/metadata.name": resource["name"]}
    return {**body, "metadata": metadata}


def _files(configured: Mapping[str, Any], refused: set[str], body: Mapping[str, Any], folder: Path) -> tuple[str, ...]:
    """Write what the engine uses, since the command line would also apply expired exceptions; give its arguments."""
    arguments: list[str] = []
    for section, option in (("policies", []), ("exceptions", ["--exception"])):
        for number, entry in enumerate(configured.get(section, ())):
            if f"/{section}/{number}" not in refused:
                arguments += [*option, _file(folder, f"{section}-{number}", entry)]
    namespaces = [
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {
                "name": entry["name"],
                "labels": {"kubernetes.io/metadata.name": entry["name"], **entry.get("labels", {})},
            },
        }
        for entry in configured.get("namespaces", ())
    ]
    head = {"apiVersion": "cli.kyverno.io/v1alpha1", "kind": "Value", "metadata": {"name": "values"}}
    values = _file(folder, "values", {**head, "namespaces": namespaces})
    return (*arguments, "--resource", _file(folder, "object", body), "--values-file", values)


def _file(folder: Path, name: str, entry: object) -> str:
    path = folder / f"{name}.yaml"
    path.write_text(entry if isinstance(entry, str) else json.dumps(entry), encoding="utf-8")
    return path.name


def _of_engine(verdict: Mapping[str, Any]) -> Rows:
    about = verdict["resource"]
    named = (about["kind"], about.get("namespace", ""), about["name"])
    return Counter(
        (row["policy"], row.get("rule", ""), *named, row["result"], row["message"]) for row in verdict["results"]
    )


def _of_command_line(program: Path, files: tuple[str, ...], folder: Path) -> Rows:
    report = ("--policy-report", "--output-format", "json", "--remove-color")
    command = Command(
        args=(str(program), "apply", *files, *report), cwd=folder, timeout=SECONDS, accepted_codes=frozenset({0, 1})
    )
    done = run(command)
    rows = read_report(done.stdout, errors=done.stderr) if reports(done.stdout).strip() else ()
    return Counter(
        (
            *(row.policy, row.rule, row.resource.kind, row.resource.namespace or "", row.resource.name),
            *(str(row.result), row.message),
        )
        for row in rows
    )


def main() -> None:
    """Compare every file, print each difference and the count, and end with 1 if there is one."""
    tools = toolbox()
    compared, found = 0, []
    for file in sorted(CASES.glob("*.yaml")):
        if file.stem not in APART:
            with tempfile.TemporaryDirectory() as workspace:
                count, differences = compare(file, tools, Path(workspace))
            if not count:
                found.append(f"{file.stem}: nothing was compared")
            compared += count
            found += differences
    print("\n".join([*found, f"{compared} objects of the engine's cases judged by both: {len(found)} differences"]))
    if found or not compared:
        sys.exit(1)


if __name__ == "__main__":
    main()
