"""References to components and images that are not there or do not fit.

A case is a text that follows `HEAD` (lines 1 to 6) and the one finding: `line:column rule: message => hint`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from environment.toys import HEAD, SERVING, repository, shown

CASES: dict[str, tuple[str, str]] = {
    "reference to nothing": (
        SERVING.replace("storage: store", "storage: stor"),
        (
            "13:14 unknown-component: `components.inference.storage` names `stor`, and there is no such component"
            " => did you mean `store`?"
        ),
    ),
    "reference to another kind": (
        SERVING.replace("storage: store", "storage: inference"),
        (
            "13:14 wrong-component-kind: `components.inference.storage` names `inference`, which is of kind `Serving`,"
            " must be a component of kind `Store` => name a component of kind `Store`; there is `store`"
        ),
    ),
    "reference in a list": (
        SERVING + "    peers:\n      - nobody\n",
        (
            "17:9 unknown-component: `components.inference.peers.0` names `nobody`, and there is no such component"
            " => name a component of kind `Serving`; there is none"
        ),
    ),
    "reference in a mapping's key": (
        SERVING + "    mirrors:\n      shop: 3\n",
        (
            "17:7 unknown-component: `components.inference.mirrors.shop` names `shop`, and there is no such component"
            " => name a component; there is `store`"
        ),
    ),
    "reference to an image that is not listed": (
        SERVING + "    image: sever\n",
        (
            "16:12 unknown-image: `components.inference.image` names `sever`, which `images` does not list"
            " => did you mean `server`?"
        ),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_named_at_its_place(name: str, tmp_path: Path) -> None:
    text, expected = CASES[name]
    assert shown(repository(tmp_path, {"prod.yaml": HEAD + text})) == [expected]
