"""Reads `kyverno-test.yaml`: each document becomes a suite, whatever is wrong with its form a finding.

Stricter than Kyverno, which takes an empty list of results for a success. Must not run anything.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from aurora import suite_rules, tables
from aurora.errors import StorageError
from aurora.model.finding import Finding
from aurora.model.json_value import JsonObject, JsonValue, items, mapping, text
from aurora.model.place import Place, Step
from aurora.model.rule import Rule
from aurora.yamlio import reading

FILE = "kyverno-test.yaml"

_API_VERSION = "cli.kyverno.io/v1alpha1"
_VERDICTS = frozenset({"pass", "fail", "skip", "warn", "error"})
with tables.opened(Path(__file__).with_name("fields.yaml")) as _table:
    _PATHS, _PAYLOADS, _SURROUNDINGS = map(_table.texts, ("paths", "payloads", "surroundings"))
    _FIELDS = frozenset((*_table.texts("all"), *_PATHS, *_PAYLOADS, *_SURROUNDINGS))
    _RESULT_FIELDS = frozenset(_table.texts("result"))


@dataclass(frozen=True, slots=True)
class Expectation:
    """One entry of `results`: what a rule says of some objects."""

    number: int
    policy: str
    rule: str
    kind: str
    result: str
    resources: tuple[str, ...]
    generated: tuple[str, ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps to it from the document's root."""
        return ("results", self.number)


@dataclass(frozen=True, slots=True)
class Suite:
    """One document of a test file; `path` is the file as people write it."""

    file: Path
    path: str
    text: str
    line: int
    body: JsonObject
    expectations: tuple[Expectation, ...]

    @property
    def folder(self) -> Path:
        """The folder that its paths are relative to."""
        return self.file.parent

    @property
    def name(self) -> str:
        """What people call it."""
        return text(mapping(self.body.get("metadata")).get("name")) or text(self.body.get("name")) or self.path

    def paths(self, field_name: str) -> tuple[str, ...]:
        """Give the paths that one of its fields lists."""
        return tuple(text(entry) for entry in items(self.body.get(field_name)))

    @property
    def has_surroundings(self) -> bool:
        """Whether it pretends that a cluster or somebody stands around its objects."""
        return any(self.body.get(name) for name in _SURROUNDINGS)

    @property
    def has_payloads(self) -> bool:
        """Whether it judges payloads, which are no Kubernetes objects."""
        return any(self.body.get(name) for name in _PAYLOADS)

    def place(self, *steps: Step) -> Place:
        """Say where a part of it stands."""
        line, column = reading.locate(self.text, steps)
        return Place(self.path, self.line + line - 1, column)

    def problem(self, rule: Rule, message: str, *steps: Step, hint: str | None = None) -> Finding:
        """Make a finding about a part of it."""
        return Finding.of(rule, message, self.place(*steps), hint=hint)


@dataclass(slots=True)
class SuiteFile:
    """A test file: its suites and what is wrong with its form."""

    suites: list[Suite] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def find(folder: Path) -> tuple[Path, ...]:
    """Find every test file below a folder, sorted; links are not followed."""
    return tuple(sorted(path for path in folder.rglob(FILE) if path.is_file()))


def read(file: Path, shown: str) -> SuiteFile:
    """Read a test file.

    Raises:
        StorageError: it cannot be read.
    """
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise StorageError(f"`{shown}` cannot be read: {error.strerror}") from error
    found = SuiteFile()
    try:
        documents = list(reading.split(reading.decode(raw)))
    except reading.YamlError as error:
        found.findings.append(Finding.of(suite_rules.BROKEN, error.message, Place(shown, error.line, error.column)))
        return found
    if not documents:
        found.findings.append(Finding.of(suite_rules.BROKEN, "this file holds no test", Place(shown)))
    for document in documents:
        _read_document(document, file, shown, found)
    return found


