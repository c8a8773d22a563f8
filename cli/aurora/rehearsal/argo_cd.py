"""Argo CD in a rehearsal: its programs, beside a control plane, and what it says of its Applications.

Source: the flags and variables of Argo CD 3.5 (cmd/argocd-repo-server, cmd/argocd-application-controller), which are
one program that goes by the name it is started with. Must not know which environment is synced.
"""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from aurora.errors import ToolCrashedError
from aurora.model.json_value import JsonObject, dig, items, mapping, text
from aurora.rehearsal.control_plane import LARGE_HEAP, ControlPlane
from aurora.rehearsal.server import CONFLICT, Server
from aurora.tools.background import free_ports, listens
from aurora.tools.installed import Toolbox

NAMESPACE = "argocd"
APPLICATIONS = f"/apis/argoproj.io/v1alpha1/namespaces/{NAMESPACE}/applications"
_API = "argoproj.io/v1alpha1"
_READY = 90.0
_REFRESH = "argocd.argoproj.io/refresh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What Argo CD says of one Application."""

    name: str
    created: str
    sync: str
    health: str
    phase: str
    revision: str
    finished: str
    compared: str
    asked: bool
    unhealthy: frozenset[str]
    reasons: tuple[str, ...]
    objects: int

    @property
    def healthy(self) -> bool:
        """Whether everything is applied and healthy; where there is nothing to apply, nothing was.

        What was applied may still count as different until the next comparison, and a definition as not established:
        no later wave waits for either, once Argo CD held the Application for healthy.
        """
        applied = self.phase == "Succeeded" or (not self.phase and not self.objects)
        return applied and (self.health == "Healthy" or self.waits)

    @property
    def waits(self) -> bool:
        """Whether it waits for definitions alone: that they are established, Argo CD may only see when it compares."""
        return self.health == "Progressing" and self.unhealthy == frozenset({"CustomResourceDefinition"})

    @property
    def good(self) -> bool:
        """Whether it is healthy, and nothing differs from Git."""
        return self.healthy and self.health == "Healthy" and self.sync == "Synced"


def start(tools: Toolbox, plane: ControlPlane, settings: Mapping[str, str]) -> None:
    """Start Argo CD with the settings of its ConfigMap; its definitions must be there.

    Raises:
        ToolError: a program is missing, ended, or did not become ready.
    """
    _objects(plane.server, settings)
    base = plane.programs.folder / "argocd"
    for name in ("tls", "ssh", "gpg", "gnupg", "plugins", "tmp", "bin"):
        (base / name).mkdir(parents=True)
    _signatures(base / "bin")
    argocd, environment = str(tools.locate("argocd")), _environment(base, plane.kubeconfig)
    redis, repository, metrics, own = free_ports(4)
    cache = (str(tools.locate("rehearsal-redis")), f"-listen=127.0.0.1:{redis}")
    shared = (f"--redis=127.0.0.1:{redis}", "--loglevel=warn")
    served = ("--disable-tls", "--client-ca-path=", "--address=127.0.0.1", f"--port={repository}")
    measured = ("--metrics-address=127.0.0.1", f"--metrics-port={metrics}")
    asks = (f"--repo-server=127.0.0.1:{repository}", "--repo-server-plaintext", f"--kubeconfig={plane.kubeconfig}")
    heals = (f"--namespace={NAMESPACE}", f"--metrics-port={own}", "--self-heal-timeout-seconds=1")
    for name, port, args in (
        ("argocd-redis", redis, cache),
        ("argocd-repo-server", repository, (argocd, *shared, *served, *measured)),
        ("argocd-application-controller", own, (argocd, *shared, *asks, *heals)),
    ):
        # Argo CD is one program: its name says which part it is.
        named = {**environment, "ARGOCD_BINARY_NAME": name}
        program = plane.programs.start(name, args, environment=named)
        plane.programs.wait(program, partial(listens, port), _READY)


def _environment(base: Path, kubeconfig: Path) -> dict[str, str]:
    (base / "gitconfig").write_text("[safe]\n\tdirectory = *\n[gc]\n\tauto = 0\n", encoding="utf-8")
    socket = base / "ask.sock"
    most = 100  # a socket's path has at most 107 bytes (unix(7))
    return {
        "KUBECONFIG": str(kubeconfig),
        "PATH": f"{base / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "TMPDIR": str(base / "tmp"),
        "GIT_CONFIG_GLOBAL": str(base / "gitconfig"),
        "HOSTNAME": "rehearsal-0",
        "ARGOCD_FAKE_IN_CLUSTER": "true",
        "ARGOCD_GPG_ENABLED": "false",
        "ARGOCD_TLS_DATA_PATH": str(base / "tls"),
        "ARGOCD_SSH_DATA_PATH": str(base / "ssh"),
        "ARGOCD_GPG_DATA_PATH": str(base / "gpg"),
        "ARGOCD_GNUPGHOME": str(base / "gnupg"),
        "ARGOCD_PLUGINSOCKFILEPATH": str(base / "plugins"),
        "ARGOCD_ASK_PASS_SOCK": str(socket) if len(str(socket)) < most else tempfile.mktemp(suffix=".sock"),  # noqa: S306 - Argo CD makes the socket itself
        "ARGOCD_APPLICATION_CONTROLLER_REPLICAS": "1",
        "ARGOCD_SYNC_WAVE_DELAY": "0",
        # Minutes by default; more often, Argo CD would do little else on two cores.
        "ARGOCD_RECONCILIATION_TIMEOUT": "10s",
        "ARGOCD_RECONCILIATION_JITTER": "0",
        **LARGE_HEAP,
        "ARGOCD_APPLICATION_CONTROLLER_PERSIST_RESOURCE_HEALTH": "true",
        "ARGOCD_K8S_CLIENT_QPS": "500",
        "ARGOCD_K8S_CLIENT_BURST": "1000",
    }


