"""Measures how soon each program is ready, and what the runtime adds to a bare route; prints a table and writes JSON.

All is measured in turn in one run, so that ratios hold on a busy machine. Processor time is that of the program alone.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import numpy as np
from processes import free_port, started, until

from aurora_programs.inference import model
from aurora_programs.store import versions
from aurora_programs.trainer.columns import FEATURES
from aurora_programs.trainer.run import Run, perform
from aurora_programs.trainer.sample import sample

HERE = Path(__file__).parent
MODEL, VERSION = "california-housing", "v20261120-020000"
ROW = dict(zip(FEATURES, (3.2, 20.0, 5.4, 1.1, 900.0, 3.0, 36.0, -119.0), strict=True))
STARTS, ROUNDS, SECONDS, LEFT_OUT = 5, 5, 4, 100
"""How often each program starts, how often and how long each route is asked in turn, and requests that warm it up."""
NOBODY = {
    "apiVersion": "v1",
    "kind": "Config",
    "current-context": "nobody",
    "clusters": [{"name": "nobody", "cluster": {"server": "https://127.0.0.1:9"}}],
    "users": [{"name": "nobody", "user": {"token": "none"}}],
    "contexts": [{"name": "nobody", "context": {"cluster": "nobody", "user": "nobody"}}],
}
"""How to reach an API server that is not there."""
READY_SECONDS, ADDED_MILLISECONDS = 2.0, 1.0
"""What is promised."""


def main() -> int:
    """Measure, print and write; give 1 where a promise does not hold."""
    with tempfile.TemporaryDirectory(prefix="aurora-") as name:
        folder = Path(name)
        published = _published(folder)
        starts = _starts(folder, published.folder)
        routes = _routes(folder, published.folder)
    for line in _lines(starts, routes):
        print(line)
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    (results / "programs.json").write_text(json.dumps({"starts": starts, "routes": routes}, indent=1), encoding="utf-8")
    kept = all(one["processor_seconds"] <= READY_SECONDS for one in starts.values())
    return 0 if kept and routes["added_milliseconds"] <= ADDED_MILLISECONDS else 1


def _published(folder: Path) -> versions.Version:
    (folder / "data.csv").write_text(sample(4000, 7))
    run = Run(DATASET=str(folder / "data.csv"), MODEL=MODEL, MODEL_STORE=folder, MODEL_VERSION=VERSION)
    if perform(run, termination_log=folder / "said"):
        raise SystemExit("no model could be trained")
    return versions.find(folder, MODEL, VERSION)


@dataclass(frozen=True, slots=True)
class Start:
    """How a program is started: what says that it is ready, its variables, and the one that names its port."""

    path: str
    variables: Mapping[str, str]
    port: str = "PORT"
    args: Sequence[str] = ()


def _programs(root: Path, folder: Path) -> dict[str, Start]:
    """Give how each program is started; ready are those that serve metrics alone when they serve them.

    The operator finds nobody at its API server, and the trainer waits for data: both are ready before.
    """
    served = {"MODEL_DIR": str(folder), "MODEL_NAME": MODEL, "MODEL_VERSION": VERSION, "RATE_LIMIT": "0"}
    data, access = root / "endless.csv", root / "nobody.json"
    if not data.exists():
        os.mkfifo(data)
    access.write_text(json.dumps(NOBODY), encoding="utf-8")
    trained = {"DATASET": str(data), "MODEL": MODEL, "MODEL_STORE": str(root), "MODEL_VERSION": VERSION}
    kopf = ("-m", "kopf", "run", "--namespace=ml", "--standalone", "--module=aurora_programs.operator")
    return {
        "control_plane": Start("/health", {"AURORA_API_KEY": "k" * 32, "MODEL_STORE": str(root)}),
        "housing_api": Start("/health", {"PREDICT_URL": "http://127.0.0.1:1"}),
        "inference": Start("/ready", served),
        "operator": Start("/metrics", {"KUBECONFIG": str(access)}, "METRICS_PORT", kopf),
        "trainer": Start("/metrics", trained, "METRICS_PORT"),
    }


def _starts(root: Path, folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, start in _programs(root, folder).items():
        walls, processor = [], []
        # The first start reads everything from the disk, and is not counted.
        for _ in range(STARTS + 1):
            port = free_port()
            begun = time.monotonic()
            args = start.args or ("-m", f"aurora_programs.{name}")
            with started(args, {start.port: str(port), **start.variables}, subprocess.DEVNULL) as process:
                until(f"http://127.0.0.1:{port}{start.path}", 200, 60)
                walls.append(time.monotonic() - begun)
                processor.append(_processor_seconds(process.pid))
        found[name] = {"seconds": median(walls[1:]), "processor_seconds": median(processor[1:])}
    return found


def _processor_seconds(pid: int) -> float:
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _routes(root: Path, folder: Path) -> dict[str, Any]:
    """Ask both routes in turn, and take the model's own prediction from what the runtime needs more."""
    times: dict[str, list[float]] = {"bare": [], "inference": []}
    processor: dict[str, float] = dict.fromkeys(times, 0)
    with ExitStack() as stack:
        ports = {name: free_port() for name in times}
        log = stack.enter_context((root / "log").open("w", encoding="utf-8"))
        variables = _programs(root, folder)["inference"].variables
        commands = {
            "bare": ((str(HERE / "bare.py"), str(ports["bare"])), {}),
            "inference": (("-m", "aurora_programs.inference"), {"PORT": str(ports["inference"]), **variables}),
        }
        running = {name: stack.enter_context(started(*command, log)) for name, command in commands.items()}
        for port in ports.values():
            until(f"http://127.0.0.1:{port}/ready", 200, 60)
        for _ in range(ROUNDS):
            for name, port in ports.items():
                before = _processor_seconds(running[name].pid)
                times[name] += _asked(port, root / "times.json")[LEFT_OUT:]
                processor[name] += _processor_seconds(running[name].pid) - before
    own = _own_milliseconds(folder)
    middle = {name: median(values) for name, values in times.items()}
    return {
        "requests": {name: len(values) for name, values in times.items()},
        "median_milliseconds": middle,
        "p99_milliseconds": {name: quantiles(values, n=100)[98] for name, values in times.items()},
        "processor_milliseconds": {
            name: processor[name] * 1000 / (len(values) + ROUNDS * LEFT_OUT) for name, values in times.items()
        },
        "model_milliseconds": own,
        "added_milliseconds": middle["inference"] - middle["bare"] - own,
    }


