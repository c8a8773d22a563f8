"""The lock that users install from: all that the wheels require, at the versions and hashes that the tests run with."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_PIN = re.compile(r"^([a-z0-9.-]+)==(\S+).*?((?:\s+--hash=\S+(?: \\)?\n?)+)", re.MULTILINE)


def pins(name: str) -> dict[str, tuple[str, frozenset[str]]]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return {
        found[1]: (found[2], frozenset(re.findall(r"sha256:[0-9a-f]{64}", found[3]))) for found in _PIN.finditer(text)
    }


def test_every_requirement_of_the_wheels_is_locked() -> None:
    required = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    wanted = {re.sub(r"[._-]+", "-", name): version for name, version in (entry.split("==") for entry in required)}
    del wanted["aurora-contract"]
    locked = {re.sub(r"[._-]+", "-", name): version for name, (version, _) in pins("requirements-runtime.lock").items()}
    assert wanted.items() <= locked.items()


def test_users_install_what_the_tests_run_with() -> None:
    developers = pins("requirements.lock")
    users = pins("requirements-runtime.lock")
    assert len(users) > 30
    assert all(hashes for _, hashes in users.values())
    assert users.items() <= developers.items()
