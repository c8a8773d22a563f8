"""Bodies of the certificate authority and its certificates: cert-manager's kinds.

Pure: values in, mappings out. What cert-manager would default is spelled out, so that nothing drifts.
"""

from collections.abc import Mapping, Sequence
from typing import Any

CERT_MANAGER = "cert-manager.io/v1"

SERVERS = {
    "staging": "https://acme-staging-v02.api.letsencrypt.org/directory",
    "production": "https://acme-v02.api.letsencrypt.org/directory",
}

SOLVER_LABELS = {"acme.cert-manager.io/http01-solver": "true"}
"""What cert-manager labels the pods with that answer a challenge."""
SOLVER_PORT = 8089
SOLVER_NAME = "acme-solver"

_SOLVER_RESOURCES = {"requests": {"cpu": "10m", "memory": "64Mi"}, "limits": {"memory": "64Mi"}}


def issuer_body(*, server: str, email: str, account_secret: str, solver: Mapping[str, Any]) -> dict[str, Any]:
    """Build an ACME ClusterIssuer whose challenges are answered one way.

    cert-manager creates the Secret of the account's key. Its name contains the server's, since an account
    of one server is unknown to the other.
    """
    return {
        "spec": {
            "acme": {
                "email": email,
                "server": SERVERS[server],
                "privateKeySecretRef": {"name": f"{account_secret}-{server}"},
                "solvers": [dict(solver)],
            }
        }
    }


def http_solver(way: Mapping[str, Mapping[str, Any]], pod_labels: Mapping[str, str]) -> dict[str, Any]:
    """Answer challenges over HTTP; `way` is the one way that they are routed, with its settings.

    The solver's Service is ClusterIP: cert-manager's default opens a port on every node.
    """
    answer = {
        "serviceType": "ClusterIP",
        "podTemplate": {"metadata": {"labels": dict(pod_labels)}, "spec": {"resources": _SOLVER_RESOURCES}},
    }
    return {"http01": {name: {**settings, **answer} for name, settings in way.items()}}


def certificate_body(*, issuer: str, secret: str, hosts: Sequence[str]) -> dict[str, Any]:
    """Build a Certificate: the only owner of its Secret."""
    return {
        "spec": {
            "secretName": secret,
            "dnsNames": sorted(hosts),
            "issuerRef": {"group": "cert-manager.io", "kind": "ClusterIssuer", "name": issuer},
            "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
            "usages": ["digital signature", "key encipherment"],
        }
    }