def _read_document(document: reading.Document, file: Path, shown: str, found: SuiteFile) -> None:
    try:
        value = reading.parse(document.text).value
    except reading.YamlError as error:
        place = Place(shown, document.line + error.line - 1, error.column)
        found.findings.append(Finding.of(suite_rules.BROKEN, error.message, place))
        return
    body = _named(mapping(value), _FIELDS)
    results = [_named(each, _RESULT_FIELDS) if isinstance(each, dict) else each for each in items(body.get("results"))]
    body |= {"results": results} if results else {}
    expectations = tuple(_expectation(number, mapping(entry)) for number, entry in enumerate(results))
    suite = Suite(file.absolute(), shown, document.text, document.line, body, expectations)
    problems = list(_problems(suite))
    found.findings.extend(problems)
    if not problems:
        found.suites.append(suite)


def _named(body: JsonObject, fields: Iterable[str]) -> JsonObject:
    """Name fields as Kyverno does, whatever case they are written in: it decodes them with encoding/json."""
    known = {name.lower(): name for name in fields}
    return {known.get(key.lower(), key): value for key, value in body.items()}


def _expectation(number: int, entry: JsonObject) -> Expectation:
    generated = [text(entry.get("generatedResource")), *map(text, items(entry.get("generatedResources")))]
    return Expectation(
        number=number,
        policy=text(entry.get("policy")),
        rule=text(entry.get("rule")),
        kind=text(entry.get("kind")),
        result=text(entry.get("result")),
        resources=tuple(text(name) for name in items(entry.get("resources"))),
        generated=tuple(path for path in generated if path),
    )


def _problems(suite: Suite) -> Iterator[Finding]:
    body = suite.body
    if body.get("kind") != "Test" or not text(body.get("apiVersion")):
        yield suite.problem(suite_rules.BROKEN, f"this is no `Test` of `{_API_VERSION}`")
        return
    yield from _unknown(suite, body, _FIELDS, ())
    for name in _PATHS:
        yield from _bad_paths(suite, name)
    if not suite.paths("policies"):
        yield suite.problem(suite_rules.BROKEN, "this test names no policies")
    if not suite.paths("resources") and not suite.has_payloads:
        yield suite.problem(suite_rules.BROKEN, "this test names no resources")
    if not suite.expectations:
        yield suite.problem(
            suite_rules.BROKEN,
            "this test expects no results, so it proves nothing",
            "results",
            hint="write a result for every rule and object",
        )
    for expectation in suite.expectations:
        yield from _bad_result(suite, expectation)


def _unknown(suite: Suite, body: JsonObject, known: Iterable[str], steps: tuple[Step, ...]) -> Iterator[Finding]:
    for key in body:
        if key not in known:
            yield suite.problem(suite_rules.BROKEN, f"`{key}` is no field here", *steps, key)


def _bad_paths(suite: Suite, name: str) -> Iterator[Finding]:
    """Refuse what is no list of paths, and addresses, which Kyverno would fetch from the network."""
    value = suite.body.get(name)
    if value is not None and not _is_texts(value):
        yield suite.problem(suite_rules.BROKEN, f"`{name}` must be a list of paths", name)
        return
    for number, path in enumerate(suite.paths(name)):
        if "://" in path:
            yield suite.problem(
                suite_rules.BROKEN, f"`{path}` is an address: tests must not need the network", name, number
            )


def _bad_result(suite: Suite, expectation: Expectation) -> Iterator[Finding]:
    steps = expectation.steps
    entry = items(suite.body["results"])[expectation.number]
    if not isinstance(entry, dict):
        yield suite.problem(suite_rules.BROKEN, "a result must be a mapping", *steps)
        return
    yield from _unknown(suite, entry, _RESULT_FIELDS, steps)
    if not expectation.policy:
        yield suite.problem(suite_rules.BROKEN, "this result names no policy", *steps)
    if expectation.result not in _VERDICTS:
        yield suite.problem(
            suite_rules.BROKEN, f"`{entry.get('result')}` is no result: write pass, fail or skip", *steps, "result"
        )
    if entry.get("resources") is not None and not _is_texts(entry["resources"]):
        yield suite.problem(suite_rules.BROKEN, "`resources` must be a list of names", *steps, "resources")


def _is_texts(value: JsonValue) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) and entry for entry in value)