def _signatures(folder: Path) -> None:
    """Answer the question for a commit's signature: the repository server asks it of every commit."""
    program = folder / "git-verify-wrapper.sh"
    program.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    program.chmod(0o755)


def _objects(server: Server, settings: Mapping[str, str]) -> None:
    """Apply what Argo CD reads when it starts: its namespace, ConfigMaps and Secret."""
    part = {"app.kubernetes.io/part-of": "argocd"}
    server.call("POST", "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
    for name, data in {
        "argocd-cm": settings,
        "argocd-rbac-cm": {},
        "argocd-cmd-params-cm": {},
        "argocd-ssh-known-hosts-cm": {"ssh_known_hosts": ""},
        "argocd-tls-certs-cm": {},
        "argocd-gpg-keys-cm": {},
    }.items():
        _make(server, "configmaps", {"metadata": {"name": name, "labels": {**part}}, "data": {**data}})
    secret = {
        "server.secretkey": secrets.token_hex(16),
        "admin.password": "*",
        "admin.passwordMtime": "2000-01-01T00:00:00Z",
    }
    _make(server, "secrets", {"metadata": {"name": "argocd-secret", "labels": {**part}}, "stringData": {**secret}})


def register(server: Server, name: str, other: Server, authority: str) -> None:
    """Let Argo CD know another cluster by a name; `authority` is its certificate, in base 64.

    Raises:
        ToolCrashedError: the server refuses it.
    """
    config = {"bearerToken": other.token, "tlsClientConfig": {"caData": authority}}
    data: JsonObject = {"name": name, "server": f"https://{other.address}", "config": json.dumps(config)}
    labels: JsonObject = {"argocd.argoproj.io/secret-type": "cluster"}
    _make(server, "secrets", {"metadata": {"name": f"cluster-{name}", "labels": labels}, "stringData": data})


def _make(server: Server, plural: str, body: JsonObject) -> None:
    answer = server.call("POST", f"/api/v1/namespaces/{NAMESPACE}/{plural}", body)
    if not answer.done and answer.status != CONFLICT:
        raise ToolCrashedError(f"the rehearsal's API server refuses an object of Argo CD: {answer.message}")


def refresh(server: Server, name: str) -> None:
    """Ask Argo CD to compare an Application with Git again, as a webhook of the repository does."""
    server.merge(f"{APPLICATIONS}/{name}", {"metadata": {"annotations": {_REFRESH: "normal"}}})


def seen(server: Server) -> dict[str, Seen]:
    """Give what Argo CD says of all Applications, by name."""
    return {each.name: each for each in map(_seen, server.listed(APPLICATIONS))}


def _seen(application: JsonObject) -> Seen:
    metadata, status = mapping(application.get("metadata")), mapping(application.get("status"))
    state = mapping(status.get("operationState"))
    resources = items(status.get("resources"))
    states = [(text(dig(each, "kind")), text(dig(each, "health", "status"))) for each in resources]
    return Seen(
        name=text(metadata.get("name")),
        created=text(metadata.get("creationTimestamp")),
        sync=text(dig(status, "sync", "status")),
        health=text(dig(status, "health", "status")),
        phase=text(state.get("phase")),
        revision=text(dig(status, "sync", "revision")),
        finished=text(state.get("finishedAt")),
        compared=text(status.get("reconciledAt")),
        asked=_REFRESH in mapping(metadata.get("annotations")),
        unhealthy=frozenset(kind for kind, state in states if state not in ("", "Healthy")),
        reasons=tuple(_reasons(status, state)),
        objects=len(resources),
    )


def _reasons(status: JsonObject, state: JsonObject) -> list[str]:
    """Say what is not as it should be: conditions, the last sync, and objects."""
    found = [f"{text(dig(each, 'type'))}: {text(dig(each, 'message'))}" for each in items(status.get("conditions"))]
    if text(state.get("phase")) not in ("Succeeded", ""):
        found.append(f"{text(state.get('phase'))}: {text(state.get('message'))}")
    for each in items(status.get("resources")):
        health = text(dig(each, "health", "status"))
        if text(dig(each, "status")) != "Synced" or health not in ("", "Healthy"):
            said = text(dig(each, "health", "message"))
            name = f"{text(dig(each, 'kind'))} {text(dig(each, 'namespace'))}/{text(dig(each, 'name'))}"
            found.append(f"{name}: {text(dig(each, 'status'))} {health} {said}".strip())
    return found
