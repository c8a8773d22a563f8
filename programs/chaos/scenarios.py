"""The scenarios: each acts under load, waits, and tells what happened and what that proves."""

import time
from collections import Counter

from chaos import outages
from chaos.cluster import MERGE, GoneError, RefusedError
from chaos.outcome import Outcome, Scenario
from chaos.scene import APPS, CANARY, PODS, ROUTE, STABLE, LateError, Scene, until
from demo import edge
from demo.running import FailedError

AFTER = 3.0
"""How long requests go on when all is whole again, so that late failures count too."""


def _canary_killed(scene: Scene, told: Outcome) -> None:
    before = {pod["metadata"]["uid"] for pod in scene.pods("canary")}
    _delete(scene, "canary")
    until("another canary", lambda: bool({pod["metadata"]["uid"] for pod in scene.pods("canary")} - before))
    told.more["ready_after"] = until("the canary is ready", lambda: bool(scene.ready("canary")))
    told.happened.append(f"recreated, ready after {told.more['ready_after']} s")


def _stable_killed(scene: Scene, told: Outcome) -> None:
    _delete(scene, "stable", force=True)
    until("the edge has no stable pod", lambda: len(scene.edge.servers) == len(scene.ready("canary")), 10)
    with scene.load.measured() as alone:
        told.more["ready_after"] = until("a stable pod is ready", lambda: bool(scene.ready("stable")))
    told.more["without_stable"] = {"answers": alone.answers, "failures": alone.failures}
    canary = alone.answers.get(scene.versions["canary"], 0)
    told.happened.append(f"for {alone.seconds} s the canary answered {canary} of {alone.requests} requests")


def _model_missing(scene: Scene, told: Outcome) -> None:
    scene.container(CANARY, {"env": {"MODEL_VERSION": "v20261201-000000"}})

    def refused() -> bool:
        states = [one for pod in scene.pods("canary") for one in pod["status"].get("initContainerStatuses", ())]
        reasons = [one["state"]["waiting"]["message"] for one in states if "waiting" in one.get("state", {})]
        told.more["reasons"] = reasons
        return bool(reasons)

    until("the gate refuses", refused)
    time.sleep(AFTER)
    new = [pod for pod in scene.ready("canary") if "v20261201" in str(pod["spec"])]
    scene.container(CANARY, {"env": {"MODEL_VERSION": scene.versions["canary"]}})
    told.holds = not new
    told.happened.append("the new pod is not ready, the old one serves on; the gate says why")