def _asked(port: int, target: Path) -> list[float]:
    target.unlink(missing_ok=True)
    words = ("--headless", "--users", "1", "--run-time", f"{SECONDS}s", "--host", f"http://127.0.0.1:{port}")
    ended = subprocess.run(
        [sys.executable, "-m", "locust", "-f", str(HERE / "load.py"), *words, "--only-summary", "--loglevel", "ERROR"],
        env={**os.environ, "ROW": json.dumps(ROW), "TIMES": str(target)},
        capture_output=True,
        text=True,
        check=False,
    )
    with suppress(OSError, ValueError):
        times: list[float] = json.loads(target.read_text(encoding="utf-8"))
        if len(times) > LEFT_OUT and not ended.returncode:
            return times
    raise SystemExit(f"Locust measured nothing: {ended.stderr[-2000:]}")


def _own_milliseconds(folder: Path) -> float:
    loaded = model.load(folder, VERSION)
    row = np.asarray([list(ROW.values())], dtype=np.float32)
    spent = []
    for _ in range(2000):
        begun = time.perf_counter()
        loaded.predict(row)
        spent.append((time.perf_counter() - begun) * 1000)
    return median(spent)


def _lines(starts: Mapping[str, Any], routes: Mapping[str, Any]) -> list[str]:
    lines = ["| program | ready after | processor time until then |", "|---|---|---|"]
    for name, one in starts.items():
        lines.append(f"| {name} | {one['seconds']:.2f} s | {one['processor_seconds']:.2f} s |")
    lines += ["", "| route | requests | median | 99th percentile | processor time a request |", "|---|---|---|---|---|"]
    for name in ("bare", "inference"):
        words = [
            f"{routes[key][name]:.3f} ms"
            for key in ("median_milliseconds", "p99_milliseconds", "processor_milliseconds")
        ]
        lines.append(f"| {name} | {routes['requests'][name]} | {' | '.join(words)} |")
    ratios = [routes[key]["inference"] / routes[key]["bare"] for key in ("median_milliseconds", "p99_milliseconds")]
    lines.append(f"\nthe model's own prediction: {routes['model_milliseconds']:.3f} ms")
    lines.append(
        f"the runtime adds {routes['added_milliseconds']:.3f} ms to the bare route and the model, in the median"
    )
    lines.append(
        f"inference beside the bare route: {ratios[0]:.2f} times (median), {ratios[1]:.2f} times (99th percentile)"
    )
    return lines


if __name__ == "__main__":
    sys.exit(main())
