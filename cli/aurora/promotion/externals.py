"""Which model versions an environment must declare once its pins moved: those that it serves and does not train."""

from collections.abc import Iterator, Mapping, Sequence

from aurora.environment import trials
from aurora.environment.spec import COMPONENTS, MODEL_VERSION
from aurora.environment.tree import Node, Steps
from aurora.promotion.pins import components
from aurora.rollout.edits import FileEdit, Writing
from aurora_constructs.catalogue import ComponentKind
from aurora_constructs.components.model_serving.spec import ModelServingSpec
from aurora_constructs.components.training_job.spec import TrainingJobSpec

EXTERNALS = "externals"
_NAME_LENGTH = 40


def needed(
    trees: tuple[Node, Node], edits: Sequence[FileEdit], kinds: Mapping[str, ComponentKind], where: Writing
) -> Iterator[FileEdit]:
    """Yield the declarations that are missing after some edits; the reason is the earlier stage's, where it has one."""
    source, target = trees
    now: dict[Steps, str] = {edit.steps: str(edit.value) for edit in edits if edit.value is not None}
    served, trained = _named(target, now, kinds, ModelServingSpec), _named(target, now, kinds, TrainingJobSpec)
    declared = {name for _, name, _ in _versions(target)}
    for version in sorted(served - trained - declared):
        key, reason = next(
            ((key, reason) for key, name, reason in _versions(source) if name == version),
            ("", "published by a run of an earlier release"),
        )
        if not key or target.find((EXTERNALS, key)) is not None:
            key = version.replace("/", "-").replace(".", "-")[-_NAME_LENGTH:].strip("-")
        for field, value in (("kind", MODEL_VERSION), ("name", version), ("reason", reason)):
            yield FileEdit(where.own, (EXTERNALS, key, field), value)


def _named(target: Node, now: Mapping[Steps, str], kinds: Mapping[str, ComponentKind], spec: type) -> set[str]:
    """Give the versions, as `MODEL/VERSION`, that components of a kind name after the edits."""
    found = set()
    for name, kind, node in components(target, kinds):
        model = node.find(("model",))
        if issubclass(kind.spec, spec) and model is not None:
            for keys in ((trials.VERSION,), (trials.STABLE, trials.VERSION), (trials.CANARY, trials.VERSION)):
                written = target.find((COMPONENTS, name, *keys))
                version = now.get((COMPONENTS, name, *keys), str(written.content) if written else "")
                if version:
                    found.add(f"{model.content}/{version}")
    return found


def _versions(tree: Node) -> Iterator[tuple[str, str, str]]:
    """Yield key, name and reason of each model version that is declared."""
    for step, node in tree.nearest((EXTERNALS,)).entries():
        kind, name, reason = (node.find((field,)) for field in ("kind", "name", "reason"))
        if kind is not None and kind.content == MODEL_VERSION and name is not None:
            yield str(step), str(name.content), str(reason.content) if reason else ""
