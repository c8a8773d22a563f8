"""Facts about the check `workflows` that its rules' examples do not state."""

from __future__ import annotations

import pytest
from hypothesis import given

from aurora.checks.workflows import CHECK
from aurora.checks.workflows.schedules import wrong_schedule
from aurora.cluster.workflows import Template
from aurora.model.inventory import Inventory
from aurora_constructs import time_zones
from checks.inventory_cases import assert_findings_point_at_fields, hostile, judge, pointers

IMAGE = "registry.example.com/ml/run:1.2.3"
RUN = (
    f"{{name: run, container: {{image: {IMAGE}}}, outputs: {{parameters: [{{name: rows, valueFrom: {{path: /n}}}}]}}}}"
)
TAKEN = "{{inputs.parameters.rows}}"
ECHO = f'{{name: echo, inputs: {{parameters: [{{name: rows}}]}}, container: {{image: {IMAGE}, args: ["{TAKEN}"]}}}}'


def workflow(*templates: str, kind: str = "Workflow", name: str = "train", spec: str = "", entry: str = "main") -> str:
    listed = "".join(f"    - {template}\n" for template in templates)
    return (
        f"apiVersion: argoproj.io/v1alpha1\nkind: {kind}\nmetadata: {{name: {name}, namespace: argo}}\n"
        f"spec:\n  entrypoint: {entry}\n  serviceAccountName: train\n{spec}  templates:\n{listed}"
    )


def dag(*tasks: str, more: str = "") -> str:
    return f"{{name: main, dag: {{tasks: [{', '.join(tasks)}]{more}}}}}"


def takes(name: str, value: str, more: str = "") -> str:
    return f'{{name: {name}, template: echo, arguments: {{parameters: [{{name: rows, value: "{value}"}}]}}{more}}}'


def rules(*streams: str) -> set[str]:
    return {finding.rule.removeprefix("workflows/") for finding in judge(CHECK, *streams)}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("{{tasks.a.outputs.parameters.rows}}", set()),
        ("{{ tasks.a.outputs.parameters.rows }}", set()),
        ("{{tasks.a.outputs.result}}", set()),
        ("{{tasks.a.status}}", set()),
        ("{{tasks.a.ip}}", {"unknown-variable"}),
        ("{{tasks.a.outputs.parameters.m}}", {"unknown-variable"}),
        ("{{tasks.b.outputs.parameters.rows}}", {"unknown-variable"}),
        ("{{=tasks.b.outputs.parameters.rows}}", set()),
        ("{{workflow.name}}-{{workflow.creationTimestamp.s}}", set()),
        ("{{workflow.labels.team}}", set()),
        ("{{workflow.parameters.x}}", {"unknown-variable"}),
        ("{{workflow.outputs.parameters.x}}", {"unknown-variable"}),
        ("{{item.name}}", {"unknown-variable"}),
        ("{{retries}} {{lastRetry.exitCode}} {{.Values.x}} {{nothing}}", set()),
        ("{{inputs.parameters.rows}}", {"unknown-variable"}),
    ],
)
def test_a_task_sees_outputs_of_others_and_what_every_workflow_has(value: str, found: set[str]) -> None:
    stream = workflow(dag("{name: a, template: run}", takes("c", value, ", dependencies: [a]")), RUN, ECHO)
    assert rules(stream) == found


def test_steps_see_what_came_before_them_and_not_what_comes_after() -> None:
    first, second = "{name: a, template: run}", takes("b", "{{steps.a.outputs.parameters.rows}}")
    assert not rules(workflow(f"{{name: main, steps: [[{first}], [{second}]]}}", RUN, ECHO))
    assert rules(workflow(f"{{name: main, steps: [[{second}], [{first}]]}}", RUN, ECHO)) == {"unknown-variable"}


def test_items_give_variables_by_their_keys() -> None:
    stream = workflow(dag(takes("a", "{{item.key}}", ", withItems: [{key: 1}]")), ECHO)
    assert not rules(stream)
    assert rules(stream.replace("item.key", "item.kay")) == {"unknown-variable"}
    assert not rules(stream.replace("item.key", "item.kay").replace("withItems: [{key: 1}]", 'withParam: "[]"'))


def test_what_a_template_of_another_object_exports_is_looked_up_where_it_is_here() -> None:
    task = "{name: a, templateRef: {name: shared, template: run}}"
    caller = workflow(dag(task, takes("b", "{{tasks.a.outputs.parameters.m}}", ", dependencies: [a]")), ECHO)
    assert not rules(caller)
    shared = workflow(RUN, kind="WorkflowTemplate", name="shared", entry="run")
    assert rules(caller, shared) == {"unknown-variable"}
    assert rules(caller.replace("template: run", "template: rum"), shared) == {"unknown-template"}
    assert not rules(caller.replace("name: shared", 'name: "{{workflow.name}}"'), shared)


