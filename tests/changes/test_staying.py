"""An object that stays in the cluster although its manifest is gone: nothing follows, and it goes on counting."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aurora.changes import consequences, staying
from aurora.changes.consequences import totals
from aurora.changes.effects import decide
from aurora.changes.pairs import Scene
from aurora.model.examples import stream
from aurora.model.manifest import Manifest
from changes.scenes import scene

APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: ml-serving, namespace: argocd%s}
spec: {project: ml, source: {path: %s%s}}
"""
FINALIZER = ", finalizers: [resources-finalizer.argocd.argoproj.io]"
CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: models, namespace: ml%s}
spec: {resources: {requests: {storage: 200Gi}}}
"""
KEPT = ', annotations: {argocd.argoproj.io/sync-options: "Prune=false"}'
POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: ml}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: model, namespace: ml}
spec:
  replicas: 2
  selector: {matchLabels: {app: model}}
  template: {metadata: {labels: {app: model}}, spec: {containers: [{name: model, image: "r.example.com/m:1"}]}}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: model, namespace: ml}
spec: {selector: {app: model}, ports: [{port: 80}]}
"""
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: ml}\n"
COMPONENT = (DEPLOYMENT, SERVICE, POLICY, CLAIM % "")


def told(given: Scene) -> set[tuple[str, str]]:
    return {(pair.resource.kind, entry.rule) for pair, entry in consequences.follow(given)}


def test_nothing_but_that_they_stay_follows_for_objects_whose_application_goes_without_a_finalizer() -> None:
    given = scene(stream(*COMPONENT, APPLICATION % ("", ".", "")), "")
    expected = {(kind, "data/orphaned") for kind in ("Deployment", "Service", "NetworkPolicy", "PersistentVolumeClaim")}
    assert told(given) == {*expected, ("Application", "data/left-behind")}
    moved = totals.movement(given)
    assert moved.before == moved.after
    assert moved.after.pods == 2


def test_the_effect_stays_deleted_and_says_who_owned_the_object() -> None:
    given = scene(stream(CLAIM % "", APPLICATION % ("", ".", "")), "")
    verdicts = {pair.resource.kind: decide(pair) for pair in staying.marked(given)}
    assert verdicts["PersistentVolumeClaim"].rule == "object/deleted-orphaned"
    assert verdicts["PersistentVolumeClaim"].effect == "deleted"
    assert verdicts["Application"].rule == "object/deleted"


@pytest.mark.parametrize(
    ("application", "after"),
    [
        (APPLICATION % (FINALIZER, ".", ""), ""),
        (APPLICATION % ("", "elsewhere", ""), ""),
        (APPLICATION % ("", ".", ""), (APPLICATION % ("", ".", "")).replace("ml-serving", "other")),
        ("", ""),
    ],
)
def test_objects_go_with_a_finalizer_with_another_folder_or_where_another_application_prunes(
    application: str, after: str
) -> None:
    given = scene(stream(*COMPONENT, application), after)
    assert not {rule for _, rule in told(given)} & {"data/orphaned"}
    assert ("PersistentVolumeClaim", "data/claim-deleted") in told(given)


def test_a_folder_below_counts_only_where_the_application_looks_deeper() -> None:
    for more, rule in ((", directory: {recurse: true}", "data/orphaned"), (", directory: {}", "data/orphaned")):
        assert ("Service", rule) in told(scene(stream(SERVICE, APPLICATION % ("", ".", more)), ""))
    for more, expected in ((", directory: {recurse: true}", True), (", directory: {}", False)):
        given = scene(stream(SERVICE, APPLICATION % ("", "generated", more)), "")
        deep = [replace(pair, before=_moved(pair.before)) for pair in given.pairs]
        marks = staying.marked(replace(given, pairs=tuple(deep)))
        assert any(pair.stays for pair in marks) is expected


def _moved(manifest: Manifest | None) -> Manifest:
    assert manifest is not None
    return replace(manifest, source=replace(manifest.source, path="generated/ml/service.model.yaml"))


def test_a_deleted_namespace_takes_what_would_have_stayed() -> None:
    given = scene(stream(CLAIM % KEPT, NAMESPACE), "")
    assert ("PersistentVolumeClaim", "data/kept-by-argo") not in told(given)
    assert ("PersistentVolumeClaim", "data/claim-deleted") in told(given)


def test_a_protected_claim_goes_on_counting() -> None:
    given = scene(CLAIM % KEPT, "")
    assert told(given) == {("PersistentVolumeClaim", "data/kept-by-argo")}
    moved = totals.movement(given)
    assert moved.before.storage == moved.after.storage == 200 * 2**30
