"""Reads PromQL expressions: the only importer of the parser. Finds facts; never judges them.

Source of the grammar: the parser follows Prometheus 2.45 and knows later functions as well. It works by
recursion in native code, where a too deep expression ends the process, so size is bounded before it reads.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

import promql_parser
from promql_parser import (
    AggModifierType,
    AggregateExpr,
    BinaryExpr,
    Call,
    Expr,
    LabelModifierType,
    MatchOp,
    MatrixSelector,
    NumberLiteral,
    ParenExpr,
    StringLiteral,
    SubqueryExpr,
    UnaryExpr,
    VectorSelector,
)

__all__ = [
    "AggModifierType",
    "AggregateExpr",
    "BinaryExpr",
    "Call",
    "Expr",
    "LabelModifierType",
    "MatchOp",
    "StringLiteral",
    "VectorSelector",
]

MAX_LENGTH = 20_000
MAX_OPERATORS = 300
"""Measured: the parser overflows an 8 MB stack at about 4,000 nested subqueries, a 512 KB one at 200."""

RATES = frozenset({"delta", "idelta", "increase", "irate", "rate"})
ABSENT = frozenset({"absent", "absent_over_time"})
_TEXTS = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|`[^`]*`')
_OPERATORS = re.compile(r"[(\[{+\-*/%^<>=!]|\b(?:and|or|unless|atan2)\b")
_UNITS = ("y", "w", "d", "h", "m", "s", "ms")
_DURATION = re.compile("0|" + "".join(f"(?:([0-9]{{1,9}}){unit})?" for unit in _UNITS))
_SECONDS = (31_536_000.0, 604_800.0, 86_400.0, 3_600.0, 60.0, 1.0, 0.001)


@lru_cache(maxsize=4096)
def parse(expression: str) -> Expr:
    """Read an expression.

    Raises:
        ValueError: it is no PromQL, or too large to be read safely.
    """
    if len(expression) > MAX_LENGTH or len(operators(expression)) > MAX_OPERATORS:
        raise ValueError(f"more than {MAX_OPERATORS} operators or {MAX_LENGTH} characters")
    return promql_parser.parse(expression)


def operators(expression: str) -> list[str]:
    """List everything outside of texts that may nest the expression one level deeper."""
    return _OPERATORS.findall(_TEXTS.sub("", expression))


def read(expression: str) -> Expr | None:
    """Give the tree of an expression, or None where it is no PromQL."""
    try:
        return parse(expression)
    except ValueError:
        return None


def seconds(duration: str) -> float | None:
    """Read a duration, such as `1h30m`; None where it is none (prometheus/common, `ParseDuration`)."""
    found = _DURATION.fullmatch(duration) if duration else None
    if found is None:
        return None
    return sum(int(count) * unit for count, unit in zip(found.groups(), _SECONDS, strict=True) if count)


def children(node: Expr) -> list[Expr]:
    """Give the parts of an expression, one level down."""
    found = [getattr(node, name, None) for name in ("lhs", "rhs", "expr", "param", "vector_selector")]
    arguments = node.args if isinstance(node, Call) else []
    return [part for part in (*found, *arguments) if isinstance(part, Expr)]


def nodes(root: Expr) -> Iterator[Expr]:
    """Yield an expression and all its parts."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(children(node))


def metric(selector: VectorSelector) -> str:
    """Give the metric that a selector names; empty where it names none exactly."""
    if selector.name:
        return selector.name
    for matcher in selector.matchers.matchers:
        if matcher.name == "__name__" and matcher.op == promql_parser.MatchOp.Equal:
            return matcher.value
    return ""


def metrics(root: Expr) -> set[str]:
    """Give the metrics that an expression names."""
    return {name for node in nodes(root) if isinstance(node, VectorSelector) and (name := metric(node))}


def calls(root: Expr, names: frozenset[str]) -> Iterator[Call]:
    """Yield the calls of these functions."""
    return (node for node in nodes(root) if isinstance(node, Call) and node.func.name in names)


def binaries(root: Expr, operators: frozenset[str]) -> Iterator[BinaryExpr]:
    """Yield the binary expressions with these operators."""
    return (node for node in nodes(root) if isinstance(node, BinaryExpr) and str(node.op) in operators)


def is_number(node: Expr) -> bool:
    """Tell whether an expression is made of numbers only."""
    return all(isinstance(part, BinaryExpr | NumberLiteral | ParenExpr | UnaryExpr) for part in nodes(node))


def result(node: Expr) -> str:
    """Name the type of an expression's value where it is neither a vector nor a number; else empty."""
    while isinstance(node, ParenExpr):
        node = node.expr
    kinds = {MatrixSelector: "a range vector", SubqueryExpr: "a range vector", StringLiteral: "a text"}
    return kinds.get(type(node), "")


def number(node: Expr) -> float | None:
    """Give the value of a plain number."""
    return node.val if isinstance(node, NumberLiteral) else None


def drops_label(aggregation: AggregateExpr, label: str) -> bool:
    """Tell whether an aggregation loses a label."""
    modifier = aggregation.modifier
    if modifier is None:
        return True
    listed = label in modifier.labels
    return not listed if modifier.type == AggModifierType.By else listed


def counts_events(root: Expr) -> bool:
    """Tell whether an expression is about how often something happens, and so may be 0 for a while."""
    return any(calls(root, RATES))
