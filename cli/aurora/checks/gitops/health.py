"""A rule about health checks that Argo CD runs: their Lua has what they call.

Source: Argo CD 3.5, util/lua/lua.go (it opens the libraries package, base and table and a part of os; the others only
where `resource.customizations.useOpenLibs` says so), docs/facts/gitops.md.
"""

import re
from collections.abc import Iterator

from aurora.cluster.applications import GROUP
from aurora.model.inventory import Inventory
from aurora.model.json_value import text
from aurora.model.rule import BROKEN, OBJECT, InventoryRule, Violation
from aurora.model.tree import mappings

_HEALTH, _OPENED = "resource.customizations.health.", "resource.customizations.useOpenLibs."
_ASIDE = re.compile(r"--\[\[.*?\]\]|--[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)
"""Comments and strings."""
_CALL = re.compile(r"(?<![\w.:])(channel|coroutine|debug|io|math|string)\.[a-z]\w*")


def _libraries(inventory: Inventory) -> Iterator[Violation]:
    """Look into `argocd-cm`, and into the values of whatever chart installs it."""
    for manifest in (*inventory.of_kind("ConfigMap", group=""), *inventory.of_kind("Application", group=GROUP)):
        for steps, found in mappings(manifest.body):
            for key, value in found.items():
                name = key.removeprefix(_HEALTH)
                if name == key or found.get(f"{_OPENED}{name}") in ("true", True):
                    continue
                called = _CALL.search(_ASIDE.sub(" ", text(value)))
                if called:
                    yield Violation(
                        manifest=manifest,
                        steps=(*steps, key),
                        message=f"the health check calls `{called[0]}`, and Argo CD loads no library `{called[1]}`",
                        hint=f"write it without, or set `{_OPENED}{name}` to `true`",
                    )


RULES = (InventoryRule("gitops/health-library", BROKEN, _libraries, scope=OBJECT),)
