"""`aurora rollout` takes one legal step, in the file where the value stands, or says why not and writes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora.changes.judging import Means
from aurora.environment import trials
from aurora.environment.layers import load_layers
from aurora.errors import AuroraError, StorageError, UsageError
from aurora.paths import RepositoryPaths
from aurora.rollout import effects, planning, request, writing
from aurora.rollout.request import Request
from aurora.tools.installed import Toolbox
from aurora_constructs.trials import Kind, Move, State
from commands.command_line import CommandLine, tree
from environment.trialled import CANARY, ENVIRONMENT, STABLE, changed

OLD, NEW, NEWER = "v20260901-120000", "v20261101-090000", "v20261115-140000"
PINS = f"""\
# Pins of this stage.
components:
  inference:
    stable: {{version: {OLD}}}
    canary: {{version: {NEW}}}   # promoted last week
"""
LAYERED = changed(
    (STABLE, "{replicas: 2}"),
    (f"{CANARY}  # on trial", "{weight: 5, header: {}}  # on trial"),
    ("cluster:", "extends: [bases/pins.yaml]\ncluster:"),
)


@pytest.fixture
def paths(tmp_path: Path) -> RepositoryPaths:
    """An environment by itself, and one whose versions stand in a layer."""
    (tmp_path / "environments" / "bases").mkdir(parents=True)
    (tmp_path / "environments" / "prod.yaml").write_text(ENVIRONMENT)
    (tmp_path / "environments" / "staged.yaml").write_text(LAYERED.replace("name: prod}", "name: staged}"))
    (tmp_path / "environments" / "bases" / "pins.yaml").write_text(PINS)
    return RepositoryPaths(tmp_path)


def asked(move: Move, environment: str = "prod", *, shared: bool = False, own: bool = False) -> Request:
    return Request(environment=environment, component="inference", move=move, shared=shared, own=own)


def share(weight: int) -> Move:
    return Move(kind=Kind.WEIGHT, weight=weight)


START, FINISH, ABORT = Move(kind=Kind.START, version=NEWER), Move(kind=Kind.FINISH), Move(kind=Kind.ABORT)


def taken(paths: RepositoryPaths, move: Move, environment: str = "prod", **options: bool) -> tuple[str, ...]:
    step = planning.planned(paths, asked(move, environment, **options))
    with effects.edited(paths, step.texts) as after:
        effects.verify(paths, after, step)
    return writing.write(paths, step.texts)


def state(paths: RepositoryPaths, environment: str = "prod") -> State:
    found = load_layers(paths, environment).tree
    written = trials.read(found, "inference") if found else None
    assert written is not None
    return written.state


def test_a_whole_trial_from_start_to_finish_keeps_every_comment(paths: RepositoryPaths) -> None:
    file = paths.environment("prod")
    for weight in (25, 50):
        assert taken(paths, share(weight)) == ("environments/prod.yaml",)
        assert file.read_text() == ENVIRONMENT.replace("weight: 5", f"weight: {weight}")
    taken(paths, FINISH)
    assert state(paths) == State(NEW)
    assert file.read_text() == changed((STABLE, STABLE.replace(OLD, NEW)), (f"    canary: {CANARY}  # on trial\n", ""))
    taken(paths, START)
    assert state(paths) == State(NEW, NEWER, 5)
    assert "  # What serves.\n" in file.read_text()


def test_each_value_is_edited_in_the_file_where_it_stands(paths: RepositoryPaths) -> None:
    pins, own = paths.environments / "bases" / "pins.yaml", paths.environment("staged")
    before = own.read_text()
    taken(paths, share(25), "staged")
    assert pins.read_text() == PINS and own.read_text() == before.replace("weight: 5", "weight: 25")
    assert set(taken(paths, ABORT, "staged")) == {"environments/staged.yaml", "environments/bases/pins.yaml"}
    assert state(paths, "staged") == State(OLD)
    # How the next version is tried stays, with its comment.
    assert own.read_text() == before.replace("{weight: 5, header: {}}", "{header: {}}")
    assert pins.read_text() == PINS.replace(f"    canary: {{version: {NEW}}}   # promoted last week\n", "")
    taken(paths, START, "staged")
    assert state(paths, "staged") == State(OLD, NEWER, 5)
    assert f"canary: {{version: {NEWER}}}" in pins.read_text().replace("\n      ", " ") or NEWER in pins.read_text()
    assert "header: {}, weight: 5}  # on trial" in own.read_text()


def test_a_layer_of_other_environments_is_not_edited_unless_told(paths: RepositoryPaths) -> None:
    other = paths.environment("other")
    other.write_text(LAYERED.replace("name: prod}", "name: other}"))
    paths.environment("staged").write_text(
        paths.environment("staged").read_text().replace("{weight: 5, header: {}}", "{weight: 50, header: {}}")
    )
    files = tree(paths.root)
    with pytest.raises(UsageError) as refused:
        taken(paths, FINISH, "staged")
    assert "`environments/bases/pins.yaml`, which `other` read too" in str(refused.value)
    assert "`--shared`" in (refused.value.hint or "") and "`--own`" in (refused.value.hint or "")
    assert {path: text for path, text in tree(paths.root).items() if "generated" not in path} == files
    # The way back needs no decision: it is the environment's own.
    taken(paths, ABORT, "staged")
    assert state(paths, "staged") == State(OLD) and state(paths, "other") == State(OLD, NEW, 5)
    assert (paths.environments / "bases" / "pins.yaml").read_text() == PINS


@pytest.mark.parametrize(("option", "also"), [("own", State(OLD, NEW, 50)), ("shared", State(NEW, None, None))])
def test_where_a_shared_value_is_edited_can_be_told(option: str, also: State, paths: RepositoryPaths) -> None:
    for name in ("staged", "other"):
        text = LAYERED.replace("name: prod}", f"name: {name}}}").replace("weight: 5", "weight: 50")
        paths.environment(name).write_text(text)
    if option == "shared":
        paths.environment("other").write_text(text.replace("    canary: {weight: 50, header: {}}  # on trial\n", ""))
    taken(paths, FINISH, "staged", **{option: True})
    assert state(paths, "staged") == State(NEW)
    assert state(paths, "other") == also


@pytest.mark.parametrize(
    ("move", "words", "hint"),
    [
        (share(50), "from 5 % to 50 %", "`aurora rollout prod inference --weight 25`"),
        (share(100), "from 5 % to 100 %", "--weight 25"),
        (FINISH, "from 5 % of the requests to 100 %", "--abort"),
        (START, "in mid-trial", "take the first one back"),
        (share(5), "nothing to do", "--weight 25"),
        (Move(kind=Kind.START, version=OLD), "serves already", "--abort"),
    ],
)
def test_what_the_state_machine_refuses_is_written_nowhere(
    move: Move, words: str, hint: str, paths: RepositoryPaths
) -> None:
    files = tree(paths.root)
    with pytest.raises(UsageError) as refused:
        taken(paths, move)
    assert words in str(refused.value) and hint in (refused.value.hint or "")
    assert tree(paths.root) == files


def test_the_way_back_works_in_an_environment_with_errors(paths: RepositoryPaths) -> None:
    paths.environment("prod").write_text(ENVIRONMENT.replace("kind: ModelStore", "kind: Modelstore"))
    with pytest.raises(AuroraError):
        taken(paths, share(25))
    taken(paths, ABORT)
    assert state(paths) == State(OLD)
    with pytest.raises(UsageError, match="nothing to do"):
        taken(paths, ABORT)


def test_an_anchor_that_would_change_something_else_is_not_edited(paths: RepositoryPaths) -> None:
    again = ("externals:", "  again: {kind: Namespaces, canary: *trial}\nexternals:")
    text = changed((CANARY, f"&trial {CANARY}"), again)
    paths.environment("prod").write_text(text)
    with pytest.raises(UsageError, match="`components.again.canary"):
        taken(paths, ABORT)


def test_a_file_that_changed_in_the_meantime_is_not_overwritten(paths: RepositoryPaths) -> None:
    first = planning.planned(paths, asked(share(25)))
    second = planning.planned(paths, asked(ABORT))
    writing.write(paths, second.texts)
    with pytest.raises(StorageError, match="changed while the edit was worked out"):
        writing.write(paths, first.texts)
    assert state(paths) == State(OLD)


def test_an_interrupted_write_leaves_nothing_behind(paths: RepositoryPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    step = planning.planned(paths, asked(ABORT, "staged"))
    files = {path: text for path, text in tree(paths.root).items()}

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        writing.write(paths, step.texts)
    assert {path: text for path, text in tree(paths.root).items() if not path.startswith("generated")} == files


@pytest.mark.parametrize(
    ("args", "words", "hint"),
    [
        (("prod", "inferenc", "--abort"), "has no component `inferenc`", "`inference`"),
        (("prod", "model-store", "--abort"), "has no strategy", "`inference`"),
        (("prdo", "inference", "--abort"), "`prdo`", "`prod`"),
        (("prod", "inference"), "name one step", "legal ones"),
        (("prod", "inference", "--abort", "--finish"), "name one step", ""),
        (("prod", "inference", "--abort", "--own", "--shared"), "name two files", ""),
        (("prod", "inference", "--weight", "50"), "illegal step", "--weight 25"),
        (("prod", "inference", "--canary", "v1"), "in mid-trial", ""),
        (("prod", "inference", "--canary", " "), "`--canary` names no version", "`--canary VERSION`"),
        (("prod", "inference", "--weight", "25", "--path", "x"), "no `--canary` names one", "leave it out"),
    ],
)
def test_a_wrong_command_is_answered_by_the_right_one(  # noqa: PLR0917 - a row of the table
    args: tuple[str, ...], words: str, hint: str, paths: RepositoryPaths, aurora: CommandLine
) -> None:
    before = tree(aurora.folder)
    outcome = aurora("rollout", *args)
    assert outcome.code == 2 and words in outcome.err and hint in outcome.err
    assert tree(aurora.folder) == before


def test_a_file_with_errors_of_syntax_is_an_error_with_its_place(paths: RepositoryPaths, aurora: CommandLine) -> None:
    aurora.write("environments/prod.yaml", ENVIRONMENT + "\t- [\n")
    outcome = aurora("rollout", "prod", "inference", "--abort")
    assert outcome.code == 2 and "environments/prod.yaml:" in outcome.err and "Traceback" not in outcome.err


def test_a_step_names_a_start_or_one_of_the_others() -> None:
    assert request.move(canary="v1", weight=3, finish=False, abort=False) == Move(
        kind=Kind.START, version="v1", weight=3
    )
    assert request.move(canary=None, weight=0, finish=False, abort=False) == share(0)


@pytest.fixture
def means(paths: RepositoryPaths, real_toolbox: Toolbox, repository: RepositoryPaths) -> Means:
    """What a diff needs; the environments can be compiled."""
    for name in ("policies", "tetragon", "schemas"):
        (paths.root / name).symlink_to(repository.root / name)
    return Means(locate_tool=real_toolbox.locate, progress=lambda *_: None)


@pytest.mark.real_tools
def test_the_effect_of_a_step_is_that_of_a_diff(paths: RepositoryPaths, means: Means) -> None:
    api = ("components:\n", "components:\n  api: {kind: AuroraApi}\n")
    paths.environment("prod").write_text(changed(api))
    step = planning.planned(paths, asked(share(25)))
    with effects.edited(paths, step.texts) as after:
        found = effects.diff(paths, after, effects.verify(paths, after, step), means)
    assert [edit.what for edit in found.edits] == ["components.inference.canary.weight: 5 → 25"]
    assert {change.resource.kind for change in found.changes} == {"HTTPRoute", "MLDeployment"}
    assert found.findings == ()


@pytest.mark.real_tools
def test_the_effect_of_a_shared_step_names_every_environment_that_it_changes(
    paths: RepositoryPaths, means: Means
) -> None:
    pins = paths.environments / "bases" / "pins.yaml"
    pins.write_text(PINS.replace(f"{{version: {NEW}}}", f"{{version: {NEW}, weight: 50}}"))
    text = LAYERED.replace("    canary: {weight: 5, header: {}}  # on trial\n", "")
    for name in ("staged", "other"):
        own = text.replace("name: prod}", f"name: {name}}}")
        paths.environment(name).write_text(own.replace("components:\n", "components:\n  api: {kind: AuroraApi}\n"))
    step = planning.planned(paths, asked(FINISH, "staged", shared=True))
    with effects.edited(paths, step.texts) as after:
        found = effects.diff(paths, after, effects.verify(paths, after, step), means)
    assert found.environments == ("other", "staged")
    assert {change.environment for change in found.changes} == {"other", "staged"}
