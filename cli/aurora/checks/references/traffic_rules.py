"""Rules about what routes name."""

from aurora.cluster.references import traffic
from aurora.cluster.references.fields import CONFIGURED, of_kinds
from aurora.cluster.references.lookup import missing
from aurora.model.rule import BROKEN, REFUSED, InventoryRule

RULES = (
    InventoryRule("references/backend-service", BROKEN, missing(traffic.backend_services), softens=True),
    InventoryRule("references/backend-port", BROKEN, traffic.closed_ports),
    InventoryRule("references/called-port", BROKEN, traffic.uncalled_ports),
    InventoryRule(
        "references/ingress-class", BROKEN, missing(of_kinds((traffic.INGRESS, "IngressClass"))), softens=True
    ),
    InventoryRule("references/gateway", BROKEN, traffic.missing_parents, softens=True),
    InventoryRule("references/listener", REFUSED, traffic.missing_listeners),
    InventoryRule(
        "references/gateway-class", BROKEN, missing(of_kinds((traffic.GATEWAY, "GatewayClass"))), softens=True
    ),
    InventoryRule("references/parameters", BROKEN, missing(of_kinds(verb=CONFIGURED)), softens=True),
)
