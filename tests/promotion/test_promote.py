"""`aurora promote` moves pins between the layers of stages, and back, and refuses what nobody could take back."""

from __future__ import annotations

import shutil

import pytest
from filelock import FileLock

from aurora.environment.layers import load_layers
from aurora.errors import AuroraError, StorageError, UsageError
from aurora.paths import RepositoryPaths
from aurora.promotion import planning, proof, rollback
from aurora.promotion.planning import Promotion, Request
from aurora.rollout import effects, writing
from aurora.tools.installed import Toolbox
from commands.command_line import CommandLine, tree
from promotion.stages_in_git import BASE, DIGEST, NEW, NEWER, OLD, OTHER, commit, git, layer, own, pinned


def planned(paths: RepositoryPaths, component: str | None = None) -> Promotion:
    return planning.planned(paths, Request(source="dev", target="prod", component=component))


def taken(paths: RepositoryPaths, promotion: Promotion) -> tuple[str, ...]:
    with effects.edited(paths, promotion.texts) as after:
        proof.verify(paths, after, promotion)
    return writing.write(paths, promotion.texts)


def test_pins_move_into_the_layer_of_the_next_stage_and_a_model_goes_on_trial(paths: RepositoryPaths) -> None:
    before = pinned(paths, "dev"), paths.environment("prod").read_text()
    assert taken(paths, planned(paths)) == ("environments/bases/prod.yaml",)
    text = pinned(paths)
    assert f'  inference: {{tag: v2, digest: "{OTHER}"}}   # as tested\n' in text
    assert text.startswith("# Pins of prod.\nstage: prod\n")
    assert f"stable: {{version: {OLD}}}" in text and NEW in text
    found = load_layers(paths, "prod").tree
    assert found is not None
    canary = found.find(("components", "inference", "canary"))
    assert canary is not None and canary.plain() == {"version": NEW, "weight": 5}
    assert (pinned(paths, "dev"), paths.environment("prod").read_text()) == before


def test_one_component_moves_with_its_images_alone(paths: RepositoryPaths) -> None:
    with pytest.raises(UsageError, match="nothing to promote"):
        planned(paths, "model-store")
    assert {edit.steps[:2] for edit in planned(paths, "inference").edits} == {
        ("images", "inference"),
        ("components", "inference"),
    }
    with pytest.raises(UsageError, match="`inferenc`") as refused:
        planned(paths, "inferenc")
    assert "`inference`" in (refused.value.hint or "")


def test_a_version_that_nobody_declared_is_declared_where_it_is_promoted(paths: RepositoryPaths) -> None:
    bases = paths.environments / "bases"
    external = f"  second: {{kind: ModelVersion, name: housing/{NEW}, reason: published before}}\n"
    (bases / "all.yaml").write_text(BASE.replace(external, ""))
    (bases / "dev.yaml").write_text(pinned(paths, "dev") + f"externals:\n{external}")
    commit(paths)
    taken(paths, planned(paths))
    found = load_layers(paths, "prod").tree
    declared = found.find(("externals", "second")) if found else None
    assert declared is not None and declared.plain() == {
        "kind": "ModelVersion",
        "name": f"housing/{NEW}",
        "reason": "published before",
    }


def test_a_model_in_mid_trial_stays_and_says_why(paths: RepositoryPaths) -> None:
    text = pinned(paths).replace(
        f"{{version: {OLD}}}", f"{{version: {OLD}}}\n    canary: {{version: {NEWER}, weight: 5}}"
    )
    (paths.environments / "bases" / "prod.yaml").write_text(text)
    commit(paths)
    found = planned(paths)
    assert {edit.steps[0] for edit in found.edits} == {"images"}
    assert len(found.stays) == 1 and "in mid-trial" in found.stays[0]


def test_a_pin_of_a_layer_of_several_stages_is_written_into_that_of_the_stage(paths: RepositoryPaths) -> None:
    bases = paths.environments / "bases"
    (bases / "dev.yaml").write_text(pinned(paths, "dev") + 'cluster: {kubernetes: "1.34"}\n')
    commit(paths)
    taken(paths, planned(paths))
    assert (bases / "all.yaml").read_text() == BASE
    assert 'kubernetes: "1.34"' in pinned(paths)


def test_the_way_back_gives_what_the_last_tag_had(paths: RepositoryPaths) -> None:
    released = load_layers(paths, "prod").tree
    taken(paths, planned(paths))
    commit(paths, "promote")
    taken(paths, rollback.planned(paths, "prod", None, None))
    now = load_layers(paths, "prod").tree
    assert now and released and now.plain() == released.plain()
    commit(paths, "back")
    with pytest.raises(UsageError, match="has the pins that it had at `v1.0.0`"):
        rollback.planned(paths, "prod", None, None)
    with pytest.raises(UsageError, match="no Git revision `v9`"):
        rollback.planned(paths, "prod", None, "v9")


def test_a_tag_of_the_last_commit_is_not_what_it_goes_back_to(paths: RepositoryPaths) -> None:
    taken(paths, planned(paths))
    commit(paths, "promote")
    git(paths.root, "tag", "v1.1.0")
    assert any(edit.value == "v1" for edit in rollback.planned(paths, "prod", None, None).edits)


