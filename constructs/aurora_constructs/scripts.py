"""Python scripts that pods run from a ConfigMap: an image needs an interpreter for them, and no shell.

A script is held as text, since constructs read no files. Adds no objects but the ConfigMap.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from cdk8s_plus_35 import k8s

from aurora_constructs.component import Component


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One script; `volume` is the name of its volume, and its ConfigMap's name ends in `suffix`."""

    file_name: str
    text: str
    volume: str
    suffix: str
    mount_path: str
    mode: int | None = None

    @property
    def command(self) -> list[str]:
        """Run it isolated: neither variables nor the working folder can change what it imports."""
        return ["python3", "-I", f"{self.mount_path}/{self.file_name}"]

    @property
    def checksum(self) -> str:
        """The hash of the text, for an annotation that rolls pods when it changes."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def add_config_map(self, owner: Component[Any], app: str) -> None:
        """Add the ConfigMap that holds it."""
        metadata = owner.meta(f"{app}-{self.suffix}")
        k8s.KubeConfigMap(owner, f"{self.suffix}-script", metadata=metadata, data={self.file_name: self.text})

    def pod_volume(self, app: str) -> k8s.Volume:
        """Give the volume with the script."""
        source = k8s.ConfigMapVolumeSource(name=f"{app}-{self.suffix}", default_mode=self.mode)
        return k8s.Volume(name=self.volume, config_map=source)

    def mount(self) -> k8s.VolumeMount:
        """Give the mount of the script."""
        return k8s.VolumeMount(name=self.volume, mount_path=self.mount_path, read_only=True)
