"""Gives the wheel the tag of the platform whose programs it holds."""

import json
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PlatformTag(BuildHookInterface[Any]):
    """The programs are no Python: any version of it takes them, and one platform only."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Set the tag that the listing of the programs names."""
        listing = json.loads((Path(self.root) / "aurora_validators" / "programs.json").read_bytes())
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{listing['tag']}"
