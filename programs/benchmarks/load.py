"""What Locust runs: clients that send one row after the other, each when the answer to the last one is there."""

import json
import os
from pathlib import Path
from typing import Any

from locust import FastHttpUser, constant, events, task

ROW = json.loads(os.environ["ROW"])
TIMES: list[float] = []


def answered(response_time: float, exception: Exception | None, **more: Any) -> None:
    """Note the milliseconds of a request; Locust's own statistics round them."""
    if exception is not None:
        raise SystemExit(f"a request failed: {exception}")
    TIMES.append(response_time)


def ended(**more: Any) -> None:
    """Write the milliseconds of all requests."""
    Path(os.environ["TIMES"]).write_text(json.dumps(TIMES), encoding="utf-8")


events.request.add_listener(answered)  # type: ignore[no-untyped-call]
events.quitting.add_listener(ended)  # type: ignore[no-untyped-call]


class Client(FastHttpUser):
    """One client with one connection."""

    wait_time = constant(0)

    @task
    def predict(self) -> None:
        """Ask for one prediction."""
        with self.client.post("/predict", json=ROW, catch_response=True) as reply:
            if reply.status_code != 200:
                reply.failure(f"status {reply.status_code}")
