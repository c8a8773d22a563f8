"""HAProxy's configuration for a committed HTTPRoute, as HAProxy Ingress 0.15 would generate it.

What decides the split is the controller's: one backend for a rule, with the pods of all its Services as servers, their
weights, and the values that the controller takes where nothing is stated. Left out is what decides no split: TLS,
redirects, logs, Lua. Source: docs/facts/routing.md, which names the files of the controller.
"""

import math
import os
import shutil
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

INITIAL, LARGEST = 128, 256
"""The weight that the controller begins from for a route, and the largest that HAProxy takes."""
FREE_SLOTS = 6
"""How many servers without an address a backend has, so that pods can come without a new start."""
PLACES = ("/usr/sbin/haproxy", "/usr/local/sbin/haproxy")
"""Where packages put the program, which is not on the PATH of users everywhere."""
MISSING = (
    "HAProxy is not installed: install the package `haproxy` (on Debian and Ubuntu: apt-get install haproxy), "
    "or name the program in AURORA_HAPROXY"
)
Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Track:
    """A Service of a route: its weight there, and the addresses of its ready pods."""

    service: str
    weight: int
    pods: Sequence[Address]


@dataclass(frozen=True, slots=True)
class Rule:
    """The first rule of a route: its host, the beginning of its paths, and its Services."""

    backend: str
    host: str
    prefix: str
    tracks: tuple[Track, ...]


def program() -> Path | None:
    """Give HAProxy's program: what `AURORA_HAPROXY` names, or the one that is installed."""
    found = os.environ.get("AURORA_HAPROXY") or shutil.which("haproxy") or next(filter(os.path.exists, PLACES), None)
    return Path(found) if found else None


def rule(route: Mapping[str, Any], pods: Mapping[str, Sequence[Address]]) -> Rule:
    """Read the first rule of an HTTPRoute; `pods` gives the addresses of each Service."""
    metadata, spec = route["metadata"], route["spec"]
    first = spec["rules"][0]
    backends = first["backendRefs"]
    return Rule(
        backend=f"{metadata['namespace']}_{metadata['name']}__rule0",
        host=spec["hostnames"][0],
        prefix=first["matches"][0]["path"]["value"],
        tracks=tuple(Track(each["name"], each.get("weight", 1), pods.get(each["name"], ())) for each in backends),
    )


def weights(tracks: Sequence[Track]) -> list[int]:
    """Give the weight of each track's servers, so that the tracks share as stated however many pods they have.

    A track without pods has no servers: the others get all requests.
    """
    stated = [track.weight for track in tracks]
    together = math.lcm(*(len(track.pods) for track in tracks if track.pods))
    shares = [track.weight * together // len(track.pods) for track in tracks if track.pods and track.weight]
    if not shares:
        return stated
    divisor, least, most = math.gcd(*shares), min(shares), max(shares)
    factor = _single(INITIAL * divisor / least)
    too_large = _single(_single(factor * most) / (LARGEST * divisor))
    found = []
    for track in tracks:
        if not track.pods:
            found.append(track.weight)
            continue
        weight = _single(_single(factor * (track.weight * together)) / (len(track.pods) * divisor))
        fitting = int(_single(weight / too_large)) if too_large > 1 else int(weight)
        found.append(max(fitting, 1) if too_large > 1 and track.weight else fitting)
    return found


def _single(value: float) -> float:
    """Round to 32 bits, with which the controller calculates."""
    return float(struct.unpack("f", struct.pack("f", value))[0])


def servers(found: Rule) -> list[tuple[Address, int]]:
    """Give the servers of the backend, in order, with their weights."""
    pairs = zip(found.tracks, weights(found.tracks), strict=True)
    return [(address, weight) for track, weight in pairs for address in track.pods]


def configuration(found: Rule, port: int, socket: Path, slots: int = 0) -> str:
    """Give the configuration, which listens on `port` of the loopback address.

    The backend has at least `slots` servers, those without an address included.
    """
    used = servers(found)
    lines = [f"server srv{index:03d} {ip}:{at} weight {weight}" for index, ((ip, at), weight) in enumerate(used, 1)]
    more = range(len(used) + 1, max(len(used) + FREE_SLOTS, slots) + 1)
    lines += [f"server srv{index:03d} 127.0.0.1:1023 disabled weight 1" for index in more]
    backend = "\n    ".join(lines)
    return f"""global
    stats socket {socket} level admin expose-fd listeners mode 600
    maxconn 2000
    hard-stop-after 10m

defaults
    log global
    maxconn 2000
    option redispatch
    option dontlognull
    option http-server-close
    option http-keep-alive
    timeout client          50s
    timeout client-fin      50s
    timeout connect         5s
    timeout http-keep-alive 1m
    timeout http-request    5s
    timeout queue           5s
    timeout server          50s
    timeout server-fin      50s
    timeout tunnel          1h

backend {found.backend}
    mode http
    balance roundrobin
    {backend}

backend _error404
    mode http
    http-request return status 404

frontend _front_http
    mode http
    bind 127.0.0.1:{port}
    http-request set-var(req.host) hdr(host),field(1,:),lower
    use_backend {found.backend} if {{ var(req.host) -m str {found.host} }} {{ path -m beg {_folder(found.prefix)} }}
    use_backend {found.backend} if {{ var(req.host) -m str {found.host} }} {{ path -m str {found.prefix} }}
    default_backend _error404
"""


def _folder(prefix: str) -> str:
    return f"{prefix.rstrip('/')}/"
