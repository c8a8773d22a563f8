"""A control plane on the loopback address: etcd, the API server, its controllers and the scheduler; and how to ask it.

Sources: the flags of Kubernetes 1.35 and etcd 3.6.
"""

import http.client
import json
import os
import secrets
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo import asking
from demo.running import Processes, free_ports

PROGRAMS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
MERGE, APPLY, JSON = "application/merge-patch+json", "application/apply-patch+yaml", "application/json"
NAMES = "DNS:localhost,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:10.96.0.1"
START = 90.0
Object = dict[str, Any]


class RefusedError(Exception):
    """The API server did not do what was asked."""


class GoneError(Exception):
    """The API server does not answer."""


@dataclass(slots=True)
class Server:
    """The API server; each thread has a connection of its own."""

    port: int
    token: str
    context: ssl.SSLContext
    local: threading.local = field(default_factory=threading.local)

    def ask(self, method: str, path: str, body: Object | None = None, kind: str = JSON) -> tuple[int, Object]:
        """Give the status and the body of an answer.

        Raises:
            GoneError: there is none.
        """
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind, "Accept": JSON}
        content = None if body is None else json.dumps(body)
        for last in (False, True):
            connection = getattr(self.local, "connection", None)
            if connection is None:
                connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20, context=self.context)
                self.local.connection = connection
            try:
                connection.request(method, path, content, headers)
                reply = connection.getresponse()
                return reply.status, _parsed(reply.read())
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                self.local.connection = None
                if last:
                    raise GoneError(str(error)) from error
        raise AssertionError

    def do(self, method: str, path: str, body: Object | None = None, kind: str = JSON) -> Object:
        """Give the body of an answer that says that it was done.

        Raises:
            GoneError: there is no answer.
            RefusedError: it was not done.
        """
        status, answer = self.ask(method, path, body, kind)
        if status >= 300:
            raise RefusedError(f"{method} {path}: {status} {answer.get('message')}")
        return answer

    def listed(self, path: str) -> list[Object]:
        """Give the objects of a list."""
        return list(self.do("GET", path).get("items") or [])

    def apply(self, path: str, body: Object) -> Object:
        """Apply an object on the server's side."""
        query = "?fieldManager=rehearsal&force=true"
        return self.do("PATCH", f"{path}/{body['metadata']['name']}{query}", body, APPLY)


def missing(folder: Path) -> list[str]:
    """Give the programs that a folder lacks."""
    return [name for name in PROGRAMS if not os.access(folder / name, os.X_OK)]


class ControlPlane:
    """Starts the programs of a folder, and stops and starts the API server when asked to."""

    def __init__(self, running: Processes, programs: Path) -> None:
        self.running, self.programs, self.keys = running, programs, running.folder / "keys"
        self._certify()
        self.etcd, peer, secure, manager, scheduler = free_ports(5)
        here, beside = f"http://127.0.0.1:{self.etcd}", f"http://127.0.0.1:{peer}"
        self._start(
            "etcd",
            f"--data-dir={running.folder / 'etcd'}",
            "--unsafe-no-fsync",
            "--log-level=warn",
            f"--listen-client-urls={here}",
            f"--advertise-client-urls={here}",
            f"--listen-peer-urls={beside}",
            f"--initial-advertise-peer-urls={beside}",
            f"--initial-cluster=default={beside}",
        )
        running.ready("etcd", lambda: asking.answers(self.etcd, "/health"), START)
        token = secrets.token_hex(16)
        (running.folder / "tokens.csv").write_text(f'{token},admin,admin,"system:masters"\n')
        context = ssl.create_default_context(cafile=str(self.keys / "authority.crt"))
        self.server = Server(secure, token, context)
        self.start_api_server()
        access = running.folder / "kubeconfig"
        access.write_text(json.dumps(self.access(token)))
        common = (f"--kubeconfig={access}", "--bind-address=127.0.0.1", "--leader-elect=false", "--profiling=false")
        keys = (
            f"--service-account-private-key-file={self.keys}/accounts.key",
            f"--root-ca-file={self.keys}/authority.crt",
        )
        folder = running.folder
        self._start(
            "kube-controller-manager", *common, *keys, f"--secure-port={manager}", f"--cert-dir={folder}/manager"
        )
        self._start("kube-scheduler", *common, f"--secure-port={scheduler}", f"--cert-dir={folder}/scheduler")

    def start_api_server(self) -> None:
        """Start the API server, and wait until it is ready."""
        keys = self.keys
        self._start(
            "kube-apiserver",
            f"--etcd-servers=http://127.0.0.1:{self.etcd}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            f"--secure-port={self.server.port}",
            "--endpoint-reconciler-type=none",
            "--service-cluster-ip-range=10.96.0.0/16",
            f"--tls-cert-file={keys}/server.crt",
            f"--tls-private-key-file={keys}/server.key",
            f"--client-ca-file={keys}/authority.crt",
            "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
            f"--service-account-key-file={keys}/accounts.pub",
            f"--service-account-signing-key-file={keys}/accounts.key",
            f"--token-auth-file={self.running.folder}/tokens.csv",
            "--authorization-mode=RBAC",
            "--profiling=false",
            "--shutdown-delay-duration=0s",
        )
        self.running.ready("kube-apiserver", self._ready, START)

    def access(self, token: str) -> Object:
        """Give a kubeconfig for the holder of a token."""
        cluster = {
            "server": f"https://127.0.0.1:{self.server.port}",
            "certificate-authority": f"{self.keys}/authority.crt",
        }
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "rehearsal",
            "clusters": [{"name": "rehearsal", "cluster": cluster}],
            "users": [{"name": "holder", "user": {"token": token}}],
            "contexts": [{"name": "rehearsal", "context": {"cluster": "rehearsal", "user": "holder"}}],
        }

    def _ready(self) -> bool:
        try:
            return self.server.ask("GET", "/readyz")[0] == 200
        except GoneError:
            return False

    def _start(self, name: str, *arguments: str) -> None:
        self.running.start(name, (str(self.programs / name), *arguments), HOME=str(self.running.folder))

    def _certify(self) -> None:
        openssl = shutil.which("openssl")
        if openssl is None:
            raise OSError("openssl is not installed: it makes the keys of the control plane")
        self.keys.mkdir(mode=0o700)
        curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30")
        signed = ("-CA", "authority.crt", "-CAkey", "authority.key", "-addext", f"subjectAltName={NAMES}")
        for arguments in (
            ("req", "-x509", *curve, "-keyout", "authority.key", "-out", "authority.crt", "-subj", "/CN=authority"),
            ("req", "-x509", *curve, "-keyout", "server.key", "-out", "server.crt", "-subj", "/CN=api", *signed),
            ("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "accounts.key"),
            ("pkey", "-in", "accounts.key", "-pubout", "-out", "accounts.pub"),
        ):
            subprocess.run((openssl, *arguments), cwd=self.keys, capture_output=True, check=True)


def _parsed(content: bytes) -> Object:
    """Give a body, and one that is no JSON as a message: probes and paths that are not there yet answer with a text."""
    try:
        return dict(json.loads(content or b"{}"))
    except ValueError:
        return {"message": content.decode("utf-8", "replace")}


def conditions(pod: Object) -> Iterator[str]:
    """Give the conditions of an object that hold."""
    for each in pod.get("status", {}).get("conditions", ()):
        if each["status"] == "True":
            yield each["type"]
