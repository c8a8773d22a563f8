"""Where images come from, and whether they are pinned by digest.

Source: the reference grammar of container images: a first part with a dot, a colon or `localhost` is the
registry, otherwise it is the default hub.
"""

from collections.abc import Iterator

from aurora.changes.consequences.row import STRONGER, WEAKER, Found, Row
from aurora.changes.consequences.view import View
from aurora.changes.pairs import Pair
from aurora.model.json_value import text
from aurora.model.place import Step
from aurora.model.pod_template import PodTemplate

HUB = "docker.io"

UNPINNED = Row("security/image-unpinned", WEAKER)
PINNED = Row("security/image-pinned", STRONGER)
REGISTRY = Row("security/image-registry", WEAKER)


def registry(image: str) -> str:
    """Give the registry that an image comes from."""
    first, slash, _ = image.partition("/")
    return first if slash and (first == "localhost" or any(mark in first for mark in ".:")) else HUB


def find(view: View) -> Iterator[Found]:
    """Yield containers whose image is pinned otherwise or comes from elsewhere."""
    for pair, before, after in view.updated_workloads():
        known = {name: image for name, image, _ in _images(before)}
        for name, image, steps in _images(after):
            if name in known and image != known[name]:
                yield from _moved(pair, known[name], image, steps)


def _images(pod: PodTemplate) -> Iterator[tuple[str, str, tuple[Step, ...]]]:
    for container in pod.containers:
        yield container.name, text(container.body.get("image")), (*container.steps, "image")


def _moved(pair: Pair, old: str, new: str, steps: tuple[Step, ...]) -> Iterator[Found]:
    if "@" in old and "@" not in new:
        yield UNPINNED.found(pair, f"`{new}` has no digest any more", steps=steps)
    if "@" in new and "@" not in old:
        yield PINNED.found(pair, f"`{new}` has a digest now", steps=steps)
    if registry(old) != registry(new):
        yield REGISTRY.found(pair, f"`{new}` comes from `{registry(new)}`, before from `{registry(old)}`", steps=steps)
