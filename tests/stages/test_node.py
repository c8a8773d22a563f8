"""Cheaper calls to Node change no byte, and are made only where jsii is the version that they know."""

from __future__ import annotations

import importlib.metadata
import json
import sys

import pytest

from aurora.node import JSII_VERSION
from aurora.tools.runner import Command, run
from reference.platform import reference

CODE = """
import hashlib, sys
from pathlib import Path
from aurora import node, pipeline
from aurora.paths import RepositoryPaths
from aurora.render import files
if sys.argv[1] == "slow":
    node.JSII_VERSION = "another"
digest = hashlib.sha256()
for environment in pipeline.load_environments(RepositoryPaths(Path.cwd()), []):
    for path, content in files(pipeline.compile_environment(environment, pipeline.Clock()).manifests).items():
        digest.update(path.encode() + content)
import jsii._kernel
print(digest.hexdigest(), hasattr(jsii._kernel._make_reference_for_native, "reads_structs_directly"))
"""


@pytest.fixture(scope="module")
def outcomes() -> dict[str, list[str]]:
    return {
        mode: run(Command(args=(sys.executable, "-c", CODE, mode), cwd=reference().root, timeout=120)).stdout.split()
        for mode in ("slow", "fast")
    }


def test_both_roads_compile_to_the_same_bytes(outcomes: dict[str, list[str]]) -> None:
    assert outcomes["slow"][0] == outcomes["fast"][0], json.dumps(outcomes)


def test_another_version_of_jsii_is_left_as_it_is(outcomes: dict[str, list[str]]) -> None:
    assert (outcomes["slow"][1], outcomes["fast"][1]) == ("False", "True")


def test_the_locked_version_is_the_one_that_is_known() -> None:
    assert importlib.metadata.version("jsii") == JSII_VERSION
