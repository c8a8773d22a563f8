"""`make demo`: prints how HAProxy splits requests between the tracks of the committed route, and their metrics."""

import argparse
import csv
import io
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path

from aurora_contract import programs, store, variables
from aurora_programs.trainer.columns import FEATURES
from aurora_programs.trainer.sample import sample
from demo import asking, committed, edge
from demo.committed import Committed, Served
from demo.running import FailedError, Processes, free_ports

ROWS, REQUESTS = 2_000, 1_000
TRAINED, READY = 150.0, 60.0
TOOL_MISSING, FAILED = 3, 1
Pods = dict[str, tuple[Served, int]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the trial and give its exit code: 1 where something failed, 3 without HAProxy."""
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument("--requests", type=int, default=REQUESTS, help="how many are sent (default: %(default)s)")
    options = parser.parse_args(arguments)
    haproxy = edge.program()
    if haproxy is None:
        print(edge.MISSING, file=sys.stderr)
        return TOOL_MISSING
    found, begun = committed.read(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="aurora-demo-") as folder, Processes(Path(folder)) as running:
        try:
            _trial(running, found, haproxy, options.requests)
        except (FailedError, OSError) as error:
            print(error, file=sys.stderr)
            return FAILED
    print(f"\nEverything has ended, after {time.monotonic() - begun:.0f} s.")
    return 0


def _trial(running: Processes, found: Committed, haproxy: Path, requests: int) -> None:
    root = running.folder / "store"
    root.mkdir()
    _train(running, found, root)
    print(f"Trained on {ROWS} rows a version, and published with their aliases:")
    for served in found.tracks:
        print(f"  {served.track:<7} {served.model} {served.version}")
    pods = _serve(running, found, root)
    rule = edge.rule(found.route, _addresses(pods))
    (port,) = free_ports(1)
    written = running.folder / "haproxy.cfg"
    written.write_text(edge.configuration(rule, port, running.folder / "haproxy.sock"))
    running.start("haproxy", (str(haproxy), "-f", str(written), "-db"))
    running.ready("haproxy", lambda: asking.accepts(port), READY)
    begun = time.monotonic()
    counted = asking.predictions(port, rule.host, rule.prefix, islice(cycle(_rows()), requests))
    seconds = time.monotonic() - begun
    _say(rule, pods, counted, seconds)


def _train(running: Processes, found: Committed, root: Path) -> None:
    names = []
    for seed, served in enumerate(found.tracks, 1):
        data = running.folder / f"{served.track}.csv"
        data.write_text(sample(ROWS, seed))
        name = f"trainer-{served.track}"
        stated = {variables.DATASET: str(data), variables.MODEL: served.model, variables.MODEL_VERSION: served.version}
        said = str(running.folder / f"{name}.said")
        running.python(name, "-m", "demo.train", said, **stated, **{variables.MODEL_STORE: str(root)})
        names.append(name)
    running.done(*names, seconds=TRAINED)
    pins = [f"{served.model}/{served.track}={served.version}" for served in found.tracks]
    command = ("-m", "aurora_programs.trainer", programs.PUBLISH_ALIASES, *pins)
    running.python("aliases", *command, **{variables.MODEL_STORE: str(root)})
    running.done("aliases", seconds=READY)


def _serve(running: Processes, found: Committed, root: Path) -> Pods:
    """Start every pod of both tracks: the committed gate copies its model, then the runtime serves the copy."""
    gate = running.folder / committed.GATE
    gate.write_text(found.gate)
    listed = list(committed.pods(found.tracks))
    pods = {name: (served, port) for (name, served), port in zip(listed, free_ports(len(listed)), strict=True)}
    for name, (served, _) in pods.items():
        (running.folder / name).mkdir()
        more = {
            variables.GATE_SECONDS: "30",
            variables.MODEL_SOURCE: store.versions_path(str(root), served.model),
        }
        running.python(f"gate-{name}", "-I", str(gate), **_model(running, name, served), **more)
    running.done(*(f"gate-{name}" for name in pods), seconds=READY)
    for name, (served, port) in pods.items():
        more = {variables.PORT: str(port)}
        running.python(name, "-m", "aurora_programs.inference", **_model(running, name, served), **more)
    for name, (_, port) in pods.items():
        running.ready(name, lambda port=port: asking.answers(port, programs.INFERENCE.readiness), READY)  # type: ignore[misc]
    return pods


def _model(running: Processes, name: str, served: Served) -> dict[str, str]:
    return {
        variables.MODEL_DIR: str(running.folder / name),
        variables.MODEL_NAME: served.model,
        variables.MODEL_VERSION: served.version,
    }


def _addresses(pods: Pods) -> dict[str, list[edge.Address]]:
    found: dict[str, list[edge.Address]] = {}
    for served, port in pods.values():
        found.setdefault(served.service, []).append(("127.0.0.1", port))
    return found


def _rows() -> Iterator[dict[str, float]]:
    for row in csv.DictReader(io.StringIO(sample(100, 3))):
        yield {name: float(row[name]) for name in FEATURES}


def _say(rule: edge.Rule, pods: Pods, counted: Counter[str], seconds: float) -> None:
    given = edge.weights(rule.tracks)
    total = sum(weight * len(track.pods) for track, weight in zip(rule.tracks, given, strict=True))
    asked_for = f"{counted.total()} requests to {rule.host}{rule.prefix} in {seconds:.1f} s"
    print(f"\n{asked_for}, {counted[asking.FAILED]} failed:")
    print("  track    stated  pods  weight of each  requests    share")
    for track, weight in zip(rule.tracks, given, strict=True):
        served = next(one for one, _ in pods.values() if one.service == track.service)
        count = counted[served.version]
        share = f"{weight * len(track.pods) / total:.2%}"
        print(f"  {served.track:<7} {track.weight:>7}  {len(track.pods):>4}  {weight:>14}  {count:>8}  {share:>7}")
    print("\nWhat the pods' metrics say:\n  track    model_version      requests  errors  mean of a request")
    for served in dict.fromkeys(one for one, _ in pods.values()):
        told = [asking.scrape(port) for one, port in pods.values() if one == served]
        asked, errors, spent = (sum(each[key] for each in told) for key in ("requests", "errors", "seconds"))
        mean = f"{1000 * spent / asked:.2f} ms" if asked else "none"
        print(f"  {served.track:<7}  {served.version:<17}  {asked:>8.0f}  {errors:>6.0f}  {mean:>17}")


if __name__ == "__main__":
    sys.exit(main())
