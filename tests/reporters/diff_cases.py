"""Diffs for tests of reporters, built as values: a realistic one, large ones, hostile ones."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache

from aurora.model.change import ABSENT, Change, Consequence, Effect, FieldChange, Impact
from aurora.model.diff import Diff, Edit, Fold, Movement, Totals
from aurora.model.finding import Finding, Severity
from aurora.model.json_value import JsonObject, JsonValue
from aurora.model.manifest import Manifest, Origin, Source, identify
from aurora.model.place import Place
from aurora.model.resource import ResourceId
from aurora.yamlio.writing import dump

GIB = 2**30


def manifest(
    body: JsonObject, environment: str | None = "aurora-prod", component: str | None = "inference"
) -> Manifest:
    found = identify(body)
    path = f"generated/{environment}/{component}/{found.namespace or '_cluster'}/{found.kind.lower()}.{found.name}.yaml"
    return Manifest(
        id=found, body=body, text=dump(body), source=Source(path), environment=environment, component=component
    )


def deployment(name: str, *, image: str = "v1.4.0", replicas: int = 3, namespace: str = "aurora") -> JsonObject:
    labels: dict[str, JsonValue] = {"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "aurora"}
    probe: JsonObject = {"httpGet": {"path": "/health", "port": "http"}, "periodSeconds": 10, "timeoutSeconds": 3}
    container: JsonObject = {
        "name": "inference",
        "image": f"registry.example.com/aurora/inference:{image}",
        "env": [{"name": key, "value": f"{key.lower()}-{name}"} for key in ("MODEL_DIR", "MODEL_NAME", "LOG_LEVEL")],
        "livenessProbe": probe,
        "readinessProbe": probe,
        "ports": [{"containerPort": 8080, "name": "http"}],
        "resources": {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "500m", "memory": "512Mi"}},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        "volumeMounts": [{"mountPath": path, "name": path.strip("/")} for path in ("/model", "/tmp", "/cache")],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}, "type": "RollingUpdate"},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "automountServiceAccountToken": False,
                    "containers": [container],
                    "serviceAccountName": name,
                    "terminationGracePeriodSeconds": 45,
                    "volumes": [{"name": entry, "emptyDir": {}} for entry in ("model", "tmp", "cache")],
                },
            },
        },
    }


def secret(name: str, value: str) -> JsonObject:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": "aurora"},
        "stringData": {"password": value, "user": "registry"},
    }


@cache
def _written() -> str:
    return dump(deployment("its-name", image="its-image"))


def _service(name: str, environment: str, image: str) -> Manifest:
    """The manifest of a Deployment, printed once for all: printing is what takes time in large diffs."""
    body = deployment(name, image=image)
    text = _written().replace("its-name", name).replace("its-image", image)
    return replace(manifest({**body, "spec": {}}, environment), body=body, text=text)


def new_image(name: str, environment: str = "aurora-prod", *, image: str = "v1.5.0") -> Change:
    before, after = _service(name, environment, "v1.4.0"), _service(name, environment, image)
    return Change(
        resource=after.id,
        effect=Effect.ROLLING_RESTART,
        rule="workload/pod-template",
        reason="the pod template changes: pods are replaced one after another",
        environment=environment,
        component="inference",
        before=before,
        after=after,
        fields=(
            FieldChange(
                pointer="/spec/template/spec/containers/0/image",
                path="spec.template.spec.containers[name=inference].image",
                before="registry.example.com/aurora/inference:v1.4.0",
                after=f"registry.example.com/aurora/inference:{image}",
            ),
        ),
        origin=Origin(f"environments/{environment}.yaml", 31, "inference/stable"),
    )


def field(path: str, before: JsonValue, after: JsonValue) -> FieldChange:
    return FieldChange(pointer="/" + path.replace(".", "/"), path=path, before=before, after=after)


def plain(kind: str, name: str, effect: Effect, *, environment: str = "aurora-prod") -> Change:
    """A change without texts, fields and consequences."""
    resource = ResourceId("v1", kind, "aurora", name)
    reason = f"the {kind} is {effect}"
    return Change(resource=resource, effect=effect, rule=f"object/{effect}", reason=reason, environment=environment)


def finding(message: str = "the file holds broken YAML: a mapping ends early") -> Finding:
    return Finding(
        rule="diff/unreadable",
        severity=Severity.ERROR,
        message=message,
        environment="aurora-dev",
        place=Place("generated/aurora-dev/api/aurora/service.api.yaml", 12, 3),
        hint="repair the file at the base, or choose a base at which it was whole",
    )


def _refused() -> Change:
    body: JsonObject = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "aurora-model-pvc", "namespace": "aurora"},
        "spec": {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "200Gi"}}},
    }
    smaller: JsonObject = {
        **body,
        "spec": {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "100Gi"}}},
    }
    return Change(
        resource=identify(body),
        effect=Effect.REFUSED,
        rule="storage/claim-shrinks",
        reason="the API server refuses the update: `spec.resources.requests.storage` can not be less than before",
        environment="aurora-prod",
        component="model-store",
        before=manifest(body, component="model-store"),
        after=manifest(smaller, component="model-store"),
        fields=(
            FieldChange(
                pointer="/spec/resources/requests/storage",
                path="spec.resources.requests.storage",
                before="200Gi",
                after="100Gi",
            ),
        ),
        consequences=(
            Consequence(
                rule="storage/claim-shrinks",
                message="whoever deletes and creates the claim to get round this loses the models on it",
                impacts=(Impact.DATA_LOSS_RISK,),
            ),
        ),
        origin=Origin("environments/aurora-prod.yaml", 18, "model-store"),
    )


def _deleted_policy() -> Change:
    body: JsonObject = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "default-deny", "namespace": "aurora"},
        "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
    }
    return Change(
        resource=identify(body),
        effect=Effect.DELETED,
        rule="object/deleted",
        reason="the object is gone from the new state, and Argo CD prunes it",
        environment="aurora-prod",
        component="network",
        before=manifest(body, component="network"),
        consequences=(
            Consequence(
                rule="network/policy-removed",
                message="no policy selects these pods any more: they accept and send everything",
                impacts=(Impact.SECURITY_WEAKENED,),
                resource=ResourceId("apps/v1", "Deployment", "aurora", "aurora-inference"),
            ),
        ),
        origin=Origin("environments/aurora-prod.yaml", 44, "network"),
    )


def _canary() -> Change:
    def route(weight: int) -> JsonObject:
        backends: list[JsonValue] = [
            {"name": "aurora-inference", "port": 80, "weight": 100 - weight},
            {"name": "aurora-inference-canary", "port": 80, "weight": weight},
        ]
        return {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "HTTPRoute",
            "metadata": {"name": "aurora-inference", "namespace": "aurora"},
            "spec": {"hostnames": ["inference.ml.example.com"], "rules": [{"backendRefs": backends}]},
        }

    path = "spec.rules[0].backendRefs[name={}].weight"
    return Change(
        resource=identify(route(10)),
        effect=Effect.TRAFFIC_SHIFT,
        rule="routing/weight",
        reason="the canary's share of the traffic goes from 10 % to 25 %",
        environment="aurora-prod",
        component="inference",
        before=manifest(route(10)),
        after=manifest(route(25)),
        fields=(
            FieldChange(
                pointer="/spec/rules/0/backendRefs/0/weight", path=path.format("aurora-inference"), before=90, after=75
            ),
            FieldChange(
                pointer="/spec/rules/0/backendRefs/1/weight",
                path=path.format("aurora-inference-canary"),
                before=10,
                after=25,
            ),
        ),
        consequences=(
            Consequence(
                rule="routing/canary-capacity",
                message="one canary replica takes a quarter of the requests of three",
                impacts=(Impact.DOWNTIME_RISK,),
                resource=ResourceId("apps/v1", "Deployment", "aurora", "aurora-inference-canary"),
            ),
        ),
        origin=Origin("environments/aurora-prod.yaml", 23, "inference/route"),
    )


def _scaled() -> Change:
    before, after = deployment("llm-mistral", replicas=2), deployment("llm-mistral", replicas=4)
    return Change(
        resource=identify(after),
        effect=Effect.SCALE,
        rule="workload/replicas",
        reason="2 more pods run, 4 instead of 2",
        environment="gpu-prod",
        component="llm",
        before=manifest(before, "gpu-prod", "llm"),
        after=manifest(after, "gpu-prod", "llm"),
        fields=(FieldChange(pointer="/spec/replicas", path="spec.replicas", before=2, after=4),),
        consequences=(
            Consequence(
                rule="capacity/totals",
                message="+2 GPUs, +16 CPU and +96Gi of memory are asked for",
                impacts=(Impact.CAPACITY,),
            ),
        ),
        origin=Origin("environments/gpu-prod.yaml", 52, "llm"),
    )


def _secret_rotated() -> Change:
    return Change(
        resource=identify(secret("registry-login", "")),
        effect=Effect.IN_PLACE,
        rule="configuration/environment",
        reason="values change; pods that read them from their environment keep the old ones until they restart",
        environment="aurora-prod",
        component="secrets",
        before=manifest(secret("registry-login", "correct-horse"), component="secrets"),
        after=manifest(secret("registry-login", "battery-staple"), component="secrets"),
        fields=(
            FieldChange(
                pointer="/stringData/password", path="stringData.password", before="(masked)", after="(masked, changed)"
            ),
        ),
    )


def _created() -> Change:
    body: JsonObject = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "aurora-inference-canary", "namespace": "aurora"},
        "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app.kubernetes.io/name": "aurora-inference"}}},
    }
    return Change(
        resource=identify(body),
        effect=Effect.CREATED,
        rule="object/created",
        reason="the object is new",
        environment="aurora-prod",
        component="inference",
        after=manifest(body),
    )


def _labelled() -> Change:
    def service(team: JsonObject) -> JsonObject:
        return {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "control-plane", "namespace": "aurora", "labels": {"app": "control-plane", **team}},
            "spec": {"ports": [{"port": 80}], "selector": {"app": "control-plane"}},
        }

    return Change(
        resource=identify(service({})),
        effect=Effect.METADATA_ONLY,
        rule="object/metadata",
        reason="only labels and annotations change",
        environment="aurora-dev",
        component="control-plane",
        before=manifest(service({}), "aurora-dev", "control-plane"),
        after=manifest(service({"team": "platform"}), "aurora-dev", "control-plane"),
        fields=(
            FieldChange(pointer="/metadata/labels/team", path="metadata.labels.team", before=ABSENT, after="platform"),
        ),
    )


def review(*, findings: tuple[Finding, ...] = ()) -> Diff:
    """A pull request as people make them: few edits, some of them grave, one of them in many objects."""
    environments = ("aurora-dev", "aurora-prod", "gpu-prod")
    alike = tuple(
        new_image(f"{name}-inference", where) for where in environments for name in ("house", "text", "image")
    )
    singles = (_refused(), _deleted_policy(), _canary(), _scaled(), _created(), _secret_rotated(), _labelled())
    folds = [Fold(changes=(change,)) for change in singles]
    folds.insert(2, Fold(changes=alike))
    image = Edit(
        what="images.inference: v1.4.0 → v1.5.0",
        place=Place("environments/bases/images.yaml", 9, 14),
        resources=tuple((change.environment, change.resource) for change in alike),
    )
    weight = Edit(
        what="components.inference.canary.weight: 10 → 25",
        place=Place("environments/aurora-prod.yaml", 23, 57),
        resources=(("aurora-prod", _canary().resource),),
    )
    before = Totals(
        pods=38, cpu=Fraction("21.5"), memory=Fraction(64 * GIB), gpus=Fraction(4), storage=Fraction(GIB) * 700
    )
    after = replace(before, storage=Fraction(GIB) * 600)
    gpu = Totals(pods=6, cpu=Fraction(48), memory=Fraction(288 * GIB), gpus=Fraction(6), storage=Fraction(0))
    grown = replace(gpu, pods=8, cpu=Fraction(64), memory=Fraction(384 * GIB), gpus=Fraction(8))
    return Diff(
        base="main (5ea036d)",
        head="working tree",
        environments=environments,
        changes=tuple(change for fold in folds for change in fold.changes),
        folds=tuple(folds),
        movements=(
            Movement(environment="aurora-prod", before=before, after=after),
            Movement(environment="gpu-prod", before=gpu, after=grown),
        ),
        edits=(image, weight),
        findings=findings,
        objects_before=418,
        objects_after=418,
        identical=402,
    )


def of(changes: list[Change], *, folds: list[Fold] | None = None, findings: tuple[Finding, ...] = ()) -> Diff:
    """A diff of some changes, each a fold of its own unless folds are given."""
    return Diff(
        base="base",
        head="head",
        environments=tuple(sorted({change.environment for change in changes if change.environment})),
        changes=tuple(changes),
        folds=tuple(folds if folds is not None else [Fold(changes=(change,)) for change in changes]),
        findings=findings,
        objects_before=len(changes),
        objects_after=len(changes),
    )


@cache
def many(count: int, *, alike: int = 1) -> Diff:
    """New images in `count` Deployments of three environments; `alike` of them share each change."""
    environments = ("aurora-dev", "aurora-prod", "gpu-prod")
    folds = []
    for first in range(0, count, alike):
        numbers = range(first, min(first + alike, count))
        image = f"v1.5.{first}"
        names = [(f"service-{number:05}", environments[number % 3]) for number in numbers]
        folds.append(Fold(changes=tuple(new_image(name, where, image=image) for name, where in names)))
    return of([change for fold in folds for change in fold.changes], folds=folds)
