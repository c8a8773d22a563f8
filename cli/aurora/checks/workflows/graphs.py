"""Rules about the tasks of a DAG: what they wait for, and whether they ever run.

Sources, Argo Workflows 4.1: workflow/validate/validate.go (`validateDAG`, `verifyNoCycles`, `validateDAGTargets`),
workflow/common/ancestry.go.
"""

from collections.abc import Iterator, Mapping

from aurora.cluster.workflows import Call, Definition, Dependency, Template, definitions
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, text
from aurora.model.pod_template import PARAMETER
from aurora.model.rule import ADVICE, OBJECT, REFUSED, InventoryRule, Violation
from aurora_constructs.spelling import nearest

OF_ITEMS = ("AnySucceeded", "AllFailed")
RESULTS = ("Succeeded", "Failed", "Errored", "Skipped", "Omitted", "Daemoned", *OF_ITEMS)


def _dags(inventory: Inventory) -> Iterator[tuple[Definition, Template]]:
    for definition in definitions(inventory):
        for template in definition.every_template:
            if template.type == "dag":
                yield definition, template


def _cycles(inventory: Inventory) -> Iterator[Violation]:
    """One finding a cycle, at the first of its tasks."""
    for definition, template in _dags(inventory):
        seen: set[str] = set()
        for call in template.calls:
            if call.name in seen or call.name not in template.ancestors(call.name):
                continue
            way = _way_back(template, call.name)
            seen.update(way)
            yield Violation(
                manifest=definition.manifest,
                steps=(*call.steps, "depends" if call.body.get("depends") else "dependencies"),
                message=f"the task `{call.name}` waits for itself: {' → '.join([*way, call.name])}",
                hint="remove one of these dependencies: none of the tasks ever starts",
            )


def _way_back(template: Template, start: str) -> list[str]:
    """Give a shortest way from a task of a cycle to itself, without its end."""
    ways = {start: [start]}
    pending = [start]
    for name in pending:  # which grows meanwhile
        for before in template.waits.get(name, ()):
            if before == start:
                return ways[name]
            if before not in ways:
                ways[before] = [*ways[name], before]
                pending.append(before)
    return [start]


def _unknown_tasks(inventory: Inventory) -> Iterator[Violation]:
    for definition, template in _dags(inventory):
        tasks = {call.name: call for call in template.calls}
        for call in template.calls:
            for dependency in call.dependencies:
                wrong = _wrong(dependency, tasks)
                if wrong:
                    yield Violation(
                        manifest=definition.manifest, steps=dependency.steps, message=wrong[0], hint=wrong[1]
                    )
        if not template.calls:
            yield Violation(
                manifest=definition.manifest,
                steps=(*template.steps, "dag"),
                message="this DAG has no task",
                hint="list at least one in `tasks`",
            )
        for name in _targets(template):
            if name not in tasks:
                yield Violation(
                    manifest=definition.manifest,
                    steps=(*template.steps, "dag", "target"),
                    message=f"the target `{name}` is no task of this DAG",
                    hint=nearest(name, tasks),
                )


def _wrong(dependency: Dependency, tasks: Mapping[str, Call]) -> tuple[str, str] | None:
    if dependency.task not in tasks:
        return f"there is no task `{dependency.task}` in this DAG", nearest(dependency.task, tasks)
    if dependency.result and dependency.result not in RESULTS:
        return f"`{dependency.result}` is no result of a task", nearest(dependency.result, RESULTS)
    if dependency.result in OF_ITEMS and not tasks[dependency.task].repeated:
        message = f"`{dependency.result}` is for tasks with items, and `{dependency.task}` runs once"
        return message, "use `Succeeded` or `Failed`"
    return None


def _targets(template: Template) -> list[str]:
    written = text(dig(template.body, "dag", "target"))
    return [] if PARAMETER in written else written.split()


def _mixed(inventory: Inventory) -> Iterator[Violation]:
    for definition, template in _dags(inventory):
        if not any(call.body.get("depends") for call in template.calls):
            continue
        for call in template.calls:
            for field, instead in (
                ("dependencies", "write it as `depends`, which can say the same"),
                ("continueOn", "write `Failed` or `Errored` in the `depends` of those who wait"),
            ):
                if call.body.get(field):
                    yield Violation(
                        manifest=definition.manifest,
                        steps=(*call.steps, field),
                        message=f"a DAG with `depends` in one task has `{field}` in another",
                        hint=instead,
                    )


def _left_out(inventory: Inventory) -> Iterator[Violation]:
    for definition, template in _dags(inventory):
        targets = _targets(template)
        wanted = {*targets, *(name for target in targets for name in template.ancestors(target))}
        for call in template.calls if targets else ():
            if call.name not in wanted:
                yield Violation(
                    manifest=definition.manifest,
                    steps=call.place,
                    message=f"the DAG's target does not need the task `{call.name}`: it never runs",
                    hint="add it to `target`, or remove it",
                )


RULES = (
    InventoryRule("workflows/cycle", REFUSED, _cycles, scope=OBJECT),
    InventoryRule("workflows/unknown-task", REFUSED, _unknown_tasks, scope=OBJECT),
    InventoryRule("workflows/mixed-dependencies", REFUSED, _mixed, scope=OBJECT),
    InventoryRule("workflows/unused-task", ADVICE, _left_out, severity=Severity.WARNING, scope=OBJECT),
)
