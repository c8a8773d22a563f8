"""Holds a tree against a specification: every problem becomes a finding at the line where it was written.

Reads no files.
"""

from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import BaseModel

from aurora.environment import rules
from aurora.environment.expectations import advice, demanded, meaning, stated
from aurora.environment.problems import EXTRA, MISSING, NO_TAG, WRONG_TAG, Problem, judge
from aurora.environment.rules import found
from aurora.environment.shape import Shape, fields, shape_of, walk
from aurora.environment.tree import Node, Steps
from aurora.environment.wording import described, listed, path_text, visible
from aurora.model.finding import Finding
from aurora.model.place import Place
from aurora.model.rule import Rule
from aurora_constructs.spelling import closest

M = TypeVar("M", bound=BaseModel)


@dataclass(slots=True)
class Judgement:
    """The findings about one environment, in the making.

    `complete` says that all layers are there: only then is a key that is nowhere a missing one. A misspelt
    key also leaves the right one missing; such a pair is one finding.
    """

    tree: Node
    complete: bool
    subject: tuple[str, str] = ("the environment", "an environment")
    """What the whole is called: this one, and any."""
    _findings: dict[Finding, None] = field(default_factory=dict)
    _strangers: set[Place] = field(default_factory=set)
    _meant: set[Steps] = field(default_factory=set)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found so far."""
        return tuple(self._findings)

    def has(self, *of: Rule) -> bool:
        """Tell whether something was found by one of the rules."""
        return any(finding.rule in {rule.id for rule in of} for finding in self._findings)

    def add(self, *findings: Finding) -> None:
        """Take findings up, each once."""
        self._findings.update(dict.fromkeys(findings))

    def unknown_keys(self, spec: type[BaseModel], layer: Node, steps: Steps) -> None:
        """Report the keys of one layer that a specification does not know."""
        for visit in walk(shape_of(spec), layer, steps, defaults=False, merged=self.tree.find(steps)):
            if visit.shape is None and visit.parent.model is not None:
                self._unknown_key(visit.steps, visit.node, visit.parent)

    def _unknown_key(self, steps: Steps, node: Node, shape: Shape) -> None:
        key, known = str(steps[-1]), tuple(fields(shape.model)) if shape.model else ()
        parent = f"`{path_text(steps[:-1])}`" if len(steps) > 1 else self.subject[1]
        near = closest(key, known)
        elsewhere = shape.other_tags(key)
        if elsewhere:
            hint = f"only a {parent} with {elsewhere} has it; this one knows {listed(known)}"
            near = None
        else:
            hint = f"{parent} knows {listed(known)}" if near is None else f"did you mean `{near}`?"
        self._strangers.add(node.key)
        if near is not None:
            self._meant.add((*steps[:-1], near))
        message = f"`{visible(key)}` is no key of {parent}"
        self.add(found(rules.UNKNOWN_KEY, node.key, message, steps=steps, hint=hint))

    def validate(self, spec: type[M], steps: Steps = ()) -> M | None:
        """Validate a part of the merged tree; give the instance, or None after reporting why there is none."""
        node = self.tree.find(steps)
        if node is None:
            return None
        instance, problems = judge(spec, node)
        for problem in problems:
            self._report(problem, steps)
        return instance

    def _report(self, problem: Problem, root: Steps) -> None:
        steps = (*root, *problem.steps)
        if problem.type == MISSING:
            self._missing(steps, problem)
        elif problem.type == NO_TAG:
            self._missing((*steps, _tag_name(problem)), problem)
        elif problem.type == EXTRA:
            self._extra(steps, problem)
        elif problem.type == WRONG_TAG:
            self._invalid((*steps, _tag_name(problem)), problem)
        else:
            self._invalid(steps, problem)

    def _missing(self, steps: Steps, problem: Problem) -> None:
        parent = self.tree.nearest(steps[:-1])
        trace = parent.child(steps[-1])
        if not self.complete or steps in self._meant or (trace is not None and trace.removes_nothing):
            return
        key = visible(str(steps[-1]))
        place = trace.key if trace is not None else parent.at
        owner = f"`{path_text(steps[:-1])}`" if len(steps) > 1 else self.subject[0]
        message = f"`{path_text(steps)}` is removed here, and must be there" if trace else f"{owner} has no `{key}`"
        means = f"one of {listed(problem.shape.tags)}" if problem.type == NO_TAG else meaning(problem)
        hint = f"add `{key}`" + (f": {means}" if means else "")
        self.add(found(rules.MISSING_KEY, place, message, steps=steps[:-1], hint=hint))

    def missing_kind(self, steps: Steps, component: Node) -> None:
        """Report a component that does not say its kind, so that nothing else about it can be judged."""
        near = closest("kind", [str(step) for step, _ in component.entries()])
        trace = component.child("kind")
        if self.complete and (trace is None or not trace.removes_nothing):
            others = [str(step) for step, _ in self.tree.nearest(steps[:-1]).entries() if step != steps[-1]]
            other = closest(str(steps[-1]), others)
            what = "`aurora list` prints the kinds"
            if near or other:
                what = (
                    f"did you mean `kind` by `{visible(near)}`?" if near else f"did you mean `{visible(str(other))}`?"
                )
            place = trace.key if trace else component.key
            message = f"`{path_text(steps)}` has no `kind`"
            self.add(found(rules.MISSING_KEY, place, message, steps=steps, hint=what))

    def _extra(self, steps: Steps, problem: Problem) -> None:
        """Report a key that no layer's own check saw: which member of a union a layer means can be unclear."""
        node = self.tree.find(steps)
        if node is not None and node.key not in self._strangers:
            self._unknown_key(steps, node, problem.shape)

    def _invalid(self, steps: Steps, problem: Problem) -> None:
        node = self.tree.nearest(steps)
        trace = node.child(steps[-1]) if steps else None
        if trace is not None and trace.removed:
            return  # a null in a list, which is reported as what it is: it removes nothing
        path = path_text(steps) if steps else self.subject[0]
        if problem.of_key:
            message = f"the name `{visible(str(steps[-1]))}` in `{path_text(steps[:-1])}` must {demanded(problem)}"
            self.add(found(rules.INVALID, node.key, message, steps=steps))
            return
        value = node.plain()
        says = stated(problem)
        if says is None:
            message = f"`{path}` is {described(value)}, must {demanded(problem)}"
        else:
            message = f"`{path}`: {says}" if isinstance(value, dict) else f"`{path}` is {described(value)}: {says}"
        means = meaning(problem)
        names = [step for step in steps if isinstance(step, str)]
        hint = advice(problem, value, node.written) or (
            f"meaning of `{visible(names[-1])}`: {means}" if names and means else None
        )
        self.add(found(rules.INVALID, node.at, message, steps=steps, hint=hint))


def _tag_name(problem: Problem) -> str:
    return str(problem.context["discriminator"]).strip("'")
