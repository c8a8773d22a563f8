"""Packs charts of tests, and locks them."""

import gzip
import hashlib
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

from aurora.charts import archives, lock

Files = Mapping[str, str]


def archive(files: Files, name: str = "demo") -> bytes:
    """Pack files below the folder of a chart; a path that leaves it stays as it is."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0, compresslevel=1) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as opened,
    ):
        for path, text in files.items():
            entry = tarfile.TarInfo(path if path.startswith(("/", "..")) else f"{name}/{path}")
            entry.size = len(text.encode())
            opened.addfile(entry, io.BytesIO(text.encode()))
    return packed.getvalue()


def bomb() -> bytes:
    """Pack zeros, of which there are twice as many bytes as an archive may have: many small streams make one."""
    mebibyte = 2**20
    return gzip.compress(b"\0" * mebibyte) * (archives.MOST_BYTES * 2 // mebibyte)


def linked() -> bytes:
    """Pack a chart with a link."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as opened:
        entry = tarfile.TarInfo("linked/values.yaml")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        opened.addfile(entry)
    return file.getvalue()


def of_folder(folder: Path) -> Files:
    """Read the files of a chart."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text() for path in files}


def vendor(charts: Path, files: Files, name: str = "demo", version: str = "1.0.0") -> Path:
    """Write the archive of a chart, and lock it."""
    return add(charts, archive(files, name), name, version)


def add(charts: Path, content: bytes, name: str, version: str = "1.0.0") -> Path:
    """Write an archive, and lock it beside what is locked already."""
    charts.mkdir(exist_ok=True)
    file, locked = charts / f"{name}-{version}.tgz", charts / lock.FILE
    file.write_bytes(content)
    digest, source = hashlib.sha256(content).hexdigest(), f"https://charts.example.com/{file.name}"
    entry = f"  - {{name: {name}, version: {version}, digest: 'sha256:{digest}', source: '{source}'}}\n"
    locked.write_text((locked.read_text() if locked.is_file() else "charts:\n") + entry)
    return file
