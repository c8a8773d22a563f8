"""Facts about selectors, as `labels.Requirement` of apimachinery has them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurora.model.json_value import JsonValue
from aurora.model.selectors import map_matches, matches

POD = {"app": "web", "track": "stable"}


def expression(operator: str, key: str = "app", *values: str) -> JsonValue:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        pytest.param(None, False, id="an absent selector matches nothing"),
        pytest.param({}, True, id="an empty selector matches everything"),
        pytest.param({"matchLabels": {}}, True, id="empty matchLabels match everything"),
        pytest.param({"matchLabels": {"app": "web"}}, True, id="equal"),
        pytest.param({"matchLabels": {"app": "web", "track": "canary"}}, False, id="all labels must be equal"),
        pytest.param({"matchLabels": {"absent": "x"}}, False, id="an absent label is not equal"),
        pytest.param(expression("In", "app", "web", "api"), True, id="In"),
        pytest.param(expression("In", "app", "api"), False, id="not In"),
        pytest.param(expression("In", "absent", "x"), False, id="In needs the label"),
        pytest.param(expression("NotIn", "app", "web"), False, id="NotIn"),
        pytest.param(expression("NotIn", "app", "api"), True, id="NotIn another value"),
        pytest.param(expression("NotIn", "absent", "x"), True, id="NotIn matches where the label is absent"),
        pytest.param(expression("Exists", "app"), True, id="Exists"),
        pytest.param(expression("Exists", "absent"), False, id="Exists needs the label"),
        pytest.param(expression("DoesNotExist", "app"), False, id="DoesNotExist"),
        pytest.param(expression("DoesNotExist", "absent"), True, id="DoesNotExist without the label"),
        pytest.param(
            {"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "track", "operator": "Exists"}]},
            True,
            id="both forms hold",
        ),
        pytest.param(
            {"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "track", "operator": "DoesNotExist"}]},
            False,
            id="both forms must hold",
        ),
    ],
)
def test_label_selectors(selector: JsonValue, expected: bool) -> None:
    assert matches(selector, POD) is expected


@pytest.mark.parametrize(
    "selector",
    [
        pytest.param("app=web", id="text"),
        pytest.param({"matchLabels": {"app": True}}, id="a value that is no string"),
        pytest.param({"matchLabels": ["app"]}, id="matchLabels as a list"),
        pytest.param({"matchExpressions": {"key": "app"}}, id="matchExpressions as a mapping"),
        pytest.param({"matchExpressions": [7]}, id="an expression that is no mapping"),
        pytest.param({"matchExpressions": [{"operator": "Exists"}]}, id="no key"),
        pytest.param(expression("In"), id="In without values"),
        pytest.param(expression("NotIn", "absent"), id="NotIn without values"),
        pytest.param(expression("Exists", "app", "web"), id="Exists with values"),
        pytest.param(expression("Gt", "app", "1"), id="an operator of node selectors"),
    ],
)
def test_a_selector_that_the_api_server_refuses_matches_nothing(selector: JsonValue) -> None:
    assert not matches(selector, POD)


def test_an_empty_map_selects_nothing() -> None:
    assert not map_matches({}, POD)
    assert not map_matches(None, POD)


def test_a_map_selects_labels_that_contain_it() -> None:
    assert map_matches({"app": "web"}, POD)
    assert not map_matches({"app": "web", "track": "canary"}, POD)
    assert not map_matches({"app": 1}, {"app": "1"})


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.text(max_size=3), max_size=4))
def test_labels_match_the_selector_made_of_themselves(labels: dict[str, str]) -> None:
    selector: JsonValue = {"matchLabels": dict(labels)}
    assert matches(selector, labels)
    assert matches(selector, {**labels, "one-more": "label"})
