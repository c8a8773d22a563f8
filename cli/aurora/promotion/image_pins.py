"""Works out where the tags and digests of built images are written, in environments of one stage. Writes nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aurora.environment.layers import load_layers
from aurora.environment.load import load
from aurora.environment.model import Environment
from aurora.environment.plugins import component_kinds
from aurora.environment.wording import path_text, suggestion, visible
from aurora.errors import UsageError
from aurora.paths import RepositoryPaths
from aurora.promotion import git_state, proof, stages
from aurora.promotion.built import Built
from aurora.promotion.pins import IMAGES
from aurora.rollout import edits as steps_of_trials
from aurora.rollout import effects
from aurora.rollout.edits import FileEdit
from aurora.rollout.planning import Texts, edited_texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What an update comes to: the edits of each environment, what moves in words, and the texts of the files."""

    edits: dict[str, tuple[FileEdit, ...]]
    lines: tuple[str, ...]
    texts: Texts


def planned(paths: RepositoryPaths, names: Sequence[str], built: Sequence[Built]) -> Update:
    """Work out an update of the images that environments have, in the layers that hold the pins of their stage.

    Raises:
        UsageError: an image is in none of the environments or has another repository there, they are of several
            stages, or files are not committed.
        InputError: an environment cannot be compiled.
        StorageError: a file cannot be read.
    """
    kinds = component_kinds(paths)
    environments = [load(paths, name, kinds=kinds) for name in dict.fromkeys(names)]
    _refuse_stages(environments)
    _refuse_unknown(environments, built)
    git_state.refuse_unknown(paths)
    edits = {one.name: tuple(_edits(paths, one, built)) for one in environments}
    lines = {edit: _line(one, edit) for one in environments for edit in edits[one.name]}
    return Update(edits=edits, lines=tuple(lines.values()), texts=edited_texts(paths, tuple(lines)))


def verify(paths: RepositoryPaths, update: Update) -> tuple[str, ...]:
    """Prove in a copy that the edited files say the update and nothing else; give the other environments that get it.

    Raises:
        UsageError: they do not.
    """
    every = tuple(edit for edits in update.edits.values() for edit in edits)
    with effects.edited(paths, update.texts) as after:
        for name, edits in update.edits.items():
            proof.said(effects.tree(after, name), edits)
        return proof.touched(paths, after, tuple(update.edits), every)


def _edits(paths: RepositoryPaths, environment: Environment, built: Sequence[Built]) -> Iterator[FileEdit]:
    where = stages.writing(paths, load_layers(paths, environment.name))
    for image in built:
        if image.name in environment.spec.images:
            for key, value in (("tag", image.tag), ("digest", image.digest)):
                yield from steps_of_trials.set_value(where, (IMAGES, image.name, key), value, ("",))


def _line(environment: Environment, edit: FileEdit) -> str:
    old = environment.tree.find(edit.steps) if environment.tree else None
    return f"{path_text(edit.steps)}: {old.content if old else 'nothing'} → {edit.value} in {edit.file}"


def _refuse_stages(environments: Sequence[Environment]) -> None:
    """A new image is tried at one stage and then promoted: production does not get it beside the stage before."""
    found = {one.name: one.spec.stage for one in environments}
    if len(set(found.values())) > 1:
        listed = ", ".join(f"`{name}` at {f'`{stage}`' if stage else 'none'}" for name, stage in found.items())
        hint = "update the first stage, and move the pins on with `aurora promote`"
        raise UsageError(f"the environments are of several stages: {listed}", hint=hint)


def _refuse_unknown(environments: Sequence[Environment], built: Sequence[Built]) -> None:
    known = {name for one in environments for name in one.spec.images}
    listed = ", ".join(f"`{one.name}`" for one in environments)
    for image in built:
        if image.name not in known:
            hint = suggestion(image.name, sorted(known), otherwise="there are")
            raise UsageError(f"no environment of {listed} has an image `{visible(image.name)}`", hint=hint)
        for one in environments:
            there = one.spec.images.get(image.name)
            if there and image.repository not in (None, there.repository):
                message = f"`{image.name}` was built for `{image.repository}`, and `{one.name}` pulls it from "
                hint = "copy it there, which keeps its digest, and leave `repository` out; or correct `images`"
                raise UsageError(f"{message}`{there.repository}`", hint=hint)
