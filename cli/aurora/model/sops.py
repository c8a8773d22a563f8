"""Manifests that SOPS encrypted, and what of them can be judged.

Source: getsops/sops 3.10, `stores/stores.go` (ToInternal, internalKeygroups) and `aes/cipher.go`.
"""

import re
from dataclasses import dataclass

from aurora.model.json_value import JsonObject, JsonValue, mapping
from aurora.model.tree import strings

BLOCK = "sops"
MARK = "ENC["
_ENCRYPTED = re.compile(r"ENC\[AES256_GCM,data:[^,]*,iv:[^,]+,tag:[^,]+,type:\w+\]")
_KEYS = ("age", "azure_kv", "gcp_kms", "hc_vault", "hckms", "key_groups", "kms", "pgp")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
STAND_INS = {"data": "e30=", "binaryData": "e30=", "stringData": "{}"}
"""What stands for an encrypted value: an empty JSON object is valid in every type of Secret."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """An encrypted object: with stand-ins for its values, or None; and why nobody can decrypt it."""

    body: JsonObject | None
    problem: str | None


def sealed(body: JsonObject) -> Sealed | None:
    """Give what can be judged of an object that SOPS encrypted, none where more than values is; None for another."""
    if BLOCK not in body and not any(_ENCRYPTED.fullmatch(value) for value in strings(body)):
        return None
    opened = {key: _opened(key, value) for key, value in body.items() if key != BLOCK}
    readable = not any(_ENCRYPTED.fullmatch(value) for value in strings(opened))
    return Sealed(opened if readable else None, _problem(body))


def _opened(field: str, value: JsonValue) -> JsonValue:
    if field not in STAND_INS or not isinstance(value, dict):
        return value
    return {
        key: STAND_INS[field] if isinstance(entry, str) and _ENCRYPTED.fullmatch(entry) else entry
        for key, entry in value.items()
    }


def _problem(body: JsonObject) -> str | None:
    block = mapping(body.get(BLOCK))
    if not block:
        return f"the block `{BLOCK}`, which says with which keys, is missing or no mapping"
    if not any(block.get(name) for name in _KEYS):
        return f"the block `{BLOCK}` names no key"
    if not _TIME.fullmatch(str(block.get("lastmodified"))):
        return f"`lastmodified` in the block `{BLOCK}` is no time"
    return None if block.get("mac") else f"the block `{BLOCK}` has no `mac`"
