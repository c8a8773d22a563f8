"""Manifests of Argo CD for the tests of the check `gitops`, and what the check says about them."""

from __future__ import annotations

from aurora.checks.gitops import CHECK
from aurora.model.finding import Finding
from checks.inventory_cases import judge_manifests, read

REPOSITORY = "https://git.example.com/shop.git"


def application(name: str, path: str, extra: str = "", *, annotations: str = "", spec: str = "") -> str:
    source = f"{{repoURL: '{REPOSITORY}', path: '{path}', targetRevision: v1.0.0{extra}}}"
    return (
        f"apiVersion: argoproj.io/v1alpha1\nkind: Application\n"
        f"metadata: {{name: {name}, namespace: argocd, annotations: {{{annotations}}}}}\n"
        f"spec: {{source: {source}{spec}}}\n"
    )


def wave(number: int | str) -> str:
    return f"argocd.argoproj.io/sync-wave: '{number}'"


def config_map(name: str, annotations: str = "", namespace: str = "shop") -> str:
    return (
        "apiVersion: v1\nkind: ConfigMap\n"
        f"metadata: {{name: {name}, namespace: {namespace}, annotations: {{{annotations}}}}}\n"
    )


def judge_files(files: dict[str, str], *, closed: bool = True) -> list[Finding]:
    found = [manifest for path, stream in files.items() for manifest in read(stream, path)]
    return judge_manifests(CHECK, found, closed=closed)


def of(findings: list[Finding], rule: str) -> list[Finding]:
    return [finding for finding in findings if finding.rule == f"gitops/{rule}"]


PRODUCTION = "aurora.example.com/production: 'true'"
HOOK = "argocd.argoproj.io/hook: %s"
