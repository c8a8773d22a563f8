"""What a repository answers is kept if it is the wanted chart; otherwise an error says why, and nothing is written."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from aurora.charts import archives, lock, vendoring
from aurora.charts.http_client import MIB, Limits
from aurora.charts.vendoring import Wanted
from aurora.errors import RepositoryError, StorageError
from aurora.paths import RepositoryPaths
from changes import git_folder
from charts import packed, served
from charts.served import Page, Site, body, status
from commands.command_line import ENVIRONMENT, CommandLine, tree

LIMITS = Limits(silence=10, pauses=(0.01, 0.01), whole=60)
IMPATIENT = Limits(silence=0.3, pauses=(0.01, 0.01), whole=2)
SLOW = ("silence", "headers without end", "a slow body")
FILES = {
    "Chart.yaml": "{apiVersion: v2, name: demo, version: 1.0.0, appVersion: v7}",
    "charts/a/Chart.yaml": "{name: a}",
}
CHART = packed.archive(FILES)
INDEX = served.index(served.entry("1.0.0", CHART))
DEMO = "/demo-1.0.0.tgz"


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with served.serving() as site:
        site.pages = {"/index.yaml": INDEX, DEMO: CHART}
        yield site


Vendor = Callable[..., tuple[lock.Locked, ...]]


@pytest.fixture
def vendor(site: Site, tmp_path: Path) -> Vendor:
    def vendored(
        *names: str,
        url: str = "",
        version: str = "1.0.0",
        limits: Limits = LIMITS,
        update: bool = False,
        locked: bool = False,
    ) -> tuple[lock.Locked, ...]:
        every = (Wanted(url or site.url, "demo", version),)
        return vendoring.vendor(every, names, tmp_path / "charts", limits, update=update, locked=locked)

    return vendored


def test_an_archive_is_fetched_once_and_locked(site: Site, vendor: Vendor, tmp_path: Path) -> None:
    [entry] = vendor()
    assert tree(tmp_path).keys() == {"charts/charts.lock", "charts/demo-1.0.0.tgz"}
    assert (tmp_path / "charts" / "demo-1.0.0.tgz").read_bytes() == CHART
    assert entry.digest == f"sha256:{hashlib.sha256(CHART).hexdigest()}"
    assert (entry.source, entry.app_version) == (site.url, "v7")
    assert lock.read(tmp_path / "charts" / lock.FILE, "charts.lock") == {("demo", "1.0.0"): entry}
    assert archives.Archives(tmp_path / "charts").find("demo", "1.0.0")
    before, asked = tree(tmp_path), len(site.asked)
    assert vendor() == () and tree(tmp_path) == before and len(site.asked) == asked


def test_what_is_not_the_locked_archive_is_fetched_again(vendor: Vendor, tmp_path: Path) -> None:
    vendor()
    (tmp_path / "charts" / "demo-1.0.0.tgz").write_bytes(b"another")
    vendor(locked=True)
    assert (tmp_path / "charts" / "demo-1.0.0.tgz").read_bytes() == CHART


def test_an_archive_that_was_published_anew_has_to_be_accepted(site: Site, vendor: Vendor, tmp_path: Path) -> None:
    vendor()
    anew = packed.archive({**FILES, "values.yaml": "a: 1"})
    site.pages |= {"/index.yaml": served.index(served.entry("1.0.0", anew)), DEMO: anew}
    (tmp_path / "charts" / "demo-1.0.0.tgz").unlink()
    before = tree(tmp_path)
    with pytest.raises(RepositoryError, match="aurora charts vendor demo --update"):
        vendor()
    assert tree(tmp_path) == before
    [entry] = vendor("demo", update=True)
    assert entry.digest == f"sha256:{hashlib.sha256(anew).hexdigest()}"


def test_what_an_earlier_lock_names_is_fetched_beside_the_lock(site: Site, vendor: Vendor, tmp_path: Path) -> None:
    [entry] = vendor()
    folder = tmp_path / "charts"
    before = tree(tmp_path)
    (folder / entry.file).unlink()
    gone = replace(entry, version="0.9.0")
    anew = replace(entry, digest="sha256:" + 64 * "0")
    assert vendoring.vendor_earlier([anew], folder, LIMITS)[1] and not (folder / entry.file).exists()
    fetched, failed = vendoring.vendor_earlier([gone, entry], folder, LIMITS)
    assert fetched == (entry,) and [one.version for one in failed] == ["0.9.0"] and tree(tmp_path) == before
    asked = len(site.asked)
    assert vendoring.vendor_earlier([anew], folder, LIMITS) == ((), {}) and len(site.asked) == asked


def test_what_no_environment_names_leaves_the_lock_and_locked_changes_none(vendor: Vendor, tmp_path: Path) -> None:
    vendor()
    before = tree(tmp_path)
    assert vendor(version="2.0.0", locked=True) == () and tree(tmp_path) == before
    vendoring.vendor((), (), tmp_path / "charts", LIMITS)
    assert lock.read(tmp_path / "charts" / lock.FILE, "charts.lock") == {}


def drip(first: bytes) -> Page:
    def respond(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(first)
        while True:
            handler.wfile.write(b"a")
            time.sleep(0.05)

    return respond


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        handler.wfile.write(b"a" * 2**20)


def silent(_: BaseHTTPRequestHandler) -> None:
    time.sleep(1)


BROKEN = b"apiVersion: v1\nentries:\n  demo:\n  - name: 'demo\n  other: [}\n"
ALIASES = b"entries: {demo: &a [1, 2]" + b"".join(b", k%d: &k%d [%s]" % (n, n, b"*a," * 9) for n in range(9)) + b"}"
CASES: dict[str, tuple[dict[str, Page], str]] = {
    "no index": ({"/index.yaml": status(404)}, "index.yaml` is not there"),
    "a login": ({"/index.yaml": status(401)}, "is not for everybody"),
    "another status": ({"/index.yaml": status(418)}, "answers with the status 418"),
    "always busy": ({"/index.yaml": status(503)}, "gave no answer in 3 attempts: the status is 503"),
    "silence": ({"/index.yaml": silent}, "gave no answer in 3 attempts"),
    "headers without end": ({"/index.yaml": drip(b"HTTP/1.1 200 OK\r\nA: ")}, "no answer within 2 seconds"),
    "a slow body": ({"/index.yaml": drip(b"HTTP/1.1 200 OK\r\n\r\n")}, "no answer within 2 seconds"),
    "an endless body": ({DEMO: endless}, "has more than 20 MiB"),
    "an endless index": ({"/index.yaml": endless}, "has more than 64 MiB"),
    "a body that breaks off": ({DEMO: body(CHART, 10_000)}, "gave no answer in 3 attempts"),
    "no HTTP": ({DEMO: lambda handler: handler.wfile.write(b"hello\r\n")[0:0]}, "gave no answer in 3 attempts"),  # type: ignore[index]
    "a loop": ({"/index.yaml": status(302, {"Location": "/index.yaml"})}, "redirects more than 5 times"),
    "a redirect elsewhere": ({"/index.yaml": status(302, {"Location": "ftp://x/"})}, "which is not HTTPS"),
    "a redirect to nothing": ({"/index.yaml": status(302, {"Location": "http://[::1"})}, "cannot be asked"),
    "broken YAML": ({"/index.yaml": BROKEN}, "is no index of charts: "),
    "no YAML": ({"/index.yaml": b"\x00\xff"}, "is no index of charts: "),
    "a page": ({"/index.yaml": b"<html><body>Hello</body></html>"}, "is no index of charts: "),
    "too large a form": ({"/index.yaml": b"{entries: {}}" + b" " * 9 * MIB}, "too many to parse as a whole"),
    "aliases": ({"/index.yaml": ALIASES}, "has no archive of this version"),
    "no such chart": ({"/index.yaml": b"entries:\n  demo2:\n  - {version: 1.0.0}\n"}, "has no chart `demo`"),
    "no such version": ({"/index.yaml": served.index(served.entry("1.0.1", CHART))}, "no archive of this version"),
    "no archive": ({DEMO: status(404)}, "demo-1.0.0.tgz` is not there"),
    "another scheme": ({"/index.yaml": served.index(served.entry("1.0.0", CHART, "file:///etc/passwd"))}, "not HTTPS"),
    "a wrong digest": (
        {"/index.yaml": served.index(served.entry("1.0.0", b"other"))},
        "its repository says sha256:",
    ),
    "another archive": ({DEMO: packed.archive({**FILES, "a": "b"})}, "its repository says sha256:"),
    "a provenance of another": (
        {f"{DEMO}.prov": b"-----BEGIN PGP SIGNED MESSAGE-----\n\nfiles:\n  demo-1.0.0.tgz: sha256:00\n"},
        "its provenance is about an archive with another digest",
    ),
}
ARCHIVES = {
    "a bomb": (packed.bomb(), "demo-1.0.0.tgz` is no archive"),
    "a link": (packed.linked(), "which is a link"),
    "a path outside": (packed.archive({**FILES, "../x": "a"}), "leaves the chart"),
    "no archive at all": (b"hello", "is no archive of a chart"),
    "another chart": (packed.archive({"Chart.yaml": "{name: other, version: 1.0.0}"}), "names `other` 1.0.0"),
    "another version": (packed.archive({"Chart.yaml": "{name: demo, version: 1.0.1}"}), "names `demo` 1.0.1"),
    "no Chart.yaml": (packed.archive({"values.yaml": "a: 1"}), "is not there once"),
    "a broken Chart.yaml": (packed.archive({"Chart.yaml": "{"}), "cannot be read"),
}
for title, (content, words) in ARCHIVES.items():
    CASES[title] = ({"/index.yaml": served.index(served.entry("1.0.0", content)), DEMO: content}, words)


@pytest.mark.parametrize("case", CASES)
def test_what_is_not_usable_is_refused_in_time_and_nothing_is_written(
    case: str, site: Site, vendor: Vendor, tmp_path: Path
) -> None:
    pages, words = CASES[case]
    site.pages |= pages
    started = time.monotonic()
    with pytest.raises(RepositoryError) as refused:
        vendor(limits=IMPATIENT if case in SLOW else LIMITS)
    assert words in refused.value.message and "hint: " in refused.value.message
    assert time.monotonic() - started < 30
    assert tree(tmp_path) == {}


def test_what_fails_once_is_asked_again(site: Site, vendor: Vendor) -> None:
    site.pages |= {"/index.yaml": [status(500), status(429), INDEX], DEMO: [body(CHART[:9], len(CHART)), body(CHART)]}
    assert len(vendor()) == 1


@pytest.mark.parametrize(("url", "words"), [("http://127.0.0.1:9", "refused"), ("https://127.0.0.1:{}", "SSL: WRONG")])
def test_nobody_speaks_the_language(url: str, words: str, site: Site, vendor: Vendor) -> None:
    with pytest.raises(RepositoryError, match=words):
        vendor(url=url.format(site.url.rpartition(":")[2]))


def test_a_proxy_is_asked_where_the_surroundings_name_one(
    site: Site, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", site.url)
    site.pages = {f"http://charts.example.com{path}": page for path, page in site.pages.items()}
    [entry] = vendor(url="http://charts.example.com")
    assert entry.source == "http://charts.example.com"


def test_a_token_stays_with_the_host_that_asked_for_it(site: Site, environment: CommandLine) -> None:
    served.registry(site, BUILD)
    blob = next(path for path in site.pages if "/blobs/" in path)
    tokens: list[str | None] = []
    with served.serving() as other:
        site.pages[blob] = status(307, {"Location": f"{other.url}/there"})

        def stored(handler: BaseHTTPRequestHandler) -> None:
            tokens.append(handler.headers.get("Authorization"))
            body(BUILD)(handler)

        other.pages["/there"] = stored
        assert environment("charts", "vendor").code == 0
    assert tokens == [None]


def test_the_committed_lock_is_as_it_is_written(repository: RepositoryPaths) -> None:
    entries = lock.read(repository.charts / lock.FILE, "charts.lock").values()
    assert (repository.charts / lock.FILE).read_text() == vendoring.lock_text(entries)


def test_an_index_of_50_megabytes_is_read_in_parts(site: Site, vendor: Vendor) -> None:
    entries = b"  - {name: c, description: long, version: 1.0.0}\n" * 1000
    filling = b"".join(b"  c%d:\n%b" % (n, entries) for n in range(1000))
    site.pages["/index.yaml"] = INDEX.replace(b"  other: []\n", filling)
    started = time.monotonic()
    assert len(vendor()) == 1 and time.monotonic() - started < 30


@pytest.mark.parametrize(
    "page",
    [
        json.dumps({"entries": {"demo": [{"version": "1.0.0", "urls": ["sub/demo.tgz"]}]}}).encode(),
        b"entries:\r\n\r\n    'demo':\r\n    # a\r\n    - version: 1.0.0\r\n      urls: [sub/demo.tgz]\r\n    z: []",
    ],
)
def test_other_forms_of_an_index_are_read_too(page: bytes, site: Site, vendor: Vendor) -> None:
    site.pages |= {"/index.yaml": page, "/sub/demo.tgz": status(307, {"Location": "/there"}), "/there": CHART}
    assert len(vendor()) == 1


def test_provenance_is_kept_beside_the_archive(site: Site, vendor: Vendor, tmp_path: Path) -> None:
    digest = hashlib.sha256(CHART).hexdigest()
    signed = f"-----BEGIN PGP SIGNED MESSAGE-----\n\n...\nfiles:\n  demo-1.0.0.tgz: sha256:{digest}\n".encode()
    site.pages[f"{DEMO}.prov"] = signed
    vendor()
    assert (tmp_path / "charts" / "demo-1.0.0.tgz.prov").read_bytes() == signed


def test_one_chart_that_fails_keeps_all_from_being_written(site: Site, tmp_path: Path) -> None:
    every = (Wanted(site.url, "demo", "1.0.0"), Wanted(site.url, "gone", "1.0.0"))
    with pytest.raises(RepositoryError, match="gone 1.0.0: .* has no chart `gone`"):
        vendoring.vendor(every, (), tmp_path / "charts", LIMITS)
    assert tree(tmp_path) == {}


def test_a_folder_that_is_a_link_is_refused(vendor: Vendor, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "charts").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StorageError, match="is a link"):
        vendor()
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_folder_that_cannot_be_written_keeps_nothing_half(environment: CommandLine, site: Site) -> None:
    served.registry(site, BUILD)
    (environment.folder / "charts" / lock.FILE).mkdir(parents=True)
    outcome = environment("charts", "vendor")
    assert outcome.code == 2 and "cannot be read" in outcome.err
    (environment.folder / "charts" / lock.FILE).rmdir()
    (environment.folder / "charts" / "demo-1.0.0+1.tgz").mkdir()
    outcome = environment("charts", "vendor")
    assert outcome.code == 3 and "demo-1.0.0+1.tgz" in outcome.err and "hint: " in outcome.err
    assert tree(environment.folder / "charts") == {}


def test_newer_versions_are_those_that_semantic_versioning_puts_behind() -> None:
    there = ["1.9.0", "1.10.0", "v1.10.1", "2.0.0-rc.2", "2.0.0-rc.10", "new", "1.0.0", "sha256-a.sig", "1.10.0"]
    assert vendoring.newer(Wanted("", "demo", "1.9.0"), there) == ["v1.10.1", "1.10.0"]
    assert vendoring.newer(Wanted("", "demo", "2.0.0-rc.1"), [*there, "2.0.0"]) == [
        "2.0.0",
        "2.0.0-rc.10",
        "2.0.0-rc.2",
    ]


PLATFORM = """\
  platform:
    kind: PlatformCharts
    namespace: argocd
    charts:
      one: {{repository: "oci://{host}/charts", chart: demo, version: 1.0.0+1, namespace: team}}
  two: {{kind: HelmChart, namespace: team, repository: "{host}/charts/", chart: demo, version: 1.0.0+1}}
