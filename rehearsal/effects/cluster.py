"""Speaks to the API server of a cluster for tests: JSON over HTTPS, nothing else. Must not know what is asked."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast
from urllib.parse import quote, urlsplit

from aurora.errors import ToolCrashedError, UsageError
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text
from aurora.yamlio import reading

NOT_FOUND = 404
_BUSY, _ATTEMPTS, _TIMEOUT = (429, 503), 6, 60.0
_DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said: the status of HTTP, and the body."""

    status: int
    body: JsonObject

    @property
    def done(self) -> bool:
        """Whether it did what was asked."""
        return self.status in (200, 201, 202)

    @property
    def message(self) -> str:
        """Its reason, where it refused."""
        return text(self.body.get("message"))


@dataclass(slots=True)
class Server:
    """An API server; each thread has a connection of its own."""

    address: str
    tls: ssl.SSLContext
    token: str
    _local: threading.local = field(default_factory=threading.local)
    _kinds: dict[tuple[str, str], tuple[str, bool]] = field(default_factory=dict)

    def call(
        self, method: str, path: str, body: JsonValue = None, *, content: str = "application/json", accept: str = ""
    ) -> Answer:
        """Ask; a server that is busy is asked again for a while.

        Raises:
            ToolCrashedError: it does not answer.
        """
        headers = {"Accept": accept or "application/json", "Content-Type": content}
        sent = None if body is None else json.dumps(body).encode()
        for attempt in range(_ATTEMPTS):
            try:
                status, data = self._once(method, path, headers, sent)
            except (OSError, http.client.HTTPException) as error:
                if attempt == _ATTEMPTS - 1:
                    raise ToolCrashedError(f"the API server does not answer: {error}") from error
            else:
                if status not in _BUSY:
                    return Answer(status, mapping(json.loads(data)) if data else {})
            time.sleep(0.2 * (attempt + 1))
        raise ToolCrashedError("the API server stays busy")

    def get(self, path: str) -> Answer:
        """Read a path."""
        return self.call("GET", path)

    def listed(self, path: str) -> list[JsonObject]:
        """Read the objects of a list."""
        return [mapping(entry) for entry in items(self.get(path).body.get("items"))]

    def watched(self, path: str) -> list[JsonObject]:
        """Read the events of a watch that ends by itself."""
        data = self._once("GET", path, {"Accept": "application/json"}, None)[1]
        return [mapping(json.loads(line)) for line in data.splitlines() if line]

    def merge(self, path: str, changes: JsonObject) -> Answer:
        """Change an object by a merge patch."""
        return self.call("PATCH", path, changes, content="application/merge-patch+json")

    def path_of(self, body: JsonObject) -> str:
        """Give the path of an object.

        Raises:
            ToolCrashedError: the server does not know its kind.
        """
        version, kind = text(body.get("apiVersion")), text(body.get("kind"))
        if (version, kind) not in self._kinds:
            self._discover()
        if (version, kind) not in self._kinds:
            raise ToolCrashedError(f"the API server does not serve `{kind}` of `{version}`")
        plural, namespaced = self._kinds[version, kind]
        root = f"/apis/{version}" if "/" in version else f"/api/{version}"
        namespace = text(dig(body, "metadata", "namespace")) or "default"
        middle = f"/namespaces/{quote(namespace, safe='')}" if namespaced else ""
        return f"{root}{middle}/{plural}/{quote(text(dig(body, 'metadata', 'name')), safe='')}"

    def _discover(self) -> None:
        for root in ("/api", "/apis"):
            for group in items(self.call("GET", root, accept=_DISCOVERY).body.get("items")):
                name = text(dig(group, "metadata", "name"))
                for version in items(mapping(group).get("versions")):
                    full = f"{name}/{text(dig(version, 'version'))}" if name else text(dig(version, "version"))
                    for resource in items(dig(version, "resources")):
                        kind = text(dig(resource, "responseKind", "kind"))
                        scoped = text(dig(resource, "scope")) == "Namespaced"
                        self._kinds[full, kind] = (text(dig(resource, "resource")), scoped)

    def _once(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> tuple[int, bytes]:
        connection = cast("http.client.HTTPSConnection | None", getattr(self._local, "connection", None))
        if connection is None:
            connection = http.client.HTTPSConnection(self.address, timeout=_TIMEOUT, context=self.tls)
            self._local.connection = connection
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            connection.request(method, path, body, {**headers, **bearer})
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            self._local.connection = None
            raise


def server(kubeconfig: Path) -> Server:
    """Give the API server of the first cluster of a kubeconfig, for its first user.

    Raises:
        UsageError: the file is no kubeconfig with the authority, and a token or a client's certificate, inside of it.
    """
    try:
        config = reading.parse(kubeconfig.read_text(encoding="utf-8")).value
        address = urlsplit(text(dig(config, "clusters", 0, "cluster", "server"))).netloc
        authority = base64.b64decode(text(dig(config, "clusters", 0, "cluster", "certificate-authority-data")))
        user = mapping(dig(config, "users", 0, "user"))
        context = ssl.create_default_context(cadata=authority.decode())
        pair = [base64.b64decode(text(user.get(f"client-{part}-data"))) for part in ("certificate", "key")]
        if all(pair):
            with tempfile.NamedTemporaryFile() as file:
                file.write(b"\n".join(pair))
                file.flush()
                context.load_cert_chain(file.name)
    except (OSError, ValueError, reading.YamlError) as error:
        raise UsageError(f"`{kubeconfig}` is no kubeconfig that can be used: {error}") from error
    return Server(address, context, text(user.get("token")))
