"""Both clouds under both profiles of versions: what differs comes out right for each, and a mixture is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from aurora import pipeline
from aurora.errors import InputError
from aurora.model.finding import Finding
from aurora.paths import RepositoryPaths
from commands.command_line import CommandLine
from reference.platform import ROOT, SHARED

HERE = Path(__file__).parent
SEED = {
    'kubernetes: "1.35"': 'kubernetes: "1.34"\n  profile: seed\n  asOf: "2026-11-21"',
    "version: 10.1.1": "version: 7.9.0",
    "version: v1.21.1": "version: v1.19.1",
    "version: 2.9.0": "version: 1.1.1",
    "version: 3.9.0": "version: 3.3.4",
    "version: 88.5.3": "version: 72.6.2",
    "version: 3.5.0": "version: 1.16.0",
    "      disallow-host-access: {action: Deny, namespaces: [shop]}\n": "",
    "      disallow-privilege: {action: Deny, namespaces: [shop]}\n": "",
    "    acme: {server: production": "    profile: nginx\n    acme: {server: production",
    "haproxy-ingress.github.io/charts": "kubernetes.github.io/ingress-nginx",
    "haproxy-ingress": "ingress-nginx",
    "0.15.0": "4.14.1",
    ', watch-gateway: "true"': "",
}
"""The versions of the first description in the place of the current ones, and what only the current ones have."""
NGINX = """\
externals:
  nginx: {group: networking.k8s.io, kind: IngressClass, name: nginx, reason: made by the chart of the controller}
"""


def clouds(folder: Path, *, but: str = "", profile: str = "seed") -> RepositoryPaths:
    """Write both environments with the versions of a profile; `but` stays as it is in the other one."""
    (folder / "environments").mkdir()
    for name in ("aks", "eks"):
        text = (HERE / "environments" / f"{name}.yaml").read_text()
        for old, new in SEED.items() if profile == "seed" else ():
            text = text if old == but else text.replace(old, new)
        if profile == "current" and but:
            text = text.replace(but, SEED[but])
        own = NGINX if (name, profile) == ("aks", "seed") else ""
        (folder / "environments" / f"{name}.yaml").write_text(text + own)
    for name in SHARED:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    return RepositoryPaths(folder.resolve())


def kinds(paths: RepositoryPaths, name: str) -> set[str]:
    (environment,) = pipeline.load_environments(paths, [name])
    manifests = pipeline.compile_environment(environment, pipeline.Clock()).manifests
    return {f"{manifest.id.api_version}/{manifest.id.kind}" for manifest in manifests}


@pytest.mark.parametrize("name", ["aks", "eks"])
def test_each_profile_has_the_kinds_that_its_versions_know(tmp_path: Path, name: str) -> None:
    (tmp_path / "current").mkdir()
    (tmp_path / "seed").mkdir()
    current = kinds(clouds(tmp_path / "current", profile="current"), name)
    seed = kinds(clouds(tmp_path / "seed"), name)
    assert "policies.kyverno.io/v1/ValidatingPolicy" in current - seed
    assert "kyverno.io/v1/ClusterPolicy" in seed - current
    assert not [kind for kind in seed if kind.startswith(("policies.kyverno.io/", "gateway.networking.k8s.io/"))]


@pytest.mark.real_tools
def test_both_clouds_pass_every_check_under_the_older_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], real_toolbox: object
) -> None:
    outcome = CommandLine(clouds(tmp_path).root, monkeypatch, capsys)("synth", "--format", "json")
    found = {(finding["rule"], finding["severity"]) for finding in outcome.json["findings"]}
    assert found - {("server/version-skew", "note")} == {("versions/end-of-life", "note")}
    assert outcome.code == 0


def refused(paths: RepositoryPaths, *names: str) -> list[Finding]:
    with pytest.raises(InputError) as caught:
        pipeline.load_environments(paths, names)
    return list(caught.value.findings)


MIXED = [old for old in SEED if old.startswith("version: ") and old not in ("version: v1.21.1", "version: 10.1.1")]
"""Charts on EKS; that of Argo CD installs what is between the definitions of both profiles, and is not refused."""


@pytest.mark.parametrize("profile", ["current", "seed"])
@pytest.mark.parametrize("chart", MIXED)
def test_a_chart_of_another_profile_is_refused_at_its_line(tmp_path: Path, chart: str, profile: str) -> None:
    found = refused(clouds(tmp_path, but=chart, profile=profile), "eks")
    other = "seed" if profile == "current" else "current"
    (finding,) = found
    assert f"of the profile `{other}`; the cluster's profile is `{profile}`" in finding.message
    assert finding.place is not None
    line = (tmp_path / "environments/eks.yaml").read_text().splitlines()[finding.place.line - 1]
    assert (chart if profile == "seed" else SEED[chart]) in line


def test_a_profile_without_definitions_is_refused_at_its_line(tmp_path: Path) -> None:
    paths = clouds(tmp_path)
    file = tmp_path / "environments/eks.yaml"
    file.write_text(file.read_text().replace("profile: seed", "profile: sed"))
    (finding,) = refused(paths, "eks")
    assert finding.message == "`cluster.profile` is `sed`, and `schemas/` has no definitions of it"
    assert str(finding.place).startswith("environments/eks.yaml:9:")
    assert "seed" in str(finding.hint)


def test_a_policy_without_a_form_for_the_profile_is_refused(tmp_path: Path) -> None:
    (finding,) = refused(clouds(tmp_path, but="      disallow-privilege: {action: Deny, namespaces: [shop]}\n"), "eks")
    assert "policy `disallow-privilege` has no form for the Kyverno of the profile `seed`" in finding.message


def test_a_gateway_is_refused_where_the_profile_has_none(tmp_path: Path) -> None:
    found = refused(clouds(tmp_path, but="    acme: {server: production"), "aks")
    assert ["the profile `seed` has no Gateway API" in finding.message for finding in found] == [True]
