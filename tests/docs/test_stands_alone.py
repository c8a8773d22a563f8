"""Nothing in the repository points outside of it: every fact has a public source, or a page of `docs/facts/`."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SUFFIXES = {".py", ".md", ".go", ".yaml", ".yml", ".toml", ".j2", ".js", ".css", ".json", ".sh", ""}
OUTSIDE = re.compile(
    r"""\bdomain,?\s+(?:section|row)s?\s+\d      # pages that lie elsewhere
    | \(domain:\s
    | \brows?\ [A-Z]\d
    | \brequirements?\ [A-Z]\d
    | \breference/[a-z-]+\.md
    | \b(?:domain|style|peers|validators|real-cluster|crd-schemas|design|requirements|cdk8s)\.md\b
    | \bseeds?\ 0\d
    | \bchaos\ report\b
    | \.\./shared/(?!resources\.yaml) | \bshared/(?:reference|crds|design)
    | (?<![\w.])/Users/[a-z]          # somebody's machine
    | \bsection\ \d+\ of\ the\ design""",
    re.VERBOSE,
)
PAGES = re.compile(r"\bdocs/[\w/.-]+\.md\b")
OWN = ("docs/facts/validators.md", "](validators.md)")
LEFT_OUT = ("environments/", "generated/", "tests/docs/test_stands_alone.py")


def committed() -> list[Path]:
    """Give every text that Git knows or would know."""
    call = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(call, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    chosen = (name for name in names if Path(name).suffix in SUFFIXES and not name.startswith(LEFT_OUT))
    return [ROOT / name for name in chosen if (ROOT / name).is_file()]


def outside(text: str) -> list[str]:
    """Give what points outside; the pages of the repository itself do not."""
    for page in OWN:
        text = text.replace(page, "")
    return [found.group().strip() for found in OUTSIDE.finditer(text)]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "(domain, section 13)",
            "domain section 5a",
            "domain,\nsection 2",
            "(domain, row 3)",
            "`reference/domain.md`",
        ),
        *(
            "validators.md, 7.2",
            "row A11 of the requirements",
            "requirement A7",
            "seed 000, part 2",
            "the chaos report",
        ),
        *(
            "../shared/crds/current",
            "`shared/reference/`",
            "/Users/somebody/aurora",
            "section 3 of the design",
            "(style.md)",
        ),
    ],
)
def test_what_points_outside_is_recognised(text: str) -> None:
    assert outside(text)


def test_sections_of_public_standards_and_own_pages_do_not_point_outside() -> None:
    assert not outside(
        "RFC 3986 section 3.2.1; YAML 1.2.2, section 9.1.2; docs/facts/validators.md; domain: ml.example.com"
    )


def test_nothing_points_outside_of_the_repository() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {words}"
        for path in committed()
        for words in outside(path.read_text(encoding="utf-8", errors="replace"))
    }
    assert not found


def test_every_page_that_is_named_exists() -> None:
    missing = {
        f"{path.relative_to(ROOT)}: {page}"
        for path in committed()
        if path.parts[len(ROOT.parts)] != "tests"
        for page in PAGES.findall(path.read_text(encoding="utf-8", errors="replace"))
        if not (ROOT / page).is_file()
    }
    assert not missing


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "facts").glob("*.md")), ids=lambda page: page.stem)
def test_a_page_of_facts_has_sources_and_is_listed_and_cited(page: Path) -> None:
    if page.name == "README.md":
        return
    assert "\nSources: " in page.read_text()
    assert f"({page.name})" in (page.parent / "README.md").read_text()
    cited = f"docs/facts/{page.name}"
    code = (path for path in committed() if path.suffix in {".py", ".go", ".yaml"})
    assert any(cited in path.read_text(errors="replace") for path in code)
