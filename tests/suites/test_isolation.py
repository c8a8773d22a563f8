"""Kyverno sees one test alone, and from there the same files as from its own folder."""

from __future__ import annotations

from pathlib import Path

from aurora import rule_texts
from aurora.suites import reading
from aurora.suites.isolation import isolate
from suites.library import unpack


def test_only_one_test_is_seen_and_relative_paths_lead_to_the_same_files(tmp_path: Path) -> None:
    stream = rule_texts.text("test/broken").good.replace("[resources.yaml]", "[../shared/resources.yaml]")
    library = unpack(tmp_path / "library/here", stream)
    library.write("seed/kyverno-test.yaml", library.text("kyverno-test.yaml"))
    library.write("../shared/resources.yaml", library.text("resources.yaml"))
    (suite,) = reading.read(library.test, "kyverno-test.yaml").suites
    mirror = isolate(suite, tmp_path / "mirror")
    assert [path for path in reading.find(tmp_path / "mirror") if not path.is_symlink()] == [mirror / reading.FILE]
    assert (mirror / "../shared/resources.yaml").read_text() == library.text("resources.yaml")
    assert (mirror / "policy.yaml").read_text() == library.text("policy.yaml")


def test_the_test_that_is_seen_is_one_document_of_its_file(tmp_path: Path) -> None:
    library = unpack(tmp_path / "library", rule_texts.text("test/broken").good)
    text = library.text("kyverno-test.yaml")
    library.write("kyverno-test.yaml", f"{text}---\n{text.replace('name: example}', 'name: second}')}")
    second = reading.read(library.test, "kyverno-test.yaml").suites[1]
    mirror = isolate(second, tmp_path / "mirror")
    assert "name: second" in (mirror / reading.FILE).read_text()
    assert "---" not in (mirror / reading.FILE).read_text()


def test_the_library_is_left_as_it_was(tmp_path: Path) -> None:
    library = unpack(tmp_path / "library", rule_texts.text("test/broken").good)
    before = {path: path.read_bytes() for path in library.folder.rglob("*")}
    (suite,) = reading.read(library.test, "kyverno-test.yaml").suites
    isolate(suite, tmp_path / "mirror")
    assert {path: path.read_bytes() for path in library.folder.rglob("*")} == before
