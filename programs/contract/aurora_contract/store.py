"""The layout of the model store: folders and files, as every pod sees them.

<root>/registry/
<root>/<model>/versions/<version>/{metadata.json,model.pkl}
<root>/<model>/aliases/
"""

MOUNT_PATH = "/shared-models"
"""Where every pod mounts the volume."""
ROOT = f"{MOUNT_PATH}/aurora"
"""The folder of the model store."""

REGISTRY = "registry"
"""The registry's folder, beside those of the models: no model may have its name."""
VERSIONS = "versions"
"""The folder with a model's versions."""
ALIASES = "aliases"
"""The folder with a model's aliases."""

ARTIFACT = "model.pkl"
"""The file with the model."""
METADATA = "metadata.json"
"""The file that describes a version: a JSON object with at least `version` and `sha256`, that of the artifact."""


def versions_path(root: str, model: str) -> str:
    """Give the folder with the versions of a model."""
    return f"{root}/{model}/{VERSIONS}"


def version_path(root: str, model: str, version: str) -> str:
    """Give the folder of one version of a model."""
    return f"{versions_path(root, model)}/{version}"
