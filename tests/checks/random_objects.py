"""Makes inventories of objects whose every field but their identity holds anything that JSON can say."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, JsonValue
from aurora.model.manifest import Manifest, Source, identify
from aurora.yamlio import writing

FIELDS = (
    *("annotations", "labels", "spec", "data", "subjects", "template", "rules", "http", "paths", "backend", "service"),
    *("name", "port", "tls", "hosts", "parentRefs", "hostnames", "backendRefs", "matches", "headers", "weight"),
    *("listeners", "allowedRoutes", "namespaces", "selector", "matchLabels", "matchExpressions", "key", "operator"),
    *("values", "containers", "initContainers", "env", "value", "resources", "requests", "limits", "cpu", "metrics"),
    *("groups", "expr", "alert", "record", "ingress", "egress", "from", "to", "ports", "ipBlock", "cidr", "except"),
    *("podSelector", "namespaceSelector", "hard", "endpoints", "replicas", "strategy", "scaleTargetRef", "min", "max"),
)
SCALARS: st.SearchStrategy[JsonValue] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 2**31),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=6),
    st.sampled_from(
        ["canary", "stable", "inference", "*", "10", "50%", "1Gi", "10.0.0.0/8", "rate(a[5m]) / 0", "http"]
    ),
)
VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4)),
    max_leaves=25,
)


@st.composite
def random_objects(draw: st.DrawFn, kinds: Sequence[tuple[str, str]]) -> Inventory:
    """Make an inventory of such objects; `kinds` are pairs of apiVersion and kind."""
    found: dict[str, Manifest] = {}
    for number in range(draw(st.integers(1, 6))):
        version, kind = draw(st.sampled_from(kinds))
        body: JsonObject = {
            "apiVersion": version,
            "kind": kind,
            "metadata": {
                "name": f"object-{number}",
                "namespace": draw(st.sampled_from(["ml", "web"])),
                "labels": draw(VALUES),
                "annotations": draw(VALUES),
            },
            **draw(st.dictionaries(st.sampled_from(["spec", "data", "subjects", "template"]), VALUES, max_size=3)),
        }
        manifest = Manifest(id=identify(body), body=body, text=writing.dump(body), source=Source("random.yaml"))
        found[str(manifest.id)] = manifest
    return Inventory(list(found.values()), environment="random", closed=draw(st.booleans()))
