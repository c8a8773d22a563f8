"""Facts about the check `storage` that its rules' examples do not state."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from aurora.checks.storage import CHECK
from aurora.model.inventory import External, Inventory
from checks.inventory_cases import assert_findings_point_at_fields, hostile, judge, pointers

CLASS = "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: %s}\nprovisioner: %s\n"
CLAIM = (
    "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: models, namespace: shop}\n"
    "spec: {storageClassName: models, accessModes: [%s]}\n"
)
SHARED = CLAIM % "ReadWriteMany"
OWN = CLAIM % "ReadWriteOnce"


def pod(
    name: str,
    component: str,
    *,
    volume: str = "",
    mount: str = "",
    namespace: str = "shop",
    kind: str = "v1/Pod",
    annotations: str = "",
) -> str:
    version, _, kind = kind.rpartition("/")
    labels = f"labels: {{app.kubernetes.io/component: {component}}}"
    spec = (
        f"{{containers: [{{name: main, volumeMounts: [{{name: models, mountPath: /models{mount}}}]}}], "
        f"volumes: [{{name: models, persistentVolumeClaim: {{claimName: models{volume}}}}}]}}"
    )
    body = f"{{template: {{metadata: {{{labels}}}, spec: {spec}}}}}" if kind != "Pod" else spec
    return (
        f"apiVersion: {version}\nkind: {kind}\n"
        f"metadata: {{name: {name}, namespace: {namespace}, {labels}, annotations: {{{annotations}}}}}\nspec: {body}\n"
    )


READ_ONLY = ", readOnly: true"


def rules(*streams: str, closed: bool = True) -> set[str]:
    return {finding.rule for finding in judge(CHECK, *streams, closed=closed)}


@pytest.mark.parametrize(
    ("provisioner", "mode", "volume_mode", "given_"),
    [
        ("ebs.csi.aws.com", "ReadWriteMany", "", False),
        ("ebs.csi.aws.com", "ReadWriteOnce", "", True),
        ("ebs.csi.aws.com", "ReadWriteMany", ", volumeMode: Block", True),
        ("ebs.csi.aws.com", "ReadWriteMany", ", volumeMode: Filesystem", False),
        ("disk.csi.azure.com", "ReadWriteMany", "", False),
        ("file.csi.azure.com", "ReadWriteMany", "", True),
        ("efs.csi.aws.com", "ReadWriteMany", "", True),
        ("cephfs.csi.ceph.com", "ReadWriteMany", "", True),
        ("rook-ceph.cephfs.csi.ceph.com", "ReadWriteMany", "", True),
        ("rook-ceph.rbd.csi.ceph.com", "ReadWriteMany", "", False),
        ("example.com/anything", "ReadWriteMany", "", True),
    ],
)
def test_access_modes_by_driver(provisioner: str, mode: str, volume_mode: str, given_: bool) -> None:
    claim = (CLAIM % f"ReadWriteOnce, {mode}").replace(
        "accessModes", f"volumeMode: Filesystem{volume_mode}, accessModes"
    )
    claim = claim.replace("volumeMode: Filesystem, volumeMode", "volumeMode").replace("volumeMode: Filesystem, a", "a")
    found = judge(CHECK, CLASS % ("models", provisioner), claim)
    assert pointers(found, "storage/access-mode") == ([] if given_ else ["/spec/accessModes/1"])


def test_claim_templates_ask_for_access_modes_too() -> None:
    stateful = (
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db, namespace: shop}\nspec:\n"
        "  volumeClaimTemplates: [{metadata: {name: d}, spec: {storageClassName: gp3, accessModes: [ReadWriteMany]}}]\n"
    )
    found = judge(CHECK, CLASS % ("gp3", "ebs.csi.aws.com"), stateful)
    assert pointers(found, "storage/access-mode") == ["/spec/volumeClaimTemplates/0/spec/accessModes/0"]


def test_nothing_is_said_of_the_modes_of_an_unknown_class() -> None:
    assert "storage/access-mode" not in rules(SHARED)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("reclaimPolicy: Retain\nallowVolumeExpansion: true\n", []),
        ("reclaimPolicy: Delete\nallowVolumeExpansion: true\n", ["/reclaimPolicy"]),
        ("reclaimPolicy: Retain\nallowVolumeExpansion: false\n", ["/allowVolumeExpansion"]),
        ("", ["", ""]),
    ],
)
def test_the_class_of_models(fields: str, expected: list[str]) -> None:
    storage_class = CLASS % ("models", "cephfs.csi.ceph.com") + fields
    server = pod("web", "inference", volume=READ_ONLY, mount=READ_ONLY)
    assert pointers(judge(CHECK, storage_class, SHARED, server), "storage/model-class") == expected
    assert "storage/model-class" not in rules(storage_class, SHARED, pod("db", "storage"))


def test_a_class_of_efs_has_nothing_to_expand() -> None:
    server = pod("web", "inference", volume=READ_ONLY, mount=READ_ONLY)
    grows = CLASS % ("models", "efs.csi.aws.com")
    assert "storage/model-class" not in rules(grows + "reclaimPolicy: Retain\n", SHARED, server)
    found = judge(CHECK, grows + "reclaimPolicy: Delete\n", SHARED, server)
    assert pointers(found, "storage/model-class") == ["/reclaimPolicy"]


@pytest.mark.parametrize(
    ("component", "volume", "mount", "expected"),
    [
        ("inference", READ_ONLY, READ_ONLY, []),
        ("inference", "", READ_ONLY, ["/spec/volumes/0/persistentVolumeClaim"]),
        ("inference", READ_ONLY, "", ["/spec/containers/0/volumeMounts/0"]),
        ("control-plane", "", "", ["/spec/volumes/0/persistentVolumeClaim", "/spec/containers/0/volumeMounts/0"]),
        ("operator", "", "", ["/spec/volumes/0/persistentVolumeClaim", "/spec/containers/0/volumeMounts/0"]),
        ("training", "", "", []),
    ],
)
def test_who_mounts_a_shared_claim_read_only(component: str, volume: str, mount: str, expected: list[str]) -> None:
    found = judge(CHECK, SHARED, pod("web", component, volume=volume, mount=mount))
    assert pointers(found, "storage/read-only") == expected


def test_a_claim_of_one_pod_is_its_own() -> None:
    assert rules(OWN, pod("db", "storage")) == set()


def test_a_claim_of_two_pods_is_shared_whatever_its_mode() -> None:
    assert "storage/read-only" in rules(
        OWN, pod("db", "storage"), pod("web", "edge", volume=READ_ONLY, mount=READ_ONLY)
    )


def test_hook_jobs_may_write_and_other_jobs_may_not() -> None:
    hook = "argocd.argoproj.io/hook: PreSync"
    assert "storage/read-only" not in rules(SHARED, pod("init", "storage", kind="batch/v1/Job", annotations=hook))
    assert "storage/read-only" in rules(SHARED, pod("init", "storage", kind="batch/v1/Job"))
    assert "storage/read-only" in rules(SHARED, pod("init", "storage", kind="apps/v1/Deployment", annotations=hook))


def test_of_foreign_manifests_nobody_knows_who_should_only_read() -> None:
    assert rules(SHARED, pod("uploads", "web"), closed=False) == set()
    assert rules(SHARED, pod("web", "inference"), closed=False) == set()


@pytest.mark.parametrize(
    ("users", "writers"),
    [
        pytest.param([("a", "training", ""), ("b", "training", "")], ["b"], id="two trainings"),
        pytest.param([("a", "api", ""), ("b", "training", "")], ["a"], id="training is the one that was meant"),
        pytest.param([("a", "training", ""), ("b", "api", READ_ONLY)], [], id="a reader"),
        pytest.param([("a", "training", "")], [], id="one writer"),
    ],
)
def test_a_shared_claim_has_one_writer(users: list[tuple[str, str, str]], writers: list[str]) -> None:
    streams = [pod(name, component, volume=mode) for name, component, mode in users]
    found = [finding for finding in judge(CHECK, SHARED, *streams) if finding.rule == "storage/second-writer"]
    assert [finding.resource.name for finding in found if finding.resource] == writers


def test_hooks_are_no_second_writers() -> None:
    hook = pod("init", "storage", kind="batch/v1/Job", annotations="argocd.argoproj.io/hook: PreSync")
    assert "storage/second-writer" not in rules(SHARED, pod("nightly", "training"), hook)


def test_a_volume_that_only_its_mounts_restrict_is_not_written() -> None:
    assert "storage/second-writer" not in rules(SHARED, pod("a", "training"), pod("b", "api", mount=READ_ONLY))


def test_a_claim_of_another_namespace_is_found_unless_there_is_one_here_as_well() -> None:
    user = pod("nightly", "training", namespace="batch")
    assert pointers(judge(CHECK, SHARED, user), "storage/claim-namespace") == [
        "/spec/volumes/0/persistentVolumeClaim/claimName"
    ]
    assert "storage/claim-namespace" not in rules(SHARED, SHARED.replace("shop", "batch"), user)
    external = External("", "PersistentVolumeClaim", "batch", "models")
    assert pointers(judge(CHECK, SHARED, user, externals=(external,)), "storage/claim-namespace") == []


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ("storageclass.kubernetes.io/is-default-class: 'true'", ["b"]),
        ("storageclass.beta.kubernetes.io/is-default-class: 'true'", ["b"]),
        ("storageclass.kubernetes.io/is-default-class: 'false'", []),
    ],
)
def test_one_default_class(second: str, expected: list[str]) -> None:
    first = (CLASS % ("a", "x.example.com")).replace(
        "{name: a}", "{name: a, annotations: {storageclass.kubernetes.io/is-default-class: 'true'}}"
    )
    other = (CLASS % ("b", "x.example.com")).replace("{name: b}", f"{{name: b, annotations: {{{second}}}}}")
    found = [finding for finding in judge(CHECK, first, other) if finding.rule == "storage/default-class"]
    assert [finding.resource.name for finding in found if finding.resource] == expected


SERVER = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app.kubernetes.io/component: inference}}
spec:
  initContainers: [%s]
  containers: [%s]
  volumes: [{name: models, persistentVolumeClaim: {claimName: models, readOnly: true}}, {name: cache, emptyDir: {}}]
"""
MOUNT = "volumeMounts: [{name: models, mountPath: /m, readOnly: true}]"
GATE = f"{{name: gate, {MOUNT}}}"
READY = "readinessProbe: {httpGet: {path: /ready, port: http}}"
MAIN = f"{{name: main, {MOUNT}, {READY}}}"


