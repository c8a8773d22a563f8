"""The script that lays out the model store: it runs in a pod, not here."""

from aurora_constructs.scripts import Script
from aurora_contract import store

LAYOUT = Script(
    file_name="layout.py",
    volume="script",
    suffix="layout",
    mount_path="/scripts",
    mode=0o444,
    text=f'''\
"""Creates the folders of the model store and touches nothing that exists, so it may run at every sync.

Usage: layout.py ROOT MODEL...
"""

import os
import pathlib
import sys


def main(root, *models):
    os.umask(0o027)
    make(root / "{store.REGISTRY}")
    for model in models:
        make(root / model / "{store.VERSIONS}")
        make(root / model / "{store.ALIASES}")
        if not os.access(root / model / "{store.VERSIONS}", os.W_OK):
            fail(f"cannot write to {{root / model / '{store.VERSIONS}'}}")


def make(folder):
    folder.mkdir(parents=True, exist_ok=True)


def fail(reason):
    raise SystemExit(f"model store layout: {{reason}}")


if __name__ == "__main__":
    try:
        main(pathlib.Path(sys.argv[1]), *sys.argv[2:])
    except OSError as error:
        fail(f"{{type(error).__name__}}: {{error}}")
''',
)
