"""Shows Kyverno one test alone: a folder of links in which no other test of a tree can be seen.

Kyverno runs every test file below a folder and gives up all of them when one cannot be loaded. Must not
change the tree.
"""

import os
from pathlib import Path

from aurora.suites.reading import FILE, Suite


def isolate(suite: Suite, target: Path) -> Path:
    """Mirror the tree around a test into an empty folder by links; give the mirrored folder of the test.

    Every level from the nearest folder that holds all that the test names down to the test is a real folder,
    so that relative paths lead to the same files; everything else is a link, which Kyverno does not follow
    when it looks for tests.
    """
    named = [os.path.normpath(suite.folder / path) for path in _relative_paths(suite)]
    root = Path(os.path.commonpath([suite.folder, *(os.path.dirname(path) for path in named)]))  # noqa: PTH120
    source, mirror = root, target
    mirror.mkdir()
    for part in suite.folder.relative_to(root).parts:
        _link(source, mirror, but=part)
        source, mirror = source / part, mirror / part
        mirror.mkdir()
    _link(source, mirror, but=FILE)
    (mirror / FILE).write_text(suite.text, encoding="utf-8", newline="\n")
    return mirror


def _link(source: Path, mirror: Path, *, but: str) -> None:
    for entry in os.scandir(source):
        if entry.name != but:
            (mirror / entry.name).symlink_to(entry.path)


def _relative_paths(suite: Suite) -> list[str]:
    """Give everything in a test that may be a path: whatever it is, the mirror only grows by it."""
    found: list[str] = []
    for key, value in suite.body.items():
        entries = value if isinstance(value, list) else [value]
        if key not in ("apiVersion", "kind", "name", "metadata", "results", "values"):
            found.extend(entry for entry in entries if isinstance(entry, str))
    for expectation in suite.expectations:
        found.extend(expectation.generated)
    return [path for path in found if path and not os.path.isabs(path)]  # noqa: PTH117
