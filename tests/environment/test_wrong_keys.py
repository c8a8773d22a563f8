"""Keys, kinds and names that are unknown, missing or not allowed.

A case is a text that follows `HEAD` (lines 1 to 6) and the one finding: `line:column rule: message => hint`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from environment.toys import HEAD, SERVING, STORE, repository, shown

CASES: dict[str, tuple[str, str]] = {
    "unknown key at the top": (
        STORE + "cluter: {}\n",
        "9:1 unknown-key: `cluter` is no key of an environment => did you mean `cluster`?",
    ),
    "unknown key that is near to nothing": (
        STORE.replace("size", "zzz: 1, size"),
        "8:24 unknown-key: `zzz` is no key of `components.store` => `components.store` knows `backup`, `kind`, `size`",
    ),
    "misspelt key that leaves the right one missing": (
        STORE.replace("size", "sise"),
        "8:24 unknown-key: `sise` is no key of `components.store` => did you mean `size`?",
    ),
    "key in Python's spelling": (
        SERVING + "    route: {type: ingress, host: a.example.com, class_name: x}\n",
        "16:49 unknown-key: `class_name` is no key of `components.inference.route` => did you mean `className`?",
    ),
    "unknown key deep in a component": (
        SERVING + "      wieght: 10\n",
        "16:7 unknown-key: `wieght` is no key of `components.inference.stable` => did you mean `weight`?",
    ),
    "unknown key in a list's mapping": (
        SERVING + "    sources:\n      - folder: a\n      - bucket: b\n        prefex: c\n",
        "19:9 unknown-key: `prefex` is no key of `components.inference.sources.1` => did you mean `prefix`?",
    ),
    "unknown kind": (
        STORE.replace("Store", "Stoer"),
        "8:17 unknown-kind: `components.store.kind` is `Stoer`, which is no component kind => did you mean `Store`?",
    ),
    "unknown kind that is near to nothing": (
        STORE.replace("Store", "Queue"),
        (
            "8:17 unknown-kind: `components.store.kind` is `Queue`, which is no component kind"
            " => there are `Serving`, `Store`"
        ),
    ),
    "component without kind": (
        "components:\n  store: {size: 10Gi}\n",
        "8:3 missing-key: `components.store` has no `kind` => `aurora list` prints the kinds",
    ),
    "component with a misspelt kind's key": (
        "components:\n  store: {knd: Store, size: 10Gi}\n",
        "8:3 missing-key: `components.store` has no `kind` => did you mean `kind` by `knd`?",
    ),
    "component that is a list": (
        "components:\n  store: [Store]\n",
        (
            "8:3 invalid-value: `components.store` is a list, must be a mapping => meaning of `store`:"
            " the components by name; each is validated against the specification of its kind"
        ),
    ),
    "components that are a list": (
        "components:\n  - store\n",
        (
            "7:1 invalid-value: `components` is a list, must be a mapping => meaning of `components`:"
            " the components by name; each is validated against the specification of its kind"
        ),
    ),
    "no components at all": (
        "components: {}\n",
        (
            "7:1 invalid-value: `components` is an empty mapping, must have at least 1 entry => meaning of"
            " `components`: the components by name; each is validated against the specification of its kind"
        ),
    ),
    "name of a component that is no DNS label": (
        STORE.replace("store:", "My_Store:"),
        (
            "8:3 invalid-value: the name `My_Store` in `components` must be a DNS label: lower-case letters,"
            " digits, and `-` inside"
        ),
    ),
    "name of a component that tries a path": (
        STORE.replace("store:", '"../../x":'),
        (
            "8:3 invalid-value: the name `../../x` in `components` must be a DNS label: lower-case letters,"
            " digits, and `-` inside"
        ),
    ),
    "reserved name": (
        STORE.replace("store:", "argocd:"),
        "8:3 reserved-name: the name `argocd` is reserved for what Aurora makes of all components => rename it",
    ),
    "missing key": (
        "components:\n  store:\n    kind: Store\n",
        "8:3 missing-key: `components.store` has no `size` => add `size`: how much fits in",
    ),
    "missing key in a list's mapping": (
        STORE + "externals:\n  vault:\n    kind: Secret\n    name: token\n",
        "10:3 missing-key: `externals.vault` has no `reason` => add `reason`: who owns it",
    ),
    "union without its discriminator": (
        SERVING + "    route: {host: a.example.com}\n",
        "16:5 missing-key: `components.inference.route` has no `type` => add `type`: one of `gateway`, `ingress`",
    ),
    "waiver without a reason": (
        STORE + 'waivers:\n  - {rule: a/b, kind: Pod, name: x, expires: "2026-01-01"}\n',
        (
            "10:5 missing-key: `waivers.0` has no `reason` => add `reason`: why the rule does not apply, for those who"
            " read the report"
        ),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_named_at_its_place(name: str, tmp_path: Path) -> None:
    text, expected = CASES[name]
    assert shown(repository(tmp_path, {"prod.yaml": HEAD + text})) == [expected]


def test_a_layer_may_leave_the_provider_of_its_pools_to_another_one(tmp_path: Path) -> None:
    high = "extends: [low.yaml]\ncluster: {pools: {main: {machine: t3.large, minimum: 1, maximum: 2, %s: spot}}}\n"
    facts = (
        "cluster: {provider: eks, name: a, region: eu-west-1, account: '123456789012', kubernetes: '1.35', "
        "domain: ml.example.com, apiServerCidrs: [10.0.0.0/28], identity: {type: pod-identity}}\n"
    )
    head = "\n".join(line for line in HEAD.splitlines() if not line.startswith("cluster:")) + "\n"
    files = {"bases/low.yaml": facts, "prod.yaml": head + "extends: [bases/high.yaml]\n" + STORE}
    assert shown(repository(tmp_path / "good", {**files, "bases/high.yaml": high % "capacity"})) == []
    (found,) = shown(repository(tmp_path / "bad", {**files, "bases/high.yaml": high % "capacty"}))
    assert "`capacty` is no key of `cluster.pools.main` => did you mean `capacity`?" in found
