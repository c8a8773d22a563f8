"""The API server's own code names the differences and the refusals; what it cannot judge says so."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from aurora import manifests
from aurora.changes import comparison
from aurora.changes.pairing import pair
from aurora.changes.sides import Side
from aurora.errors import ToolOutputError
from aurora.model.change import ABSENT
from aurora.tools.installed import Toolbox
from aurora.tools.settings import Settings

PACK = Path(__file__).resolve().parents[2] / "schemas"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: proxy, image: registry.example.com/proxy:v1}
        - {name: web, image: registry.example.com/web:v1, resources: {limits: {cpu: 1000m}}}
"""
MANIFEST = "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: shop}\nstringData: {k: %s}\n"
THING = "apiVersion: nobody.example.com/v1\nkind: Thing\nmetadata: {name: %s}\nspec: {x: %s}\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "workspace").mkdir()
    return Settings(cache=tmp_path / "cache", workspace=tmp_path / "workspace", schemas=(PACK,))


def compared(before: str, after: str, settings: Settings, toolbox: Toolbox) -> comparison.Compared:
    sides = [Side(None, {"a.yaml": text.encode()}, name=name) for text, name in ((before, "before"), (after, "after"))]
    found = pair(*sides)
    assert not found.findings
    return comparison.compare(found.pairs, sides[1], settings, locate_tool=toolbox.locate, kubernetes="1.35")


@pytest.mark.real_tools
def test_defaults_order_and_quantities_are_no_difference(settings: Settings, real_toolbox: Toolbox) -> None:
    after = DEPLOYMENT.replace("cpu: 1000m", "cpu: 1").replace("spec:\n  selector", "spec:\n  replicas: 1\n  selector")
    (found,) = compared(DEPLOYMENT, after, settings, real_toolbox).pairs
    assert found.same
    assert not found.fields


@pytest.mark.real_tools
def test_differences_name_the_items_of_lists(settings: Settings, real_toolbox: Toolbox) -> None:
    after = DEPLOYMENT.replace("web:v1", "web:v2").replace(
        "- {name: proxy", "- {name: sidecar, image: s:v1}\n        - {name: proxy"
    )
    (found,) = compared(DEPLOYMENT, after, settings, real_toolbox).pairs
    containers = "spec.template.spec.containers"
    assert [(entry.path, entry.pointer) for entry in found.fields] == [
        (f"{containers}[name=sidecar]", "/spec/template/spec/containers/0"),
        (f"{containers}[name=web].image", "/spec/template/spec/containers/2/image"),
    ]
    assert found.fields[0].before is ABSENT
    assert found.fields[1].after == "registry.example.com/web:v2"
    assert not found.refusals


@pytest.mark.real_tools
def test_an_update_that_the_server_refuses_has_its_words(settings: Settings, real_toolbox: Toolbox) -> None:
    after = DEPLOYMENT.replace("app: web", "app: other")
    (found,) = compared(DEPLOYMENT, after, settings, real_toolbox).pairs
    assert any("field is immutable" in words for words in found.refusals)


@pytest.mark.real_tools
def test_a_new_object_that_the_server_refuses_has_its_words(settings: Settings, real_toolbox: Toolbox) -> None:
    wrong = DEPLOYMENT.replace("labels: {app: web}", "labels: {app: other}")
    (found,) = compared("", wrong, settings, real_toolbox).pairs
    assert any("`selector` does not match" in words for words in found.refusals)


@pytest.mark.real_tools
def test_values_of_secrets_are_masked(settings: Settings, real_toolbox: Toolbox) -> None:
    (found,) = compared(MANIFEST % "hunter2", MANIFEST % "correct", settings, real_toolbox).pairs
    (field,) = found.fields
    assert field.path == "data.k"
    assert str(field.before).startswith("sha256:")
    assert field.before != field.after


@pytest.mark.real_tools
def test_custom_kinds_are_compared_by_their_definition(settings: Settings, real_toolbox: Toolbox) -> None:
    before = (
        "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: web, namespace: shop}\n"
        "spec: {secretName: web, dnsNames: [a.example.com], issuerRef: {name: i}}\n"
    )
    outcome = compared(before, before.replace("name: i", "name: j"), settings, real_toolbox)
    (found,) = outcome.pairs
    assert [entry.path for entry in found.fields] == ["spec.issuerRef.name"]
    assert found.unstored is None
    assert not outcome.findings


