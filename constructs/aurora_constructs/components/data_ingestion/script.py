"""The script that copies a dataset from a bucket into a folder: it runs in a pod, not here."""

from aurora_constructs.scripts import Script

COPY = Script(
    file_name="copy.py",
    volume="script",
    suffix="copy",
    mount_path="/scripts",
    mode=0o444,
    text='''\
"""Copies the objects below a prefix of a bucket into a folder, each file whole or not at all.

Usage: copy.py BUCKET PREFIX FOLDER

What is there already, with the tag and the size of its object, is not copied again, so it may run at any time. Each
copy is read back and compared with what arrived. `.ingested.json` in the folder says of every file its tag, size and
SHA-256, and whether all of them are there. Files whose objects are gone stay: a run may still read them.
"""

import hashlib
import json
import os
import pathlib
import signal
import sys

STATE = ".ingested.json"
PART = ".part"
CHUNK = 1024 * 1024


def main(client, bucket, prefix, folder):
    os.umask(0o027)
    objects = listed(client, bucket, prefix)
    folder.mkdir(parents=True, exist_ok=True)
    state = remembered(folder)
    wanted = {name: each for name, each in objects.items() if not is_there(folder, state, name, each)}
    if wanted:
        remember(folder, {"complete": False, "files": state})
    try:
        for name, each in wanted.items():
            state[name] = {**each, "sha256": copied(client, bucket, prefix, folder, name, each)}
    except BaseException:
        remember(folder, {"complete": False, "files": state})
        raise
    missing = [name for name, each in objects.items() if not is_there(folder, state, name, each)]
    if missing:
        fail(f"{len(missing)} files are not there as they should be, such as {missing[0]}")
    remember(folder, {"complete": True, "files": {name: state[name] for name in objects}})
    size = sum(each["size"] for each in objects.values())
    print(f"{len(wanted)} of {len(objects)} files copied, {size} bytes are there", flush=True)


def listed(client, bucket, prefix):
    found = {}
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix}/"):
        for entry in page.get("Contents", []):
            name = entry["Key"][len(prefix) + 1 :]
            if entry["Key"].endswith("/"):
                continue
            if not is_harmless(name):
                fail(f"the key {entry['Key']!r} is no path of a file in the folder")
            found[name] = {"tag": entry["ETag"], "size": entry["Size"]}
    if not found:
        fail(f"there are no objects below {prefix}/ in the bucket {bucket}")
    for name in found:
        inside = next((str(above) for above in pathlib.PurePosixPath(name).parents if str(above) in found), None)
        if inside:
            fail(f"{inside} is an object and the folder of {name}: a file system has one of them")
    return found


def is_harmless(name):
    parts = name.split("/")
    own = name == STATE or parts[-1].endswith(PART)
    return not own and "\\0" not in name and all(part not in ("", ".", "..") for part in parts)


def remembered(folder):
    try:
        files = json.loads((folder / STATE).read_text(encoding="utf-8"))["files"]
        return {name: each for name, each in files.items() if isinstance(each, dict)}
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def remember(folder, state):
    written = folder / (STATE + PART)
    with written.open("w", encoding="utf-8") as file:
        json.dump(state, file, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    os.replace(written, folder / STATE)


def is_there(folder, state, name, each):
    known = state.get(name, {})
    try:
        size = (folder / name).stat().st_size
    except FileNotFoundError:
        return False
    return size == each["size"] and (known.get("tag"), known.get("size")) == (each["tag"], each["size"])


def copied(client, bucket, prefix, folder, name, each):
    """The tag is a condition: an object that changes meanwhile is an error, not half of each."""
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + PART)
    answer = client.get_object(Bucket=bucket, Key=f"{prefix}/{name}", IfMatch=each["tag"], ChecksumMode="ENABLED")
    arrived, size = hashlib.sha256(), 0
    with part.open("wb") as file:
        for chunk in answer["Body"].iter_chunks(CHUNK):
            arrived.update(chunk)
            size += len(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if size != each["size"]:
        fail(f"{name} has {each['size']} bytes, {size} arrived")
    if digest(part) != arrived.hexdigest():
        fail(f"{name} does not read back as it arrived")
    os.replace(part, target)
    return arrived.hexdigest()


def digest(path):
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            found.update(chunk)
    return found.hexdigest()


def fail(reason):
    raise SystemExit(f"data ingestion: {reason}")


def ended(*_):
    fail("told to end; what is copied stays, and the next run goes on from there")


if __name__ == "__main__":
    import boto3
    import botocore.exceptions

    signal.signal(signal.SIGTERM, ended)
    try:
        main(boto3.client("s3"), sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]))
    except (OSError, botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
        fail(f"{type(error).__name__}: {error}")
''',
)
