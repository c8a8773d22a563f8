"""Chart repositories: those with an index over HTTP, and OCI registries. What they answer is not believed.

Writes nothing, and proves no archive. Methods raise a `RepositoryError` where there is no answer, or no such chart.

Sources: Helm v4.3.1, pkg/repo/v1 (`loadIndex`, `IndexFile.Get`, `ResolveReferenceURL`) and pkg/registry (media types;
`+` is `_` in tags); OCI distribution-spec v1.1; distribution, "Token Authentication Specification".
"""

import ipaddress
import json
import re
from dataclasses import dataclass, field
from urllib.parse import urlencode, urljoin, urlsplit

from aurora.charts.http_client import CHECK_URL, MIB, Answer, Client
from aurora.errors import RepositoryError
from aurora.model.json_value import JsonObject, JsonValue, items, mapping, text
from aurora.yamlio import reading

ARCHIVE = ("application/vnd.cncf.helm.chart.content.v1.tar+gzip", "application/tar+gzip")
PROVENANCE = "application/vnd.cncf.helm.chart.provenance.v1.prov"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
MOST_PAGES = 50
MOST_WHOLE = 8 * MIB
"""Of an index that has to be parsed as a whole, which takes about five seconds."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An archive, the SHA-256 that its repository gives (empty where it gives none), and its provenance, if any."""

    content: bytes
    digest: str
    provenance: bytes | None


@dataclass(frozen=True)
class IndexRepository:
    """A folder of archives on a web server, with `index.yaml`, which is read once."""

    url: str
    client: Client
    read: list[bytes] = field(default_factory=list)  # `cached_property` would hold one lock for all repositories

    def _entries(self, chart: str) -> list[JsonObject]:
        where = f"`{self.url}index.yaml`"
        if not self.read:
            self.read.append(_found(self.client.ask(f"{self.url}index.yaml", self.client.limits.index)).body)
        try:
            entries = [mapping(entry) for entry in _entries(self.read[0], chart)]
        except reading.YamlError as error:
            raise RepositoryError(f"{where} is no index of charts: {error}", hint=CHECK_URL) from error
        if not entries:
            raise RepositoryError(f"{where} has no chart `{chart}`", hint="check `repository` and `chart`")
        return entries

    def versions(self, chart: str) -> list[str]:
        """Give all versions of a chart."""
        return [text(entry.get("version")) for entry in self._entries(chart)]

    def fetch(self, chart: str, version: str) -> Fetched:
        """Take exactly this version from the first of its URLs, as Helm does; it may lead elsewhere."""
        entry = next((entry for entry in self._entries(chart) if entry.get("version") == version), {})
        try:
            url = urljoin(self.url, text(next(iter(items(entry.get("urls"))), "")))
        except ValueError as error:
            raise RepositoryError(f"`{self.url}index.yaml` names no URL: {error}", hint=CHECK_URL) from error
        if url == self.url:
            hint = "`aurora charts outdated` lists newer versions"
            raise RepositoryError(f"`{self.url}index.yaml` has no archive of this version", hint=hint)
        if not url.startswith(("https://", self.url)):
            raise RepositoryError(f"the index names `{url}`, which is not HTTPS", hint="name that as `repository`")
        content = _found(self.client.ask(url, self.client.limits.archive)).body
        signed = self.client.ask(f"{url}.prov", self.client.limits.document)
        return Fetched(content, _digest(entry), signed.body or None)


def _entries(index: bytes, chart: str) -> list[JsonValue]:
    """Parse what an index says of one chart, and nothing else where the index is in block form, as Helm writes it."""
    head = re.search(rb"^entries:[ \t]*\r?\n(?:[ \t]*(?:#.*)?\r?\n)*( +)(?=[^ \t#])", index, re.MULTILINE)
    if head is None:
        if len(index) > MOST_WHOLE:
            message = f"`entries` is no block, and {len(index) // MIB} MiB are too many to parse as a whole"
            raise reading.YamlError(message, 1, 1)
        entries = mapping(reading.parse(reading.decode(index)).value).get("entries")
        if not isinstance(entries, dict):
            raise reading.YamlError("there is no mapping `entries`", 1, 1)
        return items(entries.get(chart))
    key = rb"^ {%d}([\"']?)%b\1:[ \t]*\r?\n" % (len(head[1]), re.escape(chart.encode()))
    start = re.compile(key, re.MULTILINE).search(index, head.start(1))
    if start is None:
        return []
    end = re.compile(rb"^ {0,%d}(?![ \t#\r\n-])" % len(head[1]), re.MULTILINE).search(index, start.end())
    lines = index.count(b"\n", 0, start.start())  # in front, so that errors name the right ones
    part = reading.decode(b"\n" * lines + b"of:\n" + index[start.end() : end.start() if end else len(index)])
    return items(mapping(reading.parse(part).value).get("of"))


