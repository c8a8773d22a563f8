"""When something runs by itself, as people write it. Imports no cdk8s."""

from typing import Annotated

from pydantic import Field, StringConstraints

Schedule = Annotated[str, StringConstraints(pattern=r"^([-A-Za-z0-9*,/?]+ ){4}[-A-Za-z0-9*,/?]+$", max_length=100)]
"""Minute, hour, day of the month, month and day of the week."""

TimeZone = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9_+/-]*$", max_length=64)]
"""The name of a time zone, as the IANA database has it."""

Seconds = Annotated[int, Field(ge=60, le=14 * 24 * 3600)]
"""How long something may take."""
