"""Requests beyond the rate are told when to come again; probes and scrapes are always answered."""

from __future__ import annotations

import asyncio
import hmac
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, HTTPException, Request
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from starlette.types import Message
from test_manifests import PROGRAMS, SETTINGS

from aurora_contract import variables
from aurora_programs import logs, settings, web
from aurora_programs.control_plane.cluster import ApiServer
from aurora_programs.control_plane.service import service as control_plane
from aurora_programs.housing_api.runtime import Limits as Tries
from aurora_programs.housing_api.runtime import Runtime
from aurora_programs.housing_api.service import service as housing_api
from aurora_programs.inference.service import Limits
from aurora_programs.inference.service import service as inference
from aurora_programs.keys import ApiKey
from aurora_programs.limits import BURST_SECONDS, Rate
from aurora_programs.store.names import AbsentError

PATHS = {"control-plane": "/models", "housing-api": "/predict", "inference": "/predict"}


def absent() -> Any:
    raise AbsentError("no model here")


def application(name: str, a_second: float) -> FastAPI:
    if name == "control-plane":
        return control_plane(Path("/nowhere"), ApiKey(SecretStr("k" * 32)), ApiServer(), a_second)
    if name == "housing-api":
        return housing_api(Runtime("http://predict.example.com", Tries()), None, a_second)
    return inference("wine", "v20261120-020000", absent, Limits(a_second=a_second))


@pytest.mark.parametrize("name", PATHS)
def test_requests_beyond_the_rate_are_refused_and_counted_and_probes_are_not(name: str) -> None:
    # So slow that no token comes while the test runs, and that the reserve is one.
    with TestClient(application(name, 0.01)) as client:
        answered = [client.get(PATHS[name]) for _ in range(3)]
        assert answered[0].status_code != 429
        for reply in answered[1:]:
            assert reply.status_code == 429
            assert 90 < int(reply.headers["Retry-After"]) <= 100
            assert reply.json() == {"detail": "more than 0.01 requests a second"}
            assert reply.headers["X-Request-ID"]
        assert client.get("/nothing").status_code == 429
        for path in ("/health", "/metrics", *(["/ready"] if name == "inference" else [])):
            assert {client.get(path).status_code for _ in range(5)} <= {200, 503}
        families = text_string_to_metric_families(client.get("/metrics").text)
        refused = [one for family in families for one in family.samples if one.labels.get("code") == "429"]
    assert [one.value for one in refused if one.name.endswith("_total")] == [3]


def test_without_a_rate_nothing_is_refused() -> None:
    rate = Rate(0, lambda: 0)
    assert {rate.take() for _ in range(10_000)} == {0}


def test_tokens_come_at_the_rate_and_no_more_than_the_reserve() -> None:
    now = 100.0
    rate = Rate(10, lambda: now)
    assert sum(rate.take() == 0 for _ in range(100)) == 10 * BURST_SECONDS
    assert rate.take() == pytest.approx(0.1)
    now += 0.15
    assert [rate.take() == 0 for _ in range(2)] == [True, False]
    now += 3600
    assert sum(rate.take() == 0 for _ in range(100)) == 10 * BURST_SECONDS


@pytest.mark.parametrize("text", ["-1", "many", "nan", "inf", ""])
@pytest.mark.parametrize("name", PATHS)
def test_a_rate_that_is_none_ends_the_program(
    name: str, text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(name)
    for variable in PROGRAMS[name].variables:
        monkeypatch.setenv(variable, "80")
    for variable, value in {"PREDICT_URL": "http://predict.example.com", "AURORA_API_KEY": "k" * 32}.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv(variables.RATE_LIMIT, "20")
    assert settings.read(SETTINGS[name]).model_dump()["rate"] == 20
    monkeypatch.setenv(variables.RATE_LIMIT, text)
    with pytest.raises(SystemExit, match="2"):
        settings.read(SETTINGS[name])
    assert "RATE_LIMIT" in capsys.readouterr().out


def test_a_body_that_comes_too_slowly_is_not_waited_for() -> None:
    async def drip() -> Message:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b" ", "more_body": True}

    scope = {"type": "http", "method": "POST", "path": "/predict", "headers": []}
    with pytest.raises(HTTPException) as error:
        asyncio.run(web.body(Request(scope, drip), seconds=0.1))
    assert (error.value.status_code, error.value.detail) == (408, "the body did not arrive within 0.1 s")


def test_keys_are_compared_in_constant_time_and_as_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return one == other

    monkeypatch.setattr(hmac, "compare_digest", compare)
    for presented in (b"", b"k", b"k" * 32, b"k" * 4096):
        scope = {"type": "http", "headers": [(b"x-api-key", presented)]}
        with suppress(HTTPException):
            asyncio.run(ApiKey(SecretStr("k" * 32))(Request(scope)))
    assert [a == b for a, b in compared] == [False, False, True, False]
    assert {len(each) for pair in compared for each in pair} == {32}