def _storage_read_only(scene: Scene, told: Outcome) -> None:
    folders = [scene.claim, *(each for each in scene.claim.rglob("*") if each.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    try:
        run = scene.ask_for("v20261202-000000")
        until("the run fails", lambda: scene.ended(run, "Failed"))
    finally:
        for folder in folders:
            folder.chmod(0o755)
    reason = scene.status(run)["conditions"][0]["reason"]
    left, counted = [each.name for each in scene.claim.rglob("*20261202*")], scene.platform.failures(run)
    told.holds = (left, reason, counted) == ([], "Unwritable", 1)
    told.happened.append(
        f"the run fails ({reason}), and the operator counts {counted:.0f}; {len(left)} files of the version are left"
    )


def _storage_gone(scene: Scene, told: Outcome) -> None:
    hidden = scene.claim.with_name("hidden")
    scene.claim.rename(hidden)
    try:
        victim = scene.ready("stable")[0]["metadata"]["name"]
        scene.server.do("DELETE", f"{PODS}/{victim}")
        until("a new pod", lambda: len(scene.pods("stable")) == 3, 20)
        time.sleep(4 * AFTER)
        told.more["ready_without_storage"] = len(scene.ready("stable"))
        told.holds = told.more["ready_without_storage"] == 2
    finally:
        hidden.rename(scene.claim)
    told.happened.append("the new pod waits, the others serve what they have loaded")


def _drained(scene: Scene, told: Outcome) -> None:
    pods = scene.pods("stable") + scene.pods("canary")
    ((node, _),) = Counter(pod["spec"]["nodeName"] for pod in pods).most_common(1)
    scene.server.do("PATCH", f"/api/v1/nodes/{node}", {"spec": {"unschedulable": True}}, MERGE)
    refused = 0
    names = [pod["metadata"]["name"] for pod in pods if pod["spec"]["nodeName"] == node]
    for name in names:
        body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": "aurora"}}
        while (status := scene.server.ask("POST", f"{PODS}/{name}/eviction", body)[0]) == 429:
            refused += 1
            time.sleep(1)
        told.more.setdefault("statuses", []).append(status)
    until("the pods are elsewhere", lambda: all(scene.server.ask("GET", f"{PODS}/{name}")[0] == 404 for name in names))
    until("all is whole", scene.whole)
    scene.server.do("PATCH", f"/api/v1/nodes/{node}", {"spec": {"unschedulable": None}}, MERGE)
    told.happened.append(f"{len(names)} pods evicted, the budget refused {refused} times")


def _weight_to_0(scene: Scene, told: Outcome) -> None:
    before = [track.weight for track in scene.edge.rule.tracks]
    _weigh(scene, [sum(before), 0])
    with scene.load.measured() as zero:
        time.sleep(10)
    _weigh(scene, before)
    with scene.load.measured() as again:
        time.sleep(10)
    canary = scene.versions["canary"]
    told.more["with_0"], told.more["with_weight"] = zero.answers, again.answers
    share = again.answers.get(canary, 0) / max(1, sum(again.answers.values()))
    stated = before[1] / sum(before)
    told.holds = canary not in zero.answers and abs(share - stated) < 0.02
    told.happened.append(f"with 0 the canary answered {zero.answers.get(canary, 0)}, with {before[1]} {share:.1%}")


def _image_updated(scene: Scene, told: Outcome) -> None:
    (container,) = scene.server.do("GET", f"{APPS}/{STABLE}")["spec"]["template"]["spec"]["containers"]
    scene.container(STABLE, {"image": container["image"].replace(":v1.4.0", ":v1.4.1")})
    told.more["updated_after"] = until("all pods are new", scene.whole, 240)
    told.happened.append(f"updated after {told.more['updated_after']} s")


def _canary_crashes(scene: Scene, told: Outcome) -> None:
    (uid,) = (pod["metadata"]["uid"] for pod in scene.ready("canary"))
    scene.kubelets.pods[uid].crash()
    until("the canary is not ready", lambda: not scene.ready("canary"), 20)
    told.more["ready_after"] = until("the canary is ready", lambda: bool(scene.ready("canary")))
    told.happened.append(f"its container is started again and ready after {told.more['ready_after']} s")


SCENARIOS = (
    Scenario(
        "canary-killed",
        "The canary's pod is deleted",
        "A deleted canary pod is recreated, stable traffic is unaffected",
        _canary_killed,
    ),
    Scenario(
        "canary-crashes", "The canary's process is killed", "Canary restarts do not affect stable", _canary_crashes
    ),
    Scenario(
        "stable-killed",
        "All stable pods are deleted by force",
        "The canary absorbs all traffic when stable has no pod",
        _stable_killed,
        guaranteed=False,
    ),
    Scenario(
        "model-missing",
        "The canary is to serve a version that is not there",
        "Pods do not become Ready if the model is missing",
        _model_missing,
    ),
    Scenario(
        "storage-read-only",
        "The model store is read-only while a version is trained",
        "No partial or corrupted state is served",
        _storage_read_only,
    ),
    Scenario(
        "storage-gone",
        "The model store is gone, and a stable pod is deleted",
        "Storage is a hard dependency, not a soft failure",
        _storage_gone,
    ),
    Scenario(
        "api-server-down",
        "The API server is killed while a version is trained, and started again after 10 s",
        "The control plane is no runtime dependency of inference",
        outages.api_server_down,
    ),
    Scenario(
        "operator-down",
        "The operator is killed; runs are created and deleted, and it is started again",
        "Reconciliation is eventual: one operator, never two",
        outages.operator_down,
    ),
    Scenario(
        "control-plane-down",
        "Aurora's control plane is killed, and started again after 10 s",
        "The control plane is no runtime dependency of inference",
        outages.control_plane_down,
    ),
    Scenario(
        "drained",
        "A node is cordoned and its pods are evicted by the eviction API",
        "Updates and drains keep the service up",
        _drained,
    ),
    Scenario(
        "weight-to-0",
        "The canary's weight becomes 0, then what it was",
        "Canary traffic is limited to the configured weight",
        _weight_to_0,
    ),
    Scenario(
        "image-updated",
        "The stable Deployment gets another image",
        "Updates and drains keep the service up",
        _image_updated,
    ),
)
"""In the order in which they are played."""


def play(scene: Scene, scenario: Scenario) -> Outcome:
    """Play one scenario under load, from a whole service to a whole service."""
    told = Outcome(scenario.name, scenario.asked, scenario.guarantee, guaranteed=scenario.guaranteed)
    until("all is whole before", scene.whole, 180)
    try:
        with scene.load.measured() as told.figures:
            scenario.act(scene, told)
            until("all is whole again", scene.whole, 180)
            time.sleep(AFTER)
    except (FailedError, GoneError, LateError, RefusedError) as error:
        told.happened.append(str(error))
        told.holds = False
    told.holds = told.holds is not False and told.figures.failed == 0
    return told


def _delete(scene: Scene, track: str, *, force: bool = False) -> None:
    body = {"apiVersion": "v1", "kind": "DeleteOptions", **({"gracePeriodSeconds": 0} if force else {})}
    for pod in scene.pods(track):
        scene.server.do("DELETE", f"{PODS}/{pod['metadata']['name']}", body)


def _weigh(scene: Scene, weights: list[int]) -> None:
    route = scene.server.do("GET", ROUTE)
    for each, weight in zip(route["spec"]["rules"][0]["backendRefs"], weights, strict=True):
        each["weight"] = weight
    scene.server.do("PUT", ROUTE, route)

    def taken() -> bool:
        rule = scene.edge.rule
        return [track.weight for track in rule.tracks] == weights and scene.edge.servers == edge.servers(rule)

    until("the edge has the weights", taken)
