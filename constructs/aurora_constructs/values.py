"""Values that Kubernetes writes as text or number, made once each.

Every such value is an object on Node's side and costs a call to make; most appear many times in a tree.
"""

from functools import cache

from cdk8s_plus_35 import k8s


@cache
def quantity(text: str) -> k8s.Quantity:
    """Give a resource quantity, such as `500m` or `2Gi`."""
    return k8s.Quantity.from_string(text)


@cache
def int_or_string(value: int | str) -> k8s.IntOrString:
    """Give a number or a name, as ports and percentages have it."""
    return k8s.IntOrString.from_number(value) if isinstance(value, int) else k8s.IntOrString.from_string(value)
