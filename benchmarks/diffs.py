"""Figures of `aurora diff`: two trees of 1,000 Deployments of which few or all differ, and 5,000 renamed objects."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from aurora.render import files
from measuring import AURORA, Figure, median, timed
from stages import compiled

COUNT = 1000
FEW = COUNT // 20
RENAMED = 5000

_CONFIG = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: ml}}\n"
    "data: {{rank: '{rank}', mode: a, log: b}}\n"
)


def figures() -> Iterator[Figure]:
    """Measure whole processes that compare two folders."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        made = files(compiled(COUNT).manifests)
        before = _written(root / "before", made, lambda _number, text: text)
        few = _written(root / "few", made, lambda number, text: _edited(text) if number < FEW else text)
        every = _written(root / "every", made, lambda _number, text: _edited(text))
        old, new = (_configs(root / name, name) for name in ("old", "new"))
        yield Figure(f"diff of two trees of {COUNT:,} Deployments, {FEW} changed", _diff(before, few), "s", 1.0)
        yield Figure(f"diff of two trees of {COUNT:,} Deployments, all changed", _diff(before, every), "s", 3.0)
        yield Figure(f"diff of two trees of {COUNT:,} Deployments, none changed", _diff(before, before), "s", None)
        yield Figure(f"diff of {RENAMED:,} objects that all have new names", _diff(old, new), "s", None)


def _diff(before: Path, after: Path) -> float:
    return median(timed(AURORA, "diff", str(before), str(after), "--format", "json"))


def _edited(text: bytes) -> bytes:
    changed = text.replace(b"v1.0.0@sha256:a", b"v1.1.0@sha256:b")
    if changed == text and b"\nkind: Deployment" in text:
        raise SystemExit("the fleet's image is not where it is looked for")
    return changed


def _written(folder: Path, made: Mapping[str, bytes], edit: Callable[[int, bytes], bytes]) -> Path:
    for number, (path, content) in enumerate(made.items()):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(edit(number, content))
    return folder


def _configs(folder: Path, prefix: str) -> Path:
    folder.mkdir()
    for rank in range(RENAMED):
        (folder / f"{prefix}-{rank}.yaml").write_text(_CONFIG.format(name=f"{prefix}-{rank}", rank=rank))
    return folder
