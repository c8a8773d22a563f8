"""`aurora-inference`: serves the version that its environment names."""

import sys
from functools import partial
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings

from aurora_contract import programs, variables
from aurora_programs import logs, settings, web
from aurora_programs.inference.model import load
from aurora_programs.inference.service import Limits, service
from aurora_programs.store.names import model_name, version_name


class Settings(BaseSettings):
    """What the manifest says."""

    folder: Path = Field(validation_alias=variables.MODEL_DIR)
    model: str = Field(validation_alias=variables.MODEL_NAME)
    version: str = Field(validation_alias=variables.MODEL_VERSION)
    port: int = Field(default=programs.INFERENCE.ports["http"], validation_alias=variables.PORT)
    rate: float = Field(default=Limits().a_second, validation_alias=variables.RATE_LIMIT, ge=0, allow_inf_nan=False)


def main() -> None:
    """Serve until told to end."""
    logs.configure(programs.INFERENCE.container)
    found = settings.read(Settings)
    version = version_name(found.version)
    app = service(model_name(found.model), version, partial(load, found.folder, version), Limits(a_second=found.rate))
    web.serve(app, found.port, sys.argv[1:])


if __name__ == "__main__":
    main()
