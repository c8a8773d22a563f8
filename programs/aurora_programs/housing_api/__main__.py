"""`housing-api`: serves in front of the runtime that its environment names."""

import sys

from pydantic import AnyHttpUrl, Field, SecretStr
from pydantic_settings import BaseSettings

from aurora_contract import programs, variables
from aurora_programs import logs, settings, web
from aurora_programs.housing_api.runtime import Limits, Runtime
from aurora_programs.housing_api.service import RATE, service
from aurora_programs.keys import FEWEST_CHARACTERS, ApiKey


class Settings(BaseSettings):
    """What the manifest says."""

    url: AnyHttpUrl = Field(validation_alias=variables.PREDICT_URL)
    key: SecretStr | None = Field(default=None, validation_alias=variables.API_KEY, min_length=FEWEST_CHARACTERS)
    port: int = Field(default=programs.HOUSING_API.ports["http"], validation_alias=variables.PORT)
    rate: float = Field(default=RATE, validation_alias=variables.RATE_LIMIT, ge=0, allow_inf_nan=False)


def main() -> None:
    """Serve until told to end."""
    logs.configure(programs.HOUSING_API.container)
    found = settings.read(Settings)
    key = ApiKey(found.key) if found.key else None
    web.serve(service(Runtime(str(found.url), Limits()), key, found.rate), found.port, sys.argv[1:])


if __name__ == "__main__":
    main()
