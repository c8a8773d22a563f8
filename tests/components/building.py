"""Builds one component in an app of its own, as the compiler does, and gives its objects as plain data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aurora import tables
from aurora_constructs.catalogue import BY_NAME
from aurora_constructs.cluster import BareMetal, ClusterFacts
from aurora_constructs.platform import Platform
from aurora_constructs.spec import ComponentSpec, Image

CLUSTER = BareMetal(provider="bare-metal", kubernetes="1.35", domain="example.com", api_server_cidrs=["10.0.0.10/32"])
NO_API_SERVER = CLUSTER.model_copy(update={"api_server_cidrs": []})


@dataclass(frozen=True, slots=True)
class Built:
    """The objects of one component: those that are written, and those that are only judged."""

    emitted: tuple[dict[str, Any], ...]
    templates: tuple[dict[str, Any], ...]

    @property
    def kinds(self) -> list[str]:
        """The kinds of the written objects, in order of the alphabet."""
        return sorted(body["kind"] for body in self.emitted)

    def one(self, kind: str, **metadata: str) -> dict[str, Any]:
        """Give the only written object of a kind with these values in its metadata."""
        found = [
            body
            for body in self.emitted
            if body["kind"] == kind and all(body["metadata"].get(key) == value for key, value in metadata.items())
        ]
        assert len(found) == 1, [body["metadata"]["name"] for body in found]
        return found[0]


def specification(entry: Mapping[str, Any] | ComponentSpec) -> ComponentSpec:
    """Read an entry of `components` as the kind that it names; a specification is one already."""
    return entry if isinstance(entry, ComponentSpec) else BY_NAME[entry["kind"]].spec.model_validate(entry)


def build(
    name: str, components: Mapping[str, Mapping[str, Any] | ComponentSpec], *, cluster: ClusterFacts = CLUSTER
) -> Built:
    """Build the named component of an environment called `example`; every image that it asks for exists."""
    import cdk8s

    specifications = {key: specification(entry) for key, entry in components.items()}
    image = Image(repository="registry.example.com/aurora/any", tag="v1", digest="sha256:" + "a" * 64)
    platform = Platform(
        environment="example",
        images=defaultdict(lambda: image),
        components=specifications,
        cluster=cluster,
        tables=tables.of_component,
    )
    spec = specifications[name]
    chart = BY_NAME[spec.kind].load_chart()(cdk8s.App(), name, spec=spec, platform=platform)
    objects = [node for node in chart.node.find_all() if isinstance(node, cdk8s.ApiObject)]
    return Built(
        emitted=tuple(node.to_json() for node in objects if not chart.is_template(node)),
        templates=tuple(node.to_json() for node in objects if chart.is_template(node)),
    )


def without(entry: Mapping[str, Any], *keys: str, **changes: Any) -> dict[str, Any]:
    """Give an entry without some keys and with others changed."""
    return {**{key: value for key, value in entry.items() if key not in keys}, **changes}


MODEL_STORE: dict[str, Any] = {
    "kind": "ModelStore",
    "namespace": "aurora",
    "size": "100Gi",
    "volume": {"type": "cephfs", "filesystem": "models"},
    "models": ["california-housing", "wine"],
}
SECRETS: dict[str, Any] = {
    "kind": "SecretStore",
    "namespace": "external-secrets",
    "namespaces": ["aurora"],
    "provider": {"type": "vault", "server": "https://vault.example.com", "path": "aurora", "role": "aurora"},
}
TRAINING: dict[str, Any] = {
    "kind": "TrainingJob",
    "namespace": "aurora",
    "model": "california-housing",
    "version": "v20260901-120000",
    "resources": {"cpu": "1", "memory": "2Gi"},
    "dataset": {"type": "uri", "uri": "https://data.example.com/housing.tgz"},
}
OPERATOR: dict[str, Any] = {
    "kind": "TrainingOperator",
    "namespace": "aurora-system",
    "trainingNamespaces": ["aurora", "research"],
}
CONTROL_PLANE: dict[str, Any] = {"kind": "ControlPlane", "namespace": "aurora"}
