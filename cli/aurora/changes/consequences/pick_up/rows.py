"""The ways in which pods and controllers pick up a changed ConfigMap or Secret.

Source of the ways: Kubernetes documentation, ConfigMaps and Secrets (mounted ones are updated in place, with the
kubelet's sync period and cache as delay; environment variables are not; `subPath` mounts never are).
"""

from __future__ import annotations

from aurora.changes.consequences.examples import CONFIG, DEPLOYMENT, edit
from aurora.changes.consequences.row import Example, Row
from aurora.model.change import Impact
from aurora.model.examples import altered, stream

_SOURCE = "Kubernetes documentation, ConfigMaps: "

_MOUNT = "volumeMounts: [{name: models, mountPath: /models}]"
_VOLUME = "volumes: [{name: models, persistentVolumeClaim: {claimName: models}}]"
_CONTENT = altered(DEPLOYMENT, _VOLUME, "volumes: [{name: models, configMap: {name: settings}}]")
_PROJECTED = altered(
    DEPLOYMENT, _VOLUME, "volumes: [{name: models, projected: {sources: [{configMap: {name: settings}}]}}]"
)
_PART = altered(_CONTENT, _MOUNT, "volumeMounts: [{name: models, mountPath: /models/a, subPath: a}]")
_ENV = altered(DEPLOYMENT, "env: [{name: MODEL_VERSION, value: v1}]", "envFrom: [{configMapRef: {name: settings}}]")
_JOB = """\
apiVersion: batch/v1
kind: CronJob
metadata: {name: train, namespace: ml}
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{name: train, image: r.example.com/t:1, envFrom: [{configMapRef: {name: settings}}]}]
"""
_HOOK = """\
apiVersion: batch/v1
kind: Job
metadata: {name: migrate, namespace: ml, annotations: {argocd.argoproj.io/hook: PreSync}}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: migrate, image: r.example.com/t:1, envFrom: [{configMapRef: {name: settings}}]}]
"""
_PULL = """\
apiVersion: v1
kind: Secret
metadata: {name: registry, namespace: ml}
type: kubernetes.io/dockerconfigjson
stringData: {.dockerconfigjson: "{}"}
"""
_PULLING = altered(DEPLOYMENT, "      containers:\n", "      imagePullSecrets: [{name: registry}]\n      containers:\n")
_PROMETHEUS = """\
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: main, namespace: ml}
spec: {configMaps: [settings]}
"""
_GATE = altered(
    _CONTENT,
    "      containers:\n",
    "      initContainers: [{name: gate, image: r.example.com/g:1, volumeMounts: [{name: models, mountPath: /g}]}]\n"
    "      containers:\n",
).replace("          volumeMounts: [{name: models, mountPath: /models}]\n", "")
_CHANGE = ('batch: "8"', 'batch: "16"')


def _of(name: str, words: str, example: Example, counter: Example, *, source: str = "", downtime: bool = False) -> Row:
    return Row(
        id=f"pick-up/{name}",
        subject="ConfigMap, Secret",
        words=words,
        source=source or f"{_SOURCE}mounted ConfigMaps are updated automatically",
        impacts=(Impact.DOWNTIME_RISK,) if downtime else (),
        example=example,
        counter=counter,
    )


