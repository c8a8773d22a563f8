"""The same environment compiles to the same bytes, whoever compiles it, wherever and in whatever order."""

from __future__ import annotations

import re
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from aurora.tools.runner import Command, run
from reference.platform import NAMES, ROOT, copy_to, reference

CODE = """
import random, sys
from pathlib import Path
from dataclasses import replace
from aurora import pipeline
from aurora.paths import RepositoryPaths
from aurora.render import files
target = Path(sys.argv[1])
for environment in pipeline.load_environments(RepositoryPaths(Path(sys.argv[2])), []):
    components = list(environment.components)
    random.Random(sys.argv[3]).shuffle(components)
    shuffled = replace(environment, components=tuple(components))
    for path, content in files(pipeline.compile_environment(shuffled, pipeline.Clock()).manifests).items():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_bytes(content)
"""
SURROUNDINGS = [
    {"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "UTC"},
    {"PYTHONHASHSEED": "4242", "LC_ALL": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati", "CDK8S_LEGACY_HASH": "1"},
]


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.yaml")}


def test_surroundings_and_order_change_no_byte(tmp_path: Path) -> None:
    trees = []
    for number, surroundings in enumerate(SURROUNDINGS):
        repository, target = tmp_path / f"repository-{number}", tmp_path / f"out-{number}"
        copy_to(repository)
        args = (sys.executable, "-c", CODE, str(target), str(repository), str(number))
        run(Command(args=args, cwd=tmp_path, timeout=120, environment=surroundings))
        trees.append(tree(target))
    assert trees[0] == trees[1]
    assert trees[0] == {f"generated/{path}": content for path, content in tree(reference().generated).items()}


@pytest.mark.parametrize("name", NAMES)
def test_no_time_version_host_or_path_is_written(name: str) -> None:
    text = "".join(content.decode() for content in tree(reference().generated / name).values())
    assert str(ROOT) not in text
    assert str(reference().root) not in text
    assert version("aurora") not in re.findall(r"aurora[ /:-]v?([0-9.]+[0-9])", text)
