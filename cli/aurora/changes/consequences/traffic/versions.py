"""Which model answers: the versions that workloads and Aurora's own objects name.

A workload's version is its pods' label, otherwise the environment variables and arguments of model servers.
"""

from collections.abc import Iterator

from aurora.changes.consequences.row import Found, Row
from aurora.changes.consequences.view import View
from aurora.changes.pairs import Pair
from aurora.model.json_value import JsonValue, dig, mapping, text
from aurora.model.manifest import Manifest
from aurora.model.pod_template import PodTemplate
from aurora_constructs.names import Names

_VARIABLES = ("MODEL_VERSION", "MODEL_URI", "MODEL_PATH", "MODEL_NAME", "MODEL_ID", "STORAGE_URI")
_ARGUMENTS = ("--model", "--model-id", "--model-name", "--model-path", "--model_id", "--model_name", "--revision")

SERVED = Row("traffic/model-version")
PROMOTED = Row("traffic/promotion")
INTENDED = Row("traffic/version-intended")
TRAINED = Row("traffic/version-trained")


def find(view: View) -> Iterator[Found]:
    """Yield every model version that moved."""
    for pair, before, after in view.updated_workloads():
        yield from _served(pair, before, after, view.names)
    for pair, *sides in view.updated("serving.kserve.io", "InferenceService"):
        steps = ("spec", "predictor", "model", "storageUri")
        old, new = (text(side.get(*steps)) for side in sides)
        if old and new and old != new:
            yield SERVED.found(pair, f"the predictor serves `{old}` → `{new}`", steps=steps)
    for pair, *sides in view.updated(view.names.api_group, "MLDeployment"):
        yield from _intended(pair, *sides)
    for pair in view.of(view.names.api_group, "MLTrainingJob"):
        yield from _trained(pair)


def _served(pair: Pair, before: PodTemplate, after: PodTemplate, names: Names) -> Iterator[Found]:
    old, new = _named(before, names), _named(after, names)
    moved = [name for name in new if name in old and old[name] != new[name]]
    if not moved:
        return
    track, model = after.labels.get(names.track, ""), after.labels.get(names.model, "")
    who = f"{f'the {track} track' if track else 'the workload'}{f' of `{model}`' if model else ''}"
    # The label stands for all; a variable in several containers moves in each of them alike.
    shown = [names.model_version] if names.model_version in moved else moved
    changes = dict.fromkeys(f"`{old[name]}` → `{new[name]}`" for name in shown)
    yield SERVED.found(pair, f"{who} serves {', '.join(changes)}", steps=after.steps)


def _named(pod: PodTemplate, names: Names) -> dict[str, str]:
    """Give what a pod says of its model, by the place that says so."""
    found = {name: pod.labels[name] for name in (names.model_version, names.model) if name in pod.labels}
    for container in pod.containers:
        for _, variable in container.variables:
            name = text(dig(variable, "name"))
            if name in _VARIABLES and text(dig(variable, "value")):
                found[f"{container.name} {name}"] = text(dig(variable, "value"))
        found |= {f"{container.name} {name}": value for name, value in _arguments(container.body.get("args"))}
        found |= {f"{container.name} {name}": value for name, value in _arguments(container.body.get("command"))}
    return found


def _arguments(value: JsonValue | None) -> Iterator[tuple[str, str]]:
    words = [text(entry) for entry in value] if isinstance(value, list) else []
    for number, word in enumerate(words):
        name, equals, stated = word.partition("=")
        if name in _ARGUMENTS:
            following = words[number + 1] if number + 1 < len(words) else ""
            yield name, stated if equals else following


def _intended(pair: Pair, *sides: Manifest) -> Iterator[Found]:
    old, new = (mapping(side.get("spec")) for side in sides)
    for track in ("stable", "canary"):
        one, other = text(dig(old, track, "version")), text(dig(new, track, "version"))
        if one == other:
            continue
        if track == "stable" and other and other == text(dig(old, "canary", "version")):
            message = f"`{other}` is promoted from canary to stable, in place of `{one}`"
            yield PROMOTED.found(pair, message, steps=("spec", track, "version"))
        else:
            message = f"the {track} version is `{one or 'none'}` → `{other or 'none'}`"
            yield INTENDED.found(pair, message, steps=("spec", track))


def _trained(pair: Pair) -> Iterator[Found]:
    steps = ("spec", "output", "version")
    old, new = (text(side.get(*steps)) if side is not None else "" for side in (pair.before, pair.after))
    if new and old != new:
        model = text(pair.subject.get("spec", "model"))
        yield TRAINED.found(pair, f"trains version `{new}` of `{model}`", steps=steps)