@pytest.mark.parametrize(
    ("init", "gated"),
    [
        pytest.param(GATE, True, id="read-only"),
        pytest.param("", False, id="none"),
        pytest.param("{name: gate, volumeMounts: [{name: cache, mountPath: /m}]}", False, id="another volume"),
        pytest.param("{name: gate, volumeMounts: [{name: models, mountPath: /m}]}", False, id="it could write"),
        pytest.param(f"{{name: gate, restartPolicy: Always, {MOUNT}}}", False, id="a sidecar does not gate"),
    ],
)
def test_an_init_container_looks_for_the_model(init: str, gated: bool) -> None:
    assert ("storage/model-gate" not in rules(SERVER % (init, MAIN))) is gated


@pytest.mark.parametrize(
    ("main", "expected"),
    [
        pytest.param(MAIN, [], id="ready"),
        pytest.param(f"{{name: main, {MOUNT}}}", ["/spec/containers/0"], id="no probe"),
        pytest.param(
            f"{{name: main, {MOUNT}, readinessProbe: {{periodSeconds: 5}}}}", ["/spec/containers/0"], id="asks nothing"
        ),
        pytest.param(f"{MAIN}, {{name: proxy}}", [], id="a container without the model"),
        pytest.param("{name: main}", ["/spec/containers/0"], id="loaded by the init container"),
    ],
)
def test_readiness_depends_on_the_model(main: str, expected: list[str]) -> None:
    assert pointers(judge(CHECK, SERVER % (GATE, main)), "storage/model-readiness") == expected


