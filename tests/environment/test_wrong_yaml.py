"""What is wrong with the text before anybody asks what it means: YAML, ambiguous values, nulls.

A case is a text that follows `HEAD` (lines 1 to 6) and the one finding: `line:column rule: message => hint`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from environment.toys import HEAD, SERVING, STORE, repository, shown

CASES: dict[str, tuple[str, str]] = {
    "value that YAML versions read differently": (
        SERVING + "    debug: yes\n",
        (
            "16:12 ambiguous-value: `yes` is a boolean to YAML 1.1 and a string to YAML 1.2"
            ' => quote it: `"yes"`, or write `true` for the boolean'
        ),
    ),
    "octal number": (
        SERVING + "    values: {mode: 0644}\n",
        (
            "16:20 ambiguous-value: `0644` is a number of another base to some readers only"
            ' => quote it: `"0644"`, or write `420` for the number'
        ),
    ),
    "time of day": (
        SERVING + "    labels: {at: 12:30:45}\n",
        (
            "16:18 ambiguous-value: `12:30:45` is a base-60 number to YAML 1.1 and a string to YAML 1.2"
            ' => quote it: `"12:30:45"`'
        ),
    ),
    "date": (
        SERVING + "    values:\n      day: 2026-01-01\n",
        (
            "17:12 ambiguous-value: `2026-01-01` is a timestamp to YAML 1.1 and a string to YAML 1.2"
            ' => quote it: `"2026-01-01"`'
        ),
    ),
    "key that YAML versions read differently": (
        SERVING + "    labels: {12:30: noon}\n",
        (
            "16:14 ambiguous-value: the key `12:30` is a base-60 number to YAML 1.1 and a string to YAML 1.2"
            ' => quote it: `"12:30"`'
        ),
    ),
    "key that is no string": (
        STORE + "1: x\n",
        "9:1 syntax: the key `1` is not a string => quote it",
    ),
    "key that stands twice": (
        STORE + "components: {}\n",
        "9:1 syntax: the key `components` stands twice in one mapping => remove one of the two",
    ),
    "tab for indentation": (
        "components:\n\tstore: {}\n",
        "8:1 syntax: found character that cannot start any token => indent with spaces: YAML forbids tabs there",
    ),
    "unknown alias": (
        "components: *shared\n",
        "7:13 syntax: the alias `*shared` has no anchor before it",
    ),
    "merge key": (
        "components:\n  store: {<<: {}, kind: Store}\n",
        "8:11 syntax: merge keys (`<<`) are not allowed => write the entries out",
    ),
    "integer beyond what JSON holds": (
        SERVING + "    values: {id: 9007199254740993}\n",
        "16:18 syntax: `9007199254740993` is beyond 2^53, where JSON readers change numbers => quote it if it is text",
    ),
    "second document": (
        STORE + "---\nkind: Environment\n",
        "9:1 syntax: a second document begins here, and an environment file holds one => write another file",
    ),
    "null with nothing to remove": (
        SERVING + "    canary:\n",
        (
            "16:5 layer: `components.inference.canary` is null, which removes what lower layers say, and none says it"
            " => write a value, or leave the key out"
        ),
    ),
    "required key that is null": (
        STORE.replace("10Gi", "null"),
        (
            "8:24 layer: `components.store.size` is null, which removes what lower layers say, and none says it"
            " => write a value, or leave the key out"
        ),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_named_at_its_place(name: str, tmp_path: Path) -> None:
    text, expected = CASES[name]
    assert shown(repository(tmp_path, {"prod.yaml": HEAD + text})) == [expected]
