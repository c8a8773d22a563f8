"""What people write of one Helm chart, wherever they write it. Imports no cdk8s."""

from typing import Annotated, Any, Literal

from pydantic import StringConstraints

from aurora_constructs.spec import Spec

ChartVersion = Annotated[
    str, StringConstraints(pattern=r"^v?[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$")
]
"""One exact version: ranges and wildcards would let the chart's publisher change what runs."""


class ChartRelease(Spec):
    """One Helm release: a chart at an exact version, and its values."""

    repository: Annotated[
        str, StringConstraints(pattern=r"^(https://|oci://)?[a-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._-]+)*/?$")
    ]
    """The chart repository: an HTTPS URL, or host and path of an OCI registry."""
    chart: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]
    """The chart's name."""
    version: ChartVersion
    """The chart's exact version."""
    app_version: str = ""
    """The version of the software that this chart version installs, for people."""
    values: dict[str, Any] = {}
    """The chart's values."""
    lookups: Literal["", "empty"] = ""
    """With `empty`, the chart may look for objects of the cluster and finds none, as where Argo CD renders it."""
