"""Rules about the objects themselves: names, labels, namespaces, kinds and selectors."""

from aurora.checks.references import names, scopes, selection
from aurora.model.finding import Severity
from aurora.model.rule import ADVICE, BROKEN, OBJECT, REFUSED, InventoryRule

RULES = (
    InventoryRule("references/namespace", REFUSED, scopes.missing_namespaces, softens=True),
    InventoryRule("references/no-namespace", ADVICE, scopes.without_namespace, softens=True),
    InventoryRule("references/needless-namespace", ADVICE, scopes.with_namespace),
    InventoryRule("references/custom-kind", REFUSED, scopes.unknown_kinds),
    InventoryRule("references/name", REFUSED, names.names, scope=OBJECT),
    InventoryRule("references/name-length", REFUSED, names.lengths, scope=OBJECT),
    InventoryRule("references/label-value", REFUSED, names.label_values, scope=OBJECT),
    InventoryRule("references/label-syntax", REFUSED, names.label_syntax, scope=OBJECT),
    InventoryRule("references/own-pods", REFUSED, selection.own_pods, scope=OBJECT),
    InventoryRule("references/instance-label", ADVICE, selection.instance_labels, severity=Severity.WARNING),
    InventoryRule("references/selects-nothing", BROKEN, selection.nothing_selected, softens=True),
)
