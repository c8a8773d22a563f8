"""The proxy in front of a language model: it is there when the model is not, and counts the requests for it.

Pure: values in, text out. Source: HAProxy, `doc/configuration.txt`, and `src/stream.c`, where a stream ends: its
backend counts each request that was meant for it, also one that no server answered.
"""

import hashlib
from collections.abc import Sequence

from aurora_constructs.components.language_model.spec import FRONT_METRICS_PORT, FRONT_PORT

FILE = "haproxy.cfg"
FOLDER = "/usr/local/etc/haproxy"
BACKEND = "model"
"""The name under which the backend's series stand: the label `proxy`."""
HEALTH = "/healthz"
RETRY_SECONDS = 30
UNAVAILABLE = '{"error": {"message": "the model is starting", "type": "unavailable", "code": 503}}'
"""What a client gets while the model starts, in the form of vLLM's own errors."""


_SETTINGS = """\
global
  log stdout format raw local0 notice
  maxconn 2048

defaults
  mode http
  log global
  timeout http-request 30s
  timeout connect 5s
  timeout client 60s
  timeout server @SECONDS@s
  retries 3
  retry-on conn-failure
  default-server init-addr none resolvers cluster
  http-error status 503 content-type application/json string '@UNAVAILABLE@' hdr Retry-After @RETRY@

resolvers cluster
  parse-resolv-conf
  hold valid 10s

frontend requests
  bind :@PORT@
  http-request return status 200 content-type text/plain string ok if { path @HEALTH@ }
  http-request return status 404 content-type text/plain string "no such path" unless { path_beg @PATHS@ }
  default_backend @BACKEND@

frontend metrics
  bind :@METRICS@
  http-request use-service prometheus-exporter if { path /metrics }
  http-request return status 404 content-type text/plain string "no such path"

backend @BACKEND@
  server predictor @HOST@:80
"""


def counted(namespace: str, front: str) -> dict[str, str]:
    """Give the labels of the series of HAProxy's exporter that count the requests for the model."""
    return {"namespace": namespace, "job": front, "proxy": BACKEND}


def settings(*, host: str, routes: Sequence[str], answer_seconds: int) -> str:
    """Write HAProxy's settings for one model behind a Service that may come later and may have no pods.

    Answers of probes are made before a request is given to the backend, so that they count as no request. While no pod
    is there the Service refuses connections, which is tried again three times, a second apart.
    """
    values = {
        "BACKEND": BACKEND,
        "HEALTH": HEALTH,
        "HOST": host,
        "METRICS": str(FRONT_METRICS_PORT),
        "PATHS": " ".join(f"{route}/" for route in routes),
        "PORT": str(FRONT_PORT),
        "RETRY": str(RETRY_SECONDS),
        "SECONDS": str(answer_seconds),
        "UNAVAILABLE": UNAVAILABLE,
    }
    text = _SETTINGS
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def checksum(text: str) -> str:
    """Give the hash of the settings, for an annotation that rolls the pods when they change."""
    return hashlib.sha256(text.encode()).hexdigest()
