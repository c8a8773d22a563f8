"""Rules about the tasks of a DAG: what they wait for, and whether they ever run.

Sources, Argo Workflows 4.1: workflow/validate/validate.go (`validateDAG`, `verifyNoCycles`, `validateDAGTargets`),
workflow/common/ancestry.go.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter

from aurora.cluster.workflows import Call, Definition, Dependency, Template, definitions
from aurora.model.finding import Severity
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, text
from aurora.model.pod_template import PARAMETER
from aurora.model.rule import ADVICE, OBJECT, REFUSED, InventoryRule, Violation
from aurora_constructs.spelling import nearest

LONG = 20
"""The most tasks of a cycle that a message names."""
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
        seen = _outside_of_cycles(template.waits)
        for call in template.calls:
            if call.name in seen or call.name not in template.ancestors(call.name):
                continue
            way = _way_back(template, call.name)
            seen.update(way)
            yield Violation(
                manifest=definition.manifest,
                steps=(*call.steps, "depends" if call.body.get("depends") else "dependencies"),
                message=f"the task `{call.name}` waits for itself: {_shown([*way, call.name])}",
                hint="remove one of these dependencies: none of the tasks ever starts",
            )


def _outside_of_cycles(waits: Mapping[str, tuple[str, ...]]) -> set[str]:
    """Give tasks that surely wait for no cycle, or that no cycle waits for, in a time in proportion to their number."""
    found = _in_order(waits)
    waiting: dict[str, list[str]] = {name: [] for name in waits if name not in found}
    for name in list(waiting):
        for before in waits[name]:
            if before in waiting:
                waiting[before].append(name)
    return found | _in_order(waiting)


def _in_order(waits: Mapping[str, Iterable[str]]) -> set[str]:
    """Give the tasks that start at some time, as far as cycles allow."""
    sorter = TopologicalSorter(waits)
    with suppress(CycleError):
        sorter.prepare()
    found: set[str] = set()
    while ready := sorter.get_ready():
        found.update(ready)
        sorter.done(*ready)
    return found


def _way_back(template: Template, start: str) -> list[str]:
    """Give a shortest way from a task of a cycle to itself, without its end."""
    came: dict[str, str] = {}
    pending = [start]
    for name in pending:  # which grows meanwhile
        for before in template.waits.get(name, ()):
            if before == start:
                return _walked(came, name)
            if before not in came:
                came[before] = name
                pending.append(before)
    return [start]


def _shown(way: list[str]) -> str:
    """Write a way down, without the middle of a long one."""
    return " → ".join(way if len(way) <= LONG else [*way[: LONG - 2], "…", way[-1]])


def _walked(came: Mapping[str, str], end: str) -> list[str]:
    way = [end]
    while way[-1] in came:
        way.append(came[way[-1]])
    return way[::-1]


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
