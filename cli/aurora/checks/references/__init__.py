"""The check `references`: everything that an object names exists, or is declared external.

Besides existence it judges what makes an object itself: its name, its namespace, its kind, its labels, and
that its selectors select something. Source:
`docs/facts/workloads.md` and `docs/facts/validators.md`; facts about single fields stand beside the tables that
use them.
"""

from aurora.checks.check import InventoryCheck
from aurora.checks.references import (
    access,
    computed,
    controllers,
    definitions,
    object_rules,
    pods,
    ports,
    secrets,
    serving,
    traffic_rules,
)

CHECK = InventoryCheck(
    "references",
    (
        *object_rules.RULES,
        *pods.RULES,
        *computed.RULES,
        *ports.RULES,
        *secrets.RULES,
        *access.RULES,
        *traffic_rules.RULES,
        *controllers.RULES,
        *definitions.RULES,
        *serving.RULES,
    ),
)
