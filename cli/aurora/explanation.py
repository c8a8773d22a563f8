"""What `aurora explain ENV PATH` prints: the origin of values. Starts no Node and no tool."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aurora.environment.plugins import component_kinds
from aurora.environment.provenance import Explanation, explain
from aurora.environment.spec import COMPONENTS
from aurora.environment.trial_steps import Situation, situation
from aurora.environment.trials import STRATEGY
from aurora.environment.wording import path_parts
from aurora.paths import RepositoryPaths, find_repository


def of_value(folder: Path, environment: str, path: str, format_: str) -> str:
    """Explain where a value, or every value below a path, comes from and what it overrode.

    Of a component's `strategy` also where its trial stands, which steps are legal next, and the way back.

    Raises:
        UsageError: the environment or the path does not exist.
        InputError: a layer cannot be read.
    """
    paths = find_repository(folder)
    found, trial = explain(paths, environment, path), _trial(paths, environment, path)
    if format_ == "json":
        entries = [*map(_as_json, found), *([_trial_as_json(path, trial)] if trial else [])]
        return json.dumps(entries, indent=2, ensure_ascii=False)
    return "\n".join([*map(_as_text, found), *([_trial_as_text(path, trial)] if trial else [])])


def _trial(paths: RepositoryPaths, environment: str, path: str) -> Situation | None:
    """Tell where a trial stands where a component's strategy is asked for."""
    steps = path_parts(path)
    if len(steps) != 3 or steps[0] != COMPONENTS or steps[2] != STRATEGY:
        return None
    return situation(paths, environment, steps[1], component_kinds(paths))


def _trial_as_text(path: str, trial: Situation) -> str:
    lines = [f"{path}:", f"  state: {trial.words}", *(f"  next: {command}" for command in trial.steps)]
    lines += [f"  not yet: {trial.waits_for}"] if trial.waits_for else []
    lines += [f"  back: {trial.back}"] if trial.back else []
    return "\n".join(lines)


def _trial_as_json(path: str, trial: Situation) -> dict[str, Any]:
    return {
        "path": path,
        "state": {**asdict(trial.state), "words": trial.words},
        "next": list(trial.steps),
        "waitsFor": trial.waits_for,
        "back": trial.back,
    }


def _as_text(entry: Explanation) -> str:
    origin = str(entry.place) if entry.place else entry.default
    lines = [f"{entry.path} = {json.dumps(entry.value, ensure_ascii=False)}", f"  from: {origin}"]
    lines += [f"  overrides: {json.dumps(value, ensure_ascii=False)} at {place}" for value, place in entry.overridden]
    return "\n".join(lines)


def _as_json(entry: Explanation) -> dict[str, Any]:
    return {
        "path": entry.path,
        "value": entry.value,
        "place": asdict(entry.place) if entry.place else None,
        "default": entry.default,
        "overridden": [{"value": value, "place": asdict(place)} for value, place in entry.overridden],
    }
