"""Asks over HTTP, with bounds on time, size, attempts and redirects. Knows nothing of charts."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3

from aurora.errors import RepositoryError

TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
MOST_REDIRECTS = 5
MIB = 1024 * 1024
CHECK_URL = "check the chart's `repository` in the environment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds that a server may be silent, before each further attempt, and for everything; sizes in bytes."""

    silence: float = 20
    pauses: tuple[float, ...] = (1, 4, 10)
    whole: float = 300
    index: int = 64 * MIB
    archive: int = 20 * MIB
    document: int = 4 * MIB


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; the body is empty where the status is not 200."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = b""


class _TransientError(urllib3.exceptions.HTTPError):
    """A status that may be another one in a moment."""


@dataclass(frozen=True, slots=True)
class Client:
    """Asks again where that may help; follows redirects, never from HTTPS to HTTP, nor with a token to another host."""

    limits: Limits

    def ask(self, url: str, most: int, headers: Mapping[str, str] | None = None) -> Answer:
        """Give the answer, if it is found (200), not there (404) or not for everybody (401, 403).

        Raises:
            RepositoryError: nothing of that came back, or it is larger than `most` bytes.
        """
        pauses = iter(self.limits.pauses)
        while True:
            try:
                return self._followed(url, most, dict(headers or {}))
            except ValueError as error:
                raise RepositoryError(f"`{url}` cannot be asked: {error}", hint=CHECK_URL) from error
            except urllib3.exceptions.HTTPError as error:
                pause = next(pauses, None)
                if pause is None:
                    reason = re.sub(r"^\w+\(host=[^)]*\): ", "", str(error.args[0]))
                    message = f"`{url}` gave no answer in {len(self.limits.pauses) + 1} attempts: {reason}"
                    hint = "check the URL, the network and `HTTPS_PROXY`, or try again later"
                    raise RepositoryError(message, hint=hint) from error
                time.sleep(pause)

    def _followed(self, url: str, most: int, headers: dict[str, str]) -> Answer:
        here = urlsplit(url)
        for _ in range(MOST_REDIRECTS + 1):
            proxy = None if proxy_bypass(here.hostname or "") else getproxies().get(here.scheme)
            pool = urllib3.ProxyManager(proxy) if proxy else urllib3.PoolManager()
            response = pool.request(
                "GET",
                here.geturl(),
                headers={"User-Agent": "aurora", **headers},
                retries=False,
                preload_content=False,
                timeout=self.limits.silence,
            )
            try:
                if not (location := response.get_redirect_location()):
                    return _answer(here.geturl(), response, most)
            finally:
                response.close()
            target = urlsplit(urljoin(here.geturl(), location))
            if target.scheme not in {"https", here.scheme}:
                raise RepositoryError(f"`{url}` redirects to `{target.geturl()}`, which is not HTTPS", hint=CHECK_URL)
            if target.netloc != here.netloc:
                headers.pop("Authorization", None)
            here = target
        raise RepositoryError(f"`{url}` redirects more than {MOST_REDIRECTS} times", hint=CHECK_URL)


def _answer(url: str, response: urllib3.BaseHTTPResponse, most: int) -> Answer:
    if response.status in TRANSIENT:
        raise _TransientError(f"the status is {response.status}")
    if response.status in {401, 403, 404}:
        return Answer(url, response.status, response.headers)
    if response.status != 200:
        raise RepositoryError(f"`{url}` answers with the status {response.status}", hint=CHECK_URL)
    body = bytearray()
    for part in response.stream(2**16, decode_content=False):
        body += part
        if len(body) > most:
            raise RepositoryError(f"`{url}` has more than {most / MIB:g} MiB", hint=CHECK_URL)
    return Answer(url, 200, response.headers, bytes(body))