def test_without_a_tag_there_is_no_way_back(paths: RepositoryPaths) -> None:
    git(paths.root, "tag", "-d", "v1.0.0")
    commit_text = pinned(paths) + "# more\n"
    (paths.environments / "bases" / "prod.yaml").write_text(commit_text)
    commit(paths)
    with pytest.raises(UsageError, match="has a tag"):
        rollback.planned(paths, "prod", None, None)


def test_what_is_not_committed_is_refused(paths: RepositoryPaths) -> None:
    for file in ("environments/bases/prod.yaml", "generated/prod/a/b.yaml", "policies/a/policy.yaml"):
        target = paths.root / file
        before = target.read_bytes() if target.exists() else None
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((before or b"") + b"# edited\n")
        with pytest.raises(UsageError, match="not committed"):
            planned(paths)
        if before is None:
            target.unlink()
        else:
            target.write_bytes(before)
    # What nobody compiles does not count.
    (paths.root / "notes.txt").write_text("x")
    assert planned(paths).edits


def test_a_merge_under_way_is_refused(paths: RepositoryPaths) -> None:
    (paths.root / ".git" / "MERGE_HEAD").write_text("0" * 40)
    with pytest.raises(UsageError, match="a merge is under way"):
        planned(paths)


def test_without_git_nothing_is_promoted(paths: RepositoryPaths) -> None:
    (paths.root / ".git").rename(paths.root / "no-git")
    with pytest.raises(UsageError, match="in no Git repository"):
        planned(paths)


def test_no_stage_is_skipped_and_none_goes_back(paths: RepositoryPaths) -> None:
    bases = paths.environments / "bases"
    (bases / "staging.yaml").write_text(layer("staging", OLD, "v1", DIGEST))
    paths.environment("staging").write_text(own("staging"))
    commit(paths)
    with pytest.raises(UsageError, match="`staging` is at a stage between") as refused:
        planned(paths)
    assert "`aurora promote dev staging` first" in (refused.value.hint or "")
    with pytest.raises(UsageError, match="does not come after"):
        planning.planned(paths, Request(source="prod", target="dev"))
    # Another platform's stage is no stage of this one.
    paths.environment("staging").write_text(own("staging") + "names: {partOf: other}\n")
    commit(paths)
    assert planned(paths).edits
    (bases / "prod.yaml").write_text(pinned(paths).replace("stage: prod\n", ""))
    commit(paths)
    with pytest.raises(UsageError, match="`prod` is at no stage"):
        planned(paths)


def test_two_promotions_at_once_lose_nothing(paths: RepositoryPaths) -> None:
    first, second = planned(paths), planned(paths, "inference")
    before = pinned(paths)
    paths.generated.mkdir(exist_ok=True)
    with FileLock(paths.generated / ".lock"), pytest.raises(StorageError, match="another `aurora`"):
        writing.write(paths, first.texts)
    assert pinned(paths) == before
    writing.write(paths, second.texts)
    with pytest.raises(StorageError, match="changed while the edit was worked out"):
        writing.write(paths, first.texts)


def test_environments_of_the_same_stage_that_get_the_pins_too_are_named(paths: RepositoryPaths) -> None:
    paths.environment("prod-b").write_text(own("prod-b").replace("bases/prod-b.yaml", "bases/prod.yaml"))
    commit(paths)
    promotion = planned(paths)
    with effects.edited(paths, promotion.texts) as after:
        assert proof.verify(paths, after, promotion) == ("prod-b",)


def test_a_file_with_errors_of_syntax_is_an_error_with_its_place(paths: RepositoryPaths) -> None:
    file = paths.environments / "bases" / "prod.yaml"
    file.write_text(pinned(paths) + "\t- [\n")
    files = tree(paths.environments)
    with pytest.raises(AuroraError) as refused:
        planned(paths)
    assert "Traceback" not in str(refused.value)
    assert tree(paths.environments) == files


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("dev",), "name two environments"),
        (("dev", "prod", "--rollback"), "takes one environment"),
        (("dev", "prod", "--tag", "v1"), "goes with `--rollback`"),
        (("dev", "prdo"), "`prdo`"),
        (("dev", "dev"), "does not come after"),
    ],
)
def test_a_wrong_command_is_answered(  # noqa: PLR0917 - a row of the table
    args: tuple[str, ...],
    words: str,
    paths: RepositoryPaths,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    outcome = CommandLine(paths.root, monkeypatch, capsys)("promote", *args)
    assert outcome.code == 2 and words in outcome.err


@pytest.mark.real_tools
def test_the_command_shows_the_effect_and_writes_only_when_told(  # noqa: PLR0917 - fixtures
    paths: RepositoryPaths,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    real_toolbox: Toolbox,
    repository: RepositoryPaths,
) -> None:
    assert real_toolbox.locate("server-validation")
    for name in ("policies", "tetragon", "schemas"):
        shutil.copytree(repository.root / name, paths.root / name)
    commit(paths)
    aurora = CommandLine(paths.root, monkeypatch, capsys)
    before = pinned(paths)
    shown = aurora("promote", "dev", "prod", "--dry-run")
    assert shown.code == 0 and "images.inference.tag: v1 → v2" in shown.err and "HTTPRoute" in shown.out
    assert aurora("promote", "dev", "prod").code == 2 and pinned(paths) == before
    assert aurora("promote", "dev", "prod", "--yes").code == 0 and pinned(paths) != before