"""
BUILD = packed.archive({"Chart.yaml": "{apiVersion: v2, name: demo, version: 1.0.0+1}"})


@pytest.fixture
def environment(site: Site, aurora: CommandLine) -> CommandLine:
    aurora.write("environments/example.yaml", ENVIRONMENT + PLATFORM.format(host=site.url.removeprefix("http://")))
    return aurora


def test_commands_ask_a_registry_for_the_charts_of_environments(site: Site, environment: CommandLine) -> None:
    served.registry(site, BUILD)
    outcome = environment("charts", "vendor", "demo")
    assert (
        outcome.code == 0
        and outcome.out.startswith("demo 1.0.0+1: fetched from oci://")
        and "1 of the 1 charts" in outcome.err
    )
    assert f"source: oci://{site.url[7:]}/charts" in (environment.folder / "charts" / lock.FILE).read_text()
    outdated = environment("charts", "outdated")
    assert (outdated.code, outdated.out) == (0, "demo 1.0.0+1: 1.1.0\n")
    assert environment("charts", "vendor", "--locked").out == ""
    git_folder.committed(environment.folder)
    [archive] = (environment.folder / "charts").glob("*.tgz")
    archive.unlink()
    environment.write("charts/charts.lock", "charts: []")
    assert environment("charts", "vendor", "--locked", "--base", "HEAD").out == outcome.out and archive.is_file()
    archive.unlink()
    site.pages.clear()
    outcome = environment("charts", "vendor", "--locked", "--base", "HEAD")
    assert outcome.code == 0 and "not compared with `HEAD`: charts that cannot be had: 1" in outcome.err


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["vendor", "dmo"], 2, "did you mean `demo`?"),
        (["outdated", "x"], 2, "charts: `demo`"),
        (["vendor", "--update", "--locked"], 2, "give one of them"),
        (["vendor"], 3, "is no Helm chart"),
    ],
)
def test_what_cannot_be_done_is_said(
    args: list[str], code: int, words: str, *, site: Site, environment: CommandLine
) -> None:
    served.registry(site, BUILD, kind="application/vnd.oci.image.layer.v1.tar+gzip")
    outcome = environment("charts", *args)
    assert outcome.code == code and words in outcome.err
    assert not (environment.folder / "charts").exists()


def test_one_archive_from_two_repositories_is_refused(site: Site, environment: CommandLine) -> None:
    other = ENVIRONMENT.replace("name: example", "name: other") + PLATFORM.format(host="charts.example.com")
    environment.write("environments/other.yaml", other)
    outcome = environment("charts", "vendor")
    assert outcome.code == 2 and "name one repository in all environments" in outcome.err and not site.asked
