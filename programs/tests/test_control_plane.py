"""The control plane shows what is there to callers with the key, changes nothing, and says what is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from processes import ask, free_port, program, until
from pydantic import SecretStr

from aurora_programs.control_plane import cluster
from aurora_programs.control_plane.service import service
from aurora_programs.keys import HEADER, ApiKey
from aurora_programs.store import aliases, versions

MODEL, OLD, NEW = "california-housing", "v20261101-090000", "v20261115-140000"
KEY = "k" * 32


class Shown:
    """A cluster with one node, whose API server stops when told to."""

    failing = False

    def nodes(self) -> list[dict[str, Any]]:
        if self.failing:
            raise cluster.ClusterError("the API server cannot be reached: refused")
        return [{"name": "one"}]

    def storage_classes(self) -> list[dict[str, Any]]:
        return [{"name": "fast"}]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for version in (OLD, NEW):
        versions.publish(tmp_path, MODEL, version, version.encode(), metadata={"rows": 3})
    aliases.publish(tmp_path, {MODEL: {"stable": OLD, "canary": NEW}})
    return tmp_path


@pytest.fixture
def client(root: Path) -> Iterator[TestClient]:
    with TestClient(service(root, ApiKey(SecretStr(KEY)), Shown()), headers={HEADER: KEY}) as found:
        yield found


def test_models_versions_and_artifacts_are_shown_by_version_and_by_alias(client: TestClient) -> None:
    assert client.get("/models").json() == {
        "models": [{"name": MODEL, "versions": [OLD, NEW], "aliases": {"canary": NEW, "stable": OLD}}]
    }
    for ref, version in ((OLD, OLD), ("stable", OLD), ("canary", NEW)):
        found = client.get(f"/models/{MODEL}/{ref}").json()
        assert (found["version"], found["metadata"]["rows"]) == (version, 3)
        reply = client.get(f"/models/{MODEL}/{ref}/artifact")
        assert reply.content == version.encode()
        assert reply.headers["ETag"] == f'"{found["metadata"]["sha256"]}"'


def test_the_cluster_and_the_platform_are_shown(client: TestClient) -> None:
    assert client.get("/cluster/nodes").json() == {"nodes": [{"name": "one"}]}
    assert client.get("/storage/classes").json() == {"classes": [{"name": "fast"}]}
    assert client.get("/platform/info").json()["models"] == 1


PATHS = ("/models", f"/models/{MODEL}/stable", f"/models/{MODEL}/stable/artifact", "/platform/info", "/cluster/nodes")


@pytest.mark.parametrize("path", [*PATHS, "/storage/classes"])
@pytest.mark.parametrize("key", ["", KEY[:-1], KEY + "k", "é"])
def test_without_the_key_nothing_is_shown(client: TestClient, path: str, key: str) -> None:
    reply = client.get(path, headers={HEADER: key.encode()})
    assert reply.status_code == 401
    assert KEY not in reply.text


def test_probes_and_scrapes_need_no_key(client: TestClient) -> None:
    assert client.get("/health", headers={HEADER: ""}).status_code == 200
    client.get("/models")
    text = client.get("/metrics", headers={HEADER: ""}).text
    assert 'aurora_control_plane_requests_total{code="200",path="/models"} 1.0' in text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/models/{MODEL}/v20260101-000000", 404),
        (f"/models/{MODEL}/beta", 404),
        (f"/models/wines/{OLD}", 404),
        ("/models/..%2f../x", 404),
        (f"/models/%2e%2e/{OLD}", 422),
        (f"/models/registry/{OLD}", 422),
        (f"/models/{MODEL}/STABLE", 422),
        (f"/models/{MODEL}/st%00able/artifact", 422),
    ],
)
def test_what_is_not_there_and_what_no_name_may_be_is_refused(client: TestClient, path: str, status: int) -> None:
    assert client.get(path).status_code == status


def test_a_damaged_artifact_is_not_given(client: TestClient, root: Path) -> None:
    versions.find(root, MODEL, OLD).artifact.write_bytes(b"other")
    reply = client.get(f"/models/{MODEL}/stable/artifact")
    assert reply.status_code == 503
    assert "its metadata says" in reply.json()["detail"]


def test_it_lives_without_store_and_api_server_and_says_what_it_lacks(tmp_path: Path) -> None:
    shown = Shown()
    shown.failing = True
    app = service(tmp_path / "gone", ApiKey(SecretStr(KEY)), shown)
    with TestClient(app, headers={HEADER: KEY}) as client:
        assert client.get("/health").status_code == 200
        assert client.get("/cluster/nodes").status_code == 503
        assert "is its volume mounted?" in client.get("/models").json()["detail"]


def test_outside_of_a_cluster_its_own_api_server_is_an_error_and_no_crash() -> None:
    with pytest.raises(cluster.ClusterError, match="cannot be reached"):
        cluster.ApiServer().nodes()


def test_nothing_but_reading_is_answered(client: TestClient) -> None:
    for path in PATHS:
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert client.request(method, path).status_code == 405


@pytest.mark.parametrize("key", ["", "short"])
def test_an_empty_or_short_key_ends_the_program_and_is_not_logged(key: str, tmp_path: Path) -> None:
    variables = {"AURORA_API_KEY": key, "MODEL_STORE": str(tmp_path), "PORT": "1"}
    with program("-m", "aurora_programs.control_plane", **variables) as process:
        text = process.communicate(timeout=20)[0]
        assert process.returncode == 2
    assert set(json.loads(text.splitlines()[-1])["variables"]) == {"AURORA_API_KEY"}
    assert not key or key not in text.replace("too_short", "")


def test_the_program_serves_and_never_logs_the_key(root: Path) -> None:
    port = free_port()
    variables = {"AURORA_API_KEY": KEY, "MODEL_STORE": str(root), "PORT": str(port)}
    with program("-m", "aurora_programs.control_plane", **variables) as process:
        until(f"http://127.0.0.1:{port}/health", 200)
        assert ask(f"http://127.0.0.1:{port}/models", **{HEADER: KEY})[0] == 200
        assert ask(f"http://127.0.0.1:{port}/models", **{HEADER: KEY + "x"})[0] == 401
        process.terminate()
        text = process.communicate(timeout=10)[0]
    assert '"status": 401' in text
    assert KEY not in text
