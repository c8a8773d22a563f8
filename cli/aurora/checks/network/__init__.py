"""The check `network`: what must be reachable is, what must not be is not, by simulating the policies.

Its rules are those of `docs/facts/network.md`, and of the statements in `docs/guarantees.md`.
"""

from aurora.checks.check import InventoryCheck
from aurora.checks.network import (
    addresses,
    baseline,
    control_plane,
    inference,
    load_balancers,
    openings,
    policies,
    required,
    translated,
)

CHECK = InventoryCheck(
    "network",
    (
        *baseline.RULES,
        *policies.RULES,
        *addresses.RULES,
        *translated.RULES,
        *inference.RULES,
        *control_plane.RULES,
        *required.RULES,
        *openings.RULES,
        *load_balancers.RULES,
    ),
)
