"""Requests of the trial, and what metrics say of them."""

import http.client
import json
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from aurora_contract import metrics

FAILED = "failed"


def answers(port: int, path: str) -> bool:
    """Tell whether a program answers with 200."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as reply:
            return bool(reply.status == 200)
    except (OSError, urllib.error.HTTPError):
        return False


def accepts(port: int) -> bool:
    """Tell whether anybody answers at a port, whatever is said."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def predictions(port: int, host: str, path: str, rows: Iterable[Mapping[str, float]]) -> Counter[str]:
    """Ask for a prediction of each row, one after the other, and count the versions that answered."""
    counted: Counter[str] = Counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for row in rows:
        connection.request("POST", path, json.dumps(row), {"Host": host, "Content-Type": "application/json"})
        reply = connection.getresponse()
        body = reply.read()
        counted[json.loads(body)["model_version"] if reply.status == 200 else FAILED] += 1
    connection.close()
    return counted


def scrape(port: int) -> dict[str, float]:
    """Give what a pod's metrics say: requests, errors, and the seconds of all requests."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{metrics.PATH}", timeout=10) as reply:
        families = list(text_string_to_metric_families(reply.read().decode()))
    samples: list[Any] = [sample for family in families for sample in family.samples]
    wanted = {
        "requests": metrics.REQUESTS.name,
        "errors": metrics.ERRORS.name,
        "seconds": f"{metrics.DURATION.name}_sum",
    }
    return {key: sum(each.value for each in samples if each.name == name) for key, name in wanted.items()}
