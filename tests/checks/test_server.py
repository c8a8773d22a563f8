"""The API server's own code judges, and a run that does not prove so is red."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aurora import manifests, rule_texts
from aurora.checks.server import ServerCheck
from aurora.checks.server.check import PARTS
from aurora.checks.server.planted import NAMESPACE
from aurora.checks.server.rules import LIMIT_RULES, POD_SECURITY_RULES, SERVER_RULES
from aurora.checks.server.validation import judge
from aurora.checks.server.words import plain
from aurora.errors import ToolOutputError
from aurora.memory.store import FileMemory
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items
from aurora.model.rule import Rule
from aurora.server_validation.planted import PREFIX
from aurora.tools.installed import Toolbox
from aurora.tools.settings import Settings
from aurora_constructs.cluster import BareMetal

PACK = Path(__file__).resolve().parents[2] / "schemas"
CLUSTER = BareMetal(provider="bare-metal", kubernetes="1.35", domain="example.com", api_server_cidrs=["10.0.0.10/32"])
SPECIAL = {"server/duplicate-field", "server/version-skew", "server/update-refused", "server/refused-when-new"}
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {clusterIP: %s, selector: {app: web}, ports: [{port: 80}]}
"""
LIMITED = """\
apiVersion: v1
kind: LimitRange
metadata: {name: limits, namespace: shop}
spec: {limits: [{type: Container, max: {memory: %s}}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {containers: [{name: web, image: web, resources: {limits: {memory: 2Gi}}}]}
"""
CERTIFICATE = """\
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: web, namespace: shop}
spec: {secretName: web, dnsNames: [a.example.com], issuerRef: {name: i}%s}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "workspace").mkdir()
    return Settings(cache=tmp_path / "cache", workspace=tmp_path / "workspace", schemas=(PACK,))


def inventory(text: str, kubernetes: str = "1.35") -> Inventory:
    read = manifests.read(text.encode(), "in.yaml")
    assert not read.findings
    return Inventory(read.manifests, kubernetes=kubernetes)


def found(text: str, settings: Settings, toolbox: Toolbox, kubernetes: str = "1.35") -> set[str]:
    objects = inventory(text, kubernetes)
    results = ServerCheck(toolbox.locate).results(objects, settings)
    limits = ["scaling"] if "kind: LimitRange" in text else []
    assert [result.name for result in results] == ["server", "pod-security", *limits]
    assert [result.examined for result in results] == [*[len(objects.manifests)] * 2, *(0 for _ in limits)]
    assert all(result.planted == result.caught > 0 for result in results)
    return {finding.rule for result in results for finding in result.findings}


@pytest.mark.real_tools
@pytest.mark.parametrize("rule", [*SERVER_RULES, *POD_SECURITY_RULES, *LIMIT_RULES], ids=lambda rule: rule.id)
def test_rules_find_their_bad_example_and_leave_the_good_one(
    rule: Rule, settings: Settings, real_toolbox: Toolbox
) -> None:
    if rule.id not in SPECIAL:
        assert rule.id in found(rule_texts.text(rule.id).bad, settings, real_toolbox)
    assert rule.id not in found(rule_texts.text(rule.id).good, settings, real_toolbox)


DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: routes.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Route, listKind: RouteList, plural: routes, singular: route}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            backends:
              type: array
              items: {type: object, properties: {name: {type: string}, weight: {type: integer, default: 1}}}
"""
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: %s, namespace: argocd, annotations: {argocd.argoproj.io/compare-options: %s}}
spec:
  project: default
  source: {repoURL: "https://git.example.com/shop.git", path: %s}
  destination: {name: in-cluster}
  syncPolicy: {syncOptions: [%s]}
  ignoreDifferences: [%s]
