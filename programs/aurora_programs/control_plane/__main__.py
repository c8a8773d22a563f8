"""`aurora-control-plane`: serves what its environment names."""

import sys
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from aurora_contract import programs, variables
from aurora_programs import logs, settings, web
from aurora_programs.control_plane.cluster import ApiServer
from aurora_programs.control_plane.service import RATE, service
from aurora_programs.keys import FEWEST_CHARACTERS, ApiKey


class Settings(BaseSettings):
    """What the manifest says."""

    key: SecretStr = Field(validation_alias=variables.API_KEY, min_length=FEWEST_CHARACTERS)
    root: Path = Field(validation_alias=variables.MODEL_STORE)
    port: int = Field(validation_alias=variables.PORT, ge=1, le=65535)
    rate: float = Field(default=RATE, validation_alias=variables.RATE_LIMIT, ge=0, allow_inf_nan=False)


def main() -> None:
    """Serve until told to end."""
    logs.configure(programs.CONTROL_PLANE.container)
    found = settings.read(Settings)
    web.serve(service(found.root, ApiKey(found.key), ApiServer(), found.rate), found.port, sys.argv[1:])


if __name__ == "__main__":
    main()
