"""The key that callers present; it is compared in constant time and never logged."""

import hashlib
import hmac

from fastapi import HTTPException, Request
from pydantic import SecretStr

HEADER = "X-API-Key"
FEWEST_CHARACTERS = 16
"""A shorter key could be tried out."""


class ApiKey:
    """One key, kept as its hash, so that keys of every length take equally long to compare."""

    def __init__(self, key: SecretStr) -> None:
        self._hash = _hashed(key.get_secret_value())

    async def __call__(self, request: Request) -> None:
        """Let the request pass; a coroutine, so that keys are not compared by the threads that read a slow volume.

        Raises:
            HTTPException: it presents no key, or another one (401).
        """
        if not hmac.compare_digest(_hashed(request.headers.get(HEADER, "")), self._hash):
            raise HTTPException(401, f"the header {HEADER} holds no valid key")


def _hashed(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
