"""How many requests a process answers: tokens that come at a steady rate, and a reserve for a burst."""

import math
import time
from collections.abc import Callable

from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

BURST_SECONDS = 2
"""The reserve, in seconds of the rate."""


class Rate:
    """A bucket of tokens, used from the event loop alone.

    One for all clients: behind a proxy their addresses are the proxy's, and a header that names others can be forged.
    """

    def __init__(self, a_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.a_second, self.most, self.clock = a_second, max(1.0, a_second * BURST_SECONDS), clock
        self.left, self.seen = self.most, clock()

    def take(self) -> float:
        """Take a token, and give 0; or the seconds until there is one."""
        if not self.a_second:
            return 0
        now = self.clock()
        self.left, self.seen = min(self.most, self.left + (now - self.seen) * self.a_second), now
        if self.left < 1:
            return (1 - self.left) / self.a_second
        self.left -= 1
        return 0


class Limited:
    """Answers 429, and when to come again, to requests beyond the rate, but for those of the paths in `free`."""

    def __init__(self, app: ASGIApp, rate: Rate, free: tuple[str, ...]) -> None:
        self.app, self.rate, self.free = app, rate, free

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        wait = self.rate.take() if scope["type"] == "http" and scope["path"] not in self.free else 0
        if wait:
            detail = f"more than {self.rate.a_second:g} requests a second"
            answer = JSONResponse({"detail": detail}, 429, headers={"Retry-After": str(math.ceil(wait))})
            await answer(scope, receive, send)
        else:
            await self.app(scope, receive, send)