"""
ROUTE = "apiVersion: example.com/v1\nkind: Route\nmetadata: {name: %s, namespace: shop}\nbackends: [{name: a%s}]\n"


@pytest.mark.real_tools
def test_defaults_in_lists_are_a_difference_where_argo_cd_merges_by_itself(
    settings: Settings, real_toolbox: Toolbox
) -> None:
    server = "ServerSideApply=true"
    ways = {
        "merged": ("''", server, ""),
        "asked": ("ServerSideDiff=true", server, ""),
        "client": ("''", "", ""),
        "ignored": ("''", server, "{group: example.com, kind: Route}"),
        "written": ("''", server, ""),
    }
    read = list(manifests.read(DEFINITION.encode(), "definition.yaml").manifests)
    for name, (compared, option, ignored) in ways.items():
        route = ROUTE % (name, ", weight: 1" if name == "written" else "")
        read += manifests.read(route.encode(), f"{name}/route.yaml").manifests
        application = APPLICATION % (name, compared, name, option, ignored)
        read += manifests.read(application.encode(), f"argocd/{name}.yaml").manifests
    read += manifests.read((ROUTE % ("nobody", "")).encode(), "nobody/route.yaml").manifests
    results = ServerCheck(real_toolbox.locate).results(Inventory(read), settings)
    drifting = [finding for result in results for finding in result.findings if finding.rule == "server/drift"]
    assert [(finding.place.path, finding.pointer) for finding in drifting if finding.place] == [
        ("merged/route.yaml", "/backends/0")
    ]
    assert "`weight: 1`" in drifting[0].message


@pytest.mark.real_tools
def test_an_update_is_judged_against_what_runs(settings: Settings, real_toolbox: Toolbox) -> None:
    old = inventory(SERVICE % "10.0.0.5").manifests
    changed = replace(settings, old=old)
    assert found(SERVICE % "10.0.0.6", changed, real_toolbox) == {"server/update-refused"}
    assert found(SERVICE % "10.0.0.5", changed, real_toolbox) == set()
    left_over = SERVICE.replace("port: 80", "port: 80, nodePort: 30080") % "10.0.0.5"
    of_ports = left_over.replace("{clusterIP", "{type: NodePort, clusterIP")
    assert found(left_over, settings, real_toolbox) == {"server/create-refused"}
    changed = replace(settings, old=inventory(of_ports).manifests)
    assert found(left_over, changed, real_toolbox) == {"server/refused-when-new"}


@pytest.mark.real_tools
def test_the_note_says_how_many_changes_were_judged(settings: Settings, real_toolbox: Toolbox) -> None:
    given = inventory(SERVICE % "10.0.0.6")
    renamed = inventory((SERVICE % "10.0.0.5").replace("name: ", "name: other-")).manifests
    for old, words in (
        (
            inventory(SERVICE % "10.0.0.5").manifests,
            "changes judged: 1; objects that were not there before, or are made anew: 0",
        ),
        (renamed, "changes judged: 0; objects that were not there before, or are made anew: 1"),
    ):
        result, _ = ServerCheck(real_toolbox.locate).results(given, replace(settings, old=old))
        assert words in str(result.note)


@pytest.mark.real_tools
def test_another_version_is_judged_with_a_note(settings: Settings, real_toolbox: Toolbox) -> None:
    assert found(SERVICE % "10.0.0.5", settings, real_toolbox, "1.33") == {"server/version-skew"}


@pytest.mark.real_tools
@pytest.mark.parametrize(
    ("extra", "rules"),
    [
        ("", set()),
        (", dnsNamse: [b]", {"server/unknown-field"}),
        (", duration: 3", {"server/create-refused"}),
        (", privateKey: {rotationPolicy: Sometimes}", {"server/create-refused"}),
    ],
)
def test_custom_resources_are_judged_by_the_pack(
    extra: str, rules: set[str], settings: Settings, real_toolbox: Toolbox
) -> None:
    assert found(CERTIFICATE % extra, settings, real_toolbox) == rules


@pytest.mark.real_tools
def test_a_finding_stands_at_the_field(settings: Settings, real_toolbox: Toolbox) -> None:
    text = (SERVICE % "10.0.0.5").replace("port: 80", "port: 80000")
    (result,) = ServerCheck(real_toolbox.locate, ("server",)).results(inventory(text), settings)
    places = {(finding.pointer, str(finding.place)) for finding in result.findings}
    assert ("/spec/ports/0/port", "in.yaml:4:60") in places


@pytest.mark.real_tools
def test_levels_of_namespaces_are_reported(settings: Settings, real_toolbox: Toolbox) -> None:
    pod = next(rule_texts.text(rule.id).bad for rule in POD_SECURITY_RULES if rule.id == "pod-security/warn")
    _, result = ServerCheck(real_toolbox.locate).results(inventory(pod), settings)
    (level,) = items(result.details["namespaces"])
    wanted = [dig(level, key) for key in ("namespace", "level", "highest")]
    assert wanted == ["shop", "privileged", "privileged"]
    assert {dig(blocker, "check") for blocker in items(dig(level, "blockers"))} == {"hostNamespaces"}


@pytest.mark.real_tools
def test_a_namespace_that_is_not_given_is_judged_by_the_setting(settings: Settings, real_toolbox: Toolbox) -> None:
    head = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: x}\n"
    pod = head + "spec: {hostNetwork: true, containers: [{name: a, image: a}]}\n"
    assert found(pod, settings, real_toolbox) == set()
    assert found(pod, replace(settings, pod_security="baseline"), real_toolbox) == {"pod-security/enforce"}


@pytest.mark.real_tools
def test_a_violation_is_planted_on_each_road(settings: Settings, real_toolbox: Toolbox) -> None:
    policies = next(rule_texts.text(rule.id).good for rule in SERVER_RULES if rule.id == "server/admission-denied")
    parts = [part for name in PARTS for part in PARTS[name]]
    objects = inventory(f"{policies}---\n{LIMITED % '1Gi'}")
    verdicts = judge(real_toolbox.locate, objects, settings, parts)
    roads = {"create", "pod-security", "drift", "update", "duplicate", "admission", *(rule.id for rule in LIMIT_RULES)}
    kinds = {f"{manifest.id.api_version}/{manifest.id.kind}" for manifest in objects.manifests}
    assert {entry.request.id for entry in verdicts.planted} == {PREFIX + name for name in roads | kinds}


@pytest.mark.real_tools
def test_what_is_remembered_of_a_pod_depends_on_the_limit_ranges(settings: Settings, real_toolbox: Toolbox) -> None:
    remembering = replace(settings, memory=FileMemory(settings.cache / "memory"))
    for _ in range(2):
        assert found(LIMITED % "1Gi", remembering, real_toolbox) == {"scaling/outside-limit-range"}
        assert found(LIMITED % "2Gi", remembering, real_toolbox) == set()


@pytest.mark.real_tools
@pytest.mark.parametrize(
    ("name", "planted"),
    [("server", {"create", "drift", "update", "duplicate", "v1/Service"}), ("pod-security", {"pod-security"})],
)
def test_one_name_asks_and_proves_its_own_part_only(
    name: str, planted: set[str], settings: Settings, real_toolbox: Toolbox
) -> None:
    objects = inventory(SERVICE % "10.0.0.5")
    check = ServerCheck(real_toolbox.locate).only({name, "policy"})
    assert check is not None
    assert check.only({"policy"}) is None
    (result,) = check.results(objects, settings)
    assert (result.name, result.examined, result.planted, result.caught) == (name, 1, len(planted), len(planted))
    answers = judge(real_toolbox.locate, objects, settings, PARTS[name])
    assert {entry.request.id for entry in answers.planted} == {PREFIX + entry for entry in planted}


@pytest.mark.real_tools
def test_pod_security_alone_says_what_it_could_not_judge(settings: Settings, real_toolbox: Toolbox) -> None:
    unknown = "apiVersion: nobody.example.com/v1\nkind: Thing\nmetadata: {name: web, namespace: shop}\n"
    (alone,) = ServerCheck(real_toolbox.locate, ("pod-security",)).results(inventory(unknown), settings)
    (gap,) = alone.not_judged
    assert "nobody.example.com/v1, Kind=Thing is not built in" in gap.message
    assert "--schemas" in gap.hint
    server, pods = ServerCheck(real_toolbox.locate).results(inventory(unknown), settings)
    assert [finding.rule for finding in server.findings] == ["server/unjudged"]
    assert pods.not_judged == ()


@pytest.mark.real_tools
def test_what_is_planted_says_nothing_of_real_objects(settings: Settings, real_toolbox: Toolbox) -> None:
    same_name = "apiVersion: v1\nkind: Secret\nmetadata: {name: planted, namespace: elsewhere}\n---\n"
    policies = next(rule_texts.text(rule.id).good for rule in SERVER_RULES if rule.id == "server/admission-denied")
    for text in (SERVICE % "None", same_name + policies):
        result, _ = ServerCheck(real_toolbox.locate).results(inventory(text), settings)
        assert (result.findings, result.note) == ((), None)


def fake(folder: Path, planted: str = "judged") -> Path:
    """Write a program that finds nothing wrong with anything, and says this of planted objects."""
    program = folder / "fake"
    hello = {"reply": "hello", "program": "fake", "version": "v1", "protocol": 1, "kubernetes": "v1.35.4"}
    program.write_text(
        f"#!{sys.executable}\nimport json, sys\nprint({json.dumps(hello)!r})\n"
        "counts = dict(judged=0, unjudged=0, done=0)\n"
        "for line in sys.stdin:\n"
        "    request = json.loads(line)\n"
        "    outcome = 'judged' if request['request'] == 'judge' else 'done'\n"
        f"    outcome = {planted!r} if request['id'].startswith('planted:') else outcome\n"
        "    counts[outcome] += 1\n"
        "    error = dict(reason='panic', message='boom') if outcome == 'unjudged' else None\n"
        "    result = None if error else dict(findings=[])\n"
        "    print(json.dumps(dict(id=request['id'], outcome=outcome, result=result, error=error)))\n"
        "print(json.dumps(dict(reply='summary', received=sum(counts.values()), **counts)))\n"
    )
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("planted", ["judged", "unjudged"])
def test_a_program_that_finds_nothing_proves_nothing(planted: str, settings: Settings, tmp_path: Path) -> None:
    check = ServerCheck(lambda _: fake(tmp_path, planted))
    with pytest.raises(ToolOutputError, match="did not report the planted violation `planted:create`"):
        check.results(inventory(SERVICE % "10.0.0.5"), settings)


def test_the_namespace_of_planted_objects_cannot_be_used(settings: Settings, tmp_path: Path) -> None:
    text = (SERVICE % "10.0.0.5").replace("namespace: shop", f"namespace: {NAMESPACE}")
    with pytest.raises(ToolOutputError, match=NAMESPACE):
        ServerCheck(lambda _: fake(tmp_path)).results(inventory(text), settings)


@pytest.mark.real_tools
def test_what_one_way_to_apply_refuses_is_held_to_the_way_that_is_used(
    settings: Settings, real_toolbox: Toolbox
) -> None:
    def told(option: str) -> list[tuple[str, str]]:
        options = f"metadata: {{annotations: {{argocd.argoproj.io/sync-options: {option}}}, "
        text = (CERTIFICATE % ", duration: null").replace("metadata: {", options if option else "metadata: {")
        (server, _) = ServerCheck(real_toolbox.locate).results(inventory(text), settings)
        return [
            (found.severity.value, found.message.split(" holds null")[0])
            for found in server.findings
            if "duration" in found.message
        ]

    assert told("") == [("warning", "where it is applied by the server, `spec.duration`")]
    assert told("ServerSideApply=true") == [("error", "`spec.duration`")]
    assert told("ServerSideApply=false") == []


@pytest.mark.real_tools
def test_flags_of_the_cluster_decide_about_services(settings: Settings, real_toolbox: Toolbox) -> None:
    def told(**facts: Any) -> tuple[list[str], str]:
        cluster = CLUSTER.model_copy(update=facts) if facts else None
        objects = Inventory(inventory(SERVICE % "10.96.0.10").manifests, cluster=cluster)
        (server, _) = ServerCheck(real_toolbox.locate).results(objects, settings)
        return [found.message.split(":")[0] for found in server.findings], server.note or ""

    assert told(service_cidrs=["10.96.0.0/12"]) == ([], "")
    assert told(service_cidrs=["10.0.0.0/24"]) == (["spec.clusterIPs"], "")
    assert "address 10.96.0.10 has to be in the cluster's service ranges" in told()[1]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string",
            "`metadata.labels` holds a number, and must be a text",
        ),
        (
            "json: cannot unmarshal array into Go struct field ConfigMap.data of type map[string]string",
            "`data` holds a list, and must be a mapping of texts",
        ),
        (
            "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
            "`spec.replicas` holds a text, and must be a whole number",
        ),
        (
            "json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container",
            "`spec.containers` holds a mapping, and must be a list",
        ),
        (
            "Invalid value: null: some validation rules were not checked because",
            "some validation rules were not checked because",
        ),
        (
            'by it, spec.a[0].b: Invalid value: "boolean": spec.a[0].b in body must be of type string: "boolean"',
            "by it, `spec.a[0].b` holds true or false, and must be a text",
        ),
        (
            'spec.a: Invalid value: "null": spec.a in body must be of type integer: "null"',
            "`spec.a` holds null, which an empty value is, and must be a whole number",
        ),
        ("spec: Required value", "spec: Required value"),
        (
            "must be '00000000-0000-4000-8000-000000000000'",
            "must be 'the uid that the cluster gives'",
        ),
        ("the server stores kubernetes-admin: Argo CD", "the server stores the name of whoever creates it: Argo CD"),
    ],
)
def test_words_of_the_server_name_no_types_of_go(said: str, told: str) -> None:
    assert plain(said) == told
