"""Requests to the edge and scrapes of the pods, all the time; figures of any part of it."""

import csv
import http.client
import io
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle

from aurora_programs.trainer.columns import FEATURES
from aurora_programs.trainer.sample import sample
from chaos.edge import Edge
from chaos.kubelet import Kubelets
from demo import asking

CLIENTS, PAUSE, PATIENCE, SCRAPES = 8, 0.1, 20.0, 1.0


@dataclass(slots=True)
class Figures:
    """What was measured between two moments; answers are counted by version, failures by their status."""

    seconds: float = 0.0
    requests: int = 0
    failed: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)
    slowest: float = 0.0
    failing_for: float = 0.0
    scrapes: int = 0
    scrapes_failed: int = 0


class Load(threading.Thread):
    """A few clients, each with one request after the other, and a scraper of all running pods."""

    def __init__(self, edge: Edge, kubelets: Kubelets) -> None:
        super().__init__(daemon=True)
        self.edge, self.kubelets = edge, kubelets
        self.stopped = threading.Event()
        self.answers: list[tuple[float, float, str]] = []
        self.scrapes: list[tuple[float, bool]] = []

    def run(self) -> None:
        """Ask until stopped."""
        threads = [threading.Thread(target=self._client, args=(seed,), daemon=True) for seed in range(CLIENTS)]
        for thread in threads:
            thread.start()
        while not self.stopped.wait(SCRAPES):
            for pod in list(self.kubelets.pods.values()):
                if pod.container["name"] == "inference" and pod.serving:
                    good = asking.answers(pod.port, "/metrics")
                    if good or pod.serving:
                        self.scrapes.append((time.monotonic(), good))
        for thread in threads:
            thread.join(PATIENCE)

    def _client(self, seed: int) -> None:
        rows = [{name: float(row[name]) for name in FEATURES} for row in csv.DictReader(io.StringIO(sample(50, seed)))]
        for row in cycle(rows):
            if self.stopped.wait(PAUSE):
                return
            begun = time.monotonic()
            outcome = self._ask(json.dumps(row))
            self.answers.append((begun, time.monotonic() - begun, outcome))

    def _ask(self, content: str) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.edge.port, timeout=PATIENCE)
        try:
            headers = {"Host": self.edge.rule.host, "Content-Type": "application/json"}
            connection.request("POST", self.edge.rule.prefix, content, headers)
            reply = connection.getresponse()
            body = reply.read()
        except (OSError, http.client.HTTPException) as error:
            return type(error).__name__
        finally:
            connection.close()
        return str(json.loads(body)["model_version"]) if reply.status == 200 else str(reply.status)

    @contextmanager
    def measured(self) -> Iterator[Figures]:
        """Give figures, which are there when the body has ended, however it did."""
        found, begun = Figures(), time.monotonic()
        try:
            yield found
        finally:
            self._measure(found, begun, time.monotonic())

    def _measure(self, found: Figures, begun: float, end: float) -> None:
        asked = [each for each in list(self.answers) if begun <= each[0] <= end]
        failed = [each for each in asked if not each[2].startswith("v")]
        found.seconds = round(end - begun, 1)
        found.requests, found.failed = len(asked), len(failed)
        found.answers = dict(Counter(each[2] for each in asked if each[2].startswith("v")))
        found.failures = dict(Counter(each[2] for each in failed))
        found.slowest = round(max((each[1] for each in asked), default=0.0), 2)
        if failed:
            found.failing_for = round(max(each[0] for each in failed) - min(each[0] for each in failed), 1)
        scraped = [good for at, good in list(self.scrapes) if begun <= at <= end]
        found.scrapes, found.scrapes_failed = len(scraped), scraped.count(False)
