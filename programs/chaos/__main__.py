"""Tries failures under load, prints each scenario, and writes the results as JSON and as a Markdown table."""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from aurora_programs.trainer.sample import sample
from chaos import cluster, kubelet, scenarios
from chaos.cluster import ControlPlane, RefusedError
from chaos.edge import Edge
from chaos.kubelet import Kubelets
from chaos.load import Load
from chaos.outcome import Outcome, Scenario
from chaos.platform import Platform
from chaos.scene import DATASET, PATHS, STABLE, LateError, Scene, apply, prepare, until
from demo import committed, edge
from demo.running import FailedError, Processes

NODES = ("node-a", "node-b", "node-c")
FAILED, MISSING = 1, 3


def main() -> int:
    """Replay, and give the exit code: 1 where a guarantee did not hold, 3 where a program is missing."""
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--programs", type=Path, required=True, help="the folder with etcd and Kubernetes' programs")
    parser.add_argument("--only", action="append", default=[], help="a scenario; all of them if none is named")
    parser.add_argument("--json", type=Path, help="where to write the result")
    parser.add_argument("--markdown", type=Path, help="where to write the table")
    options = parser.parse_args()
    lacking = cluster.missing(options.programs)
    haproxy = edge.program()
    if lacking or haproxy is None:
        said = f"{options.programs} lacks {', '.join(lacking)}" if lacking else edge.MISSING
        print(said, file=sys.stderr)
        return MISSING
    wanted = [each for each in scenarios.SCENARIOS if not options.only or each.name in options.only]
    try:
        with _scene(options.programs, haproxy) as (scene, served):
            told = [served, *(_play(scene, each) for each in wanted)]
    except (FailedError, LateError, RefusedError, OSError) as error:
        print(error, file=sys.stderr)
        return FAILED
    result = {
        "schema": "aurora.chaos/v1",
        "environment": committed.ENVIRONMENT,
        "scenarios": [asdict(each) for each in told],
    }
    for path in filter(None, (options.json, options.markdown)):
        path.parent.mkdir(parents=True, exist_ok=True)
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")
    if options.markdown:
        options.markdown.write_text(table(told))
    return FAILED if any(each.guaranteed and not each.holds for each in told) else 0


@contextmanager
def _scene(programs: Path, haproxy: Path) -> Iterator[tuple[Scene, Outcome]]:
    with tempfile.TemporaryDirectory(prefix="aurora-chaos-") as name, Processes(Path(name)) as running:
        folder = Path(name)
        claim = folder / "claim"
        (claim / "aurora").mkdir(parents=True)
        (claim / DATASET).write_text(sample(2_000, 1))
        plane = ControlPlane(running, programs)
        kubelet.register(plane.server, NODES)
        kubelets = Kubelets(plane.server, folder / "pods", claim, NODES)
        kubelets.start()
        ended: list[Callable[[], None]] = [kubelets.stop]
        try:
            prepare(plane.server)
            apply(plane.server, "inference", "Service", "PodDisruptionBudget", "HTTPRoute", "MLDeployment")
            front = Edge(plane.server, kubelets, running, haproxy)
            ended.append(front.stop)
            front.begin()
            versions = {served.track: served.version for served in committed.read().tracks}
            load = Load(front, kubelets)
            ended.append(load.stopped.set)
            platform = Platform(plane, running, claim)
            scene = Scene(plane, kubelets, front, load, platform, claim, versions)
            yield scene, _served(scene)
        finally:
            for end in reversed(ended):
                end()


def _served(scene: Scene) -> Outcome:
    """Ask for both versions by resources, publish the aliases, and wait until both tracks serve and are said to."""
    told = Outcome(
        "train-and-serve", "Resources ask for both versions, Deployments serve them", "What is committed comes up"
    )
    begun = time.monotonic()
    scene.platform.start_operator()
    runs = []
    # The operator may read the one template that is committed: the next run's takes its place when the Job is there.
    for version in scene.versions.values():
        runs.append(scene.ask_for(version))
        until(f"{runs[-1]} has a Job", lambda: scene.there("Job", runs[-1]), 60)
    for run in runs:
        until(f"{run} has ended", lambda run=run: scene.ended(run), 180)  # type: ignore[misc]
        told.more[run] = scene.status(run)
    trained = round(time.monotonic() - begun, 1)
    scores = ", ".join(told.more[run]["metrics"]["r2"] for run in runs)
    apply(scene.server, "inference", "Job", "Deployment")
    until("the aliases are published", lambda: scene.complete("aurora-inference-aliases"))
    until("both tracks serve", scene.whole, 180)
    served = round(time.monotonic() - begun, 1)
    until("the operator says so", lambda: _told(scene) == ("Available", *scene.versions.values(), 10))
    scene.platform.start_control_plane()
    scene.load.start()
    with scene.load.measured() as told.figures:
        time.sleep(10)
    told.happened.append(
        f"both runs succeeded after {trained} s with r2 {scores} in their status; served after {served} s, and the "
        "status of the MLDeployment names both versions and 10 %"
    )
    told.holds = told.figures.failed == 0
    _say(told)
    return told


def _told(scene: Scene) -> tuple[object, ...]:
    status = scene.server.do("GET", f"{PATHS['MLDeployment']}/{STABLE}").get("status") or {}
    return tuple(status.get(key) for key in ("phase", "stableVersion", "canaryVersion", "observedWeight"))


def _play(scene: Scene, scenario: Scenario) -> Outcome:
    told = scenarios.play(scene, scenario)
    _say(told)
    return told


def _say(told: Outcome) -> None:
    found = told.figures
    print(f"{told.name}: {told.asked}")
    for each in told.happened:
        print(f"  {each}")
    print(f"  {found.requests} requests in {found.seconds} s, {found.failed} failed {found.failures or ''}")
    print(f"  answers {found.answers}, slowest {found.slowest} s, failing for {found.failing_for} s")
    print(f"  {found.scrapes} scrapes, {found.scrapes_failed} failed")
    print(f"  {verdict(told)}: {told.guarantee}\n", flush=True)


def verdict(told: Outcome) -> str:
    """Tell whether a statement held, and of one that is not guaranteed, that holding once proves nothing."""
    held = "holds" if told.holds else "does not hold"
    return held if told.guaranteed else f"{held} this time, is not guaranteed"


def table(told: list[Outcome]) -> str:
    """Give the results as a table."""
    lines = [
        "| scenario | asked | what happened | requests | failed | seconds | slowest | scrapes, failed | guarantee |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for each in told:
        found = each.figures
        failed = ", ".join(f"{count} {kind}" for kind, count in found.failures.items()) or "0"
        scrapes = f"{found.scrapes}, {found.scrapes_failed}"
        numbers = f"{found.requests} | {failed} | {found.seconds} | {found.slowest} s | {scrapes}"
        happened = f"{each.asked} | {'; '.join(each.happened)}"
        lines.append(f"| {each.name} | {happened} | {numbers} | {verdict(each)}: {each.guarantee} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
