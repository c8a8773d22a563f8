"""What Git says of a revision: every file in one call, contents byte for byte, and every failure explained."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from aurora.errors import ToolCrashedError, ToolMissingError, ToolOutputError, UsageError
from aurora.tools import git
from changes import git_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "text.yaml").write_text("a: 1\n")
    (tmp_path / "in" / "deep" / "binary.bin").write_bytes(b"\x00\xff\n\xfe" * 100)
    (tmp_path / "in" / "ümlaut \n name").write_bytes(b"")
    (tmp_path / "in" / "link").symlink_to("text.yaml")
    (tmp_path / "out.yaml").write_text("b: 1\n")
    git_folder.committed(tmp_path)
    return tmp_path


def test_all_files_below_a_path_are_listed_with_their_sizes(folder: Path) -> None:
    found = git.listed(folder, "HEAD", ["in"])
    assert sorted(found) == ["in/deep/binary.bin", "in/link", "in/text.yaml", "in/ümlaut \n name"]
    assert found["in/deep/binary.bin"].size == 400
    assert found["in/link"].mode == git.LINK
    assert found["in/text.yaml"].mode in git.REGULAR


def test_contents_are_given_byte_for_byte(folder: Path) -> None:
    found = git.listed(folder, "HEAD", ["in"])
    contents = git.contents(folder, (entry.id for entry in found.values()))
    assert contents[found["in/deep/binary.bin"].id] == b"\x00\xff\n\xfe" * 100
    assert contents[found["in/ümlaut \n name"].id] == b""
    assert contents[found["in/link"].id] == b"text.yaml"


def test_the_id_of_a_content_is_that_of_git(folder: Path) -> None:
    for path, entry in git.listed(folder, "HEAD", ["in"]).items():
        if entry.mode in git.REGULAR:
            assert git.content_id((folder / path).read_bytes(), entry.id) == entry.id
    assert git.content_id(b"", "0" * 64) == hashlib.sha256(b"blob 0\0").hexdigest()


def test_paths_are_relative_to_the_folder(folder: Path) -> None:
    assert "text.yaml" in git.listed(folder / "in", "HEAD", ["."])


@pytest.mark.parametrize("revision", ["nothing", "HEAD~5", "0" * 40, "HEAD:in"])
def test_a_revision_that_does_not_exist_is_named(folder: Path, revision: str) -> None:
    with pytest.raises(UsageError, match=revision):
        git.listed(folder, revision, ["in"])


@pytest.mark.parametrize("revision", ["", "-x", "--output=a", "a b", "$(id)", ":/x"])
def test_what_is_no_name_of_a_revision_never_reaches_git(folder: Path, revision: str) -> None:
    with pytest.raises(UsageError, match="no name of a Git revision"):
        git.listed(folder, revision, ["in"])


def test_a_folder_without_repository_is_explained(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="in no Git repository"):
        git.listed(tmp_path, "HEAD", ["in"])


def test_a_repository_without_commits_is_explained(tmp_path: Path) -> None:
    git_folder.git(tmp_path, "init", "--quiet")
    with pytest.raises(UsageError, match="no Git revision `HEAD`"):
        git.listed(tmp_path, "HEAD", ["in"])


def test_a_shallow_clone_is_explained(folder: Path, tmp_path: Path) -> None:
    first = git_folder.git(folder, "rev-parse", "HEAD")
    git_folder.committed(folder)
    git_folder.git(tmp_path, "clone", "--quiet", "--depth", "1", folder.as_uri(), "shallow")
    with pytest.raises(UsageError, match="this clone is shallow") as caught:
        git.listed(tmp_path / "shallow", first, ["in"])
    assert "--unshallow" in str(caught.value.hint)


def test_a_content_that_is_not_there_is_an_error(folder: Path) -> None:
    with pytest.raises(ToolOutputError, match="no content"):
        git.contents(folder, ["0" * 40])


def test_without_git_it_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(ToolMissingError, match="`git` is not on the PATH"):
        git.listed(folder, "HEAD", ["in"])


@pytest.mark.parametrize("damage", ["junk", "gone", "tree"])
def test_a_damaged_repository_is_told_in_the_words_of_git(folder: Path, damage: str) -> None:
    commit = git_folder.git(folder, "rev-parse", "HEAD^{tree}" if damage == "tree" else "HEAD")
    file = folder / ".git" / "objects" / commit[:2] / commit[2:]
    file.chmod(0o644)
    if damage == "junk":
        file.write_bytes(b"junk")
    else:
        file.unlink()
    with pytest.raises(ToolCrashedError, match="`HEAD` is there and cannot be read: `git` ended with") as caught:
        git.listed(folder, "HEAD", ["in"])
    words = {"junk": "is corrupt", "gone": "Not a valid object name", "tree": "not a tree object"}
    assert words[damage] in caught.value.message
    assert "git fsck" in str(caught.value.hint)
