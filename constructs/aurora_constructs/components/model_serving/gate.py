"""The model gate: the script that every inference pod runs before it serves.

It needs nothing but Python's standard library, and its tests run it on folders.
"""

from aurora_constructs.scripts import Script
from aurora_contract import store

_TEXT = '''\
"""Copies one model version from the shared volume into the pod, or ends with code 1 and the reason.

It looks once and does not wait: a loop would hide a missing model behind a pod that seems to start.
The copy is what was checked: bytes are hashed while they are copied, then put in place at once.
"""

import hashlib
import json
import os
import pathlib
import signal
import sys

CHUNK = 1024 * 1024


def main():
    version = os.environ["MODEL_VERSION"]
    source = pathlib.Path(os.environ["MODEL_SOURCE"], version)
    target = pathlib.Path(os.environ["MODEL_DIR"])
    signal.signal(signal.SIGALRM, expire)
    signal.alarm(int(os.environ["GATE_SECONDS"]))
    for name in ("@METADATA@", "@ARTIFACT@"):
        if not (source / name).is_file():
            fail(f"{source / name} does not exist or is no file")
    expected = checksum(source / "@METADATA@", version)
    partial = target / "@ARTIFACT@.partial"
    try:
        actual = copy(source / "@ARTIFACT@", partial)
        if actual != expected:
            fail(f"{source / '@ARTIFACT@'} has SHA-256 {actual}, its metadata says {expected}")
        (target / "@METADATA@").write_bytes((source / "@METADATA@").read_bytes())
        partial.replace(target / "@ARTIFACT@")
    finally:
        partial.unlink(missing_ok=True)
    print(f"{version}: {(target / '@ARTIFACT@').stat().st_size} bytes, SHA-256 {actual}")


def checksum(path, version):
    metadata = json.loads(path.read_bytes())
    if not isinstance(metadata, dict):
        fail(f"{path} holds no JSON object")
    if metadata.get("version") != version:
        fail(f"{path} describes version {metadata.get('version')!r}, not {version!r}")
    value = metadata.get("sha256")
    if not isinstance(value, str) or len(value) != 64:
        fail(f"{path} states no sha256")
    return value.lower()


def copy(source, target):
    digest = hashlib.sha256()
    with source.open("rb") as reader, target.open("wb") as writer:
        while chunk := reader.read(CHUNK):
            digest.update(chunk)
            writer.write(chunk)
        writer.flush()
        os.fsync(writer.fileno())
    return digest.hexdigest()


def expire(*_):
    fail(f"the model could not be read within {os.environ['GATE_SECONDS']} s")


def fail(reason):
    raise SystemExit(f"model gate: {reason}")


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError, KeyError) as error:
        fail(f"{type(error).__name__}: {error}")
'''

GATE = Script(
    file_name="model_gate.py",
    volume="gate",
    suffix="gate",
    mount_path="/gate",
    text=_TEXT.replace("@ARTIFACT@", store.ARTIFACT).replace("@METADATA@", store.METADATA),
)
