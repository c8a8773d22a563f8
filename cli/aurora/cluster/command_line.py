"""The options that a container is started with. Finds facts; never judges them."""

from collections.abc import Iterator

from aurora.model.json_value import items, text
from aurora.model.place import Step
from aurora.model.pod_template import Container


def options(container: Container) -> Iterator[tuple[tuple[Step, ...], str, str]]:
    """Yield name and value of each option that has one, with the steps to the value's word.

    The value stands behind `=`, or is the next word, if that is no option itself.
    """
    for field in ("command", "args"):
        words = [text(word) for word in items(container.body.get(field))]
        for index, word in enumerate(words):
            if not word.startswith("-"):
                continue
            name, equals, value = word.partition("=")
            if equals:
                yield (*container.steps, field, index), name, value
            elif index + 1 < len(words) and not words[index + 1].startswith("-"):
                yield (*container.steps, field, index + 1), name, words[index + 1]
