"""How HAProxy divides requests by `balance roundrobin`, request by request: a model to hold the program to.

Each server has a position, in requests, from which on it is due again; positions grow by the sum of all weights
divided by the server's own, and what the division leaves is carried on. The server that is due first is taken. At the
start all are due, the heaviest first. Source: HAProxy, `src/lb_fwrr.c` and `include/haproxy/backend-t.h`
(`BE_WEIGHT_SCALE`, by which weights are multiplied, so that a round is 16 times the sum of the weights long).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SCALE, KEYS = 16, 256


@dataclass(slots=True)
class Server:
    weight: int
    due: int = 0
    carried: int = 0
    requests: int = 0

    @property
    def key(self) -> int:
        return KEYS * self.due + (KEYS * SCALE + self.carried - self.weight) // SCALE

    def move(self, total: int) -> None:
        grown, left = divmod(total, self.weight)
        over, self.carried = divmod(self.carried + left, self.weight)
        self.due += grown + over


def divided(weights: Sequence[int], requests: int) -> list[int]:
    """Give how many requests each server gets after a start; a round may not end before, since it is not modelled."""
    servers = [Server(weight * SCALE) for weight in weights]
    total = sum(each.weight for each in servers)
    assert requests <= total
    fresh = sorted((each for each in servers if each.weight), key=lambda each: -each.weight)
    known: list[Server] = []
    for position in range(total, total + requests):
        first = min(known, default=None, key=lambda each: each.key)
        if fresh and (first is None or first.due > position):
            found = fresh.pop(0)
            found.due = position
        else:
            assert first is not None
            found = first
            known.remove(found)
        found.move(total)
        found.requests += 1
        # Within a round none is due beyond its end but those that wait for the next one.
        if found.due < 2 * total:
            known.append(found)
    return [each.requests for each in servers]
