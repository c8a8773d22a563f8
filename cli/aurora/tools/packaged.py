"""Reads what the wheel `aurora-validators` holds: programs for one platform, and what each was built from.

Runs none of them.
"""

import importlib.util
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aurora.errors import ToolVersionError

PACKAGE = "aurora_validators"
DISTRIBUTION = "aurora-validators"
LISTING = "programs.json"
"""`{"platform": "linux-x86_64", "programs": {NAME: KEY}}`; the programs lie in `bin` beside it."""


@dataclass(frozen=True, slots=True)
class Packaged:
    """The programs of an installed wheel: for which platform they are, and the key of each one's sources."""

    folder: Path
    platform: str
    keys: Mapping[str, str]

    def program(self, name: str) -> Path:
        """Give the path of a program."""
        return self.folder / "bin" / name


def this_platform() -> str:
    """Name the system and the processor of this machine, as the cache and the wheel do."""
    return f"{platform.system()}-{platform.machine()}".lower()


def installed_folder() -> Path | None:
    """Find the wheel's folder without importing anything; None where it is not installed."""
    found = importlib.util.find_spec(PACKAGE)
    places = list(found.submodule_search_locations or ()) if found else []
    return Path(places[0]) if places else None


def read(folder: Path) -> Packaged:
    """Read the wheel's listing.

    Raises:
        ToolVersionError: it is damaged, or its programs are for another platform.
    """
    try:
        listing = json.loads((folder / LISTING).read_bytes())
        made = Packaged(folder, str(listing["platform"]), {str(k): str(v) for k, v in listing["programs"].items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        hint = f"install it again: `pip install --force-reinstall {DISTRIBUTION}`"
        raise ToolVersionError(f"`{folder / LISTING}` is no list of programs: {error}", hint=hint) from error
    if made.platform != this_platform():
        raise ToolVersionError(
            f"`{DISTRIBUTION}` in `{folder.parent}` is for {made.platform}, and this machine is {this_platform()}",
            hint=f"uninstall it, and install the wheel of {DISTRIBUTION} for this machine",
        )
    return made
