"""Facts about how PromQL is read."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurora.cluster import promql


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [
        ("5m", 300),
        ("1h30m", 5400),
        ("0", 0),
        ("1y2w3d4h5m6s7ms", 31536000 + 2 * 604800 + 3 * 86400 + 4 * 3600 + 5 * 60 + 6.007),
        ("30m1h", None),
        ("5 m", None),
        ("5", None),
        ("m", None),
        ("", None),
        ("-5m", None),
        ("1.5h", None),
        ("5M", None),
    ],
)
def test_durations_are_those_of_prometheus(duration: str, seconds: float | None) -> None:
    read = promql.seconds(duration)
    assert read == (None if seconds is None else pytest.approx(seconds))


@given(st.text(max_size=60))
def test_any_text_is_an_expression_or_none(expression: str) -> None:
    tree = promql.read(expression)
    assert tree is None or list(promql.nodes(tree))


@pytest.mark.parametrize("pattern", ["({}", "abs({}", "sum_over_time({}[5m:1m]", "-{}", "a or {}", "1 ^ {}"])
def test_the_largest_expressions_that_are_read_fit_a_small_stack(pattern: str) -> None:
    per_level = len(promql.operators(pattern))
    expression = "a"
    for _ in range(promql.MAX_OPERATORS // per_level):
        expression = pattern.replace("{}", expression) + (")" if "(" in pattern else "")
    done: list[bool] = []
    size = threading.stack_size(1024 * 1024)
    try:
        thread = threading.Thread(target=lambda: done.append(promql.read(expression) is not None))
        thread.start()
        thread.join()
    finally:
        threading.stack_size(size)
    assert done == [True]


def test_one_operator_more_is_refused_before_it_is_read() -> None:
    with pytest.raises(ValueError, match="more than"):
        promql.parse("-" * (promql.MAX_OPERATORS + 1) + "a")


@pytest.mark.parametrize(
    ("expression", "metrics"),
    [
        ("a / on (x) b > 1", {"a", "b"}),
        ('{__name__="a"}', {"a"}),
        ('{__name__=~"a|b", c="d"}', set()),
        ("topk(3, sum by (x) (rate(a:b:c[5m])))", {"a:b:c"}),
        ("1 + time()", set()),
    ],
)
def test_the_metrics_of_an_expression_are_known_where_they_are_named(expression: str, metrics: set[str]) -> None:
    assert promql.metrics(promql.parse(expression)) == metrics
