"""The control plane of a rehearsal: etcd, the API server, controllers, the scheduler, and kwok in place of kubelets.

Everything listens on the loopback address, and everything that is written lies in one folder. Sources: the flags of
Kubernetes 1.35, etcd 3.6 and kwok 0.8. Must not know which manifests are applied.
"""

from __future__ import annotations

import base64
import json
import secrets
import shutil
import ssl
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aurora.errors import ToolMissingError
from aurora.model.json_value import JsonObject
from aurora.rehearsal.server import Server
from aurora.tools.background import Programs, free_ports, listens
from aurora.tools.installed import Toolbox
from aurora.tools.runner import Command, run

_NAMES = "DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:10.96.0.1"
_START, _READY = 90.0, 60.0
# kwok gives nodes and pods their status; autoscalers need metrics that nobody measures here.
_WITHOUT = "*,-horizontal-pod-autoscaler-controller"
# Collecting garbage takes a fifth of the processor's time otherwise.
LARGE_HEAP = {"GOGC": "400", "GOMEMLIMIT": "900MiB"}


@dataclass(frozen=True, slots=True)
class ControlPlane:
    """A control plane that runs: how to ask it, its programs, and its authority's certificate in base 64."""

    server: Server
    kubeconfig: Path
    programs: Programs
    authority: str


def start(tools: Toolbox, programs: Programs, stages: Sequence[JsonObject]) -> ControlPlane:
    """Start a control plane in the folder of its programs, without nodes; `stages` say what kwok does with objects.

    The caller stops the programs, also when this raises.

    Raises:
        ToolError: a program is missing, ended, or did not become ready.
        StorageError: the folder cannot be written.
    """
    folder = programs.folder
    keys = _keys(folder)
    client, peer, secure = free_ports(3)
    _etcd(tools, programs, client, peer)
    token = secrets.token_hex(16)
    _write(folder / "tokens.csv", f'{token},admin,admin,"system:masters"\n')
    certificate = keys / "authority.crt"
    authority = base64.b64encode(certificate.read_bytes()).decode()
    server = Server(f"127.0.0.1:{secure}", ssl.create_default_context(cafile=str(certificate)), token)
    kubeconfig = folder / "kubeconfig"
    _write(kubeconfig, json.dumps(_access(server, authority)))
    _api_server(tools, programs, keys, etcd=client, server=server)
    _controllers(tools, programs, keys, kubeconfig)
    _kwok(tools, programs, kubeconfig, stages)
    return ControlPlane(server, kubeconfig, programs, authority)


def _etcd(tools: Toolbox, programs: Programs, client: int, peer: int) -> None:
    here, beside = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
    etcd = programs.start(
        "etcd",
        (
            str(tools.locate("etcd")),
            f"--data-dir={programs.folder / 'etcd'}",
            "--unsafe-no-fsync",
            "--log-level=warn",
            f"--listen-client-urls={here}",
            f"--advertise-client-urls={here}",
            f"--listen-peer-urls={beside}",
            f"--initial-advertise-peer-urls={beside}",
            f"--initial-cluster=default={beside}",
        ),
    )
    programs.wait(etcd, lambda: _answers(f"{here}/health"), _READY)


def _api_server(tools: Toolbox, programs: Programs, keys: Path, *, etcd: int, server: Server) -> None:
    program = programs.start(
        "kube-apiserver",
        (
            str(tools.locate("kube-apiserver")),
            f"--etcd-servers=http://127.0.0.1:{etcd}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            f"--secure-port={server.address.rpartition(':')[2]}",
            "--endpoint-reconciler-type=none",
            "--service-cluster-ip-range=10.96.0.0/16",
            f"--tls-cert-file={keys / 'server.crt'}",
            f"--tls-private-key-file={keys / 'server.key'}",
            f"--client-ca-file={keys / 'authority.crt'}",
            "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
            f"--service-account-key-file={keys / 'accounts.pub'}",
            f"--service-account-signing-key-file={keys / 'accounts.key'}",
            f"--token-auth-file={programs.folder / 'tokens.csv'}",
            "--authorization-mode=RBAC",
            "--allow-privileged=true",
            "--max-requests-inflight=800",
            "--max-mutating-requests-inflight=400",
            "--profiling=false",
            "--shutdown-delay-duration=0s",
        ),
        environment=LARGE_HEAP,
    )
    programs.wait(program, lambda: server.ready, _START)


