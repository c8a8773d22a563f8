"""`python -m demo.train FILE` is the trainer as its image runs it, with its termination message in FILE."""

import sys
from pathlib import Path

from aurora_contract import programs
from aurora_programs import logs, settings
from aurora_programs.trainer.run import Run, perform

if __name__ == "__main__":
    logs.configure(programs.TRAINER.container)
    sys.exit(perform(settings.read(Run), termination_log=Path(sys.argv[1])))
