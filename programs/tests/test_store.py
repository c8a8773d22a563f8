"""A version is in the store whole or not at all, and no name leads out of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from aurora_contract import store
from aurora_programs.store import aliases, names, versions

MODEL, OLD, NEW = "california-housing", "v20261101-090000", "v20261115-140000"
ROOT = Path(__file__).resolve().parents[1]

KILLED = """
import os, signal, sys
from pathlib import Path
from aurora_programs.store import aliases, versions

MODEL, OLD, NEW = sys.argv[3:]
calls, last = 0, 0

def counted(name):
    real = getattr(os, name)
    def call(*args, **more):
        global calls
        calls += 1
        if calls == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **more)
    setattr(os, name, call)

def version(root):
    versions.publish(root, MODEL, NEW, b"new" * 1000, metadata={"rows": 3})

def alias(root):
    aliases.publish(root, {MODEL: {"stable": NEW, "canary": OLD}})

def before(root):
    if sys.argv[2] == "alias":
        for name in (OLD, NEW):
            versions.publish(root, MODEL, name, name.encode(), metadata={})
        aliases.publish(root, {MODEL: {"stable": OLD}})

for number in range(1, 100):
    root = Path(sys.argv[1]) / str(number)
    before(root)
    child = os.fork()
    if not child:
        last = number
        for name in ("mkdir", "open", "write", "fsync", "close", "rename", "symlink"):
            counted(name)
        globals()[sys.argv[2]](root)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) == 0:
        print(number)
        break
    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL
