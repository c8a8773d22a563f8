"""One route."""

from aurora_constructs.component import Component
from aurora_constructs.components.chart_route.spec import ChartRouteSpec
from aurora_constructs.components.edge import routes


class ChartRoute(Component[ChartRouteSpec]):
    """Emits the route of a host to a Service that the environment's charts make."""

    def compose(self) -> None:
        """Add the route."""
        spec, way = self.spec, routes.way_in(self.platform, self.spec.edge)
        routes.route(
            self,
            self.object_name,
            routes.Routed(way=way, host=spec.hostname(self.platform.domain), paths=spec.paths),
            health_path=spec.health,
            service=spec.service,
            port=spec.service_port,
        )
