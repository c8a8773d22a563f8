"""The older form of a policy is bound by its rules: actions, namespaces that it meets, namespaces that it keeps off."""

from __future__ import annotations

import pytest

from aurora.paths import RepositoryPaths
from aurora.policies import folders
from aurora_constructs.components.kyverno_policies import binding
from aurora_constructs.components.kyverno_policies.spec import Binding
from aurora_constructs.platform import Platform
from aurora_constructs.versions import Definitions

LACKING = Definitions(lacking=("policies.kyverno.io/GeneratingPolicy", "policies.kyverno.io/ValidatingPolicy"))


@pytest.fixture(scope="module")
def platform(repository: RepositoryPaths) -> Platform:
    texts = {**folders.read(repository), **folders.forms(repository)}
    own = Platform(environment="example").cluster.model_copy(update={"profile": "seed"})
    return Platform(environment="example", cluster=own, policies=texts, definitions={"seed": LACKING})


def bound(platform: Platform, name: str, given: Binding) -> dict[str, object]:
    text = platform.policy(name)
    assert text is not None
    return binding.bind(name, text, given)


@pytest.mark.parametrize(("action", "inner", "failing"), [("Audit", "Audit", "Ignore"), ("Deny", "Enforce", "Fail")])
def test_the_action_is_that_of_each_rule(platform: Platform, action: str, inner: str, failing: str) -> None:
    given = Binding.model_validate({"action": action, "namespaces": ["shop", "bank"]})
    policy = bound(platform, "disallow-latest-tag", given)
    spec = policy["spec"]
    assert isinstance(spec, dict)
    assert spec["failurePolicy"] == failing
    (rule,) = spec["rules"]
    assert rule["validate"]["failureAction"] == inner
    assert [entry["resources"]["namespaces"] for entry in rule["match"]["any"]] == [["bank", "shop"]]


def test_namespaces_that_it_keeps_off_are_added(platform: Platform) -> None:
    policy = bound(platform, "add-default-networkpolicy", Binding(except_namespaces=["shop"]))
    (rule,) = policy["spec"]["rules"]  # type: ignore[index]
    assert "namespaces" not in rule["match"]["any"][0]["resources"]
    assert {"kube-system", "shop"} <= set(rule["exclude"]["any"][0]["resources"]["names"])


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("disallow-latest-tag", {"namespaces": ["shop"]}, "say `action: Audit` or `action: Deny`"),
        ("disallow-latest-tag", {"action": "Audit", "namespaces": ["kyverno"]}, "keeps off namespace `kyverno`"),
        ("add-default-networkpolicy", {"action": "Audit", "exceptNamespaces": ["shop"]}, "it has no action"),
        (
            "restrict-image-registries",
            {"action": "Audit", "namespaces": ["shop"], "variables": {"registries": ["a.example.com"]}},
            "has no variables",
        ),
    ],
)
def test_what_does_not_fit_is_refused(platform: Platform, name: str, given: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        bound(platform, name, Binding.model_validate(given))


def test_the_form_is_chosen_by_the_kinds_that_the_cluster_has(platform: Platform) -> None:
    assert (platform.policy("disallow-latest-tag") or {})["kind"] == "ClusterPolicy"
    assert platform.policy("disallow-privilege") is None
    current = Platform(environment="example", policies=platform.policies, definitions={"current": Definitions()})
    assert (current.policy("disallow-latest-tag") or {})["kind"] == "ValidatingPolicy"