def _controllers(tools: Toolbox, programs: Programs, keys: Path, kubeconfig: Path) -> None:
    ports = free_ports(2)
    shared = (
        f"--kubeconfig={kubeconfig}",
        "--bind-address=127.0.0.1",
        "--leader-elect=false",
        "--kube-api-qps=400",
        "--kube-api-burst=800",
        "--profiling=false",
    )
    manager = programs.start(
        "kube-controller-manager",
        (
            str(tools.locate("kube-controller-manager")),
            *shared,
            f"--secure-port={ports[0]}",
            f"--cert-dir={programs.folder / 'controllers'}",
            f"--service-account-private-key-file={keys / 'accounts.key'}",
            f"--root-ca-file={keys / 'authority.crt'}",
            f"--controllers={_WITHOUT}",
            "--use-service-account-credentials=false",
        ),
    )
    scheduler = programs.start(
        "kube-scheduler",
        (
            str(tools.locate("kube-scheduler")),
            *shared,
            f"--secure-port={ports[1]}",
            f"--cert-dir={programs.folder / 'scheduler'}",
        ),
    )
    programs.wait(manager, lambda: listens(ports[0]), _READY)
    programs.wait(scheduler, lambda: listens(ports[1]), _READY)


def _kwok(tools: Toolbox, programs: Programs, kubeconfig: Path, stages: Sequence[JsonObject]) -> None:
    (port,) = free_ports(1)
    written = programs.folder / "stages.yaml"
    # JSON is YAML; one document each.
    _write(written, "\n---\n".join(json.dumps(stage) for stage in stages))
    kwok = programs.start(
        "kwok",
        (
            str(tools.locate("kwok")),
            f"--kubeconfig={kubeconfig}",
            f"--config={written}",
            "--manage-all-nodes=true",
            "--node-ip=127.0.0.1",
            "--cidr=10.244.0.0/16",
            "--node-lease-duration-seconds=40",
            f"--server-address=127.0.0.1:{port}",
        ),
    )
    programs.wait(kwok, lambda: listens(port), _READY)


def _access(server: Server, authority: str) -> JsonObject:
    cluster: JsonObject = {"server": f"https://{server.address}", "certificate-authority-data": authority}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "rehearsal",
        "clusters": [{"name": "rehearsal", "cluster": cluster}],
        "users": [{"name": "admin", "user": {"token": server.token}}],
        "contexts": [{"name": "rehearsal", "context": {"cluster": "rehearsal", "user": "admin"}}],
    }


def _keys(folder: Path) -> Path:
    """Make an authority, the server's certificate, and the key that signs tokens of ServiceAccounts.

    Raises:
        ToolError: there is no OpenSSL, or it failed.
    """
    openssl = shutil.which("openssl")
    if openssl is None:
        raise ToolMissingError("`openssl` is not on the PATH", hint="install OpenSSL: it makes the keys of the cluster")
    keys = folder / "keys"
    keys.mkdir(mode=0o700)
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    names = ("-addext", f"subjectAltName={_NAMES}")
    signed = ("-CA", "authority.crt", "-CAkey", "authority.key", "-addext", "basicConstraints=critical,CA:FALSE")
    for args in (
        ("req", "-x509", *curve, "-days", "30", "-keyout", "authority.key", "-out", "authority.crt", "-subj", "/CN=ca"),
        (
            "req",
            "-x509",
            *curve,
            "-days",
            "30",
            "-keyout",
            "server.key",
            "-out",
            "server.crt",
            "-subj",
            "/CN=api",
            *names,
            *signed,
        ),
        ("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "accounts.key"),
        ("pkey", "-in", "accounts.key", "-pubout", "-out", "accounts.pub"),
    ):
        run(Command(args=(openssl, *args), cwd=keys, timeout=60))
    return keys


def _write(path: Path, content: str) -> None:
    path.touch(mode=0o600)
    path.write_text(content, encoding="utf-8")


def _answers(address: str) -> bool:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=2) as answer:
            return int(answer.status) == 200
    except (OSError, urllib.error.URLError):
        return False
