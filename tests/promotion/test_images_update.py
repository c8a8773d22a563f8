"""`aurora images update` writes tags and digests where a stage pins them, and refuses what is no built image of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aurora.errors import StorageError, UsageError
from aurora.paths import RepositoryPaths
from aurora.promotion import built, image_pins
from aurora.promotion.built import Built
from aurora.rollout import writing
from commands.command_line import CommandLine, tree
from promotion.stages_in_git import NEW as NEW_VERSION
from promotion.stages_in_git import OTHER, commit, git, layer, own, pinned

DIGEST = "sha256:" + "a" * 64
NEW = Built(name="inference", tag="v3", digest=DIGEST)
ENTRY = {"name": "inference", "tag": "v3", "digest": DIGEST}


def listed(folder: Path, *entries: Any) -> Path:
    file = folder / "built.json"
    file.write_text(json.dumps({"images": entries}))
    return file


@pytest.fixture
def aurora(paths: RepositoryPaths, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(paths.root, monkeypatch, capsys)


def test_the_layer_of_the_stage_gets_tag_and_digest_and_nothing_else_changes(
    paths: RepositoryPaths, tmp_path: Path, aurora: CommandLine
) -> None:
    file, before = listed(tmp_path, ENTRY), tree(paths.environments)
    shown = aurora("images", "update", str(file), "dev", "--dry-run")
    assert shown.code == 0
    assert "images.inference.tag: v2 → v3 in environments/bases/dev.yaml\n" in shown.out
    assert f"images.inference.digest: {OTHER} → {DIGEST} in environments/bases/dev.yaml\n" in shown.out
    unasked = aurora("images", "update", str(file), "dev")
    assert unasked.code == 2 and "nothing was written" in unasked.err
    assert tree(paths.environments) == before
    assert aurora("images", "update", str(file), "dev", "--yes").code == 0
    after = tree(paths.environments)
    assert {name for name in after if after[name] != before.get(name)} == {"bases/dev.yaml"}
    wanted = before["bases/dev.yaml"].decode().replace("tag: v2", "tag: v3").replace(OTHER, DIGEST)
    assert pinned(paths, "dev") == wanted
    commit(paths)
    again = aurora("images", "update", str(file), "dev", "--yes")
    assert again.code == 0 and "nothing moves" in again.err and tree(paths.environments) == after


def test_environments_of_one_stage_are_edited_together_and_others_of_the_layer_are_named(
    paths: RepositoryPaths, tmp_path: Path, aurora: CommandLine
) -> None:
    text = own("more").replace("metadata:", "names: {partOf: other}\nmetadata:")
    paths.environment("more").write_text(text)
    paths.environment("same").write_text(own("same").replace("bases/same.yaml", "bases/dev.yaml"))
    more = paths.environments / "bases" / "more.yaml"
    image = f"images:\n  other: {{repository: registry.example.com/a/other, tag: v1, digest: {OTHER}}}"
    more.write_text(layer("dev", NEW_VERSION, "v1", OTHER).replace("images:", image))
    commit(paths)
    file = listed(tmp_path, ENTRY, {"name": "other", "tag": "v9", "digest": DIGEST})
    done = aurora("images", "update", str(file), "dev", "more", "--yes")
    assert done.code == 0, done.err
    assert "note: `same` is at the same stage" in done.err and "`prod`" not in done.err
    assert (
        "tag: v3" in pinned(paths, "dev") and "tag: v3" in pinned(paths, "more") and "tag: v9" in pinned(paths, "more")
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"images": [{**ENTRY, "tag": "latest"}]}, "`latest` is not a version"),
        ({"images": [{**ENTRY, "digest": "sha256:" + "A" * 64}]}, "images.0.digest"),
        ({"images": [{**ENTRY, "digest": DIGEST[:-1]}]}, "images.0.digest"),
        ({"images": [{**ENTRY, "tag": "v1 --push"}]}, "images.0.tag"),
        ({"images": [{**ENTRY, "name": "../x"}]}, "images.0.name"),
        ({"images": [{**ENTRY, "size": 1}]}, "images.0.size"),
        ({"images": [ENTRY, {**ENTRY, "tag": "v4"}]}, "lists `inference` twice"),
        ({"images": []}, "lists no built images"),
        ([ENTRY], "lists no built images"),
    ],
)
def test_a_file_that_lists_no_built_images_is_refused(content: Any, words: str, tmp_path: Path) -> None:
    file = tmp_path / "built.json"
    file.write_text(json.dumps(content))
    with pytest.raises(UsageError) as refused:
        built.read(file)
    assert words in str(refused.value) and refused.value.hint


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"\xff\xfe", b"[" * 200_000, b'{"images": [], "images": []}', b" " * (built.LARGEST + 1), b"NaN"],
)
def test_what_is_no_json_is_refused(raw: bytes, tmp_path: Path) -> None:
    file = tmp_path / "built.json"
    file.write_bytes(raw)
    with pytest.raises(UsageError) as refused:
        built.read(file)
    assert "built.json" in str(refused.value)


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be read"):
        built.read(tmp_path / "none.json")
    with pytest.raises(StorageError, match="cannot be read"):
        built.read(tmp_path)


def test_an_image_that_no_environment_has_is_refused_with_the_nearest_name(paths: RepositoryPaths) -> None:
    with pytest.raises(UsageError, match="`inferense`") as refused:
        image_pins.planned(paths, ["dev"], [NEW.model_copy(update={"name": "inferense"})])
    assert "`inference`" in (refused.value.hint or "")


def test_an_image_of_another_repository_is_refused(paths: RepositoryPaths) -> None:
    other = NEW.model_copy(update={"repository": "registry.example.com/elsewhere/inference"})
    with pytest.raises(UsageError, match="`dev` pulls it from"):
        image_pins.planned(paths, ["dev"], [other])


def test_two_stages_are_not_updated_at_once(paths: RepositoryPaths) -> None:
    with pytest.raises(UsageError, match="several stages: `dev` at `dev`, `prod` at `prod`"):
        image_pins.planned(paths, ["dev", "prod"], [NEW])


def test_what_is_not_committed_is_refused(paths: RepositoryPaths) -> None:
    file = paths.environments / "bases" / "dev.yaml"
    file.write_text(pinned(paths, "dev") + "# edited\n")
    with pytest.raises(UsageError, match="not committed"):
        image_pins.planned(paths, ["dev"], [NEW])
    git(paths.root, "checkout", "-q", ".")
    assert image_pins.planned(paths, ["dev"], [NEW]).texts


def test_a_file_that_changes_meanwhile_is_left_as_it_is(paths: RepositoryPaths) -> None:
    update = image_pins.planned(paths, ["dev"], [NEW])
    file = paths.environments / "bases" / "dev.yaml"
    file.write_text(pinned(paths, "dev") + "# meanwhile\n")
    before = tree(paths.environments)
    with pytest.raises(StorageError, match="changed while the edit"):
        writing.write(paths, update.texts)
    assert tree(paths.environments) == before


def test_an_anchor_that_carries_a_tag_elsewhere_is_refused(paths: RepositoryPaths) -> None:
    file = paths.environments / "bases" / "dev.yaml"
    shared = f"{{repository: registry.example.com/a/x, tag: v2, digest: {OTHER}}}"
    file.write_text(
        pinned(paths, "dev").replace(
            f'  inference: {{tag: v2, digest: "{OTHER}"}}', f"  inference: &it {shared}\n  x: *it"
        )
    )
    commit(paths)
    update = image_pins.planned(paths, ["dev"], [NEW])
    with pytest.raises(UsageError, match="would change too"):
        image_pins.verify(paths, update)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("dev",), "Missing argument"),
        (("built.json", "nowhere"), "`nowhere`"),
        (("none.json", "dev"), "cannot be read"),
    ],
)
def test_a_wrong_command_is_answered(
    args: tuple[str, ...], words: str, aurora: CommandLine, paths: RepositoryPaths
) -> None:
    listed(paths.root, ENTRY)
    found = aurora("images", "update", *args)
    assert found.code in {2, 3} and words in found.err and "Traceback" not in found.err
