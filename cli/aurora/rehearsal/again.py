"""Asks a cluster the same again and again, beside the rehearsal. Must not know what is asked."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

from aurora.errors import AuroraError
from aurora.rehearsal.server import Server

_PAUSE = 0.4


class Again(threading.Thread):
    """Takes its turn again and again while its `with` block runs; a server that is gone is asked again."""

    def __init__(self, server: Server) -> None:
        super().__init__(name=type(self).__name__, daemon=True)
        self.server = server
        self._stopped = threading.Event()

    def turn(self) -> None:
        """Do once what is done again and again."""
        raise NotImplementedError

    def run(self) -> None:
        """Take turns until the block ends."""
        while not self._stopped.wait(_PAUSE):
            try:
                self.turn()
            except AuroraError:
                continue

    def __enter__(self) -> Self:
        """Begin."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End, after the turn that is under way."""
        self._stopped.set()
        self.join()
