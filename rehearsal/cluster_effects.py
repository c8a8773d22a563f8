"""Holds the effects that `aurora diff` predicts to what a control plane does, change by change.

    cluster_effects.py RESULT [--write]

The control plane is that of `aurora rehearse`, with pods of Jobs that go on running. Changes are the examples of the
table of effects and edits of the environments' own objects; RESULT is written as JSON. Rows that were seen once have
to be seen again; `--write` keeps which were.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from aurora import packs, pipeline
from aurora.changes import reading
from aurora.changes.effects import rows
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, items, mapping
from aurora.model.manifest import Manifest
from aurora.paths import RepositoryPaths
from aurora.rehearsal import control_plane, machines, run, simulated
from aurora.rehearsal.server import Server
from aurora.tools import pins
from aurora.tools.installed import toolbox
from effects import cases, comparing, predicting, trying
from effects.comparing import Result

ROOT = Path(__file__).resolve().parents[1]
OF_A_ROUND = 150
ENOUGH, SHARE = 150, 0.99
_DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


@contextmanager
def cluster() -> Iterator[Server]:
    """Start a control plane with nodes, and end it afterwards."""
    tools = toolbox()
    run.require(tools, pins.CLUSTER)
    with run.programs() as running:
        plane = control_plane.start(tools, running, simulated.kubelets(jobs_end=False))
        machines.add(plane.server, machines.nodes(Inventory([])))
        with machines.Volumes(plane.server):
            yield plane.server


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
    with cluster() as own:
        for each in results(own):
            found.append(each)
            if each.compared and not each.agrees:
                why = f"explained by {each.explained}" if each.explained else "not explained"
                said = f"{each.rule} predicts {each.predicted}, seen is {each.seen}, {why} {each.words}"
                print(f"{each.name}: {said}".strip(), flush=True)
    Path(sys.argv[1]).write_text(json.dumps([asdict(each) for each in found], indent=1), encoding="utf-8")
    seen = comparing.rows_seen(found)
    if sys.argv[2:] == ["--write"]:
        comparing.write_seen(seen)
    lost = sorted(rows.seen() - seen)
    print("".join(f"{id_} was seen before, and is not any more\n" for id_ in lost), end="")
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
    if unexplained or stale or lost or len(compared) < ENOUGH or agreed < SHARE * len(compared):
        sys.exit(1)


if __name__ == "__main__":
    main()
