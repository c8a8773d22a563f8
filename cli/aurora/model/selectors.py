"""Whether labels match a selector, in the two forms that Kubernetes has.

Source: `LabelSelectorAsSelector` and `Requirement.Matches` of k8s.io/apimachinery v0.36. A selector that the
API server would refuse matches nothing here. Must not look for objects: callers choose the namespace.
"""

from collections.abc import Mapping

from aurora.model.json_value import JsonValue, items, mapping, text

Labels = Mapping[str, str]


def matches(selector: JsonValue | None, labels: Labels) -> bool:
    """Tell whether labels match a LabelSelector; an absent one matches nothing, an empty one everything."""
    if not isinstance(selector, dict):
        return False
    return _all_equal(selector.get("matchLabels"), labels) and _all_hold(selector.get("matchExpressions"), labels)


def map_matches(selector: JsonValue | None, labels: Labels) -> bool:
    """Tell whether labels match a plain map, as Services have; an empty one selects nothing there."""
    return bool(mapping(selector)) and _all_equal(selector, labels)


def _all_equal(wanted: JsonValue | None, labels: Labels) -> bool:
    if wanted is None:
        return True
    return isinstance(wanted, dict) and wanted.items() <= labels.items()


def _all_hold(expressions: JsonValue | None, labels: Labels) -> bool:
    if expressions is None:
        return True
    return isinstance(expressions, list) and all(_holds(expression, labels) for expression in expressions)


def _holds(expression: JsonValue, labels: Labels) -> bool:
    requirement = mapping(expression)
    key = text(requirement.get("key"))
    values = items(requirement.get("values"))
    if not key:
        return False
    match requirement.get("operator"):
        case "In":
            return bool(values) and labels.get(key) in values
        case "NotIn":
            return bool(values) and labels.get(key) not in values
        case "Exists":
            return not values and key in labels
        case "DoesNotExist":
            return not values and key not in labels
        case _:
            return False