@dataclass(frozen=True)
class Registry:
    """An OCI registry, below a path; on this machine's own addresses it is asked without TLS, as by other clients."""

    place: str
    client: Client

    @property
    def _host(self) -> str:
        host = self.place.partition("/")[0]
        return f"http://{host}" if _is_loopback(urlsplit(f"//{host}").hostname or "") else f"https://{host}"

    def versions(self, chart: str) -> list[str]:
        """Give all tags of a chart as versions, whether or not they are versions."""
        found: list[str] = []
        path = "tags/list?n=1000"
        for _ in range(MOST_PAGES):
            answer = self._ask(chart, path)
            found += [text(tag).replace("_", "+") for tag in items(_document(answer).get("tags"))]
            following = re.match(r'<([^>]*)>;\s*rel="?next', answer.headers.get("Link", ""))
            if following is None:
                break
            path = f"tags/list?{following[1].partition('?')[2]}"
        return found

    def fetch(self, chart: str, version: str) -> Fetched:
        """Take the layers of the manifest, by their digests."""
        manifest = self._ask(chart, f"manifests/{version.replace('+', '_')}", accept=MANIFEST)
        layers = list(map(mapping, items(_document(manifest).get("layers"))))
        digests = {text(layer.get("mediaType")): _digest(layer) for layer in reversed(layers)}
        digest = next(filter(None, map(digests.get, ARCHIVE)), None)
        if digest is None:
            raise RepositoryError(f"`{manifest.url}` is no Helm chart", hint=CHECK_URL)
        content = self._ask(chart, f"blobs/sha256:{digest}", most=self.client.limits.archive).body
        signed = digests.get(PROVENANCE)
        return Fetched(content, digest, self._ask(chart, f"blobs/sha256:{signed}").body if signed else None)

    def _ask(self, chart: str, path: str, *, accept: str = "*/*", most: int | None = None) -> Answer:
        name = f"{self.place.partition('/')[2]}/{chart}".strip("/")
        url, size = f"{self._host}/v2/{name}/{path}", most or self.client.limits.document
        answer = self.client.ask(url, size, {"Accept": accept})
        challenge = answer.headers.get("WWW-Authenticate", "")
        if answer.status == 401 and challenge.lower().startswith("bearer "):
            token = self._token(dict(re.findall(r'(\w+)="([^"]*)"', challenge)))
            answer = self.client.ask(url, size, {"Accept": accept, "Authorization": f"Bearer {token}"})
        return _found(answer)

    def _token(self, challenge: dict[str, str]) -> str:
        """Ask for what everybody may have: a token to pull."""
        realm = challenge.pop("realm", "")
        if not realm.startswith(("https://", f"{self._host}/")):
            raise RepositoryError(f"`{self._host}` gives tokens at `{realm}`, which is not HTTPS", hint=CHECK_URL)
        query = urlencode({key: value for key, value in challenge.items() if key in {"service", "scope"}})
        body = _document(_found(self.client.ask(f"{realm}?{query}", self.client.limits.document)))
        token = text(body.get("token")) or text(body.get("access_token"))
        return token if re.fullmatch(r"[!-~]+", token) else ""


def repository(url: str, client: Client) -> IndexRepository | Registry:
    """Give a repository by its URL; one without a scheme is a registry, as for Argo CD. Asks nothing yet."""
    if url.startswith(("https://", "http://")):
        return IndexRepository(f"{url.rstrip('/')}/", client)
    return Registry(url.removeprefix("oci://").strip("/"), client)


def _is_loopback(name: str) -> bool:
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _found(answer: Answer) -> Answer:
    if answer.status == 200:
        return answer
    what = "is not there" if answer.status == 404 else "is not for everybody, and Aurora has no login"
    raise RepositoryError(f"`{answer.url}` {what} (status {answer.status})", hint=CHECK_URL)


def _digest(entry: JsonObject) -> str:
    matched = re.fullmatch(r"(?:sha256:)?([0-9a-f]{64})", text(entry.get("digest")))
    return matched[1] if matched else ""


def _document(answer: Answer) -> JsonObject:
    try:
        return mapping(json.loads(answer.body))
    except (ValueError, RecursionError) as error:
        raise RepositoryError(f"`{answer.url}` answers with something that is no JSON", hint=CHECK_URL) from error
