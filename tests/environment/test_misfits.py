"""What is wrong with a whole environment comes at once: each line with its file, line, column and a hint that helps."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora.environment.fitness import Texts
from aurora.environment.load import load
from aurora.errors import InputError
from aurora.paths import RepositoryPaths

POLICY = {
    "apiVersion": "policies.kyverno.io/v1",
    "kind": "ValidatingPolicy",
    "metadata": {"name": "restrict"},
    "spec": {"validations": []},
}
TEXTS = Texts(policies={"restrict": POLICY}, tracing={})
ENVIRONMENT = """\
apiVersion: aurora/v1
kind: Environment
metadata: {name: prod}
stage: prod
cluster: {provider: bare-metal, kubernetes: "1.35", domain: ml.example.com, apiServerCidrs: [10.0.0.10/32]}
gitops: {repository: "https://git.example.com/a.git", revision: v1}
images:
  trainer: &image {repository: registry.example.com/trainer, tag: v1, digest: "sha256:DIGEST"}
  inference: *image
components:
  namespaces: {kind: Namespaces, namespaces: {aurora: {enforce: restricted}, edge: {enforce: baseline}}}
  network: {kind: NetworkBaseline, namespaces: [aurora]}
  secrets:
    kind: SecretStore
    namespace: aurora
    namespaces: [aurora]
    provider: {type: vault, server: "https://vault.example.com", path: aurora, role: aurora}
  model-store:
    kind: ModelStore
    namespace: aurora
    size: 10Gi
    volume: {type: cephfs, filesystem: models}
    models: [housing, wine]
  edge: {kind: Edge, namespace: edge, acme: {email: a@example.com}, loadBalancers: [192.0.2.0/24]}
  first: {kind: ModelServing, namespace: aurora, model: wine, stable: {version: v20260901-120000, replicas: 2}}
  second:
    kind: ModelServing
    namespace: aurora
    model: housing
    host: second.example.com
    stable: {version: v20260901-120000, replicas: 2}
  policies: {kind: KyvernoPolicies, policies: {restrict: {action: Deny, namespaces: [aurora]}}}
  proxies: {kind: EdgeProxy, namespace: edge}
externals:
  housing: {kind: ModelVersion, name: housing/v20260901-120000, reason: published before}
  wine: {kind: ModelVersion, name: wine/v20260901-120000, reason: published before}
