"""The rules about definitions themselves, which the builder of the schema pack and the check `schema` share."""

from __future__ import annotations

from aurora.model.finding import Severity
from aurora.model.rule import Rule

_CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  names: {kind: Widget, listKind: WidgetList, plural: widgets, singular: widget}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                size: {type: integer}
"""

BROKEN_CRD = Rule(
    id="schema/broken-crd",
    severity=Severity.ERROR,
    summary="a CustomResourceDefinition that the API server would refuse",
    why="No object of its kind can be created, and a schema that cannot be read judges nothing.",
    bad=_CRD.replace("type: integer", "type: whole"),
    good=_CRD,
)
NOT_A_CRD = Rule(
    id="schema/not-a-crd",
    severity=Severity.ERROR,
    summary="a document in a folder of definitions that defines nothing",
    why="A schema pack is built from definitions only; anything else there was put in the wrong place or is damaged.",
    bad="apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
    good=_CRD,
)
