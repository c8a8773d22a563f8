"""Settings of the controllers behind load balancers that pass TCP through.

Without the PROXY protocol every request would seem to come from a load balancer. Values are strings: a
ConfigMap holds nothing else. Keys: haproxy-ingress and ingress-nginx, their pages of configuration keys.
"""

from collections.abc import Sequence


def haproxy_settings(metrics_port: int | None, *, proxy_protocol: bool) -> dict[str, str]:
    """Give the global keys of haproxy-ingress; `ssl-redirect` stands in where it ignores a route's filters."""
    return {
        **({"prometheus-port": str(metrics_port)} if metrics_port else {}),
        "use-proxy-protocol": _text(proxy_protocol),
        "forwardfor": "add",
        "ssl-redirect": "true",
        "ssl-redirect-code": "301",
        "no-tls-redirect-locations": "/.well-known/acme-challenge",
    }


def nginx_settings(load_balancers: Sequence[str], *, proxy_protocol: bool) -> dict[str, str]:
    """Give the keys of ingress-nginx: clients' own forwarding headers are not believed, snippets are refused."""
    return {
        "use-proxy-protocol": _text(proxy_protocol),
        "proxy-real-ip-cidr": ",".join(sorted(load_balancers)),
        "use-forwarded-headers": "false",
        "allow-snippet-annotations": "false",
    }


def _text(value: bool) -> str:  # noqa: FBT001 - the value itself
    return "true" if value else "false"
