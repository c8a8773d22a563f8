"""The script that deletes what is old: it runs in a pod, not here."""

from aurora_constructs.scripts import Script
from aurora_contract import store

CLEANUP = Script(
    file_name="cleanup.py",
    volume="script",
    suffix="cleanup",
    mount_path="/scripts",
    mode=0o444,
    text=f'''\
"""Deletes what is old and what nothing names; without `delete` it only says what it would delete.

Usage: cleanup.py models|data ROOT KEEP DAYS delete|tell USED...

Of models, a version counts once its `{store.METADATA}` is there, which a trainer writes last: what is not finished is
never touched. What a file or link of `{store.ALIASES}` or `{store.REGISTRY}` names stays, and so does all that USED
names. A folder is renamed before it is deleted: nobody meets half of it.
"""

import json
import pathlib
import shutil
import sys
import time

DAY = 24 * 3600
REMOVED = ".removed-"
LARGEST = 1024 * 1024


def main(what, root, keep, days, mode, *used, now=time.time):
    keep, days, root = int(keep), int(days), pathlib.Path(root)
    if keep < 1 or days < 1:
        fail(f"KEEP {{keep}} and DAYS {{days}} must be at least 1")
    if what not in ("models", "data") or mode not in ("delete", "tell"):
        fail(f"{{what}} or {{mode}} is no word that it knows")
    if not root.is_dir():
        fail(f"there is no folder {{root}}")
    if mode == "delete":
        finish(root, what)
    groups = models(root) if what == "models" else {{"": dict(folders(root))}}
    before = now() - days * DAY
    deleted = []
    for group, aged in sorted(groups.items()):
        newest = sorted(aged, key=lambda folder: (aged[folder], folder.name), reverse=True)[:keep]
        for folder in sorted(aged, key=lambda folder: folder.name):
            if folder in newest or aged[folder] >= before or is_used(what, root, group, folder, used):
                continue
            deleted.append(str(folder.relative_to(root)))
            if mode == "delete":
                remove(folder)
    print(json.dumps({{"mode": mode, "deleted": deleted, "used": sorted(used)}}))
    return deleted


def models(root):
    """Give the finished versions of every model with the time at which each was finished."""
    found = {{}}
    for model in sorted(root.iterdir()):
        versions = model / "{store.VERSIONS}"
        if model.name == "{store.REGISTRY}" or model.is_symlink() or not versions.is_dir():
            continue
        done = [each for each in versions.iterdir() if (each / "{store.METADATA}").is_file() and real(each)]
        found[model.name] = {{each: (each / "{store.METADATA}").stat().st_mtime for each in done}}
    return found


def folders(root):
    """Yield the folders of data with the time of the last change in each."""
    for folder in sorted(root.iterdir()):
        if folder.is_dir() and real(folder):
            yield folder, max(each.lstat().st_mtime for each in (folder, *folder.rglob("*")))


def real(folder):
    return not folder.is_symlink() and not folder.name.startswith(".")


def is_used(what, root, model, folder, used):
    if what == "models":
        return f"{{model}}/{{folder.name}}" in used or folder.name in named(root, model)
    own = folder.relative_to(root).parts
    # A path that is used keeps the folder that holds it, and all folders below it.
    kept = [pathlib.PurePath(each).parts for each in used]
    return any(parts[: len(own)] == own or own[: len(parts)] == parts for parts in kept)


def named(root, model):
    """Give the words that aliases and the registry hold: read anew before each deletion, since aliases move."""
    words = set()
    for place in (root / model / "{store.ALIASES}", root / "{store.REGISTRY}"):
        for entry in sorted(place.rglob("*")) if place.is_dir() else ():
            if entry.is_symlink():
                words.update(entry.readlink().parts)
            elif entry.is_file():
                if entry.stat().st_size > LARGEST:
                    fail(f"{{entry}} is too large to be read")
                words.update(split(entry.read_text(encoding="utf-8")))
    return words


def split(text):
    return "".join(letter if letter.isalnum() or letter in "-._" else " " for letter in text).split()


def remove(folder):
    gone = folder.with_name(REMOVED + folder.name)
    folder.rename(gone)
    shutil.rmtree(gone)


def finish(root, what):
    """Delete what an earlier run renamed and did not delete."""
    for gone in sorted(root.glob(("*/{store.VERSIONS}/" if what == "models" else "") + REMOVED + "*")):
        shutil.rmtree(gone)


def fail(reason):
    raise SystemExit(f"cleanup: {{reason}}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (OSError, UnicodeError, ValueError) as error:
        fail(f"{{type(error).__name__}}: {{error}}")
''',
)
