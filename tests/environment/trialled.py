"""An environment with a served model, of which tests change one thing at a time."""

from __future__ import annotations

from pathlib import Path

from aurora.environment.load import load
from aurora.environment.model import Environment
from aurora.paths import RepositoryPaths

DIGEST = "sha256:" + "0" * 64
STABLE, CANARY = "{version: v20260901-120000, replicas: 2}", "{version: v20261101-090000, weight: 5}"
STRATEGY = "{type: canary, steps: [5, 25, 50]}"
ENVIRONMENT = f"""\
apiVersion: aurora/v1
kind: Environment
metadata: {{name: prod}}
cluster: {{provider: bare-metal, kubernetes: "1.35", domain: ml.example.com, apiServerCidrs: [10.0.0.10/32]}}
gitops: {{repository: "https://git.example.com/a.git", revision: v1}}
images:
  inference: {{repository: registry.example.com/inference, tag: v1, digest: "{DIGEST}"}}
  trainer: {{repository: registry.example.com/trainer, tag: v1, digest: "{DIGEST}"}}
components:
  model-store:
    kind: ModelStore
    namespace: aurora
    size: 10Gi
    volume: {{type: cephfs, filesystem: models}}
    models: [housing]
  edge: {{kind: Edge, namespace: edge, acme: {{email: a@example.com}}, loadBalancers: [192.0.2.0/24]}}
  proxies: {{kind: EdgeProxy, namespace: edge}}
  # What serves.
  inference:
    kind: ModelServing
    namespace: aurora
    model: housing
    strategy: {STRATEGY}
    stable: {STABLE}
    canary: {CANARY}  # on trial
  monitoring: {{kind: Monitoring, namespace: monitoring}}
externals:
  first: {{kind: ModelVersion, name: housing/v20260901-120000, reason: published before}}
  second: {{kind: ModelVersion, name: housing/v20261101-090000, reason: published before}}
  third: {{kind: ModelVersion, name: housing/v20261115-140000, reason: published before}}
"""


def changed(*swaps: tuple[str, str], text: str = ENVIRONMENT) -> str:
    """Give the environment with parts replaced, each of which it holds once."""
    for before, after in swaps:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    return text


def loaded(folder: Path, text: str = ENVIRONMENT) -> Environment:
    """Write the environment into a folder and load it."""
    (folder / "environments").mkdir(parents=True, exist_ok=True)
    (folder / "environments" / "prod.yaml").write_text(text)
    return load(RepositoryPaths(folder), "prod")
