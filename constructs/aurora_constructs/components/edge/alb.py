"""What the AWS Load Balancer Controller is told about one load balancer (version 3.5, kind IngressClassParams).

Pure: values in, mappings out.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from aurora_constructs.labels import NAMESPACE_NAME

GROUP = "elbv2.k8s.aws"
API_VERSION = f"{GROUP}/v1beta1"
PARAMETERS = "IngressClassParams"
CONTROLLER = "ingress.k8s.aws/alb"


def parameters_body(
    *,
    group: str,
    certificates: Sequence[str],
    scheme: str,
    namespaces: Sequence[str],
    clients: Sequence[str],
    tags: Mapping[str, str],
) -> dict[str, Any]:
    """Build the parameters of a class: one load balancer for all its Ingresses, straight to the pods.

    With TLS where there are certificates, and requests without it are then sent there.

    What the class states, an Ingress cannot change by annotation; only the named namespaces may use it. The ports
    stand on each Ingress: the class has no field for them.
    """
    names = {"key": NAMESPACE_NAME, "operator": "In", "values": list(namespaces)}
    return {
        "spec": {
            **({"certificateArn": sorted(certificates), "sslRedirectPort": "443"} if certificates else {}),
            "group": {"name": group},
            **({"inboundCIDRs": sorted(clients)} if clients else {}),
            "namespaceSelector": {"matchExpressions": [names]},
            "scheme": scheme,
            **({"tags": [{"key": name, "value": value} for name, value in sorted(tags.items())]} if tags else {}),
            "targetType": "ip",
        }
    }