"""


def killed_at_every_call(folder: Path, what: str) -> list[Path]:
    """Publish again and again, each time into a folder of its own, killed before one call of the system later.

    Give the folders; in the last one nothing was killed.
    """
    args = (sys.executable, "-c", KILLED, str(folder), what, MODEL, OLD, NEW)
    path = os.pathsep.join((str(ROOT), str(ROOT / "contract")))
    done = subprocess.run(args, env={"PYTHONPATH": path}, timeout=60, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [folder / str(number) for number in range(1, int(done.stdout) + 1)]


def test_what_is_published_is_read_back(tmp_path: Path) -> None:
    versions.publish(tmp_path, MODEL, NEW, b"model", metadata={"rows": 3})
    found = versions.find(tmp_path, MODEL, NEW)
    assert found.read() == b"model"
    assert found.metadata["rows"] == 3
    assert found.folder == tmp_path / MODEL / "versions" / NEW
    assert [one.name for one in versions.published(tmp_path, MODEL)] == [NEW]
    assert versions.models(tmp_path) == [MODEL]
    assert sorted(os.listdir(found.folder)) == [store.METADATA, store.ARTIFACT]


def test_killed_at_every_call_a_version_is_whole_or_absent(tmp_path: Path) -> None:
    seen = []
    for root in killed_at_every_call(tmp_path, "version"):
        try:
            seen.append(versions.find(root, MODEL, NEW).read() == b"new" * 1000)
        except names.AbsentError:
            seen.append(False)
            versions.publish(root, MODEL, NEW, b"again", metadata={})
            assert versions.find(root, MODEL, NEW).read() == b"again"
    assert seen == sorted(seen)
    assert seen.count(False) >= 10
    assert seen.count(True) >= 2


def test_killed_at_every_call_an_alias_is_the_old_or_the_new_one(tmp_path: Path) -> None:
    folders = killed_at_every_call(tmp_path, "alias")
    for root in folders:
        assert aliases.resolve(root, MODEL, "stable").name in (OLD, NEW)
        assert (root / "registry/current-version").read_text() in (f"{MODEL}/{OLD}\n", f"{MODEL}/{NEW}\n")
        json.loads((root / "registry/metadata.json").read_text())
        aliases.publish(root, {MODEL: {"stable": NEW}})
        assert os.listdir(root / MODEL / "aliases") == ["stable"]
    assert len(folders) > 15
    last = json.loads((folders[-1] / "registry/metadata.json").read_text())
    assert last == {"models": {MODEL: {"stable": NEW}}}


def test_of_two_writers_one_publishes_and_the_other_is_told(tmp_path: Path) -> None:
    results: list[str] = []
    start = threading.Barrier(8)

    def write(number: int) -> None:
        start.wait()
        try:
            versions.publish(tmp_path, MODEL, NEW, bytes([number]) * (1 << 20), metadata={"writer": number})
            results.append("published")
        except versions.TakenError:
            results.append("taken")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["published", *["taken"] * 7]
    found = versions.find(tmp_path, MODEL, NEW)
    assert set(found.read()) == {found.metadata["writer"]}
    assert os.listdir(tmp_path / MODEL / "versions") == [NEW]


@pytest.mark.parametrize("name", ["..", "../x", "a/b", "", "registry", "A", "a\n", "-a", "a" * 64, "a\0", "."])
def test_a_name_that_could_leave_the_store_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(names.NameRefusedError, match="is no name of a model"):
        versions.find(tmp_path, name, NEW)
    with pytest.raises(names.NameRefusedError, match="is no name of a version"):
        versions.publish(tmp_path, MODEL, name, b"", metadata={})
    if name != "registry":
        with pytest.raises(names.NameRefusedError, match="is no name of an alias"):
            aliases.resolve(tmp_path, MODEL, name)


def test_links_that_leave_the_store_are_refused(tmp_path: Path) -> None:
    root, outside = tmp_path / "store", tmp_path / "outside"
    versions.publish(outside, MODEL, OLD, b"secret", metadata={})
    versions.publish(root, MODEL, NEW, b"model", metadata={})
    (root / MODEL / "versions" / OLD).symlink_to(outside / MODEL / "versions" / OLD)
    with pytest.raises(versions.DamagedError, match="leads out of its place"):
        versions.find(root, MODEL, OLD)
    (root / MODEL / "aliases").mkdir()
    (root / MODEL / "aliases/stable").symlink_to(f"../../../outside/{MODEL}/versions/{OLD}")
    with pytest.raises(versions.DamagedError, match="is no version of"):
        aliases.resolve(root, MODEL, "stable")
    assert aliases.listed(root, MODEL) == {}
    artifact = versions.find(root, MODEL, NEW).artifact
    artifact.unlink()
    artifact.symlink_to(outside / MODEL / "versions" / OLD / store.ARTIFACT)
    with pytest.raises(versions.DamagedError, match="cannot be read"):
        versions.find(root, MODEL, NEW).read()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read"),
        (b"{", "holds no JSON"),
        (b"[]", "holds no JSON object"),
        (b'{"version": "v20260101-000000"}', "describes version 'v20260101-000000', not"),
        (json.dumps({"version": NEW, "sha256": "short"}).encode(), "states no sha256"),
    ],
)
def test_metadata_that_says_too_little_is_an_error(content: bytes | None, reason: str, tmp_path: Path) -> None:
    path = versions.publish(tmp_path, MODEL, NEW, b"model", metadata={}).folder / store.METADATA
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(versions.DamagedError, match=reason):
        versions.find(tmp_path, MODEL, NEW)
    assert list(versions.published(tmp_path, MODEL)) == []


def test_another_artifact_than_the_metadata_states_is_not_given(tmp_path: Path) -> None:
    found = versions.publish(tmp_path, MODEL, NEW, b"model", metadata={})
    found.artifact.write_bytes(b"modem")
    with pytest.raises(versions.DamagedError, match="its metadata says"):
        found.read()


def test_metadata_cannot_state_a_checksum_of_its_own(tmp_path: Path) -> None:
    found = versions.publish(tmp_path, MODEL, NEW, b"model", metadata={"sha256": "0" * 64, "version": OLD})
    assert found.read() == b"model"


def test_aliases_are_those_of_the_pins_and_move_only_if_every_version_is_whole(tmp_path: Path) -> None:
    for version in (OLD, NEW):
        versions.publish(tmp_path, MODEL, version, version.encode(), metadata={})
    aliases.publish(tmp_path, {MODEL: {"stable": OLD, "canary": NEW}})
    assert aliases.listed(tmp_path, MODEL) == {"canary": NEW, "stable": OLD}
    assert os.readlink(tmp_path / MODEL / "aliases/stable") == f"../versions/{OLD}"
    versions.find(tmp_path, MODEL, NEW).artifact.write_bytes(b"damaged")
    with pytest.raises(versions.DamagedError):
        aliases.publish(tmp_path, {MODEL: {"canary": OLD, "stable": NEW}})
    assert aliases.listed(tmp_path, MODEL) == {"canary": NEW, "stable": OLD}
    aliases.publish(tmp_path, {MODEL: {"stable": OLD}})
    assert aliases.listed(tmp_path, MODEL) == {"stable": OLD}
    registry = json.loads((tmp_path / "registry/metadata.json").read_text())
    assert registry == {"models": {MODEL: {"stable": OLD}}}


def test_publications_of_several_models_at_once_leave_a_registry_of_all(tmp_path: Path) -> None:
    models = [f"model-{number}" for number in range(4)]
    for model in models:
        for version in (OLD, NEW):
            versions.publish(tmp_path, model, version, b"model", metadata={})
    for _ in range(15):
        start = threading.Barrier(len(models))

        def publish(model: str, start: threading.Barrier = start) -> None:
            start.wait()
            for version in (OLD, NEW):
                aliases.publish(tmp_path, {model: {"stable": version}})

        threads = [threading.Thread(target=publish, args=(model,)) for model in models]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        registry = json.loads((tmp_path / "registry/metadata.json").read_text())
        assert registry == {"models": {model: {"stable": NEW} for model in models}}
        current = (tmp_path / "registry/current-version").read_text()
        assert current == "".join(f"{model}/{NEW}\n" for model in models)


def test_what_a_dead_writer_left_is_removed_after_a_week_and_not_before(tmp_path: Path) -> None:
    folder = tmp_path / MODEL / "versions"
    dead, alive = folder / ".publish-dead", folder / ".publish-alive"
    for left in (dead, alive):
        left.mkdir(parents=True)
    old = time.time() - versions.STALE_SECONDS - 60
    os.utime(dead, (old, old))
    versions.publish(tmp_path, MODEL, NEW, b"model", metadata={})
    assert alive.is_dir()
    assert not dead.exists()


def test_a_volume_that_takes_no_write_is_named(tmp_path: Path) -> None:
    (tmp_path / MODEL).write_text("a file where a folder should be")
    with pytest.raises(versions.UnwritableError, match="is not published"):
        versions.publish(tmp_path, MODEL, NEW, b"model", metadata={})
