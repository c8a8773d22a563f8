"""Any number of errors in one environment: each is found where it stands, and nothing else is."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from environment.toys import findings, repository


@dataclass(frozen=True)
class Line:
    """A line of the environment, and what may be wrong with it: the text, the column, the rule.

    `parent` is the number of the line that a missing key is reported at, where that is not this one.
    """

    sound: str
    wrong: tuple[tuple[str, int, str], ...] = ()
    parent: int | None = None


LINES = (
    Line("apiVersion: aurora/v1", (("apiVersion: aurora/v9", 13, "invalid-value"), ("#", 1, "missing-key"))),
    Line("kind: Environment", (("kind: 3", 7, "invalid-value"), ("kynd: Environment", 1, "unknown-key"))),
    Line("metadata:"),
    Line("  name: prod", (("  name: dev", 9, "name"), ("  name: PROD_1", 9, "invalid-value"))),
    Line("cluster:"),
    Line("  provider: bare-metal", (("  provider: bare", 13, "invalid-value"), ("  proviader: eks", 3, "unknown-key"))),
    Line('  kubernetes: "1.35"', (("  kubernetes: 1.35", 15, "invalid-value"), ("  # gone", 1, "missing-key")), 5),
    Line("  domain: ml.example.com", (("  domain: 12:30", 11, "ambiguous-value"), ("  domain: null", 3, "layer"))),
    Line("  apiServerCidrs: [10.0.0.10/32]", (("  apiServerCidrs: [10.0.0.10/8]", 20, "invalid-value"),)),
    Line("gitops:"),
    Line('  repository: "https://example.com/x"', (("  repository: ftp://x", 15, "invalid-value"),)),
    Line("  revision: v1.0.0", (("  revision: [v1]", 3, "invalid-value"),)),
    Line("  production: true", (("  production: on", 15, "ambiguous-value"), ("  prod: true", 3, "unknown-key"))),
    Line("images:"),
    Line(
        f"  server: {{repository: example.com/a, tag: v1, digest: 'sha256:{'a' * 64}'}}",
        ((f"  server: {{repository: example.com/a, tag: latest, digest: 'sha256:{'a' * 64}'}}", 44, "invalid-value"),),
    ),
    Line("components:"),
    Line(
        "  lost: {kind: Store, size: 1Gi}",
        (("  lost: {kind: Shop}", 16, "unknown-kind"), ("  argocd: {kind: Store, size: 1Gi}", 3, "reserved-name")),
    ),
    Line("  store: {kind: Store, size: 1Gi}", (("  store: {kind: Store}", 3, "missing-key"),)),
    Line("  inference:"),
    Line("    kind: Serving"),
    Line("    namespace: aurora", (("    namespace: Aurora", 16, "invalid-value"), ("    #", 1, "missing-key")), 19),
    Line("    model: housing", (("    model: [housing]", 5, "invalid-value"),)),
    Line(
        "    stable: {version: v1}",
        (("    stable: {}", 5, "missing-key"), ("    stable: {version: v1, x: 3}", 27, "unknown-key")),
    ),
    Line("    image: server", (("    image: sewer", 12, "unknown-image"), ("    image: yes", 12, "ambiguous-value"))),
    Line(
        "    storage: store",
        (("    storage: shop", 14, "unknown-component"), ("    storage: inference", 14, "wrong-component-kind")),
    ),
    Line("    replicas: auto", (("    replicas: -1", 15, "invalid-value"), ("    replicas:", 5, "layer"))),
    Line(
        "    route: {type: gateway, host: a.example.com}",
        (
            ("    route: {host: a.example.com}", 5, "missing-key"),
            ("    route: {type: gateway, host: 3}", 34, "invalid-value"),
        ),
    ),
    Line(
        "    sources: [{folder: a}]",
        (("    sources: [{folder: a, bukket: b}]", 27, "unknown-key"), ("    sources: [null]", 15, "layer")),
    ),
    Line("    debug: true", (('    debug: "true"', 12, "invalid-value"),)),
    Line("waivers:"),
    Line(
        '  - {rule: a/b, kind: Pod, name: x, reason: old, expires: "2026-01-01"}',
        (('  - {rule: a/b, kind: Pod, name: x, reason: old, expires: "soon"}', 59, "invalid-value"),),
    ),
)

CHOICES = st.tuples(*(st.integers(0, len(line.wrong)) for line in LINES))


def planted(choices: tuple[int, ...]) -> tuple[str, set[tuple[int, int, str]]]:
    """Write the environment with the chosen errors, and say where they are."""
    texts: list[str] = []
    expected: set[tuple[int, int, str]] = set()
    for number, (line, choice) in enumerate(zip(LINES, choices, strict=True), start=1):
        if choice == 0:
            texts.append(line.sound)
            continue
        text, column, rule = line.wrong[choice - 1]
        texts.append(text)
        gone = text.strip().startswith("#")
        expected.add((*place(line, number, column, gone=gone), rule))
    return "\n".join(texts) + "\n", expected


def place(line: Line, number: int, column: int, *, gone: bool) -> tuple[int, int]:
    if not gone:
        return number, column
    if line.parent is None:
        return 2, 1
    sound = LINES[line.parent - 1].sound
    return line.parent, len(sound) - len(sound.lstrip()) + 1


def located(text: str) -> list[tuple[int, int, str]]:
    with tempfile.TemporaryDirectory() as folder:
        found = findings(repository(Path(folder), {"prod.yaml": text}))
    assert all(finding.message and finding.place for finding in found)
    return [
        (finding.place.line, finding.place.column, finding.rule.removeprefix("environment/"))
        for finding in found
        if finding.place is not None
    ]


@given(CHOICES)
def test_the_number_of_errors_is_the_number_of_planted_errors(choices: tuple[int, ...]) -> None:
    text, expected = planted(choices)
    assert sorted(located(text)) == sorted(expected)


def test_all_errors_at_once_are_all_found() -> None:
    text, expected = planted(tuple(len(line.wrong) for line in LINES))
    assert len(expected) > 20
    assert sorted(located(text)) == sorted(expected)


def test_without_planted_errors_nothing_is_found() -> None:
    text, expected = planted((0,) * len(LINES))
    assert not expected
    assert located(text) == []
