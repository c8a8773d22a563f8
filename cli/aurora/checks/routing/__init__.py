"""The check `routing`: requests from outside reach the right track, in the right share, over TLS.

Its rules are those of `docs/facts/routing.md`, and of the statements in `docs/guarantees.md`.
"""

from aurora.checks.check import InventoryCheck
from aurora.checks.routing import (
    canary_ingress,
    certificates,
    duplicates,
    exposed,
    gate,
    grants,
    host_headers,
    ingress,
    listeners,
    tracks,
    weights,
)

CHECK = InventoryCheck(
    "routing",
    (
        *ingress.RULES,
        *canary_ingress.RULES,
        *listeners.RULES,
        *grants.RULES,
        *certificates.RULES,
        *duplicates.RULES,
        *exposed.RULES,
        *host_headers.RULES,
        *weights.RULES,
        *tracks.RULES,
        *gate.RULES,
    ),
)
