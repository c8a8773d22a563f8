"""Takes the signals that end a run, for as long as something must not be torn apart or left behind."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

ENDING: tuple[int, ...] = (signal.SIGINT, signal.SIGTERM)
"""Ctrl-C, and what a supervisor sends."""


@contextmanager
def handled(handler: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    """Hand the ending signals to a handler while the body runs; only the main thread gets any."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in ENDING}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier or signal.SIG_DFL)