@pytest.mark.real_tools
def test_unknown_kinds_are_compared_as_written_and_reported_once(settings: Settings, real_toolbox: Toolbox) -> None:
    before = "---\n".join(THING % (name, 1) for name in "abc")
    outcome = compared(before, before.replace("x: 1", "x: 2"), settings, real_toolbox)
    assert [[entry.path for entry in found.fields] for found in outcome.pairs] == [["spec.x"]] * 3
    assert all(found.unstored for found in outcome.pairs)
    (finding,) = outcome.findings
    assert finding.rule == "diff/not-judged"
    assert finding.message.startswith("3 objects of kind `Thing`")


@pytest.mark.real_tools
def test_a_version_that_is_gone_is_compared_as_written(settings: Settings, real_toolbox: Toolbox) -> None:
    old = "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: a}\nspec: {minAvailable: 1}\n"
    (found,) = compared(old, old.replace("v1beta1", "v1"), settings, real_toolbox).pairs
    assert [entry.path for entry in found.fields] == ["apiVersion"]
    assert "cannot be stored" in str(found.unstored)
    (found,) = compared(old.replace("v1beta1", "v1"), old, settings, real_toolbox).pairs
    assert found.refusals


def test_a_program_that_does_not_see_the_planted_change_proves_nothing(tmp_path: Path, settings: Settings) -> None:
    blind = tmp_path / "server-validation"
    blind.write_text(
        f"#!{sys.executable}\n"
        "import json, sys\n"
        "print(json.dumps({'reply': 'hello', 'protocol': 1}))\n"
        "count = 0\n"
        "for line in sys.stdin:\n"
        "    request = json.loads(line)\n"
        "    done = request['request'] == 'configure'\n"
        "    count += not done\n"
        "    outcome = 'done' if done else 'judged'\n"
        "    print(json.dumps({'id': request['id'], 'outcome': outcome, 'result': {'same': True}}))\n"
        "print(json.dumps({'reply': 'summary', 'received': count + 1, 'judged': count, 'unjudged': 0, 'done': 1}))\n"
    )
    blind.chmod(0o755)
    (manifest,) = manifests.read((MANIFEST % "v").encode(), "a.yaml").manifests
    found = pair(Side(None, {}), Side(None, {"a.yaml": manifest.text.encode()})).pairs
    with pytest.raises(ToolOutputError, match="planted"):
        comparison.compare(found, Side(None, {}), settings, locate_tool=lambda _: blind, kubernetes="1.35")


@pytest.mark.real_tools
@pytest.mark.parametrize("before", ["", MANIFEST % "v", (MANIFEST % "v").replace("stringData", "Data")])
def test_a_field_that_the_server_does_not_know_is_refused(
    before: str, settings: Settings, real_toolbox: Toolbox
) -> None:
    after = (MANIFEST % "v").replace("stringData", "stringdata")
    (found,) = compared(before, after, settings, real_toolbox).pairs
    assert any("stringdata" in refusal for refusal in found.refusals)


CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop}
spec: {accessModes: [ReadWriteOnce], storageClassName: fast, resources: {requests: {storage: %s}}}
"""
CLASS = "---\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: fast}\nprovisioner: a.example.com\n"


@pytest.mark.real_tools
def test_whether_a_claim_may_grow_is_for_its_class_to_say(settings: Settings, real_toolbox: Toolbox) -> None:
    forbidden = compared(CLAIM % "1Gi" + CLASS, CLAIM % "2Gi" + CLASS, settings, real_toolbox)
    assert [bool(entry.refusals) for entry in forbidden.pairs if entry.fields] == [True]
    unknown = compared(CLAIM % "1Gi", CLAIM % "2Gi", settings, real_toolbox)
    assert [entry.unstored for entry in unknown.pairs] == [None]
    assert ["StorageClass `fast`, which is not given" in entry.message for entry in unknown.findings] == [True]


@pytest.mark.real_tools
def test_a_misspelt_level_of_a_namespace_is_refused(settings: Settings, real_toolbox: Toolbox) -> None:
    namespace = (
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {pod-security.kubernetes.io/enforce: %s}}\n"
    )
    (found,) = compared(namespace % "baseline", namespace % "bsaeline", settings, real_toolbox).pairs
    assert found.refusals
