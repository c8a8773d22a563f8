"""The programs that Aurora runs, at exactly one version each: the only list of them.

The versions stand in `tools/<module>/go.mod` too, whose `go.sum` verifies what is built; a test holds
both to each other. A build on request has its own `go.mod` and `go.sum` in the module's folder `versions`.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolPin:
    """One program: where its source is pinned, how it is built, and how it says its version.

    `module` is the folder under `tools/` whose go.mod pins `source` at this version; `variable` names an
    environment variable that may point to a binary. An `own` program is Aurora's: its source is in the
    module, so another build of the same version may be another program, and the PATH is not searched.
    `release` is the minor version of Kubernetes that a build on request is for. `tags` are Go's build tags.
    An `optional` program is built where it is asked for by its name, a `lazy` one when an environment first needs it.
    """

    name: str
    version: str
    module: str
    source: str
    package: str
    ldflags: str
    version_args: tuple[str, ...]
    version_pattern: re.Pattern[str]
    variable: str
    gigabytes: float
    own: bool = False
    release: str | None = None
    tags: str = ""
    optional: bool = False
    lazy: bool = False

    @property
    def modfile(self) -> str:
        """The file in the module's folder that pins what is built; its hashes are beside it."""
        return f"versions/{self.release}/go.mod" if self.release else "go.mod"

    @property
    def build_flags(self) -> tuple[str, ...]:
        """What Go needs to know to list and to build the package."""
        if not self.release:
            return ("-tags", self.tags) if self.tags else ()
        return f"-modfile={self.modfile}", "-tags", f"kubernetes_{self.release.replace('.', '_')}"

    @property
    def install(self) -> str:
        """The command that builds it."""
        asked = f" --kubernetes {self.release}" if self.release else f" --with {self.name}" if self.optional else ""
        return f"aurora tools install{asked}"


KUBECONFORM = ToolPin(
    name="kubeconform",
    version="v0.7.0",
    module="kyverno",
    source="github.com/yannh/kubeconform",
    package="github.com/yannh/kubeconform/cmd/kubeconform",
    ldflags="-s -w -X main.version=v0.7.0",
    version_args=("-v",),
    version_pattern=re.compile(r"^(\S+)$", re.MULTILINE),
    variable="AURORA_KUBECONFORM",
    gigabytes=0.5,
)

KYVERNO = ToolPin(
    name="kyverno",
    version="v1.19.1",
    module="kyverno",
    source="github.com/kyverno/kyverno",
    package="github.com/kyverno/kyverno/cmd/cli/kubectl-kyverno",
    ldflags="-s -w -X github.com/kyverno/kyverno/pkg/version.BuildVersion=v1.19.1",
    version_args=("version",),
    version_pattern=re.compile(r"^Version: (\S+)$", re.MULTILINE),
    variable="AURORA_KYVERNO",
    gigabytes=6.0,
)


def _own(
    name: str,
    version: str,
    module: str,
    *,
    source: str,
    shown: str,
    gigabytes: float,
    release: str | None = None,
    lazy: bool = False,
) -> ToolPin:
    """Describe a program of Aurora: all are built, named and asked for their version alike."""
    full = f"{name}-{release}" if release else name
    return ToolPin(
        name=full,
        version=version,
        module=module,
        source=source,
        package=f"./cmd/{name}",
        ldflags="-s -w",
        version_args=("-version",),
        version_pattern=re.compile(shown, re.MULTILINE),
        variable=f"AURORA_{re.sub('[-.]', '_', full.upper())}",
        gigabytes=gigabytes,
        own=True,
        release=release,
        lazy=lazy,
    )


def _server(version: str, release: str | None = None) -> ToolPin:
    return _own(
        "server-validation",
        version,
        "kubernetes",
        source="k8s.io/kubernetes",
        shown=r" kubernetes (v\S+)",
        gigabytes=5.0,
        release=release,
    )


SERVER_VALIDATION = _server("v1.35.4")
POLICY_ENGINE = _own(
    "policy-engine",
    "v1.19.1",
    "kyverno",
    source="github.com/kyverno/kyverno",
    shown=r"^policy-engine \S+ kyverno (v\S+) protocol 1$",
    gigabytes=6.0,
)
KUSTOMIZER = _own(
    "kustomizer",
    "v0.21.1",
    "kustomize",
    source="sigs.k8s.io/kustomize/api",
    shown=r" kustomize (v\S+)",
    gigabytes=1.0,
    lazy=True,
)
CHART_RENDERER = _own(
    "chart-renderer",
    "v4.3.1",
    "helm",
    source="helm.sh/helm/v4",
    shown=r" helm (v\S+)",
    gigabytes=2.0,
    lazy=True,
)