ENVIRONMENT = _of(
    "environment",
    "containers read it into their environment: they keep the old values until their pods restart",
    edit(CONFIG, *_CHANGE, _ENV),
    edit(CONFIG, *_CHANGE, _CONTENT),
    source=f"{_SOURCE}environment variables are not updated automatically and require a pod restart",
)
SUB_PATH = _of(
    "sub-path",
    "containers mount single files of it with `subPath`: they never see an update, until their pods restart",
    edit(CONFIG, *_CHANGE, _PART),
    edit(CONFIG, *_CHANGE, _CONTENT),
    source=f"{_SOURCE}a container using it as a subPath volume mount does not receive updates",
)
VOLUME = _of(
    "volume",
    "pods mount it: the kubelet replaces the files in place within about two minutes, and the program must reread them",
    edit(CONFIG, *_CHANGE, _PROJECTED),
    edit(CONFIG, *_CHANGE, _ENV),
    source=f"{_SOURCE}mounted ones are updated automatically; delay: kubelet sync period (1 min) and cache (1 min)",
)
AT_START = _of(
    "at-start",
    "only init containers read it: it counts for pods that start from now on, running ones keep what was made of it",
    edit(CONFIG, *_CHANGE, _GATE),
    edit(CONFIG, *_CHANGE, _CONTENT),
    source="Kubernetes documentation, init containers: they run to completion before the others start",
)
RESTARTED = _of(
    "own-restart",
    "the workload that uses it gets a new pod template by the same change, so its new pods start with the new content",
    Example(
        before=stream(CONFIG, _ENV),
        after=stream(altered(CONFIG, *_CHANGE), altered(_ENV, "{note: one}", "{note: two}")),
    ),
    edit(CONFIG, *_CHANGE, _ENV),
    source="Kubernetes 1.35, Deployments: a changed pod template starts a rollout",
)
NEXT_RUN = _of(
    "next-run",
    "a Job's or CronJob's pods use it: those that start from now on see the new content",
    edit(CONFIG, *_CHANGE, _JOB),
    edit(CONFIG, *_CHANGE, _ENV),
    source="Kubernetes 1.35: every run makes pods of its own",
)
HOOK = _of(
    "hook",
    "a hook of Argo CD uses it: it sees the new content when the next sync runs it",
    edit(CONFIG, *_CHANGE, _HOOK),
    edit(CONFIG, *_CHANGE, _JOB),
    source="Argo CD 3.5, resource hooks",
)
PULL = _of(
    "pull-secret",
    "pods pull their images with it: it counts at the next pull, running containers do not notice",
    edit(_PULL, '"{}"', '"{\\"auths\\": {}}"', _PULLING),
    edit(_PULL, '"{}"', '"{\\"auths\\": {}}"', DEPLOYMENT),
    source="Kubernetes documentation, images: `imagePullSecrets` are read when the kubelet pulls",
)
NEW_NAME = _of(
    "new-name",
    "the workload now names another object, as with a content hash in the name: its new template is a rolling restart",
    Example(
        before=stream(CONFIG, _ENV),
        after=stream(
            altered(altered(CONFIG, "name: settings", "name: settings-2"), *_CHANGE),
            altered(_ENV, "name: settings", "name: settings-2"),
        ),
    ),
    Example(before="", after=stream(CONFIG, _ENV)),
    source="Kubernetes 1.35, Deployments: a changed pod template starts a rollout",
)
GONE = _of(
    "gone",
    "it, or a key that pods name, is gone: running pods keep the content, new ones do not start",
    Example(before=stream(CONFIG, _ENV), after=_ENV),
    Example(before=stream(CONFIG, DEPLOYMENT), after=DEPLOYMENT),
    source="Kubernetes documentation, ConfigMaps: a reference to a missing one keeps the pod from starting",
    downtime=True,
)
IMMUTABLE = _of(
    "immutable",
    "it is immutable: the API server refuses other content, so nobody gets it; use a new name",
    edit(CONFIG + "immutable: true\n", *_CHANGE, _ENV),
    edit(CONFIG, *_CHANGE, _ENV),
    source=f"{_SOURCE}immutable ones cannot be changed, only deleted and made anew",
)
CUSTOM = _of(
    "custom",
    "a custom resource names it: its controller decides when the new content counts",
    edit(CONFIG, *_CHANGE, _PROMETHEUS),
    edit(CONFIG, *_CHANGE, DEPLOYMENT),
    source="the CRDs of KServe 0.20, prometheus-operator 0.93, KEDA 2.20, cert-manager 1.21 and External Secrets 2.9",
)
ROWS = (RESTARTED, AT_START, ENVIRONMENT, SUB_PATH, VOLUME, NEXT_RUN, HOOK, PULL, NEW_NAME, IMMUTABLE, GONE, CUSTOM)
