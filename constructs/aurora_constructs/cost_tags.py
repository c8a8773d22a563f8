"""Tags by which a cloud's bill is divided, in each of the forms that what makes its resources takes. Imports no cdk8s.

Sources: EBS CSI driver 1.64 (page on tagging), EFS CSI driver 3.4, AWS Load Balancer Controller 3.5 and Karpenter
1.14 take maps; Azure's drivers and load balancers take one text (learn.microsoft.com/azure/aks/use-tags).
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

PUBLIC_ADDRESS = "service.beta.kubernetes.io/azure-pip-tags"
"""The annotation of a Service whose value tags its public address (learn.microsoft.com/azure/aks/use-tags)."""
_RESERVED = ("aws", "azure", "microsoft", "windows")
"""Beginnings that the clouds keep for themselves, in any case of letters."""


def _free(name: str) -> str:
    for reserved in _RESERVED:
        if name.lower().startswith(reserved):
            raise ValueError(f"a name that begins with `{reserved}` is reserved by a cloud")
    return name


TagName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,126}$"), AfterValidator(_free)]
"""The name of a tag that both clouds and their text form take."""
TagValue = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:/@ -]{0,254}$")]
"""The value of a tag: no comma and no equals sign, which the text form gives a meaning."""


def joined(tags: Mapping[str, str]) -> str:
    """Write tags as one text."""
    return ",".join(f"{name}={value}" for name, value in sorted(tags.items()))