def test_who_runs_a_template_gives_the_parameters_that_it_leaves_open() -> None:
    shared = workflow(
        f'{{name: main, container: {{image: {IMAGE}, args: ["{{{{workflow.parameters.model}}}}"]}}}}',
        kind="WorkflowTemplate",
        name="shared",
    )
    run = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: run, namespace: argo}\n"
        "spec: {workflowTemplateRef: {name: shared}, arguments: {parameters: [{name: MODEL, value: a}]}}\n"
    )
    assert not rules(shared)
    assert pointers(judge(CHECK, shared, run), "workflows/unknown-variable") == ["/spec/workflowTemplateRef"]
    assert not rules(shared, run.replace("MODEL", "model"))


def test_a_schedule_gives_what_its_template_leaves_open() -> None:
    given = "  arguments: {parameters: [{name: model, value: churn}]}\n"
    shared = workflow(RUN, kind="WorkflowTemplate", name="shared", entry="run", spec=given)
    cron = (
        "apiVersion: argoproj.io/v1alpha1\nkind: CronWorkflow\nmetadata: {name: night, namespace: argo}\n"
        "spec: {schedules: ['0 3 * * *'], timezone: Etc/UTC, concurrencyPolicy: Forbid, "
        "workflowSpec: {workflowTemplateRef: {name: shared}ARGUMENTS}}\n"
    )
    alone = cron.replace("ARGUMENTS", "")
    assert not rules(shared, alone)
    assert rules(shared.replace(", value: churn", ""), alone) == {"missing-argument"}
    assert not rules(
        shared.replace(", value: churn", ""),
        cron.replace("ARGUMENTS", ", arguments: {parameters: [{name: model, value: a}]}"),
    )


def test_a_circle_is_found_once_and_named_whole() -> None:
    tasks = [f"{{name: {name}, template: run, dependencies: [{before}]}}" for name, before in ("ab", "bc", "ca")]
    found = judge(CHECK, workflow(dag(*tasks, "{name: d, template: run, dependencies: [a]}"), RUN))
    assert [finding.message for finding in found] == ["the task `a` waits for itself: a → b → c → a"]


def waiting(name: str, *before: str) -> str:
    return f"{{name: {name}, template: run, dependencies: [{', '.join(before)}]}}"


def test_circles_are_told_apart_from_what_leads_there_and_what_waits_for_them() -> None:
    tasks = [waiting("a", "b"), waiting("b", "a"), waiting("c", "b"), waiting("d", "c", "e"), waiting("e", "d")]
    found = [
        each for each in judge(CHECK, workflow(RUN, dag(*tasks, waiting("f", "e")))) if each.rule.endswith("/cycle")
    ]
    assert [each.message.rpartition(": ")[2] for each in found] == ["a → b → a", "d → e → d"]


def test_of_a_long_circle_the_middle_is_left_out() -> None:
    ring = dag(*(waiting(f"t{number}", f"t{(number - 1) % 100}") for number in range(100)))
    (found,) = [each for each in judge(CHECK, workflow(RUN, ring)) if each.rule.endswith("/cycle")]
    assert found.message.endswith("t83 → … → t0") and "t0 → t99 → t98" in found.message


def test_large_graphs_are_not_searched_from_each_of_their_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[str] = []

    def search(_: Template, name: str) -> set[str]:
        searched.append(name)
        return set()

    monkeypatch.setattr(Template, "ancestors", search)
    chain = dag(waiting("t0"), *(waiting(f"t{number}", f"t{number - 1}") for number in range(1, 200)))
    assert rules(workflow(RUN, chain)) == set()
    assert searched == []


@pytest.mark.parametrize(
    ("depends", "found"),
    [
        ("a", set()),
        ("a.Succeeded || (a.Failed && !a.Skipped)", set()),
        ("a.Succeded", {"unknown-task"}),
        ("a && e", {"unknown-task"}),
        ("a.AnySucceeded", {"unknown-task"}),
    ],
)
def test_an_expression_of_dependencies_names_tasks_and_their_results(depends: str, found: set[str]) -> None:
    stream = workflow(dag("{name: a, template: run}", f'{{name: b, template: run, depends: "{depends}"}}'), RUN)
    assert rules(stream) == found


