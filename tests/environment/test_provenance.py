"""Where values come from: their places, what they overrode, and the defaults that nobody wrote."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurora.environment.provenance import Explanation, explain
from aurora.errors import InputError, UsageError
from aurora.paths import RepositoryPaths
from environment.toys import HEAD, KINDS, SERVING, repository

FILES = {
    "prod.yaml": HEAD
    + """\
extends: [bases/low.yaml, bases/high.yaml]
components:
  inference:
    kind: Serving
    stable: {version: v3}
    canary: null
    peers: [second]
    debug: null
  second: {kind: Serving, namespace: aurora, model: other, stable: {version: v1}}
""",
    "bases/low.yaml": """\
components:
  inference:
    namespace: aurora
    model: housing
    stable: {version: v1, weight: 90}
    canary: {version: v9}
    peers: [first, third]
    labels: {team: a, app.example.com/tier: web}
    debug: true
""",
    "bases/high.yaml": """\
components:
  inference:
    stable: {version: v2}
    labels: {team: b}
""",
}


@pytest.fixture
def paths(tmp_path: Path) -> RepositoryPaths:
    """Three layers."""
    return repository(tmp_path, FILES)


def told(explanation: Explanation) -> str:
    """Write an explanation in one line: value, origin, and what was overridden."""
    origin = explanation.default or str(explanation.place).replace("environments/", "")
    older = [f"{value!r} {str(place).replace('environments/', '')}" for value, place in explanation.overridden]
    return " < ".join([f"{explanation.value!r} {origin}", *older])


TOLD = {
    "components.inference.stable.version": (
        "'v3' prod.yaml:11:23 < 'v2' bases/high.yaml:3:23 < 'v1' bases/low.yaml:5:23"
    ),
    "/components/inference/stable/version": (
        "'v3' prod.yaml:11:23 < 'v2' bases/high.yaml:3:23 < 'v1' bases/low.yaml:5:23"
    ),
    "components.inference.stable.weight": "90 bases/low.yaml:5:35",
    "components.inference.model": "'housing' bases/low.yaml:4:12",
    "components.inference.labels.team": "'b' bases/high.yaml:4:20 < 'a' bases/low.yaml:8:20",
    "/components/inference/labels/app.example.com~1tier": "'web' bases/low.yaml:8:45",
    "components.inference.peers.0": "'second' prod.yaml:13:13 < 'first' bases/low.yaml:7:13",
    "components.inference.image": "'server' default of Serving",
    "components.inference.probe.seconds": "10 default of Serving",
    "components.second.stable.weight": "100 default of Track",
    "components.inference.debug": "False default of Serving < None prod.yaml:14:12 < True bases/low.yaml:9:12",
    "components.inference.canary": (
        "None default of Serving < None prod.yaml:12:13 < {'version': 'v9'} bases/low.yaml:6:5"
    ),
    "components.second.storage": "None default of Serving",
    "gitops.production": "False default of GitOps",
    "waivers": "[] default of Environment",
    "extends.1": "'bases/high.yaml' prod.yaml:7:27",
    "cluster.kubernetes": "'1.35' prod.yaml:4:45",
}


def only(paths: RepositoryPaths, path: str) -> str:
    (explanation,) = explain(paths, "prod", path, kinds=KINDS)
    return told(explanation)


def leaves(paths: RepositoryPaths, path: str) -> dict[str, str]:
    explanations = explain(paths, "prod", path, kinds=KINDS)
    shown = {explanation.path: told(explanation) for explanation in explanations}
    assert len(shown) == len(explanations)
    return shown


@pytest.mark.parametrize("path", TOLD)
def test_a_value_has_an_origin_and_a_history(path: str, paths: RepositoryPaths) -> None:
    assert only(paths, path) == TOLD[path]


def test_a_mapping_or_list_is_explained_by_its_leaves(paths: RepositoryPaths) -> None:
    names = ("components.inference.stable.version", "components.inference.stable.weight")
    assert leaves(paths, "components.inference.stable") == {name: TOLD[name] for name in names}
    assert leaves(paths, "components.inference.peers") == {
        "components.inference.peers.0": TOLD["components.inference.peers.0"]
    }


def test_a_default_that_is_a_mapping_has_leaves_too(paths: RepositoryPaths) -> None:
    assert list(leaves(paths, "components.inference.probe").values()) == [
        "'/healthz' default of Serving",
        "10 default of Serving",
    ]


def test_an_empty_path_explains_everything(paths: RepositoryPaths) -> None:
    everything = leaves(paths, "")
    assert set(everything) >= {"components.inference.stable.weight", "components.inference.canary", "metadata.name"}
    for path, line in everything.items():
        assert only(paths, path) == line


def test_what_all_layers_together_removed_is_told_at_its_removal(tmp_path: Path) -> None:
    files = {
        "prod.yaml": HEAD + SERVING + "    labels: {team: null}\nextends: [low.yaml]\n",
        "low.yaml": "components: {inference: {labels: {team: a, other: b}}}\n",
    }
    paths = repository(tmp_path, files)
    assert only(paths, "components.inference.labels.team") == "None prod.yaml:16:20 < 'a' low.yaml:1:41"
    assert list(leaves(paths, "components.inference.labels")) == ["components.inference.labels.other"]


UNKNOWN = {
    "components.inference.stable.wieght": "did you mean `components.inference.stable.weight`?",
    "componets.inferense.stabel.wieght": "did you mean `components.inference.stable.weight`?",
    "components.inference.stable.version.x": "the nearest path is `components.inference.stable.version`",
    "components.inference.peers.7": "`components.inference.peers` has `0`",
    "components.nothing": "`components` has `inference`, `second`",
    "/components/inference/labels/app.exampel.com~1tier": (
        "did you mean `/components/inference/labels/app.example.com~1tier`?"
    ),
    "xyz": "paths begin with",
    "components..inference": "`components` has `inference`, `second`",
}


@pytest.mark.parametrize("path", UNKNOWN)
def test_an_unknown_path_is_a_usage_error_with_the_nearest_one(path: str, paths: RepositoryPaths) -> None:
    with pytest.raises(UsageError) as caught:
        explain(paths, "prod", path, kinds=KINDS)
    assert caught.value.message == f"environment `prod` has no `{path}`"
    assert str(caught.value.hint).startswith(UNKNOWN[path])


def test_an_environment_need_not_be_valid_to_be_explained(tmp_path: Path) -> None:
    paths = repository(tmp_path, {"prod.yaml": "components:\n  a: {kind: Nothing, size: {x: yes}}\nmore: [1]\n"})
    assert only(paths, "components.a.size.x") == "True prod.yaml:2:32"
    assert only(paths, "more.0") == "1 prod.yaml:3:8"


@pytest.mark.parametrize("text", ["a: [\n", HEAD + "extends: [lost.yaml]\n"])
def test_an_environment_that_is_not_all_there_cannot_be_explained(text: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        explain(repository(tmp_path, {"prod.yaml": text}), "prod", "cluster", kinds=KINDS)
    assert caught.value.findings


@given(st.sampled_from(sorted(TOLD)), st.data())
def test_a_path_with_one_letter_lost_leads_back(path: str, data: st.DataObject) -> None:
    steps = path.removeprefix("/").split("/" if path.startswith("/") else ".")
    index = data.draw(st.sampled_from([at for at, step in enumerate(steps) if len(step) > 6] or [0]))
    letter = data.draw(st.integers(0, len(steps[index]) - 1))
    steps[index] = steps[index][:letter] + steps[index][letter + 1 :]
    joint = "/" if path.startswith("/") else "."
    misspelt = ("/" if joint == "/" else "") + joint.join(steps)
    with tempfile.TemporaryDirectory() as folder, pytest.raises(UsageError) as caught:
        explain(repository(Path(folder), FILES), "prod", misspelt, kinds=KINDS)
    meant = path if "~1" in path else path.removeprefix("/").replace("/", ".")
    assert caught.value.hint == f"did you mean `{meant}`?"
