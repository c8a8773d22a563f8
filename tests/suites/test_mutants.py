"""Mutants of real objects: each operator breaks what it says, each verdict counts once, survivors are shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from aurora import manifests
from aurora.errors import TableError
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonObject, dig, items
from aurora.model.manifest import Manifest
from aurora.policies.handing import Given, Surroundings
from aurora.policies.judging import EngineJudge, Judge
from aurora.policies.sources import Policy
from aurora.suites import environments, mutants
from aurora.suites.edits import ABSENT, Edit, edited
from aurora.suites.environments import Bound
from aurora.suites.operators import OPERATORS, Operator
from aurora.suites.operators import read as read_operators
from aurora.tools.verdicts import Result, Row, Verdicts

DIGEST = "sha256:" + "0123456789abcdef" * 4
OBJECTS = f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: server, namespace: team}}
spec:
  template: &template
    metadata:
      labels:
        app.kubernetes.io/name: server
        app.kubernetes.io/component: inference
        aurora.example.com/model: houses
        aurora.example.com/model-version: v1
    spec:
      automountServiceAccountToken: false
      initContainers:
        - name: prepare
          image: registry.example.com/prepare:1.0.0@{DIGEST}
          resources: {{requests: {{cpu: 1, memory: 1Gi}}, limits: {{memory: 1Gi}}}}
      containers:
        - name: server
          image: registry.example.com/server:1.0.0@{DIGEST}
          resources: {{requests: {{cpu: 1, memory: 1Gi}}, limits: {{memory: 1Gi}}}}
          volumeMounts: [{{name: models, mountPath: /models, readOnly: true}}]
      volumes: [{{name: models, persistentVolumeClaim: {{claimName: models, readOnly: true}}}}]
---
apiVersion: v1
kind: Service
metadata: {{name: server, namespace: team}}
spec: {{clusterIP: None, ports: [{{port: 80}}]}}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: server, namespace: argocd}}
spec: {{sources: [{{repoURL: "https://git.example.com/ml/aurora.git"}}, {{repoURL: "https://charts.example.com"}}]}}
"""


def read(stream: str) -> tuple[Manifest, ...]:
    found = manifests.read(stream.encode(), "generated/example.yaml")
    assert not found.findings
    return found.manifests


REAL = read(OBJECTS)


def broken(operator: Operator) -> list[tuple[Manifest, JsonObject]]:
    return [(entry, edited(entry.body, each.edits)) for entry in REAL for each in operator.breaks(entry)]


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: operator.name)
def test_an_operator_changes_a_copy_of_an_object(operator: Operator) -> None:
    before = [dict(entry.body) for entry in read(OBJECTS)]
    made = broken(operator)
    assert made
    assert all(body != entry.body for entry, body in made)
    assert [dict(entry.body) for entry in REAL] == before


def test_operators_have_names_of_their_own_and_policies_of_the_repository() -> None:
    folder = Path(__file__).resolve().parents[2] / "policies"
    assert len({operator.name for operator in OPERATORS}) == len(OPERATORS)
    assert all((folder / name / "policy.yaml").is_file() for operator in OPERATORS for name in operator.killers)


def test_every_judging_policy_of_the_repository_has_an_operator() -> None:
    folder = Path(__file__).resolve().parents[2] / "policies"
    judging = {path.parent.name for path in folder.glob("*/policy.yaml") if "ValidatingPolicy" in path.read_text()}
    assert judging == {name for operator in OPERATORS for name in operator.killers}


def images(name: str) -> set[str]:
    (operator,) = [entry for entry in OPERATORS if entry.name == name]
    return {str(dig(body, "spec", "template", "spec", "containers", 0, "image")) for _, body in broken(operator)}


@pytest.mark.parametrize(
    ("operator", "image"),
    [
        ("latest-tag", "registry.example.com/server:latest"),
        ("latest-tag-and-digest", f"registry.example.com/server:latest@{DIGEST}"),
        ("drop-tag-and-digest", "registry.example.com/server"),
        ("drop-digest", "registry.example.com/server:1.0.0"),
        ("foreign-registry", f"registry.invalid/server:1.0.0@{DIGEST}"),
        ("lookalike-registry", f"registry.example.com.invalid/server:1.0.0@{DIGEST}"),
        ("short-image", f"server:1.0.0@{DIGEST}"),
    ],
)
def test_an_image_is_broken_as_its_operator_says(operator: str, image: str) -> None:
    assert image in images(operator)


def test_an_image_volume_is_foreign_and_moving() -> None:
    (operator,) = [entry for entry in OPERATORS if entry.name == "image-volume"]
    volumes = [items(dig(body, "spec", "template", "spec", "volumes")) for _, body in broken(operator)]
    assert {str(dig(added[-1], "image", "reference")) for added in volumes if added} == {
        "registry.invalid/models:latest"
    }
    assert set(operator.killers) == {"disallow-latest-tag", "require-image-digest", "restrict-image-registries"}


def test_a_port_of_a_registry_is_no_tag() -> None:
    (operator,) = [entry for entry in OPERATORS if entry.name == "drop-tag-and-digest"]
    (pod,) = read(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: 'host:5000/a:1'}]}\n"
    )
    assert [each.edits[0].value for each in operator.breaks(pod)] == ["host:5000/a"]


def test_an_edit_makes_what_is_missing_and_takes_away_what_is_there() -> None:
    body: JsonObject = {"a": {"b": [1]}}
    assert edited(body, [Edit(("x", "y"), 1)]) == {"a": {"b": [1]}, "x": {"y": 1}}
    assert edited(body, [Edit(("a", "b", 1), 2)]) == {"a": {"b": [1, 2]}}
    assert edited(body, [Edit(("a", "b", 0), ABSENT)]) == {"a": {"b": []}}
    assert edited(body, [Edit(("a", "c"), ABSENT)]) == body
    with pytest.raises(TypeError, match="no part"):
        edited(body, [Edit(("a", "b", "c"), 1)])


