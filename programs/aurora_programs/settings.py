"""Reads what the manifest says of a program, or ends the program with everything that is wrong in one log line."""

from typing import TypeVar

import structlog
from pydantic import ValidationError
from pydantic_settings import BaseSettings

USAGE_ERROR = 2
LOG = structlog.get_logger()
Kind = TypeVar("Kind", bound=BaseSettings)


def read(kind: type[Kind]) -> Kind:
    """Give the settings; values are not logged, since some are secret.

    Raises:
        SystemExit: variables are missing or wrong.
    """
    try:
        return kind()
    except ValidationError as error:
        problems = {str(one["loc"][0]): one["msg"] for one in error.errors()}
    LOG.error("variables of the environment are missing or wrong", variables=problems)
    raise SystemExit(USAGE_ERROR)
