"""Speaks to the API server of a cluster for tests: JSON over HTTPS, nothing else. Must not know what is asked."""

from __future__ import annotations

import http.client
import json
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import quote, urlencode

from aurora.errors import ToolCrashedError
from aurora.model.json_value import JsonObject, JsonValue, dig, items, mapping, text

OK, CREATED, NOT_FOUND, CONFLICT = 200, 201, 404, 409
_BUSY = (429, 503)
_ATTEMPTS = 6
_TIMEOUT = 60.0
MERGE, APPLY = "application/merge-patch+json", "application/apply-patch+yaml"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said: the status of HTTP, and the body."""

    status: int
    body: JsonObject

    @property
    def done(self) -> bool:
        """Whether it did what was asked."""
        return self.status in (OK, CREATED, 202)

    @property
    def message(self) -> str:
        """Its reason, where it refused."""
        return text(self.body.get("message"))


@dataclass(slots=True)
class Server:
    """An API server at a host and port; each thread has a connection of its own. `token` may be empty."""

    address: str
    tls: ssl.SSLContext
    token: str
    _local: threading.local = field(default_factory=threading.local)
    _kinds: dict[tuple[str, str], tuple[str, bool]] = field(default_factory=dict)

    def call(self, method: str, path: str, body: JsonValue = None, *, content: str = "application/json") -> Answer:
        """Ask once; a server that is busy is asked again for a while.

        Raises:
            ToolCrashedError: it does not answer.
        """
        headers = {"Accept": "application/json", "Content-Type": content}
        return self._ask(method, path, headers, None if body is None else json.dumps(body).encode())

    def get(self, path: str) -> Answer:
        """Read a path."""
        return self.call("GET", path)

    def listed(self, path: str) -> list[JsonObject]:
        """Read the objects of a list; none where there is no such list."""
        return [mapping(entry) for entry in items(self.get(path).body.get("items"))]

    def watched(self, path: str) -> list[JsonObject]:
        """Read the events of a watch that ends by itself."""
        data = self._once("GET", path, {"Accept": "application/json"}, None)[1]
        return [mapping(json.loads(line)) for line in data.splitlines() if line]

    def merge(self, path: str, changes: JsonObject) -> Answer:
        """Change an object by a merge patch."""
        return self.call("PATCH", path, changes, content=MERGE)

    def apply(self, body: JsonObject, *, manager: str = "aurora-rehearsal", strict: bool = False) -> Answer:
        """Apply an object on the server's side, with force; `strict` refuses fields that the server does not know."""
        query = {"fieldManager": manager, "force": "true", **({"fieldValidation": "Strict"} if strict else {})}
        return self.call("PATCH", f"{self.path_of(body)}?{urlencode(query)}", body, content=APPLY)

    def path_of(self, body: JsonObject) -> str:
        """Give the path of an object.

        Raises:
            ToolCrashedError: the server does not know its kind.
        """
        metadata = mapping(body.get("metadata"))
        return self.path(
            text(body.get("apiVersion")),
            text(body.get("kind")),
            text(metadata.get("namespace")) or None,
            text(metadata.get("name")),
        )

    def path(self, version: str, kind: str, namespace: str | None, name: str = "") -> str:
        """Give the path of an object, or of all objects of a kind in a namespace.

        Raises:
            ToolCrashedError: the server does not know the kind.
        """
        if not self.serves(version, kind):
            raise ToolCrashedError(f"the API server does not know `{kind}` of `{version}`")
        plural, namespaced = self._kinds[version, kind]
        middle = f"/namespaces/{quote(namespace or 'default', safe='')}" if namespaced else ""
        last = f"/{quote(name, safe='')}" if name else ""
        return f"{_root(version)}{middle}/{plural}{last}"

    def every(self, version: str, kind: str) -> list[JsonObject]:
        """Read all objects of a kind, whatever their namespace, as the server last saw them; none of one not served."""
        if not self.serves(version, kind):
            return []
        return self.listed(f"{_root(version)}/{self._kinds[version, kind][0]}?resourceVersion=0")

    def serves(self, version: str, kind: str) -> bool:
        """Tell whether the server serves a kind now."""
        if (version, kind) not in self._kinds:
            for resource in items(self.get(_root(version)).body.get("resources")):
                name = text(dig(resource, "name"))
                if "/" not in name:
                    self._kinds[version, text(dig(resource, "kind"))] = (name, dig(resource, "namespaced") is True)
        return (version, kind) in self._kinds

    @property
    def ready(self) -> bool:
        """Whether it takes requests."""
        try:
            return self._once("GET", "/readyz", {}, None)[0] == OK
        except (OSError, http.client.HTTPException):
            return False

    def _ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        for attempt in range(_ATTEMPTS):
            try:
                status, data = self._once(method, path, headers, body)
            except (OSError, http.client.HTTPException) as error:
                if attempt == _ATTEMPTS - 1:
                    raise ToolCrashedError(f"the API server does not answer: {error}") from error
                time.sleep(0.1 * (attempt + 1))
                continue
            if status not in _BUSY or attempt == _ATTEMPTS - 1:
                return Answer(status, _read(data))
            time.sleep(0.2 * (attempt + 1))
        raise AssertionError("the loop ends with an answer or an error")

    def _once(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> tuple[int, bytes]:
        connection = cast("http.client.HTTPSConnection | None", getattr(self._local, "connection", None))
        if connection is None:
            connection = http.client.HTTPSConnection(self.address, timeout=_TIMEOUT, context=self.tls)
            self._local.connection = connection
        try:
            bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
            connection.request(method, path, body, {**headers, **bearer})
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            self._local.connection = None
            raise


def _root(version: str) -> str:
    return f"/apis/{version}" if "/" in version else f"/api/{version}"


def _read(data: bytes) -> JsonObject:
    try:
        found = json.loads(data) if data else {}
    except ValueError:
        return {"message": data.decode("utf-8", "replace")[:2000]}
    return found if isinstance(found, dict) else {"items": found}
