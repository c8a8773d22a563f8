"""The trainer's image: its commands, with the termination message where the stand-in for the kubelet looks for it."""

import os
import sys
from pathlib import Path

from aurora_contract import programs
from aurora_programs import logs, settings
from aurora_programs.trainer.__main__ import main
from aurora_programs.trainer.run import Run, perform

if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit(main())
    logs.configure(programs.TRAINER.container)
    sys.exit(perform(settings.read(Run), termination_log=Path(os.environ["TERMINATION_LOG"])))
