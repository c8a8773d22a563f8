"""A real, headless Chromium: a missing one fails in CI and skips with its reason elsewhere."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
Opener = Callable[..., Page]


def chromium() -> str:
    found = os.environ.get("AURORA_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return found
    reason = f"no Chromium is installed; looked for {', '.join(NAMES)} and AURORA_CHROMIUM"
    if os.environ.get("CI"):
        pytest.fail(f"CI needs a browser: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for a worker's tests; no name resolves in it."""
    program = chromium()
    args = ["--host-resolver-rules=MAP * ~NOTFOUND"]
    if os.geteuid() == 0:
        args.append("--no-sandbox")  # Chromium refuses to start its sandbox as root
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=program, args=args)
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Opener]:
    """Opens HTML as a file; at the end of the test nothing else was asked for, and the console is empty."""
    said: list[str] = []
    asked: list[str] = []
    file = tmp_path / "page.html"

    def opened(html: str, *, anchor: str = "", width: int = 1280, **options: object) -> Page:
        file.write_text(html, encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)  # type: ignore[arg-type]
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url.partition("#")[0]))
        page.goto(file.as_uri() + anchor)
        return page

    yield opened
    for context in browser.contexts:
        context.close()
    assert said == []
    assert set(asked) == {file.as_uri()}