POLICY = """\
apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {name: disallow-latest-tag}
spec:
  validationActions: [Deny]
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [pods]}
  validations: [{expression: "true"}]
"""


def bound(*documents: str, environment: str = "example") -> Bound:
    return environments.bound(Inventory(read("---\n".join(documents)), environment=environment, closed=True))


Rule = Callable[[Given], Result]


def judge(rule: Rule) -> Judge:
    class Ruling(EngineJudge):
        def ask(self, policies: Sequence[Policy], objects: Sequence[Given], surroundings: Surroundings) -> Verdicts:
            assert surroundings
            assert len({entry.id for entry in objects}) == len(objects)
            return Verdicts(
                tuple(Row(policy.name, entry.id, rule(entry), "") for policy in policies for entry in objects), {}
            )

    return Ruling(program=Path("nowhere"), workspace=Path("nowhere"), timeout=0.0)


def is_mutant(entry: Given) -> bool:
    return entry.id.name.startswith("mutant-")


def outcome(found: Sequence[mutants.Trial], rule: Rule) -> mutants.Outcome:
    with ThreadPoolExecutor(max_workers=2) as pool:
        return mutants.try_all(found, judge(rule), pool, ["disallow-latest-tag"])


def test_a_policy_that_refuses_every_mutant_and_no_original_has_the_full_score() -> None:
    found = mutants.trials([bound(OBJECTS, POLICY)], ["disallow-latest-tag"])
    (score,) = outcome(found, lambda entry: Result.FAIL if is_mutant(entry) else Result.PASS).scores
    assert (score.mutants, score.killed) == (7, 7)


def test_a_survivor_is_a_finding_at_the_broken_line() -> None:
    found = mutants.trials([bound(OBJECTS, POLICY)], ["disallow-latest-tag"])
    result = outcome(found, lambda _: Result.PASS)
    assert [(score.mutants, score.killed) for score in result.scores] == [(7, 0)]
    lines = OBJECTS.splitlines()
    of_images = [entry for entry in result.findings if "`image-volume`" not in entry.message]
    assert len(of_images) == 6
    assert all(entry.place and "image:" in lines[entry.place.line - 1] for entry in of_images)
    assert {entry.killed for entry in result.operators} == {0}


def test_a_policy_that_refuses_the_original_too_has_killed_nothing() -> None:
    found = mutants.trials([bound(OBJECTS, POLICY)], ["disallow-latest-tag"])
    result = outcome(found, lambda _: Result.FAIL)
    assert [(score.mutants, score.killed) for score in result.scores] == [(7, 0)]
    assert all("unbroken" in finding.message for finding in result.findings)


@pytest.mark.parametrize("said", [Result.SKIP, Result.WARN, Result.ERROR])
def test_only_a_refusal_kills(said: Result) -> None:
    found = mutants.trials([bound(OBJECTS, POLICY)], ["disallow-latest-tag"])
    assert outcome(found, lambda entry: said if is_mutant(entry) else Result.PASS).scores[0].killed == 0


def test_pods_that_are_alike_are_broken_once() -> None:
    twin = OBJECTS.partition("---\n")[0].replace("metadata: {name: server,", "metadata: {name: twin,")
    single = mutants.trials([bound(OBJECTS, POLICY)], ["disallow-latest-tag"])
    double = mutants.trials([bound(OBJECTS, twin, POLICY)], ["disallow-latest-tag"])
    second = mutants.trials([bound(OBJECTS, POLICY), bound(OBJECTS, POLICY, environment="b")], ["disallow-latest-tag"])
    assert [len(found[0].mutants) for found in (single, double, second)] == [7, 7, 7]
    assert len(second) == 1


def test_environments_with_another_setting_are_tried_apart() -> None:
    stricter = POLICY.replace('"true"', '"1 == 1"')
    found = mutants.trials([bound(OBJECTS, POLICY), bound(OBJECTS, stricter, environment="b")], ["disallow-latest-tag"])
    assert [trial.environment for trial in found] == ["example", "b"]


def test_an_action_is_no_other_setting() -> None:
    audit = POLICY.replace("[Deny]", "[Audit]")
    found = mutants.trials([bound(OBJECTS, POLICY), bound(OBJECTS, audit, environment="b")], ["disallow-latest-tag"])
    assert [trial.environment for trial in found] == ["example"]


def test_objects_that_a_policy_does_not_meet_are_not_broken() -> None:
    elsewhere = POLICY.replace(
        "  matchConstraints:\n",
        "  matchConstraints:\n    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: elsewhere}}\n",
    )
    assert mutants.trials([bound(OBJECTS, elsewhere)], ["disallow-latest-tag"]) == ()


def test_everything_wrong_in_a_table_of_operators_is_told_at_its_place(tmp_path: Path) -> None:
    file = tmp_path / "operators.yaml"
    file.write_text(
        "a: {makes: it, refused-by: [b], of: images, edits: [{set: [], to: '{nmae}'}, {drop: [x], set: [y]}]}\n"
        "b: {makes: it, refused-by: [b], of: pods, edit: []}\n",
        encoding="utf-8",
    )
    with pytest.raises(TableError) as error:
        read_operators(file)
    said = [(place.line, message) for place, message in error.value.problems]
    assert said == [
        (1, "there is no `{nmae}` here (nearest: `name`)"),
        (1, "an edit is one of `drop`, `set`, `add`, `without`"),
        (2, "unknown key `edit` (nearest: `edits`)"),
        (2, "`edits` is missing"),
    ]