""".replace("DIGEST", "0" * 64)

# What is replaced, by what, and what is said of it: line and column, rule, words, hint.
MISTAKES = [
    ("stage: prod\n", "stage: production\n", "4:8 unknown-stage", "stages", "the order is `dev`, `staging`, `prod`"),
    ("stage: prod\n", "stage: stagin\n", "4:8 unknown-stage", "none of the repository's stages", "`staging`"),
    ('kubernetes: "1.35"', "kubernetes: 1.30", "5:45 invalid-value", "must be a string", 'quote it: `"1.30"`'),
    (
        "provider: bare-metal,",
        "provider: bare-metal, tenant: a,",
        "5:33 unknown-key",
        "`tenant` is no key of `cluster`",
        "`provider: aks`",
    ),
    ("namespaces: [aurora]}\n  secrets", "namespaces: [aurroa]}\n  secrets", "12:49", "no such namespace", "`aurora`?"),
    (
        "namespace: aurora\n    size",
        "namespace: arora\n    size",
        "20:16",
        "no such namespace",
        "did you mean `aurora`",
    ),
    (
        '{type: vault, server: "https://vault.example.com", path: aurora, role: aurora}',
        "{type: cloud, resource: secrets, identity: web}",
        "17:39 misfit",
        "a bare-metal cluster is in no cloud, so there is no resource `secrets`",
        "`cluster.resources`",
    ),
    (
        "    volume: {type: cephfs, filesystem: models}\n",
        "",
        "18:3 misfit",
        "has no shared storage",
        "`cluster.storage.shared`",
    ),
    ("acme: {email: a@example.com}, ", "", "24:3 misfit", "nobody would issue its certificates", "`acme: {email: …}`"),
    (", loadBalancers: [192.0.2.0/24]", "", "24:3 misfit", "lets nobody in", "`cluster.edge.loadBalancers`"),
    ("model: wine", "model: whine", "25:57 misfit", "has no model `whine`", "did you mean `wine`? `model-store` has"),
    ("model: housing\n", "model: iris\n", "29:12 misfit", "has no model `iris`", "has the models `housing`, `wine`"),
    ("    host: second.example.com\n", "    host: inference.ml.example.com\n", "30:11 misfit", "both claim", "`host`"),
    ("{version: v20260901-120000, replicas: 2}\n  pol", "{version: v1, replicas: 2}\n  pol", "31:23", "such as", ""),
    ("policies: {restrict:", "policies: {restrct:", "32:48 misfit", "no policy `restrct`", "did you mean `restrict`"),
    ("action: Deny, ", "", "32:48 misfit", "judges objects", ""),
    (
        "name: housing/v20260901-120000",
        "name: housing/v20260901-130000",
        "31:23 misfit",
        "no run publishes version `v20260901-120000` of `housing`",
        "`name: housing/v20260901-120000`",
    ),
    ("name: wine/v20260901-120000", "name: wine", "36:3 invalid-value", "names no version of a model", ""),
    (
        "{kind: NetworkBaseline, namespaces: [aurora]}",
        "{kind: ModelServing, namespace: aurora, model: wine, storage: store, stable: {version: v1, replicas: 2}}",
        "12:74 unknown-component",
        "no such component",
        "`model-store`",
    ),
]


def found(folder: Path, text: str) -> list[str]:
    (folder / "environments").mkdir(exist_ok=True)
    (folder / "environments" / "prod.yaml").write_text(text)
    try:
        load(RepositoryPaths(folder), "prod", texts=TEXTS)
    except InputError as error:
        return [
            f"{finding.place} {finding.rule.removeprefix('environment/')}: {finding.message} => {finding.hint or ''}"
            for finding in error.findings
        ]
    return []


def test_the_environment_itself_is_sound(tmp_path: Path) -> None:
    assert found(tmp_path, ENVIRONMENT) == []


@pytest.mark.parametrize("mistake", MISTAKES, ids=[f"{number}-{entry[2]}" for number, entry in enumerate(MISTAKES)])
def test_a_mistake_is_found_at_its_place_with_a_hint(mistake: tuple[str, str, str, str, str], tmp_path: Path) -> None:
    before, after, place, words, hint = mistake
    assert ENVIRONMENT.count(before) == 1
    lines = [line for line in found(tmp_path, ENVIRONMENT.replace(before, after)) if f"prod.yaml:{place}" in line]
    assert any(words in line and hint in line.partition(" => ")[2] for line in lines), lines


def test_mistakes_of_many_components_come_together(tmp_path: Path) -> None:
    text = ENVIRONMENT
    chosen = [MISTAKES[number] for number in (0, 4, 7, 9, 10, 11, 13, 14)]
    for before, after, *_ in reversed(chosen):
        text = text.replace(before, after)
    lines = found(tmp_path, text)
    assert len(lines) >= len(chosen)
    for _, _, _, words, hint in chosen:
        assert any(words in line and hint in line for line in lines), (words, lines)


@pytest.mark.parametrize(
    ("before", "after", "hint"),
    [
        ("tag: v1", "tag: 1.10", 'quote it: `"1.10"`'),
        ("revision: v1", "revision: 007", 'quote it: `"007"`'),
        ("revision: v1", "revision: true", 'quote it: `"true"`'),
        ("revision: v1", "revision: 2026-11-30", 'quote it: `"2026-11-30"`'),
    ],
)
def test_an_unquoted_value_is_answered_by_its_own_text(before: str, after: str, hint: str, tmp_path: Path) -> None:
    lines = found(tmp_path, ENVIRONMENT.replace(before, after))
    assert after.endswith("2026-11-30") or any(hint in line for line in lines), lines


@pytest.mark.parametrize("edge", ["edg", "model-store"])
def test_a_misspelt_component_is_the_only_thing_that_is_said(edge: str, tmp_path: Path) -> None:
    alone = "".join(line for line in ENVIRONMENT.splitlines(keepends=True) if not line.startswith("  first:"))
    assert found(tmp_path, alone) == []
    (line,) = found(tmp_path, alone.replace("    host: second", f"    edge: {edge}\n    host: second"))
    assert f"`components.second.edge` names `{edge}`" in line and "`edge`" in line


def test_the_form_of_model_versions_is_a_setting(tmp_path: Path) -> None:
    text = ENVIRONMENT.replace("stage: prod\n", "stage: prod\nnames: {versionPattern: 'r[0-9]+'}\n")
    assert len(found(tmp_path, text)) == 2
    assert found(tmp_path, text.replace("v20260901-120000", "r12")) == []


def test_without_a_description_of_namespaces_nobody_judges_their_names(tmp_path: Path) -> None:
    lines = [line for line in ENVIRONMENT.splitlines(keepends=True) if "kind: Namespaces" not in line]
    assert found(tmp_path, "".join(lines).replace("[aurora]}\n  secrets", "[aurroa]}\n  secrets")) == []


def test_with_a_wrong_cluster_nobody_says_which_proxies_an_edge_needs(tmp_path: Path) -> None:
    alone = ENVIRONMENT.replace("  proxies: {kind: EdgeProxy, namespace: edge}\n", "")
    assert any("describes its proxies" in line for line in found(tmp_path, alone))
    (line,) = found(tmp_path, alone.replace('kubernetes: "1.35"', "kubernetes: 1.35"))
    assert "must be a string" in line
