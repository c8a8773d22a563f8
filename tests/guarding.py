"""Sees to it that no test of the product reads an environment that people edit, or what is compiled from it.

The committed environments have one file of tests, which says that they load and are in sync. They are shipped too:
tests of the wheels and of `aurora init` read them as what a new repository is made from.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ALLOWED = ("tests/platform/test_committed_", "tests/starting/", "tests/wheels/")
"""The only tests of what is committed, and those of what is made from it."""


class Guard:
    """A pytest plugin: a test that opens a committed environment or its output fails, and says which file it was."""

    def __init__(self, root: Path) -> None:
        self._environments = os.path.join(root, "environments", "")  # noqa: PTH118 - compared as text, many times a test
        self._generated = os.path.join(root, "generated", "")  # noqa: PTH118
        self.opened: set[str] = set()
        sys.addaudithook(self._see)

    def _see(self, event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str):
            path = arguments[0]
            if path.startswith(self._generated) or (path.startswith(self._environments) and path.endswith(".yaml")):
                self.opened.add(path)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Iterator[None]:
        """Begin anew with each test: what its fixtures open counts as opened by it."""
        self.opened.clear()
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Iterator[None]:
        """Judge what was opened."""
        result = yield
        if self.opened and not item.nodeid.startswith(ALLOWED):
            pytest.fail(f"a test of the product opened {min(self.opened)}: use tests/reference", pytrace=False)
        return result
