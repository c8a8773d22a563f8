"""The values of the header `Host` that MLflow answers to. Imports no cdk8s.

MLflow compares the header as it is sent, with its port if it has one (MLflow 3.15, `server/security_utils.py`).
"""

import ipaddress
from collections.abc import Iterable, Iterator

PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
"""The private networks of IPv4 (RFC 1918)."""
LOCAL = ("localhost", "127.0.0.1")


def allowed(
    service: str, namespace: str, *, ports: Iterable[int], host: str | None, pods: Iterable[str] = PRIVATE
) -> list[str]:
    """Give every name under which clients call the server, alone and with a port, and the addresses of pods."""
    suffixes = ("", f".{namespace}", f".{namespace}.svc", f".{namespace}.svc.cluster.local")
    names = [f"{service}{suffix}" for suffix in suffixes]
    known = list(ports)
    found = [f"{name}{port}" for name in (*names, *LOCAL) for port in ("", *(f":{each}" for each in known))]
    if host:
        found += [host, f"{host}:443"]
    return [*found, *(pattern for network in pods for pattern in _patterns(network))]


def _patterns(network: str) -> Iterator[str]:
    """Write a network as patterns with a `*` for whole numbers: Prometheus calls pods by address."""
    block = ipaddress.ip_network(network)
    whole = -(-block.prefixlen // 8)
    for part in block.subnets(new_prefix=whole * 8) if block.version == 4 and whole < 4 else ():
        yield ".".join(str(part.network_address).split(".")[:whole]) + ".*"
