"""What happens while something is away that no request needs: the API server, the operator, the control plane."""

import time
from contextlib import suppress

from chaos.cluster import GoneError
from chaos.outcome import Outcome
from chaos.scene import PATHS, LateError, Scene, until

RUN = "MLTrainingJob"
AWAY = 10.0


def api_server_down(scene: Scene, told: Outcome) -> None:
    """Kill the API server while a run is trained; the operator must go on with it afterwards."""
    run = scene.ask_for("v20261204-000000")
    until("the run has a Job", lambda: scene.there("Job", run), 30)
    scene.plane.running.kill("kube-apiserver")
    with scene.load.measured() as down:
        with suppress(GoneError):
            scene.server.ask("GET", "/readyz")
            raise LateError("the API server still answers")
        time.sleep(AWAY)
    begun = time.monotonic()
    scene.plane.start_api_server()
    until("the run has ended", lambda: scene.ended(run), 180)
    told.more["run"] = scene.status(run)
    told.holds = scene.platform.operates
    told.happened.append(
        f"while it was down {down.requests} requests, {down.failed} failed; the operator went on by itself, and the "
        f"run succeeded {time.monotonic() - begun:.1f} s after the new start"
    )


def operator_down(scene: Scene, told: Outcome) -> None:
    """Kill the operator; create and delete a run, delete an older one, create another one; start the operator."""
    (old, *_) = (each["metadata"]["name"] for each in scene.server.listed(PATHS[RUN]))
    scene.platform.stop_operator()
    brief = scene.ask_for("v20261203-000000")
    time.sleep(AWAY / 2)
    untouched = not scene.status(brief) and not scene.there("Job", brief) and scene.there("Job", old)
    for each in (brief, old):
        scene.server.do("DELETE", f"{PATHS[RUN]}/{each}")
    gone = until("both are gone", lambda: not any(scene.there(RUN, each) for each in (brief, old)), 10)
    collected = until("the older one's Job is gone", lambda: not scene.there("Job", old), 60)
    later = scene.ask_for("v20261205-000000")
    scene.platform.start_operator()
    taken = until("the other run has a Job", lambda: scene.there("Job", later), 60)
    until("the other run has ended", lambda: scene.ended(later), 180)
    told.more["run"] = scene.status(later)
    told.holds = untouched and not scene.there("Job", brief)
    told.happened.append(
        f"what was created stayed without status and Job; deleted resources were gone after {gone} s and the older "
        f"one's Job after {collected} s; the other run got its Job {taken} s after the start, and succeeded"
    )


def control_plane_down(scene: Scene, told: Outcome) -> None:
    """Kill the control plane, and start it again."""
    before = scene.platform.shown("/models")
    scene.platform.stop_control_plane()
    silent = scene.platform.shown("/models") is None
    with scene.load.measured() as down:
        time.sleep(AWAY)
    begun = time.monotonic()
    scene.platform.start_control_plane()
    told.more["shown"] = scene.platform.shown("/models")
    told.holds = silent and told.more["shown"] == before
    told.happened.append(
        f"while it was down {down.requests} requests, {down.failed} failed; {time.monotonic() - begun:.1f} s after its "
        "start it shows the store as before"
    )
