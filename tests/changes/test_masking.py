"""No value of a Secret is in what a diff gives to reports."""

from __future__ import annotations

import json

import pytest

from aurora import manifests
from aurora.changes import masking
from aurora.model.change import ABSENT, FieldChange
from aurora.model.manifest import Manifest

MANIFEST = """\
# hunter2 stands here too
apiVersion: v1
kind: Secret
metadata:
  name: a
  namespace: x
  annotations:
    example.com/owner: team
    kubectl.kubernetes.io/last-applied-configuration: '{"stringData":{"password":"hunter2"}}'
stringData: {password: hunter2, user: root}
"""


def read(text: str) -> Manifest:
    (found,) = manifests.read(text.encode(), "a.yaml").manifests
    return found


def test_neither_body_nor_text_of_a_secret_holds_its_values() -> None:
    found = masking.manifest(read(MANIFEST))
    assert found is not None
    assert "hunter2" not in found.text
    assert "hunter2" not in json.dumps(found.body)
    assert found.annotations["example.com/owner"] == "team"
    assert set(found.body["stringData"]) == {"password", "user"}  # type: ignore[arg-type]


def test_a_masked_value_changes_with_the_value() -> None:
    assert masking.masked("one") != masking.masked("other")
    assert str(masking.masked("one")).startswith("sha256:")


def test_fields_of_a_secret_are_masked_and_absence_shows() -> None:
    given = [
        FieldChange(pointer="/data/k", path="data.k", before="b25l", after=ABSENT),
        FieldChange(pointer="/data", path="data", before=ABSENT, after={"k": "b25l"}),
        FieldChange(pointer="/metadata/labels/a", path="metadata.labels.a", before="1", after="2"),
        FieldChange(
            pointer="/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration",
            path="",
            before="b25l",
            after="x",
        ),
    ]
    found = masking.fields(given)
    assert "b25l" not in repr(found)
    assert found[0].after is ABSENT
    assert found[1].after == {"k": masking.masked("b25l")}
    assert found[2] == given[2]


def test_other_objects_are_shown_as_they_are() -> None:
    config = read("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: v}\n")
    assert masking.manifest(config) is config
    assert masking.manifest(None) is None


@pytest.mark.parametrize("kind", ["Secret", "secret", "Secrets"])
@pytest.mark.parametrize("field", ["data", "stringData", "Data", "stringdata", "spec"])
def test_a_value_in_a_misspelt_field_or_kind_is_hidden_as_well(kind: str, field: str) -> None:
    text = f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: a}}\ntype: Opaque\n{field}: {{password: hunter2}}\n"
    found = masking.manifest(read(text))
    assert found is not None
    assert "hunter2" not in found.text
    assert "hunter2" not in json.dumps(found.body)
    assert found.body["type"] == "Opaque"
    assert masking.is_secret(found.id)
    change = FieldChange(pointer=f"/{field}/password", path="", before="hunter2", after=ABSENT)
    assert "hunter2" not in repr(masking.fields([change]))
