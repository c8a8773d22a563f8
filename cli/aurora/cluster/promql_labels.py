"""Which labels the result of a PromQL expression can have, and which it names that nothing can have.

Source: Prometheus 3, documentation of querying: what operators, aggregations and functions keep.
Finds facts; never judges them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from aurora.cluster import promql
from aurora.cluster.promql import (
    AggModifierType,
    AggregateExpr,
    BinaryExpr,
    Call,
    Expr,
    LabelModifierType,
    MatchOp,
    StringLiteral,
    VectorSelector,
)

Labels = frozenset[str] | None
"""What labels there can be; None where any label can be."""

NOTHING: Labels = frozenset()
_KEEPING = frozenset({"topk", "bottomk", "limitk", "limit_ratio"})
_LABELLING = frozenset({"label_replace", "label_join"})


@dataclass(slots=True)
class Reading:
    """One expression: the labels of its result, and each label that it names in vain with what it was looked for in."""

    labels: Labels = NOTHING
    strays: list[tuple[str, frozenset[str]]] = field(default_factory=list)


def read(tree: Expr, known: Callable[[str], Labels]) -> Reading:
    """Read an expression; `known` gives the labels of a metric, and of the empty name those of an unknown one."""
    reading = Reading()
    reading.labels = _of(tree, known, reading)
    return reading


def _of(node: Expr, known: Callable[[str], Labels], reading: Reading) -> Labels:
    if isinstance(node, VectorSelector):
        return _selected(node, known, reading)
    if isinstance(node, AggregateExpr):
        return _aggregated(node, _of(node.expr, known, reading), reading)
    if isinstance(node, BinaryExpr):
        return _joined(node, _of(node.lhs, known, reading), _of(node.rhs, known, reading), reading)
    found = NOTHING
    for part in promql.children(node):
        found = _either(found, _of(part, known, reading))
    return _called(node, found) if isinstance(node, Call) else found


def _selected(node: VectorSelector, known: Callable[[str], Labels], reading: Reading) -> Labels:
    labels = known(promql.metric(node))
    for matcher in node.matchers.matchers:
        # A series without a label matches what also matches the empty text.
        if matcher.name != "__name__" and not (matcher.op == MatchOp.Equal and not matcher.value):
            _need(matcher.name, labels, reading)
    return labels


def _aggregated(node: AggregateExpr, inner: Labels, reading: Reading) -> Labels:
    if str(node.op) in _KEEPING:
        return inner
    added = {node.param.val} if isinstance(node.param, StringLiteral) else set()
    modifier = node.modifier
    if modifier is None:
        return frozenset(added)
    if modifier.type == AggModifierType.By:
        for label in modifier.labels:
            _need(label, inner, reading)
        return frozenset(modifier.labels) | added
    return None if inner is None else inner - set(modifier.labels) | added


def _joined(node: BinaryExpr, left: Labels, right: Labels, reading: Reading) -> Labels:
    matching = node.modifier.matching if node.modifier else None
    if matching is not None and matching.type == LabelModifierType.Include:
        for label in matching.labels:
            _need(label, left, reading)
            _need(label, right, reading)
    return left if str(node.op) in ("and", "unless") else _either(left, right)


def _called(node: Call, inner: Labels) -> Labels:
    name = node.func.name
    if name in promql.ABSENT:
        return frozenset(_stated(node.args[0])) if node.args else NOTHING
    target = node.args[1] if name in _LABELLING and len(node.args) > 1 else None
    return _either(inner, frozenset({target.val})) if isinstance(target, StringLiteral) else inner


def _stated(node: Expr) -> Iterator[str]:
    """Yield the labels of what `absent` gives: those that a selector states, and none of any other expression."""
    selector = getattr(node, "vector_selector", node)
    if isinstance(selector, VectorSelector):
        yield from (each.name for each in selector.matchers.matchers if each.op == MatchOp.Equal)


def _either(one: Labels, other: Labels) -> Labels:
    return None if one is None or other is None else one | other


def _need(label: str, labels: Labels, reading: Reading) -> None:
    if labels is not None and label not in labels:
        reading.strays.append((label, labels))
