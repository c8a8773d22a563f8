"""What people write for an HTTP service. Imports no cdk8s."""

from typing import ClassVar, Literal

from aurora_constructs import labels
from aurora_constructs.http_service import HttpServiceSpec


class WebServiceSpec(HttpServiceSpec):
    """An HTTP service: stateless pods on one port, spread, drained, watched, reached by whom it names."""

    POD_COMPONENT: ClassVar[str] = labels.WEB

    kind: Literal["WebService"] = "WebService"
