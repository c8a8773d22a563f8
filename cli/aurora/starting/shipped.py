"""Which of the files that ship with Aurora a new repository of a platform takes over."""

import re
from collections.abc import Iterator
from pathlib import Path

from aurora import distribution
from aurora.environment.layers import load_layers

PLATFORMS = {"bare-metal": "aurora", "eks": "aws", "aks": "azure", "housing": "housing", "gpu": "gpu"}
"""The platforms by the name of `--platform`, and the reference environments that show each."""
_STAGE = re.compile(r"-(dev|staging|prod)$")
_KEYS = re.compile(r"^ +([a-z0-9-]+):", re.MULTILINE)


def platforms() -> tuple[str, ...]:
    """Give the names of the platforms of which this Aurora has reference environments."""
    return tuple(name for name in PLATFORMS if environments(name))


def environments(platform: str) -> dict[str, str]:
    """Give the reference environments of a platform: the name of each by its stage."""
    prefix = PLATFORMS[platform]
    names = distribution.shipped().environment_names()
    stages = ((name, _STAGE.search(name)) for name in names if _STAGE.sub("", name) == prefix)
    return {stage[1]: name for name, stage in stages if stage}


def layers(names: tuple[str, ...]) -> tuple[str, ...]:
    """Give the layers under `environments/` that these environments rest on, each once, lowest first."""
    paths = distribution.shipped()
    folder = f"{paths.shown(paths.environments)}/"
    stacks = [load_layers(paths, name).layers[:-1] for name in names]
    return tuple(dict.fromkeys(layer.path.removeprefix(folder) for stack in stacks for layer in stack))


def named_folders(texts: str) -> Iterator[Path]:
    """Yield the folders of policies, tracing policies and manifests whose names are keys in these texts."""
    keys = set(_KEYS.findall(texts))
    paths = distribution.shipped()
    for folder in (paths.policies, paths.tracing_policies, paths.components):
        yield from (each for each in sorted(folder.iterdir()) if each.is_dir() and each.name in keys)
