"""Asks the inference runtime, within a time limit, and again only where that cannot make an overload worse."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import httpx
import structlog

LOG = structlog.get_logger()
AGAIN = frozenset({429, 502, 503, 504})
"""Statuses after which another pod may answer."""


class RuntimeFailedError(Exception):
    """The runtime gave no prediction; `status` is what the client is told."""

    def __init__(self, status: int, message: str, places: Any = None) -> None:
        super().__init__(message)
        self.status, self.places = status, places


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds of one try and of all, tries, and how many retries a request earns, up to a reserve."""

    connect: float = 0.5
    read: float = 2
    deadline: float = 4
    tries: int = 3
    pause: float = 0.05
    earned: float = 0.1
    reserve: float = 10


class Budget:
    """Retries that may be made, as a share of the requests: a runtime that is down gets 10 % more and not 200 %."""

    def __init__(self, limits: Limits) -> None:
        self.limits, self.left = limits, limits.reserve

    def earn(self) -> None:
        """Count a request."""
        self.left = min(self.limits.reserve, self.left + self.limits.earned)

    def spend(self) -> bool:
        """Take one retry, if there is one."""
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Runtime:
    """The inference runtime at an address."""

    def __init__(self, url: str, limits: Limits, transport: httpx.AsyncBaseTransport | None = None) -> None:
        timeout = httpx.Timeout(limits.read, connect=limits.connect, pool=limits.connect)
        self.limits, self.budget = limits, Budget(limits)
        self.client = httpx.AsyncClient(base_url=url, timeout=timeout, transport=transport, trust_env=False)

    async def close(self) -> None:
        """Close its connections."""
        await self.client.aclose()

    async def predict(self, row: dict[str, float], request_id: str) -> dict[str, Any]:
        """Give the runtime's answer about one row.

        Raises:
            RuntimeFailedError: it gave none within the deadline.
        """
        self.budget.earn()
        end = time.monotonic() + self.limits.deadline
        for number in range(1, self.limits.tries + 1):
            failure = RuntimeFailedError(504, "the prediction took too long")
            try:
                async with asyncio.timeout(end - time.monotonic()):
                    reply = await self.client.post("/predict", json=row, headers={"X-Request-ID": request_id})
                if reply.status_code not in AGAIN:
                    return _answer(reply)
                failure = RuntimeFailedError(503, f"the runtime answers {reply.status_code}")
            except TimeoutError:
                break
            except httpx.TimeoutException:
                pass
            except httpx.HTTPError as error:
                failure = RuntimeFailedError(503, f"the runtime cannot be reached: {type(error).__name__}")
            LOG.warning("a try failed", number=number, reason=str(failure))
            pause = self.limits.pause * 2 ** (number - 1)
            if number == self.limits.tries or time.monotonic() + pause >= end or not self.budget.spend():
                break
            await asyncio.sleep(pause)
        raise failure


def _answer(reply: httpx.Response) -> dict[str, Any]:
    try:
        content = reply.json()
    except ValueError as error:
        raise RuntimeFailedError(502, "the runtime answers no JSON") from error
    if reply.status_code == 422:
        raise RuntimeFailedError(422, "the model takes other input", content.get("detail"))
    if reply.status_code != 200 or not isinstance(content.get("prediction"), float):
        raise RuntimeFailedError(502, f"the runtime answers {reply.status_code} without a prediction")
    return {"prediction": content["prediction"], "model_version": content.get("model_version")}