@pytest.mark.parametrize(
    ("consumer", "found"),
    [
        ("dependencies: [a]", {"skipped-output"}),
        ('depends: "a.Succeeded"', set()),
        ('depends: "a.Succeeded || a.Skipped"', {"skipped-output"}),
        ('dependencies: [a], when: "1 == 1"', set()),
    ],
)
def test_outputs_of_what_may_be_skipped_need_a_default_where_the_reader_runs_all_the_same(
    consumer: str, found: set[str]
) -> None:
    tasks = (
        "{name: a, template: run, when: 1 == 2}",
        takes("b", "{{tasks.a.outputs.parameters.rows}}", f", {consumer}"),
    )
    stream = workflow(dag(*tasks), RUN, ECHO)
    assert rules(stream) == found
    assert not rules(stream.replace("path: /n", "path: /n, default: none"))
    assert not rules(stream.replace("[{name: rows}]", "[{name: rows, default: none}]"))
    assert not rules(stream.replace("when: 1 == 2", "timeout: 1m"))


def test_a_condition_on_the_output_of_what_may_be_skipped_needs_a_default_too() -> None:
    tasks = (
        "{name: a, template: run, when: 1 == 2}",
        '{name: b, template: run, dependencies: [a], when: "{{tasks.a.outputs.parameters.rows}} == 1"}',
    )
    assert rules(workflow(dag(*tasks), RUN)) == {"skipped-output"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("path: /n", "parameter: x"),
        ("container: {image", "parallelism: 2, container: {image"),
        ("dag: {", "activeDeadlineSeconds: 60, dag: {"),
        ("dag: {", "inputs: {artifacts: [{name: a, path: /a}]}, dag: {"),
        ("outputs: {", "inputs: {artifacts: [{name: a}]}, outputs: {"),
        (f"image: {IMAGE}", "command: [a]"),
        ("name: a, template", "name: a, withItems: [1], withParam: '[]', template"),
    ],
)
def test_fields_stand_where_they_mean_something(old: str, new: str) -> None:
    sound = workflow(dag("{name: a, template: run}"), RUN)
    assert not rules(sound)
    assert old in sound
    assert "misplaced-field" in rules(sound.replace(old, new))


@pytest.mark.parametrize(
    "written",
    [
        "* * * * *",
        "*/5 0-23/2 1,15 JAN-dec sun",
        "0 0 ? * 6",
        "5/15 * * * *",
        "@daily",
        "@every 1h30m",
        "TZ=UTC 0 3 * * *",
    ],
)
def test_a_schedule_has_the_forms_that_the_controller_reads(written: str) -> None:
    assert wrong_schedule(written) is None


@pytest.mark.parametrize(
    "written",
    [
        *("", "* * * *", "0 0 3 * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 7"),
        *("5-1 * * * *", "*/0 * * * *", "* * * * monday", "1-*/2 * * * *", "@often", "@every day", "TZ=Mars 0 3 * * *"),
    ],
)
def test_other_forms_are_found(written: str) -> None:
    assert wrong_schedule(written)


def test_a_time_zone_that_is_spelt_wrong_is_told_which_one_may_be_meant() -> None:
    for known in ("Europe/Berlin", "UTC", "America/Argentina/Ushuaia"):
        assert time_zones.wrong(known) is None
    assert time_zones.wrong("Europe/Berln") == "there is no time zone `Europe/Berln`: did you mean `Europe/Berlin`?"


DEFINITION = (
    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
    "metadata: {name: cronworkflows.argoproj.io}\nspec:\n  group: argoproj.io\n  names: {kind: CronWorkflow}\n"
    "  versions: [{name: v1alpha1, served: true, schema: {openAPIV3Schema: {properties: {spec: {properties: "
    "{FIELD: {}}}}}}}]\n"
)
CHART = (
    "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: argo, namespace: argocd}\n"
    "spec: {source: {repoURL: https://charts.example.com, chart: argo-workflows, targetRevision: VERSION}}\n"
)


@pytest.mark.parametrize(
    ("beside", "severity"),
    [
        ("", "warning"),
        (DEFINITION.replace("FIELD", "schedule"), None),
        (DEFINITION.replace("FIELD", "schedules"), "error"),
        (CHART.replace("VERSION", "0.46.1"), None),
        (CHART.replace("VERSION", "1.0.18"), "error"),
    ],
)
def test_removed_fields_are_judged_by_the_version_that_runs(beside: str, severity: str | None) -> None:
    old = workflow(RUN, entry="run", spec="  podPriority: 3\n  synchronization: {mutex: {name: a}}\n")
    found = [
        entry for entry in judge(CHECK, old, *([beside] if beside else [])) if entry.rule.endswith("removed-field")
    ]
    assert [entry.severity.value for entry in found] == ([severity] * 2 if severity else [])


@given(hostile(CHECK))
def test_nothing_that_a_file_may_hold_stops_the_check(inventory: Inventory) -> None:
    assert_findings_point_at_fields(CHECK, inventory)
