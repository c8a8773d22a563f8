"""Serves chart repositories on loopback: whole ones, and those that answer as none should."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

Respond = Callable[[BaseHTTPRequestHandler], None]
Page = bytes | Respond


@dataclass
class Site:
    """Pages by path; a list is used up from its front until its last one. `asked` has every path."""

    url: str = ""
    pages: dict[str, Page | list[Page]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def next(self, path: str) -> Page:
        self.asked.append(path)
        page = self.pages.get(path, status(404))
        return page if not isinstance(page, list) else page.pop(0) if len(page) > 1 else page[0]


@contextmanager
def serving() -> Iterator[Site]:
    """Serve a site until the end of the body."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = site.next(self.path)
            (page if callable(page) else body(page))(self)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who asks may go away
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def body(content: bytes, length: int | None = None, headers: Mapping[str, str] | None = None) -> Respond:
    def respond(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(length or len(content)))
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)

    return respond


def status(code: int, headers: Mapping[str, str] | None = None) -> Respond:
    def respond(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return respond


def entry(version: str, content: bytes, url: str = "", name: str = "demo") -> str:
    """Write an entry of an index."""
    digest = hashlib.sha256(content).hexdigest()
    return f"  - {{name: {name}, version: {version}, digest: {digest}, urls: ['{url or f'{name}-{version}.tgz'}']}}\n"


def index(*entries: str) -> bytes:
    return f"apiVersion: v1\nentries:\n  other: []\n  demo:\n{''.join(entries)}generated: now\n".encode()


def registry(site: Site, content: bytes, *, kind: str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip") -> None:
    """Make a registry of the site, with `charts/demo` in version 1.0.0+1, for those who fetch a token first."""
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    challenge = f'Bearer realm="{site.url}/token",service="here",scope="repository:charts/demo:pull"'

    def guarded(page: Respond) -> Respond:
        def respond(handler: BaseHTTPRequestHandler) -> None:
            known = handler.headers.get("Authorization") == "Bearer abc"
            (page if known else status(401, {"WWW-Authenticate": challenge}))(handler)

        return respond

    manifest = json.dumps({"layers": [{"mediaType": kind, "digest": digest}]}).encode()
    following = {"Link": '</v2/charts/demo/tags/list?n=1000&last=x>; rel="next"'}
    site.pages |= {
        "/token?service=here&scope=repository%3Acharts%2Fdemo%3Apull": b'{"token": "abc"}',
        "/v2/charts/demo/manifests/1.0.0_1": guarded(body(manifest)),
        f"/v2/charts/demo/blobs/{digest}": guarded(body(content)),
        "/v2/charts/demo/tags/list?n=1000": guarded(body(b'{"tags": ["1.0.0_1", "sha256-a.sig"]}', headers=following)),
        "/v2/charts/demo/tags/list?n=1000&last=x": guarded(body(b'{"tags": ["1.1.0"]}')),
    }
