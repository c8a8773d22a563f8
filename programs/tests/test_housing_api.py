"""The housing API refuses wrong houses, ends in time, and does not make an overload of the runtime worse."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import httpx
import pytest
from fastapi.testclient import TestClient
from processes import ask, free_port, program, until
from pydantic import SecretStr

from aurora_programs.housing_api.house import House
from aurora_programs.housing_api.runtime import Limits, Runtime
from aurora_programs.housing_api.service import service
from aurora_programs.keys import HEADER, ApiKey
from aurora_programs.trainer.columns import FEATURES

HOUSE = dict(zip(FEATURES, (3.2, 20.0, 5.4, 1.1, 900.0, 3.0, 36.0, -119.0), strict=True))
QUICK = Limits(read=0.2, deadline=0.5, pause=0.001)
ANSWER = {"prediction": 2.5, "model": "california-housing", "model_version": "v20261120-020000"}


def client_of(answer: Callable[[httpx.Request], httpx.Response], limits: Limits = QUICK) -> TestClient:
    return TestClient(service(Runtime("http://predict.example.com", limits, httpx.MockTransport(answer))))


def test_a_house_is_valued_by_the_runtime_under_the_same_request_id() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=ANSWER)

    with client_of(answer) as client:
        reply = client.post("/predict", json=HOUSE, headers={"X-Request-ID": "abc-1"})
        assert reply.json() == {"prediction": 2.5, "model_version": "v20261120-020000"}
        assert reply.headers["X-Request-ID"] == seen[0].headers["X-Request-ID"] == "abc-1"
        assert seen[0].url.path == "/predict"
        text = client.get("/metrics").text
    assert 'aurora_api_predictions_total{outcome="answered"} 1.0' in text
    assert 'aurora_api_requests_total{code="200",path="/predict"} 1.0' in text


def test_its_houses_have_the_features_that_the_trainer_trains_on() -> None:
    assert tuple(House.model_fields) == FEATURES


@pytest.mark.parametrize(("name", "value"), [("Latitude", 51.5), ("MedInc", -1), ("MedInc", "3"), ("Rooms", 2)])
def test_a_wrong_house_is_refused_with_its_place_and_not_passed_on(name: str, value: object) -> None:
    with client_of(lambda request: pytest.fail("asked")) as client:
        reply = client.post("/predict", json={**HOUSE, name: value})
    assert reply.status_code == 422
    assert [one["place"] for one in reply.json()["detail"]] == [[name]]


def test_a_try_that_fails_is_made_again_and_its_answer_is_given() -> None:
    replies = iter([httpx.Response(503), httpx.Response(504), httpx.Response(200, json=ANSWER)])
    with client_of(lambda request: next(replies)) as client:
        assert client.post("/predict", json=HOUSE).status_code == 200


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (httpx.Response(500), 502),
        (httpx.Response(200, text="<html>"), 502),
        (httpx.Response(200, json={"prediction": "high"}), 502),
        (httpx.Response(422, json={"detail": [{"place": ["MedInc"], "problem": "no"}]}), 422),
    ],
)
def test_what_another_pod_would_answer_too_is_not_asked_again(reply: httpx.Response, status: int) -> None:
    asked = []
    with client_of(lambda request: asked.append(1) or reply) as client:  # type: ignore[func-returns-value]
        assert client.post("/predict", json=HOUSE).status_code == status
        assert len(asked) == 1
        assert 'outcome="failed"} 1.0' in client.get("/metrics").text


def test_a_runtime_that_is_down_gets_a_tenth_more_requests_and_no_more() -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(1)
        raise httpx.ConnectError("refused")

    with client_of(answer) as client:
        assert {client.post("/predict", json=HOUSE).status_code for _ in range(200)} == {503}
    assert 200 < len(asked) <= 200 + 10 + 200 * 0.1


def test_all_tries_end_within_the_deadline() -> None:
    async def answer(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(5)
        return httpx.Response(200, json=ANSWER)

    with client_of(answer) as client:  # type: ignore[arg-type]
        begun = time.monotonic()
        assert client.post("/predict", json=HOUSE).status_code == 504
        assert time.monotonic() - begun < 1


def test_where_it_has_a_key_clients_present_it() -> None:
    runtime = Runtime("http://x", QUICK, httpx.MockTransport(lambda request: httpx.Response(200, json=ANSWER)))
    with TestClient(service(runtime, ApiKey(SecretStr("k" * 32)))) as client:
        assert client.post("/predict", json=HOUSE).status_code == 401
        assert client.post("/predict", json=HOUSE, headers={HEADER: "k" * 32}).status_code == 200
        assert client.get("/health").status_code == 200


def test_the_program_is_alive_without_a_runtime_and_says_that_it_is_gone() -> None:
    port, nobody = free_port(), free_port()
    variables = {"PREDICT_URL": f"http://127.0.0.1:{nobody}", "PORT": str(port)}
    with program("-m", "aurora_programs.housing_api", **variables) as process:
        until(f"http://127.0.0.1:{port}/health", 200)
        assert ask(f"http://127.0.0.1:{port}/predict", HOUSE)[0] == 503
        process.terminate()
        assert '"status": 503' in process.communicate(timeout=10)[0]
