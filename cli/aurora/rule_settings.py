"""What a repository's settings say about rules, judged by everything that they may name: rules, policies, plugins."""

import os
from collections.abc import Collection, Iterable
from pathlib import Path

from aurora.environment import plugins
from aurora.paths import RepositoryPaths
from aurora.settings import silencing

# What stages find, and what the tests of policies and changes say, is no opinion that a setting could change.
FIXED = frozenset({"settings", "environment", "input", "yaml", "generated", "tracing", "test", "diff", "rollout"})


def read(
    root: Path, folder: Path, policies: Iterable[Path], environments: Collection[str] = (), *, replacing: bool = False
) -> silencing.Silencing:
    """Read what a repository's settings silence; `folder` is where paths start, `policies` name rules of their own.

    Raises:
        InputError: a setting is wrong or names nothing.
        StorageError: a file cannot be read.
    """
    from aurora.checks.table import all_rules  # noqa: PLC0415 - it imports every check: Node starts meanwhile

    # People of a repository name its files from its root, wherever they are in it.
    own_files = (root / "environments").is_dir() and folder.is_relative_to(root)
    own = [f"policy/{file.parent.name if file.name == 'policy.yaml' else file.stem}" for file in policies]
    return silencing.load(
        root,
        folder,
        rules=lambda: [*(rule.id for rule in all_rules()), *own],
        fixed=FIXED,
        environments=environments,
        replacing=replacing,
        others=plugins.problems,
        prefix="" if own_files else f"{os.path.relpath(root, folder)}/".removeprefix("./"),
    )


def of_repository(paths: RepositoryPaths) -> silencing.Silencing:
    """Read what the settings of a repository of environments silence.

    Raises:
        InputError: a setting is wrong or names nothing.
        StorageError: a file cannot be read.
    """
    return read(paths.root, paths.root, paths.policies.glob("*/policy.yaml"))
