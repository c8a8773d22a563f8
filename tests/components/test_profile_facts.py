"""What the definitions of a profile answer, and what the versions of charts install."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from aurora_constructs.charts import ChartRelease
from aurora_constructs.components.tetragon_policies import binding
from aurora_constructs.components.tetragon_policies.spec import TracingBinding
from aurora_constructs.platform import Platform
from aurora_constructs.versions import FEATURES, Definitions

MODE = "tracing-policy-mode"
DEFINITIONS = {
    "current": Definitions(versions={"kyverno": "1.19.0", "argo-cd": "3.5.1", "tetragon": "1.7.0"}),
    "seed": Definitions(versions={"kyverno": "1.13.2", "argo-cd": "2.14.11", "tetragon": "1.3.0"}),
}


def platform(profile: str) -> Platform:
    cluster = Platform(environment="example").cluster.model_copy(update={"profile": profile})
    return Platform(environment="example", cluster=cluster, definitions=DEFINITIONS)


@pytest.mark.parametrize(("version", "offered"), [("1.3.0", False), ("1.4.0", True), ("v2.0.0", True)])
def test_a_feature_is_there_since_a_minor_version(version: str, offered: bool) -> None:
    assert Definitions(versions={"tetragon": version}).offers(MODE) is offered


def test_what_nobody_lists_is_the_newest() -> None:
    assert all(Definitions().offers(feature) for feature in FEATURES)


@pytest.mark.parametrize(
    ("version", "stated", "profile", "words"),
    [
        ("3.9.0", "v1.19.0", "current", ""),
        ("3.9.0", "", "current", ""),
        ("3.3.4", "v1.13.2", "seed", ""),
        (
            "3.3.4",
            "",
            "current",
            "of the profile `seed`; the cluster's profile is `current`, whose definitions are those of 1.19.0",
        ),
        ("3.9.0", "v1.19.0", "seed", "of the profile `current`; the cluster's profile is `seed`"),
        ("3.9.0", "v1.18.0", "current", "kyverno 3.9.0 installs kyverno 1.19.0, not v1.18.0"),
        ("3.7.1", "v1.17.1", "seed", ""),
        ("9.9.9", "", "seed", ""),
    ],
)
def test_a_chart_belongs_to_the_profile_of_what_it_installs(
    version: str, stated: str, profile: str, words: str
) -> None:
    release = ChartRelease(repository="https://a.example.com", chart="kyverno", version=version, app_version=stated)
    found = [problem.message for problem in release.problems_of(platform(profile), "charts", "kyverno")]
    assert len(found) == bool(words)
    assert all(words in message for message in found)


POLICY = {
    "apiVersion": binding.API_VERSION,
    "kind": binding.KIND,
    "metadata": {"name": "watch"},
    "spec": {"kprobes": [{"call": "sys_write", "selectors": [{"matchActions": [{"action": "Post"}]}]}]},
}


def test_a_mode_is_stated_only_where_tetragon_knows_it() -> None:
    given = TracingBinding(namespaces=["shop"])
    assert binding.bind("watch", POLICY, given)["spec"]["options"] == [{"name": "policy-mode", "value": "monitor"}]
    assert "options" not in binding.bind("watch", POLICY, given, has_mode=False)["spec"]


def test_an_action_is_refused_where_monitoring_would_not_hold_it_back() -> None:
    killing = {**POLICY, "spec": {"kprobes": [{"selectors": [{"matchActions": [{"action": "Sigkill"}]}]}]}}
    given = TracingBinding(namespaces=["shop"])
    assert binding.bind("watch", killing, given)
    with pytest.raises(ValueError, match="has the action Sigkill, and this Tetragon knows no monitor mode"):
        binding.bind("watch", killing, given, has_mode=False)


def test_a_fact_is_no_map_to_which_another_fact_is_added() -> None:
    stated = {"repository": "https://a.example.com", "chart": "karpenter", "version": "1.0.0", "appVersion": "1.0.0"}
    assert ChartRelease.model_validate({**stated, "facts": {"settings": "name", "settingsOf.region": "region"}}).facts
    with pytest.raises(ValidationError, match="the fact at `settings` is one value"):
        ChartRelease.model_validate({**stated, "facts": {"settings": "name", "settings.clusterName": "name"}})