# Without the clients of service discovery, which judge no rule and take a third of the time to build.
PROMTOOL = ToolPin(
    name="promtool",
    version="v0.315.0",
    module="prometheus",
    source="github.com/prometheus/prometheus",
    package="github.com/prometheus/prometheus/cmd/promtool",
    ldflags="-s -w -X github.com/prometheus/common/version.Version=v0.315.0",
    version_args=("--version",),
    version_pattern=re.compile(r"^promtool, version (\S+)", re.MULTILINE),
    variable="AURORA_PROMTOOL",
    gigabytes=3.0,
    tags="remove_all_sd",
    optional=True,
)

ACTIONLINT = ToolPin(
    name="actionlint",
    version="v1.7.12",
    module="actionlint",
    source="github.com/rhysd/actionlint",
    package="github.com/rhysd/actionlint/cmd/actionlint",
    ldflags="-s -w -X github.com/rhysd/actionlint.version=v1.7.12",
    version_args=("-version",),
    version_pattern=re.compile(r"^(v\S+)$", re.MULTILINE),
    variable="AURORA_ACTIONLINT",
    gigabytes=0.2,
    optional=True,
)

_STAMP = "k8s.io/component-base/version."


def _cluster(name: str, package: str, **stated: object) -> ToolPin:
    """Describe a program of the cluster that a rehearsal runs; it is built when a rehearsal first needs it."""
    described: dict[str, object] = {
        "name": name,
        "package": package,
        "version": "v1.35.4",
        "module": "control-plane",
        "source": "k8s.io/kubernetes",
        # The API server refuses to start without a version.
        "ldflags": f"-s -w -X {_STAMP}gitVersion=v1.35.4 -X {_STAMP}gitMajor=1 -X {_STAMP}gitMinor=35",
        "version_args": ("--version",),
        "version_pattern": re.compile(r"^Kubernetes (v\S+)$", re.MULTILINE),
        "variable": f"AURORA_{name.upper().replace('-', '_')}",
        "gigabytes": 3.0,
        "lazy": True,
    }
    return ToolPin(**{**described, **stated})  # type: ignore[arg-type]


API_SERVER = _cluster("kube-apiserver", "k8s.io/kubernetes/cmd/kube-apiserver")
CONTROLLERS = _cluster("kube-controller-manager", "k8s.io/kubernetes/cmd/kube-controller-manager")
SCHEDULER = _cluster("kube-scheduler", "k8s.io/kubernetes/cmd/kube-scheduler")
ETCD = _cluster(
    "etcd",
    "go.etcd.io/etcd/server/v3",
    version="3.6.5",
    source="go.etcd.io/etcd/server/v3",
    ldflags="-s -w",
    version_pattern=re.compile(r"^etcd Version: (\S+)$", re.MULTILINE),
)
KWOK = _cluster(
    "kwok",
    "sigs.k8s.io/kwok/cmd/kwok",
    version="v0.8.0",
    module="kwok",
    source="sigs.k8s.io/kwok",
    ldflags="-s -w -X sigs.k8s.io/kwok/pkg/consts.Version=v0.8.0",
    version_pattern=re.compile(r"^kwok version (\S+)", re.MULTILINE),
)
_ARGOCD = "github.com/argoproj/argo-cd/v3"
ARGOCD = _cluster(
    "argocd",
    f"{_ARGOCD}/cmd",
    version="v3.5.7",
    module="argo-cd",
    source=_ARGOCD,
    ldflags=f"-s -w -X {_ARGOCD}/common.version=3.5.7 -X {_ARGOCD}/common.gitCommit=unknown",
    version_args=("version", "--client", "--short"),
    version_pattern=re.compile(r"^argocd: (v[0-9.]+)", re.MULTILINE),
    gigabytes=6.0,
)
REHEARSAL_REDIS = _own(
    "rehearsal-redis",
    "v2.38.0",
    "argo-cd",
    source="github.com/alicebob/miniredis/v2",
    shown=r"^rehearsal-redis miniredis (v\S+)$",
    gigabytes=0.5,
    lazy=True,
)

PINS = (KUBECONFORM, KYVERNO, SERVER_VALIDATION, POLICY_ENGINE, KUSTOMIZER, CHART_RENDERER)
"""What every environment is judged with."""
ON_REQUEST = (_server("v1.34.4", "1.34"), _server("v1.36.3", "1.36"))
"""Builds of server validation for other minor versions of Kubernetes: used where they are there."""
OPTIONAL = (PROMTOOL, ACTIONLINT)
"""What tests use where it is there."""
CLUSTER = (ETCD, API_SERVER, CONTROLLERS, SCHEDULER, KWOK)
"""A control plane with simulated kubelets."""
REHEARSAL = (*CLUSTER, ARGOCD, REHEARSAL_REDIS)
"""The cluster and the Argo CD of `aurora rehearse`, which builds them when it first runs."""
BY_NAME = {pin.name: pin for pin in (*PINS, *ON_REQUEST, *OPTIONAL, *REHEARSAL)}
SERVERS = {pin.version.removeprefix("v").rpartition(".")[0]: pin for pin in (SERVER_VALIDATION, *ON_REQUEST)}
"""The builds of server validation by the minor version of Kubernetes whose code they link."""
