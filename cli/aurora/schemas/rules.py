"""The rules about definitions themselves, which the builder of the schema pack and the check `schema` share."""

from aurora.model.rule import BROKEN, REFUSED, Rule

BROKEN_CRD = Rule("schema/broken-crd", REFUSED)
NOT_A_CRD = Rule("schema/not-a-crd", BROKEN)
