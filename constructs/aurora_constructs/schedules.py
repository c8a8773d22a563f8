"""When something runs by itself, as people write it. Imports no cdk8s."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from aurora_constructs import time_zones


def _is_known(name: str) -> str:
    wrong = "`Local` is the zone of the machine, which nobody knows" if name == "Local" else time_zones.wrong(name)
    if wrong:
        raise ValueError(f"{wrong}; write a name of the tz database, such as `Europe/Berlin` or `Etc/UTC`")
    return name


TimeZone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_is_known)]
"""The name of a time zone, as the IANA database has it."""

Seconds = Annotated[int, Field(ge=60, le=14 * 24 * 3600)]
"""How long something may take."""
