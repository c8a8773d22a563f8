"""The route of a host to a Service that a chart makes."""
