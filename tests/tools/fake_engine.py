"""A program that speaks the protocol of the policy engine and tells one lie."""

from __future__ import annotations

import sys
from pathlib import Path

# Every object violates the sentinel and passes every other policy, but for the lie.
_ENGINE = """\
#!{python}
import json, sys
lie = {lie!r}
hello = {{"reply": "hello", "program": "another" if lie == "program" else "policy-engine", "protocol": 1}}
print(json.dumps(hello))
counts = {{"judged": 0, "unjudged": 0, "done": 0}}
names = []

def say(request, outcome, **body):
    counts[outcome] += 1
    print(json.dumps({{"id": request["id"], "reply": request["request"], "outcome": outcome, **body}}))

for line in sys.stdin:
    request = json.loads(line)
    body = request["body"]
    if request["request"] == "configure":
        with open("configured.json", "w") as file:
            json.dump(body, file)
        names = [policy["metadata"]["name"] for policy in body["policies"]]
        entries = [{{"pointer": f"/policies/{{number}}"}} for number in range(len(names))]
        refused = []
        if lie == "refuse":
            refused = [entries.pop(0) | {{"message": "no", "field": "spec.validations"}}]
        if lie == "refuse-sentinel":
            refused = [entries.pop() | {{"message": "no"}}]
        if lie == "forget-policy":
            entries.pop(0)
        if lie == "unconfigured":
            say(request, "unjudged", error={{"reason": "malformed-request", "message": "two namespaces"}})
        else:
            say(request, "done", result={{"policies": entries, "refused": refused}})
        continue
    metadata = body["object"]["metadata"]
    named = {{"kind": body["object"]["kind"], "namespace": metadata.get("namespace", ""), "name": metadata["name"]}}
    sentinel = "pass" if lie == "pass-sentinel" else "fail"
    answers = {{name: sentinel if name == "aurora-sentinel" else "pass" for name in names}}
    if lie == "result":
        answers[names[0]] = "maybe"
    unmatched = []
    if lie == "silent":
        del answers[names[0]]
    if lie == "unmatched":
        unmatched = [names[0]]
        del answers[names[0]]
    if lie == "twice":
        unmatched = [names[0]]
    if lie == "another-object":
        named["name"] = "another"
    said = {{"message": "m", "autogen": "defaults"}}
    results = [{{"policy": name, "result": result, **said}} for name, result in answers.items()]
    if lie == "unjudged" and metadata["name"] == "app":
        say(request, "unjudged", error={{"reason": "time-limit", "message": "no verdict in time"}})
    else:
        say(request, "judged", result={{"resource": named, "results": results, "unmatched": unmatched}})
print(json.dumps({{"reply": "summary", "received": sum(counts.values()), **counts}}))
"""


def lying(folder: Path, lie: str = "") -> Path:
    """Write the program."""
    program = folder / "policy-engine"
    program.write_text(_ENGINE.format(python=sys.executable, lie=lie))
    program.chmod(0o755)
    return program
