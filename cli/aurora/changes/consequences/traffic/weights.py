"""Which share of requests a backend gets, before and after.

Sources: Gateway API 1.6 (a weight is a part of the sum of its rule's weights, 1 by default); ingress-nginx 1.15
(a canary's weight is a part of `canary-weight-total`); AWS Load Balancer Controller 3 (weights of target groups);
KServe 0.20 (`canaryTrafficPercent` is read in Knative mode only).
"""

from collections.abc import Iterator
from fractions import Fraction

from aurora.changes.consequences.row import DOWNTIME, Found, Row
from aurora.changes.consequences.view import View
from aurora.changes.pairs import Pair
from aurora.cluster import nginx, routes
from aurora.cluster.shares import shares_of
from aurora.model.manifest import Manifest

_MODE = "serving.kserve.io/deploymentMode"
_KNATIVE = frozenset({"Knative", "Serverless"})

MOVED = Row("traffic/weight")
EVERYTHING = Row("traffic/everything")
NOTHING = Row("traffic/nothing")
NOBODY = Row("traffic/nobody", DOWNTIME)
PERCENT = Row("traffic/kserve-percent")
IGNORED = Row("traffic/percent-ignored")


def find(view: View) -> Iterator[Found]:
    """Yield every share of requests that moved."""
    for pair in [*view.of(routes.GATEWAY_GROUP, *routes.ROUTE_KINDS), *view.of("networking.k8s.io", "Ingress")]:
        # A whole route that comes or goes divides nothing that was there; a canary takes from another one.
        if (pair.before is not None and pair.after is not None) or nginx.is_canary(pair.subject):
            yield from _shares(pair)
    for pair, before, after in view.updated("serving.kserve.io", "InferenceService"):
        yield from _percent(pair, before, after)


def _shares(pair: Pair) -> Iterator[Found]:
    old, new = (shares_of(side) if side is not None else {} for side in (pair.before, pair.after))
    idle = {place for place, _ in new} - {place for (place, _), share in new.items() if share}
    served = {place for (place, _), share in old.items() if share}
    for place in sorted(idle & served):
        yield NOBODY.found(pair, f"no backend gets requests {place}")
    for place, service in sorted(old.keys() | new.keys()):
        one, other = old.get((place, service), Fraction(0)), new.get((place, service), Fraction(0))
        if one == other or place in idle:
            continue
        row = NOTHING if not other else EVERYTHING if other == 1 else MOVED
        yield row.found(pair, f"Service `{service}` gets {_shown(one)} → {_shown(other)} of the requests {place}")


def _shown(share: Fraction) -> str:
    percent = round(float(share * 100), 1)
    return f"{percent:g} %"


def _percent(pair: Pair, before: Manifest, after: Manifest) -> Iterator[Found]:
    steps = ("spec", "predictor", "canaryTrafficPercent")
    old, new = before.get(*steps), after.get(*steps)
    if old == new:
        return
    if after.annotations.get(_MODE, "") in _KNATIVE:
        shown = [100 if value is None else value for value in (old, new)]
        yield PERCENT.found(pair, f"the newest revision gets {shown[0]} % → {shown[1]} % of the requests", steps=steps)
    else:
        yield IGNORED.found(
            pair, "only the Knative mode reads `canaryTrafficPercent`: requests go where they went", steps=steps
        )
