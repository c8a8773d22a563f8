"""The controls, and what is behind each: how it is counted, which policies, which Pod Security check, which events.

Every policy case and event named here must exist, and refuse or report: `proofs` looks them up, and a cell whose
proof is gone says so. Derives nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from aurora.controls import object_controls, pod_controls
from aurora.controls.authored import Tallied, containers, images, of_component, pods, security
from aurora_constructs import labels


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyCase:
    """A Kyverno policy, and the object of its tests by which it is seen to do its part."""

    policy: str
    case: str
    kind: str = "Pod"
    result: str = "fail"
    group: str = ""
    version: str = "v1"
    resource: str = "pods"


@dataclass(frozen=True, slots=True)
class LevelCheck:
    """A check of Pod Security, and the lowest level that has it (k8s.io/pod-security-admission v0.35.4)."""

    check: str
    level: str


@dataclass(frozen=True, slots=True)
class TracedEvent:
    """A tracing policy, and the event of its tests that it is seen to report."""

    policy: str
    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One thing that protects, whoever sees to it."""

    id: str
    title: str
    authored: Tallied | None = None
    kyverno: tuple[PolicyCase, ...] = ()
    pod_security: LevelCheck | None = None
    tetragon: tuple[TracedEvent, ...] = ()


def _case(policy: str, case: str) -> tuple[PolicyCase, ...]:
    return (PolicyCase(policy=policy, case=f"aurora/{case}"),)


_CLOSED = (
    PolicyCase(
        policy="add-default-networkpolicy", case="team-a", kind="Namespace", result="pass", resource="namespaces"
    ),
)

CONTROLS: tuple[Control, ...] = (
    Control(
        id="non-root",
        title="runs as non-root",
        authored=security("runAsNonRoot", pod_controls.is_true),
        pod_security=LevelCheck("runAsNonRoot", "restricted"),
    ),
    Control(
        id="no-escalation",
        title="no privilege escalation",
        authored=containers(pod_controls.forbids_escalation),
        pod_security=LevelCheck("allowPrivilegeEscalation", "restricted"),
    ),
    Control(
        id="not-privileged",
        title="no privileged containers",
        authored=containers(pod_controls.is_unprivileged),
        kyverno=_case("disallow-privilege", "privileged"),
        pod_security=LevelCheck("privileged", "baseline"),
    ),
    Control(
        id="capabilities-dropped",
        title="capabilities dropped",
        authored=containers(pod_controls.drops_all),
        pod_security=LevelCheck("capabilities_restricted", "restricted"),
    ),
    Control(
        id="no-added-capabilities",
        title="no added capabilities",
        authored=containers(pod_controls.adds_nothing),
        kyverno=_case("disallow-privilege", "capability"),
        pod_security=LevelCheck("capabilities_baseline", "baseline"),
    ),
    Control(
        id="seccomp",
        title="seccomp profile",
        authored=security("seccompProfile", pod_controls.is_seccomp_profile),
        pod_security=LevelCheck("seccompProfile_restricted", "restricted"),
    ),
    Control(
        id="host-namespaces",
        title="no host namespaces",
        authored=pods(pod_controls.shares_no_host_namespace),
        kyverno=_case("disallow-host-access", "host-network"),
        pod_security=LevelCheck("hostNamespaces", "baseline"),
    ),
    Control(
        id="host-path",
        title="no paths of the host",
        authored=pods(pod_controls.mounts_no_host_path),
        kyverno=_case("disallow-host-access", "host-path"),
        pod_security=LevelCheck("hostPathVolumes", "baseline"),
    ),
    Control(
        id="container-escape",
        title="no leaving the container",
        tetragon=(TracedEvent("container-escape-detection", "nsenter goes to the host"),),
    ),
    Control(
        id="read-only-root",
        title="read-only root file system",
        authored=containers(pod_controls.has_read_only_root),
    ),
    Control(
        id="image-digest",
        title="images by digest",
        authored=images(pod_controls.is_pinned),
        kyverno=_case("require-image-digest", "tag"),
    ),
    Control(
        id="image-tag",
        title="no image by latest or no tag",
        authored=images(pod_controls.has_fixed_tag),
        kyverno=_case("disallow-latest-tag", "latest"),
    ),
    Control(
        id="registries",
        title="images of allowed registries",
        authored=object_controls.images_of_known_registries,
        kyverno=_case("restrict-image-registries", "other-registry"),
    ),
    Control(
        id="resource-limits",
        title="resource requests and limits",
        authored=containers(pod_controls.is_limited),
        kyverno=_case("require-resource-limits", "no-memory-limit"),
    ),
    Control(
        id="labels",
        title="labels that say what a pod is",
        authored=pods(pod_controls.says_what_it_is),
        kyverno=_case("require-mlops-labels", "no-component"),
    ),
    Control(
        id="no-token",
        title="no API token in inference",
        authored=pods(pod_controls.has_no_token, about=of_component(labels.INFERENCE)),
        kyverno=_case("disallow-token-automount", "serving-by-default"),
        tetragon=(TracedEvent("sensitive-file-access", "a projected token is read by its resolved path"),),
    ),
    Control(
        id="read-only-models",
        title="models read-only in inference",
        authored=pods(pod_controls.reads_models_only, about=of_component(labels.INFERENCE)),
        kyverno=_case("require-read-only-models", "writable-claim"),
    ),
    Control(
        id="gpu-requests",
        title="GPU limits equal requests, with toleration",
        authored=pods(pod_controls.asks_for_gpus_rightly, about=pod_controls.wants_gpu),
        kyverno=_case("restrict-gpu-pods", "limit-above-request"),
    ),
    Control(
        id="exposed-services",
        title="no way in but the edge",
        authored=object_controls.services_stay_inside,
        kyverno=(
            PolicyCase(
                policy="disallow-exposed-services", case="aurora/load-balancer", kind="Service", resource="services"
            ),
        ),
    ),
    Control(
        id="inbound",
        title="no callers that nobody lists",
        authored=object_controls.inbound_is_closed,
        kyverno=_CLOSED,
    ),
    Control(
        id="outbound",
        title="no outbound connections that nobody lists",
        authored=object_controls.outbound_is_closed,
        kyverno=_CLOSED,
        tetragon=(TracedEvent("ml-network-connections", "a model is sent to a stranger"),),
    ),
    Control(
        id="sources",
        title="Argo CD syncs from listed repositories",
        authored=object_controls.applications_of_known_sources,
        kyverno=(
            PolicyCase(
                policy="restrict-application-repositories",
                case="argocd/other-host",
                kind="Application",
                group="argoproj.io",
                version="v1alpha1",
                resource="applications",
            ),
        ),
    ),
    Control(
        id="programs",
        title="no transfer tools or shells for strangers",
        tetragon=(TracedEvent("suspicious-process-execution", "a server starts curl"),),
    ),
    Control(
        id="sensitive-files",
        title="no reading of password files and keys",
        tetragon=(TracedEvent("sensitive-file-access", "a file of passwords or of their rules is read"),),
    ),
)
