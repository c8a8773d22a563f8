"""The commands of the trainer's image: to train and publish a version, and to publish the aliases that Git pins."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import structlog

from aurora_contract import programs, variables
from aurora_programs import logs, settings
from aurora_programs.store import aliases
from aurora_programs.store.names import StoreError

USAGE_ERROR = 2
LOG = structlog.get_logger()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and give its exit code."""
    logs.configure(programs.TRAINER.container)
    # The first process of a container ignores SIGTERM unless it asks for it.
    signal.signal(signal.SIGTERM, _end)
    parser = argparse.ArgumentParser(prog="aurora-trainer")
    commands = parser.add_subparsers(dest="command")
    pins = commands.add_parser(
        programs.PUBLISH_ALIASES, help="make the aliases exactly these, and the registry of them"
    )
    pins.add_argument("pins", nargs="+", metavar="MODEL/ALIAS=VERSION")
    options = parser.parse_args(arguments)
    return _publish_aliases(options.pins) if options.command else _train()


def _train() -> int:
    from aurora_programs.trainer.run import Run, perform  # noqa: PLC0415 - aliases are published without them

    return perform(settings.read(Run))


def _publish_aliases(pins: Sequence[str]) -> int:
    wanted: dict[str, dict[str, str]] = {}
    for pin in pins:
        place, equals, version = pin.partition("=")
        model, slash, alias = place.partition("/")
        if not (equals and slash) or alias in wanted.get(model, {}):
            return _refused("a pin is no MODEL/ALIAS=VERSION, or is there twice", pin=pin)
        wanted.setdefault(model, {})[alias] = version
    root = os.environ.get(variables.MODEL_STORE, "")
    if not root:
        return _refused("a variable is missing", variable=variables.MODEL_STORE)
    try:
        aliases.publish(Path(root), wanted)
    except StoreError as error:
        return _refused("the aliases are not published", code=1, reason=type(error).__name__, error=str(error))
    LOG.info("aliases published", pins=wanted)
    return 0


def _refused(message: str, *, code: int = USAGE_ERROR, **more: object) -> int:
    LOG.error(message, **more)
    return code


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
