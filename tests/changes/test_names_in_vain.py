"""Probes, keys and fields of custom resources that name what is not there: told once, and only where it is new."""

from __future__ import annotations

import pytest

from aurora.changes import consequences
from aurora.model.change import Impact
from aurora.model.examples import stream
from changes.scenes import scene

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: model, namespace: ml}
spec:
  selector: {matchLabels: {app: model}}
  template:
    metadata: {labels: {app: model}}
    spec:
      containers: [{name: model, image: "r.example.com/m:1", ports: [{name: http, containerPort: 80}], %s}]
"""
VARIABLE = "env: [{name: A, valueFrom: {secretKeyRef: {name: keys, key: %s}}}]"
EXTERNAL = """\
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: keys, namespace: ml}
spec: {target: {name: keys%s}, data: [{secretKey: a, remoteRef: {key: a}}, {secretKey: b, remoteRef: {key: b}}]%s}
"""
ONE = EXTERNAL.replace("{secretKey: a, remoteRef: {key: a}}, ", "") % ("", "")


def told(before: str, after: str, domain: str = "downtime/") -> list[tuple[str, str]]:
    found = consequences.follow(scene(before, after))
    return [(entry.rule, entry.message) for _, entry in found if entry.rule.startswith(domain)]


@pytest.mark.parametrize(
    ("probe", "what"),
    [
        ("readinessProbe: {httpGet: {port: %s}}", "the pod never becomes ready"),
        ("startupProbe: {tcpSocket: {port: %s}}", "the container never counts as started"),
        ("livenessProbe: {httpGet: {port: %s}}", "the probe checks nothing"),
    ],
)
def test_a_probe_on_a_port_that_its_container_lacks_is_told_once(probe: str, what: str) -> None:
    good, bad = DEPLOYMENT % (probe % "http"), DEPLOYMENT % (probe % "web")
    name = probe.partition(":")[0]
    words = f"the {name} of `model` names the port `web`, which it does not have: {what}"
    assert told(good, bad, "downtime/probe-port") == [("downtime/probe-port", words)]
    assert told("", bad, "downtime/probe-port")
    assert not told(bad, bad.replace("m:1", "m:2"), "downtime/probe-port")
    assert not told(good, DEPLOYMENT % (probe % '"8080"'), "downtime/probe-port")


@pytest.mark.parametrize(
    ("external", "missing"),
    [
        (EXTERNAL % ("", ""), True),
        (EXTERNAL % ("", ", dataFrom: [{extract: {key: all}}]"), False),
        (EXTERNAL % (", creationPolicy: Merge", ""), False),
        (EXTERNAL % (", template: {data: {c: x}}", ""), False),
        ("apiVersion: v1\nkind: Secret\nmetadata: {name: keys, namespace: ml}\nstringData: {a: x}\n", True),
        ("apiVersion: v1\nkind: Secret\nmetadata: {name: keys, namespace: ml}\n", False),
        ("", False),
    ],
)
def test_a_key_that_no_manifest_provides_keeps_new_pods_from_starting(external: str, missing: bool) -> None:
    good, bad = DEPLOYMENT % (VARIABLE % "a"), DEPLOYMENT % (VARIABLE % "c")
    expected = [("downtime/key-missing", "the Secret `keys` has no key `c`: new pods do not start")]
    assert told(stream(external, good), stream(external, bad)) == (expected if missing else [])


def test_an_external_secret_that_writes_a_key_no_more_names_who_needs_it() -> None:
    user = DEPLOYMENT % (VARIABLE % "a")
    words = "still names `a` of the Secret `keys`, which nothing writes any more"
    assert told(stream(EXTERNAL % ("", ""), user), stream(ONE, user)) == [("downtime/key-missing", words)]
    other = DEPLOYMENT % (VARIABLE % "b")
    assert not told(stream(EXTERNAL % ("", ""), other), stream(ONE, other))


DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: models.ml.example.com}
spec:
  group: ml.example.com
  names: {kind: Model, plural: models}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {properties: {spec: {%s}}}}}]
"""
OBJECT = "apiVersion: ml.example.com/v1\nkind: Model\nmetadata: {name: one, namespace: ml}\nspec: %s\n"
_TAGS = "tags: {additionalProperties: {properties: {%s}}}"
DEEP = f"properties: {{stages: {{items: {{properties: {{name: {{}}, size: {{}}}}}}}}, {_TAGS}}}"


@pytest.mark.parametrize(
    ("before", "after", "spec", "fields"),
    [
        ("properties: {size: {}}", "properties: {}", "{size: 1}", "`spec.size`"),
        ("properties: {size: {}}", "properties: {}", "{other: 1}", ""),
        ("properties: {size: {}}", "x-kubernetes-preserve-unknown-fields: true", "{size: 1}", ""),
        (DEEP % "a: {}", DEEP % "b: {}", "{tags: {x: {a: 1}}}", "`spec.tags.x.a`"),
        (DEEP % "", (DEEP % "").replace(", size: {}", ""), "{stages: [{size: 1}, {size: 2}]}", "`spec.stages[].size`"),
        ("additionalProperties: true", "properties: {}", "{size: 1}", "`spec.size`"),
    ],
)
def test_unchanged_objects_are_named_whose_field_the_schema_loses(
    before: str, after: str, spec: str, fields: str
) -> None:
    given = scene(*(stream(DEFINITION % schema, OBJECT % spec) for schema in (before, after)))
    found = [entry for _, entry in consequences.follow(given) if entry.rule == "downtime/field-unknown"]
    assert [entry.message for entry in found] == ([f"has {fields}, which the schema no longer knows"] if fields else [])
    for entry in found:
        assert entry.impacts == (Impact.DOWNTIME_RISK,)
        assert entry.resource is not None
        assert (entry.resource.kind, entry.resource.name) == ("Model", "one")