@pytest.mark.parametrize(
    ("probe", "restarts"),
    [
        ("{httpGet: {path: /ready, port: http}}", True),
        ("{httpGet: {path: /ready, port: http, scheme: HTTP}, failureThreshold: 9}", True),
        ("{httpGet: {path: /alive, port: http}}", False),
        ("{tcpSocket: {port: http}}", False),
    ],
)
def test_liveness_does_not_depend_on_the_model(probe: str, restarts: bool) -> None:
    main = f"{{name: main, {MOUNT}, {READY}, livenessProbe: {probe}}}"
    found = pointers(judge(CHECK, SERVER % (GATE, main)), "storage/model-liveness")
    assert found == (["/spec/containers/0/livenessProbe"] if restarts else [])


def test_inference_without_a_claim_needs_no_gate() -> None:
    stream = SERVER.replace(", {name: cache, emptyDir: {}}", "").replace(
        "persistentVolumeClaim: {claimName: models, readOnly: true}", "emptyDir: {sizeLimit: 1Gi}"
    )
    assert rules(stream % ("", f"{{name: main, {MOUNT}}}")) == set()


def test_volumes_of_claim_templates_and_devices_are_declared_and_used() -> None:
    stateful = (
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db, namespace: shop}\nspec:\n"
        "  volumeClaimTemplates: [{metadata: {name: data}, spec: {storageClassName: ''}}]\n"
        "  template: {spec: {containers: [{name: a, volumeMounts: [{name: data, mountPath: /d}], "
        "volumeDevices: [{name: raw, devicePath: /dev/x}]}], "
        "volumes: [{name: raw, persistentVolumeClaim: {claimName: r}}]}}\n"
    )
    assert rules(stateful) == set()
    assert pointers(judge(CHECK, stateful.replace("name: data}, spec", "name: other}, spec")), "storage/no-volume") == [
        "/spec/template/spec/containers/0/volumeMounts/0/name"
    ]


@settings(max_examples=300, deadline=None)
@given(hostile(CHECK))
def test_no_manifest_makes_the_check_raise_or_point_at_nothing(inventory: Inventory) -> None:
    assert_findings_point_at_fields(CHECK, inventory)
