"""A rule about where KServe's models come from.

Source: KServe 0.20, `pkg/controller/v1beta1/inferenceservice/utils/utils.go` (`ValidateStorageURI`), and
`pkg/apis/serving/v1alpha1/storage_container_types.go` (`IsStorageUriSupported`).
"""

import re
from collections.abc import Iterator

from aurora.cluster import inference
from aurora.kinds import paths
from aurora.model.inventory import Inventory
from aurora.model.json_value import dig, items, text
from aurora.model.rule import REFUSED, InventoryRule, Violation

SCHEMES = (
    *("gs://", "s3://", "pvc://", "file://", "https://", "http://", "hdfs://", "webhdfs://", "oci://"),
    *("oci+native://", "hf://"),
)
_BLOB = "blob.core.windows.net"
_BLOB_ADDRESS = re.compile(rf"https://(.+?)\.{re.escape(_BLOB)}/(.+)")
_SCHEME = re.compile(r"\w+?://")
_ADDRESSES = (("*", "storageUri"), ("storageUris", "*", "uri"))


def _unreadable(inventory: Inventory) -> Iterator[Violation]:
    for pod in inference.pods(inventory):
        for steps, address in (found for path in _ADDRESSES for found in paths.follow(pod.spec, path)):
            if isinstance(address, str) and not _known(address) and not _added(inventory, address):
                yield Violation(
                    manifest=pod.manifest,
                    steps=pod.at(*steps),
                    message=f"KServe cannot read `{address}`: it knows {', '.join(SCHEMES)}",
                    hint=f"a blob of Azure is `https://<account>.{_BLOB}/<container>/<path>`",
                )


def _known(address: str) -> bool:
    if not _SCHEME.search(address):
        return True
    return bool(_BLOB_ADDRESS.search(address)) if _BLOB in address else address.startswith(SCHEMES)


def _added(inventory: Inventory, address: str) -> bool:
    """Tell whether a container of the cluster downloads from such an address."""
    containers = inventory.of_kind("ClusterStorageContainer", group=inference.GROUP)
    forms = (
        form
        for container in containers
        if container.get("disabled") is not True
        for form in items(container.get("spec", "supportedUriFormats"))
    )
    return any(_fits(text(dig(form, "prefix")), text(dig(form, "regex")), address) for form in forms)


def _fits(prefix: str, pattern: str, address: str) -> bool:
    """A pattern that only Go can read is taken to fit."""
    if prefix:
        return address.startswith(prefix)
    try:
        return bool(pattern) and re.search(pattern, address) is not None
    except re.error:
        return True


RULES = (InventoryRule("storage/model-address", REFUSED, _unreadable, softens=True),)
