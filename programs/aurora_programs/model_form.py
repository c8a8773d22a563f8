"""What a published model says of itself: properties that the trainer writes and the runtime reads."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

INPUT = "features"
"""The model's only input: rows of 32-bit numbers, a column for each feature in their order."""
PROPERTY = "aurora.features"
"""The property with the features, as JSON."""


class FormError(Exception):
    """The bytes are no model that the runtime can serve; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature, and how its values were spread in the data of the training.

    `shares` holds one more number than `edges`: the share of values in each interval between them.
    """

    name: str
    edges: tuple[float, ...]
    shares: tuple[float, ...]


def described(features: Sequence[Feature]) -> dict[str, str]:
    """Give the properties of a model with these features."""
    return {PROPERTY: json.dumps([asdict(feature) for feature in features], allow_nan=False)}


def features_of(properties: Mapping[str, str]) -> tuple[Feature, ...]:
    """Give the features that a model's properties describe.

    Raises:
        FormError: they describe none, or wrongly.
    """
    try:
        found = tuple(
            Feature(str(one["name"]), tuple(map(float, one["edges"])), tuple(map(float, one["shares"])))
            for one in json.loads(properties[PROPERTY])
        )
    except (KeyError, TypeError, ValueError) as error:
        raise FormError(f"the model has no property {PROPERTY} that describes its features: train it again") from error
    if not found or len({one.name for one in found}) != len(found):
        raise FormError(f"the property {PROPERTY} names no feature, or one twice: train the model again")
    for one in found:
        if len(one.shares) != len(one.edges) + 1 or not all(map(math.isfinite, (*one.edges, *one.shares))):
            raise FormError(f"the feature {one.name} has edges and shares that do not fit: train the model again")
    return found
