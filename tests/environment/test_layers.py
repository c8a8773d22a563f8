"""Layers: which files are laid over each other, what may not be named, and where each value comes from."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aurora.environment.layers import MAX_LAYERS, load_layers
from aurora.errors import UsageError
from environment.toys import HEAD, SERVING, STORE, load_toy, repository, shown

EXTENDING = "extends: [bases/low.yaml, bases/high.yaml]\n"


def test_layers_lie_lowest_first_and_the_file_itself_on_top(tmp_path: Path) -> None:
    paths = repository(
        tmp_path,
        {
            "prod.yaml": HEAD + "extends: [bases/low.yaml, bases/high.yaml]\ncomponents: {store: {kind: Store}}\n",
            "bases/low.yaml": "components: {store: {size: 1Gi, backup: other}, other: {kind: Store, size: 7Gi}}\n",
            "bases/high.yaml": "components: {store: {size: 2Gi, backup: null}}\n",
        },
    )
    environment = load_toy(paths)
    assert environment.spec.components == {
        "store": {"kind": "Store", "size": "2Gi"},
        "other": {"kind": "Store", "size": "7Gi"},
    }
    assert environment.spec.extends == ["bases/low.yaml", "bases/high.yaml"]
    tree = load_layers(paths, "prod").tree
    assert tree is not None
    assert str(tree.nearest(("components", "store", "size")).place) == "environments/bases/high.yaml:1:28"
    assert str(tree.nearest(("components", "store")).key) == "environments/prod.yaml:8:14"


def test_names_are_relative_to_the_layer_that_extends(tmp_path: Path) -> None:
    files = {
        "prod.yaml": HEAD + "extends: [bases/sizes/large.yaml]\ncomponents: {store: {kind: Store}}\n",
        "bases/sizes/large.yaml": "extends: [../any.yaml]\ncomponents: {store: {size: 9Gi}}\n",
        "bases/any.yaml": "components: {store: {size: 1Gi}}\n",
    }
    paths = repository(tmp_path, files)
    assert [layer.path for layer in load_layers(paths, "prod").layers] == [
        "environments/bases/any.yaml",
        "environments/bases/sizes/large.yaml",
        "environments/prod.yaml",
    ]
    assert load_toy(paths).spec.components["store"]["size"] == "9Gi"


def test_a_layer_that_two_layers_share_is_laid_down_once(tmp_path: Path) -> None:
    files = {
        "prod.yaml": HEAD + STORE + EXTENDING,
        "bases/low.yaml": "extends: [shared.yaml]\ncomponents: {store: {size: 2Gi}}\n",
        "bases/high.yaml": "extends: [shared.yaml]\n",
        "bases/shared.yaml": "components: {store: {size: 1Gi}}\n",
    }
    paths = repository(tmp_path, files)
    names = [layer.path.rpartition("/")[2] for layer in load_layers(paths, "prod").layers]
    assert names == ["shared.yaml", "low.yaml", "high.yaml", "prod.yaml"]


def test_what_a_layer_extends_is_no_part_of_the_environment(tmp_path: Path) -> None:
    files = {
        "prod.yaml": HEAD + STORE + "extends: [bases/low.yaml]\n",
        "bases/low.yaml": "extends: [high.yaml]\n",
        "bases/high.yaml": "externals: {}\n",
    }
    paths = repository(tmp_path, files)
    tree = load_layers(paths, "prod").tree
    assert load_toy(paths).spec.extends == ["bases/low.yaml"]
    assert tree is not None
    assert list(tree.nearest(("extends",)).overridden()) == []


def test_errors_stand_in_the_layer_that_makes_them(tmp_path: Path) -> None:
    files = {
        "prod.yaml": HEAD + STORE + EXTENDING,
        "bases/low.yaml": "components:\n  store:\n    backup: nobody\n",
        "bases/high.yaml": "cluster:\n  provider: none\n  provder: eks\n",
    }
    files["prod.yaml"] = files["prod.yaml"].replace("provider: bare-metal, ", "")
    assert [line.split(" => ")[0] for line in shown(repository(tmp_path, files))] == [
        (
            'bases/high.yaml:2:13 invalid-value: `cluster.provider` is `"none"`, '
            "must be one of `bare-metal`, `eks`, `aks`"
        ),
        "bases/high.yaml:3:3 unknown-key: `provder` is no key of `cluster`",
        (
            "bases/low.yaml:3:13 unknown-component: `components.store.backup` names `nobody`,"
            " and there is no such component"
        ),
    ]


def test_an_unknown_key_that_a_higher_layer_removes_is_found_all_the_same(tmp_path: Path) -> None:
    files = {
        "prod.yaml": HEAD + SERVING + "    canary: null\nextends: [bases/low.yaml]\n",
        "bases/low.yaml": "components:\n  inference:\n    canary: {version: v2, wait: 3}\n",
    }
    assert shown(repository(tmp_path, files)) == [
        ("bases/low.yaml:3:27 unknown-key: `wait` is no key of `components.inference.canary` => did you mean `weight`?")
    ]


def test_a_missing_key_points_at_its_parent_in_the_highest_layer(tmp_path: Path) -> None:
    files = {
        "prod.yaml": HEAD + "extends: [bases/low.yaml]\ncomponents:\n  store: {kind: Store}\n",
        "bases/low.yaml": "components:\n  store: {backup: store}\n",
    }
    assert shown(repository(tmp_path, files)) == [
        "9:3 missing-key: `components.store` has no `size` => add `size`: how much fits in"
    ]


def test_removing_a_key_that_must_be_there_points_at_the_removal(tmp_path: Path) -> None:
    files = {
        "prod.yaml": HEAD + "extends: [bases/low.yaml]\ncomponents:\n  store: {kind: Store, size: null}\n",
        "bases/low.yaml": "components:\n  store: {size: 1Gi}\n",
    }
    assert shown(repository(tmp_path, files)) == [
        "9:24 missing-key: `components.store.size` is removed here, and must be there => add `size`: how much fits in"
    ]


def test_removing_what_no_layer_says_is_a_typing_error(tmp_path: Path) -> None:
    files = {
        "prod.yaml": HEAD + SERVING + "    canry: null\nextends: [bases/low.yaml]\n",
        "bases/low.yaml": "components:\n  inference:\n    canary: {version: v2}\n",
    }
    assert shown(repository(tmp_path, files)) == [
        (
            "16:5 layer: `components.inference.canry` is null, which removes what lower layers say,"
            " and none says it => did you mean `canary`?"
        )
    ]


def test_layers_that_extend_each_other_are_named_in_a_circle(tmp_path: Path) -> None:
    files = {
        "prod.yaml": HEAD + STORE + "extends: [bases/a.yaml]\n",
        "bases/a.yaml": "extends: [b.yaml]\n",
        "bases/b.yaml": "extends:\n  - ../bases/a.yaml\n",
    }
    assert shown(repository(tmp_path, files)) == [
        (
            "bases/b.yaml:2:5 layer: layers extend each other: `environments/bases/a.yaml` →"
            " `environments/bases/b.yaml` → `environments/bases/a.yaml` => remove one of these entries"
        )
    ]


def test_an_environment_that_extends_itself_is_a_circle(tmp_path: Path) -> None:
    found = shown(repository(tmp_path, {"prod.yaml": HEAD + STORE + "extends: [prod.yaml]\n"}))
    assert [line.split(" => ")[0] for line in found] == [
        "9:11 layer: layers extend each other: `environments/prod.yaml` → `environments/prod.yaml`"
    ]


OUTSIDE = "name a file under `environments/`, relative to this one"
ENTRIES = {
    "bases/hihg.yaml": "`environments/bases/hihg.yaml` does not exist => did you mean `bases/high.yaml`?",
    "nowhere": "`environments/nowhere` does not exist => layers lie in `environments/bases/`",
    "bases": "`environments/bases` is no regular file => layers lie in `environments/bases/`",
    "bases/high.yaml/x": "`environments/bases/high.yaml/x` does not exist => did you mean `bases/high.yaml`?",
    "../secret.yaml": f"`../secret.yaml` leaves `environments/` => {OUTSIDE}",
    "bases/../../secret.yaml": f"`bases/../../secret.yaml` leaves `environments/` => {OUTSIDE}",
    "/etc/hostname": f"`/etc/hostname` leaves `environments/` => {OUTSIDE}",
    "bases/out.yaml": f"`bases/out.yaml` is a link that leaves `environments/` => {OUTSIDE}",
    "": f'`""` is no name of a file => {OUTSIDE}',
    "a\\0b": f'`"a\\u0000b"` is no name of a file => {OUTSIDE}',
    "a\\nb": f'`"a\\nb"` is no name of a file => {OUTSIDE}',
}


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_name_that_leads_to_no_layer_is_refused_at_its_entry(entry: str, tmp_path: Path) -> None:
    files = {"prod.yaml": HEAD + STORE + f'extends:\n  - "{entry}"\n', "bases/high.yaml": "externals: {}\n"}
    paths = repository(tmp_path, files)
    (tmp_path / "secret.yaml").write_text("externals: {}\n")
    (paths.environments / "bases/out.yaml").symlink_to(tmp_path / "secret.yaml")
    assert shown(paths) == [f"10:5 layer: {ENTRIES[entry]}"]


def test_a_place_on_this_machine_is_refused_even_inside_the_folder(tmp_path: Path) -> None:
    paths = repository(tmp_path, {"bases/high.yaml": "externals: {}\n"})
    inside = paths.environments / "bases/high.yaml"
    repository(tmp_path, {"prod.yaml": HEAD + STORE + f"extends: [{inside}]\n"})
    (found,) = shown(paths)
    assert found.startswith("9:11 layer: `/")
    assert found.endswith(f"leaves `environments/` => {OUTSIDE}")


def test_a_very_long_name_is_one_that_does_not_exist(tmp_path: Path) -> None:
    found = shown(repository(tmp_path, {"prod.yaml": HEAD + STORE + f"extends: [{'x' * 5000}]\n"}))
    assert len(found) == 1
    assert "does not exist" in found[0]
    assert len(found[0]) < 300


def test_a_link_inside_the_folder_is_followed_and_one_in_a_ring_is_not_there(tmp_path: Path) -> None:
    files = {"prod.yaml": HEAD + "extends: [bases/link.yaml, bases/ring.yaml]\n", "bases/real.yaml": STORE}
    paths = repository(tmp_path, files)
    (paths.environments / "bases/link.yaml").symlink_to("real.yaml")
    (paths.environments / "bases/ring.yaml").symlink_to("ring.yaml")
    assert [line.split(" => ")[0] for line in shown(paths)] == [
        "7:28 layer: `environments/bases/ring.yaml` does not exist"
    ]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    paths = repository(tmp_path, {"prod.yaml": HEAD + STORE + "extends: [pipe]\n"})
    os.mkfifo(paths.environments / "pipe")
    assert [line.split(" => ")[0] for line in shown(paths)] == ["9:11 layer: `environments/pipe` is no regular file"]


def test_an_environment_that_is_a_link_to_the_outside_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outside.yaml").write_text(HEAD + STORE)
    paths = repository(tmp_path, {})
    (paths.environments / "prod.yaml").symlink_to(tmp_path / "outside.yaml")
    assert shown(paths) == ["1:1 layer: `environments/prod.yaml` is a link that leaves `environments/`"]


LISTS = {
    "bases/high.yaml": '9:10 invalid-value: `extends` is `"bases/high.yaml"`, must be a list of files',
    "null": "9:10 invalid-value: `extends` is `null`, must be a list of files",
    "{a: b}": "9:1 invalid-value: `extends` is a mapping, must be a list of files",
    "[3]": "9:11 invalid-value: `extends.0` is `3`, must be the name of a file",
    "[[bases/high.yaml]]": "9:11 invalid-value: `extends.0` is a list, must be the name of a file",
    "[bases/high.yaml, bases/high.yaml]": "9:28 layer: `bases/high.yaml` is named twice",
}


@pytest.mark.parametrize("text", LISTS)
def test_what_is_extended_must_be_a_list_of_different_names(text: str, tmp_path: Path) -> None:
    files = {"prod.yaml": HEAD + STORE + f"extends: {text}\n", "bases/high.yaml": "externals: {}\n"}
    assert [line.split(" => ")[0] for line in shown(repository(tmp_path, files))] == [LISTS[text]]


def test_with_a_layer_missing_only_what_is_certain_is_reported(tmp_path: Path) -> None:
    text = HEAD.replace(", domain: ml.example.com", "") + SERVING.replace("storage: store", "storage: elsewhere")
    text += "    canary: null\n    debug: 3\nextends: [bases/lost.yaml]\n"
    assert [line.split(": ")[0] for line in shown(repository(tmp_path, {"prod.yaml": text}))] == [
        "17:12 invalid-value",
        "18:11 layer",
    ]


def test_every_broken_layer_is_reported_in_one_run(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "prod.yaml": HEAD + STORE + "extends: [bases/a.yaml, bases/b.yaml, bases/c.yaml, bases/d.yaml]\n",
        "bases/a.yaml": "a: [\n",
        "bases/b.yaml": b"\xff",
        "bases/c.yaml": "",
        "bases/d.yaml": "- 1\n",
    }
    found = shown(repository(tmp_path, files))
    assert [line.split(" ")[0] for line in found] == [
        "bases/a.yaml:2:1", "bases/b.yaml:1:1", "bases/c.yaml:1:1", "bases/d.yaml:1:1",
    ]  # fmt: skip
    assert {line.split(" ")[1] for line in found} == {"syntax:"}


def test_an_endless_row_of_layers_ends(tmp_path: Path) -> None:
    files = {f"bases/{number}.yaml": f"extends: [{number + 1}.yaml]\n" for number in range(MAX_LAYERS + 5)}
    found = shown(repository(tmp_path, {**files, "prod.yaml": HEAD + STORE + "extends: [bases/0.yaml]\n"}))
    assert [line.split(" => ")[0] for line in found] == [
        f"bases/{MAX_LAYERS - 2}.yaml:1:11 layer: there are more than {MAX_LAYERS} layers"
    ]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("prd", "did you mean `prod`?"),
        ("bases/low", "`aurora list` prints the environments"),
        ("../prod", "did you mean `prod`?"),
        ("", "`aurora list` prints the environments"),
        ("\0\x1b[31m", "`aurora list` prints the environments"),
        ("x" * 10_000, "`aurora list` prints the environments"),
    ],
)
def test_an_environment_that_is_not_there_is_a_usage_error(name: str, hint: str, tmp_path: Path) -> None:
    paths = repository(tmp_path, {"prod.yaml": HEAD + STORE, "bases/low.yaml": STORE})
    with pytest.raises(UsageError) as caught:
        load_toy(paths, name)
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 200
    assert caught.value.hint == hint
