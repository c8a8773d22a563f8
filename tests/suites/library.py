"""A small library of policies in a folder, built from the streams that rules have as examples."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aurora.model.finding import Finding
from aurora.model.json_value import mapping, text
from aurora.suites import reading
from aurora.suites.running import Ran, Runner, run_suite
from aurora.yamlio.reading import parse, split

GENERATED = "NetworkPolicy"


@dataclass(frozen=True)
class Library:
    """A folder with one test."""

    folder: Path

    def write(self, path: str, content: str) -> Path:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)
        return target

    def text(self, path: str) -> str:
        return (self.folder / path).read_text()

    def change(self, path: str, old: str, new: str) -> Library:
        content = self.text(path)
        assert old in content
        self.write(path, content.replace(old, new))
        return self

    @property
    def test(self) -> Path:
        return self.folder / reading.FILE


def unpack(folder: Path, stream: str) -> Library:
    """Write the documents of a stream into the files that its test names."""
    library = Library(folder)
    files: dict[str, list[str]] = {}
    for document in split(stream):
        body = mapping(parse(document.text).value)
        kind = text(body.get("kind"))
        name = (
            "kyverno-test.yaml"
            if kind == "Test"
            else "policy.yaml"
            if kind.endswith(("ingPolicy", "ClusterPolicy"))
            else "resources.yaml"
        )
        files.setdefault("generated.yaml" if kind == GENERATED else name, []).append(document.text.strip())
    for name, documents in files.items():
        library.write(name, "\n---\n".join(documents) + "\n")
    return library


def judged(library: Library, program: Path, workspace: Path, *, strict: bool = True) -> tuple[list[Finding], list[Ran]]:
    """Run every suite of a library; give all findings and what became of each suite."""
    found = reading.read(library.test, "kyverno-test.yaml")
    workspace.mkdir(parents=True, exist_ok=True)
    using = Runner(program=program, workspace=workspace, timeout=60.0, strict=strict)
    ran = [run_suite(suite, using, number=number) for number, suite in enumerate(found.suites)]
    return [*found.findings, *(finding for each in ran for finding in each.findings)], ran
