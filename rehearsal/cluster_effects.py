"""Holds the effects that `aurora diff` predicts to what a control plane does, change by change.

    cluster_effects.py KUBECONFIG [RESULT]

The cluster is one for tests, empty, of Kubernetes 1.35, with real controllers and simulated nodes, such as kwok makes.
Changes are the examples of the table of effects and edits of the environments' own objects; RESULT is written as JSON.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from aurora import packs, pipeline
from aurora.changes import reading
from aurora.model.json_value import JsonObject, items, mapping
from aurora.model.manifest import Manifest
from aurora.paths import RepositoryPaths
from aurora.rehearsal.server import Server
from aurora.tools.installed import toolbox
from effects import cases, comparing, predicting, trying
from effects.cluster import server
from effects.comparing import Result

ROOT = Path(__file__).resolve().parents[1]
OF_A_ROUND = 150
ENOUGH, SHARE = 150, 0.99
_DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def committed() -> Iterator[Manifest]:
    """Give the objects of all environments, as they are committed."""
    for environment in sorted(path.name for path in (ROOT / "generated").iterdir() if path.is_dir()):
        side = reading.committed(RepositoryPaths(ROOT), environment, {}).side
        for path in sorted(side.files):
            yield from side.read(path).manifests


def define(cluster: Server, pack: Path) -> None:
    """Define the kinds of the schema pack; it leaves out what only the real project's definition has."""
    for path in sorted(pack.glob("*.json")):
        definition: JsonObject = json.loads(path.read_text(encoding="utf-8"))
        metadata, spec = mapping(definition["metadata"]), mapping(definition["spec"])
        metadata["annotations"] = {"api-approved.kubernetes.io": "unapproved, reduced to what validates objects"}
        spec["versions"] = [each for each in items(spec["versions"]) if "schema" in mapping(each)]
        answer = cluster.call("POST", _DEFINITIONS, definition)
        if not answer.done:
            print(f"{path.name} is not defined: {answer.message}", file=sys.stderr)


def results(cluster: Server) -> Iterator[Result]:
    """Try every change, and give each result."""
    pack, known, tools = packs.pack_of(None), comparing.differences(), toolbox()
    define(cluster, pack)
    found = [*cases.of_rows(), *cases.of_objects(committed())]
    placed = [cases.placed(case, number) for number, case in enumerate(found)]
    spaces = {id(case): cases.namespace(number) for number, case in enumerate(placed)}
    for tried in cases.rounds(placed, OF_A_ROUND):
        with pipeline.settings(schemas=[pack]) as settings:
            predictions = predicting.predict(tried, settings, tools.locate)
        seen = trying.attempt(cluster, tried, [spaces[id(case)] for case in tried])
        for case, prediction, one in zip(tried, predictions, seen, strict=True):
            yield comparing.compare(case, prediction, one, known)


def main() -> None:
    """Try everything, print what differs and the counts, and end with 1 where that is too much or too little."""
    found = []
    for each in results(server(Path(sys.argv[1]))):
        found.append(each)
        if each.compared and not each.agrees:
            why = f"explained by {each.explained}" if each.explained else "not explained"
            said = f"{each.rule} predicts {each.predicted}, seen is {each.seen}, {why} {each.words}"
            print(f"{each.name}: {said}".strip(), flush=True)
    if len(sys.argv) > 2:
        Path(sys.argv[2]).write_text(json.dumps([asdict(each) for each in found], indent=1), encoding="utf-8")
    compared = [each for each in found if each.compared]
    stale = comparing.unused(comparing.differences(), found)
    print("".join(f"{each.id} explains nothing any more\n" for each in stale), end="")
    for why, count in Counter(each.hidden for each in found if each.hidden).most_common():
        print(f"not shown {count} times: {why}")
    for effect, (count, agreed, explained) in comparing.counts(found).items():
        print(f"{effect}: {count} compared, {agreed} seen as predicted, {explained} explained")
    agreed = sum(each.agrees for each in compared)
    print(f"{agreed} of {len(compared)} changes seen as predicted")
    unexplained = [each for each in compared if not each.agrees and not each.explained]
    if unexplained or stale or len(compared) < ENOUGH or agreed < SHARE * len(compared):
        sys.exit(1)


if __name__ == "__main__":
    main()
