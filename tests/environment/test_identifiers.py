"""Identifiers of a cloud that stand for none in production, and facts that no component asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora.environment import facts
from aurora.environment.load import load
from aurora.errors import InputError
from environment.toys import repository

ENVIRONMENT = """\
apiVersion: aurora/v1
kind: Environment
metadata: {name: example}
cluster:
  provider: aks
  kubernetes: "1.35"
  domain: ml.example.com
  apiServerCidrs: [10.0.0.10/32]
  subscription: 6f1d2c3b-4a59-4687-9c0d-1e2f3a4b5c6d
  tenant: 5d0c1b2a-3948-4576-8bfc-0d1e2f3a4b5c
  identity: {oidcIssuer: "https://example.com/"}
  identities: {reader: 8b3f4e5d-6c7b-48a9-9e2f-3a4b5c6d7e8f}
  resources: {secrets: {type: key-vault, vault: shop-vault}}
gitops: {repository: "https://git.example.com/ml/aurora.git", revision: v1.0.0, production: true}
components:
  namespaces:
    kind: Namespaces
    namespaces: {aurora: {enforce: restricted}}
  store:
    kind: SecretStore
    namespace: aurora
    namespaces: [aurora]
    provider: {type: cloud, resource: secrets, identity: reader}
"""
ZEROS = "00000000-0000-0000-0000-000000000000"


def refused(root: Path, text: str) -> list[str]:
    try:
        load(repository(root, {"example.yaml": text}), "example")
    except InputError as error:
        return [f"{finding.rule} {finding.place}" for finding in error.findings]
    return []


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("6f1d2c3b-4a59-4687-9c0d-1e2f3a4b5c6d", ZEROS, "9:17"),
        ("5d0c1b2a-3948-4576-8bfc-0d1e2f3a4b5c", "11111111-1111-1111-1111-111111111111", "10:11"),
        ("8b3f4e5d-6c7b-48a9-9e2f-3a4b5c6d7e8f", ZEROS, "12:24"),
        ("https://example.com/", f"https://example.com/{ZEROS}/", "11:26"),
        ("https://example.com/", f"https://oidc.example.com/id/{'0' * 32}", "11:26"),
        ("domain: ml.example.com", "domain: ml.invalid", "7:11"),
        ("https://git.example.com/ml/aurora.git", "https://git.invalid/ml/aurora.git", "14:22"),
    ],
)
def test_an_identifier_of_nobody_is_refused_in_production_alone(old: str, new: str, line: str, tmp_path: Path) -> None:
    text = ENVIRONMENT.replace(old, new)
    assert refused(tmp_path, text) == [f"environment/placeholder environments/example.yaml:{line}"]
    assert refused(tmp_path, text.replace("production: true", "production: false")) == []


@pytest.mark.parametrize("guid", ["00000000-0000-0000-0000-000000000001", "11111111-1111-1111-1111-111111111112"])
def test_an_identifier_with_many_like_digits_may_be_somebodys(guid: str, tmp_path: Path) -> None:
    assert refused(tmp_path, ENVIRONMENT.replace("6f1d2c3b-4a59-4687-9c0d-1e2f3a4b5c6d", guid)) == []


@pytest.mark.parametrize("host", ["git.invalidation.org", "git.invalid.example.com", "git.example.com/invalid"])
def test_a_host_that_only_looks_like_one_below_invalid_may_exist(host: str, tmp_path: Path) -> None:
    assert refused(tmp_path, ENVIRONMENT.replace("git.example.com", host)) == []


@pytest.mark.parametrize(("last", "number"), [("0", 1), ("1", 0)])
def test_a_digest_of_zeros_is_of_no_image(last: str, number: int, tmp_path: Path) -> None:
    image = f"images: {{app: {{repository: registry.example.com/app, tag: v1, digest: 'sha256:{'0' * 63}{last}'}}}}\n"
    found = refused(tmp_path, ENVIRONMENT + image)
    assert sum(each.startswith("environment/placeholder") for each in found) == number


@pytest.mark.parametrize(("system", "number"), [(f"fs-{'0' * 17}", 1), (f"fs-{'0' * 16}1", 0)])
def test_a_file_system_of_zeros_is_nobodys(system: str, number: int, tmp_path: Path) -> None:
    found = refused(tmp_path, ENVIRONMENT.replace("vault: shop-vault", f"vault: {system}"))
    assert sum(each.startswith("environment/placeholder") for each in found) == number


@pytest.mark.parametrize(("account", "number"), [("123456789012", 1), ("111111111111", 1), ("210987654321", 0)])
def test_arns_are_looked_at_wherever_they_stand(account: str, number: int, tmp_path: Path) -> None:
    edge = f"""\
  edge:
    kind: Edge
    namespace: aurora
    profile: alb
    certificates: ["arn:aws:acm:eu-central-1:{account}:certificate/3f2e1d0c-9b8a-4776-8554-433221100ffe"]
"""
    found = refused(tmp_path, ENVIRONMENT + edge)
    assert sum(each.startswith("environment/placeholder") for each in found) == number


def test_what_no_component_asks_for_is_told_with_its_place(tmp_path: Path) -> None:
    text = ENVIRONMENT.replace("identities: {", "identities: {other: 0d5b6a7f-8e9d-4acb-9a4b-5c6d7e8f9a0b, ").replace(
        "resources: {", "resources: {mail: {type: registry, host: registry.example.com}, "
    )
    environment = load(repository(tmp_path, {"example.yaml": text}), "example")
    assert [(str(each.place), each.message) for each in facts.unused(environment)] == [
        ("environments/example.yaml:12:16", "`cluster.identities.other`: no component asks for this identity"),
        ("environments/example.yaml:13:15", "`cluster.resources.mail`: no component asks for this resource"),
    ]
    assert list(facts.unused(load(repository(tmp_path / "clean", {"example.yaml": ENVIRONMENT}), "example"))) == []
