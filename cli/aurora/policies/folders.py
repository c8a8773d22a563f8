"""Reads the repository's policies, Kyverno's and Tetragon's, one folder each, for the components that bind them."""

from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path

from aurora import manifests
from aurora.errors import InputError, StorageError
from aurora.model.finding import Finding
from aurora.model.json_value import JsonObject, dig, text
from aurora.model.place import Place
from aurora.model.rule import BROKEN, Rule
from aurora.paths import RepositoryPaths
from aurora.rule_texts import RuleText
from aurora.yamlio import reading
from aurora_constructs.platform import FORM

FILE = "policy.yaml"
RESOURCES = "resources"
_TITLE = "policies.kyverno.io/title"

UNUSABLE = Rule("policy/unusable", BROKEN)


def read(paths: RepositoryPaths) -> Mapping[str, JsonObject]:
    """Give the body of every Kyverno policy by its folder's name.

    Raises:
        InputError: a policy cannot be read, is not alone in its file, or has another name than its folder.
    """
    return _read(paths, paths.policies)


def read_tracing(paths: RepositoryPaths) -> Mapping[str, JsonObject]:
    """Give the body of every tracing policy by its folder's name.

    Raises:
        InputError: a policy cannot be read, is not alone in its file, or has another name than its folder.
    """
    return _read(paths, paths.tracing_policies)


def forms(paths: RepositoryPaths) -> Mapping[str, JsonObject]:
    """Give the forms of Kyverno policies for a profile of versions, by `POLICY/PROFILE`: folders in the policy's own.

    Raises:
        InputError: one cannot be read, is not alone in its file, or is not named `PROFILE-POLICY`.
    """
    found: dict[str, JsonObject] = {}
    findings: list[Finding] = []
    for file in sorted(paths.policies.glob(f"*/*/{FILE}")):
        policy, profile = file.parent.parent.name, file.parent.name
        body, problem = parse(file.read_bytes(), f"{profile}-{policy}", paths.shown(file))
        if problem:
            findings.append(problem)
        elif body is not None:
            found[f"{policy}{FORM}{profile}"] = body
    if findings:
        raise InputError("the policies cannot be used", findings=findings)
    return found


def _read(paths: RepositoryPaths, folder: Path) -> Mapping[str, JsonObject]:
    found: dict[str, JsonObject] = {}
    findings: list[Finding] = []
    for file in sorted(folder.glob(f"*/{FILE}")):
        body, problem = parse(file.read_bytes(), file.parent.name, paths.shown(file))
        if problem:
            findings.append(problem)
        elif body is not None:
            found[file.parent.name] = body
    if findings:
        raise InputError("the policies cannot be used", findings=findings)
    return found


def parse(raw: bytes, name: str, path: str) -> tuple[JsonObject | None, Finding | None]:
    """Read one policy; give its body, or what is wrong with it."""
    try:
        documents = list(reading.split(reading.decode(raw)))
        value = reading.parse(documents[0].text).value if len(documents) == 1 else None
    except reading.YamlError as error:
        return None, _unusable(error.message, Place(path, error.line, error.column))
    if len(documents) != 1:
        return None, _unusable(f"this file holds {len(documents)} documents instead of one", Place(path))
    if not isinstance(value, dict) or dig(value, "metadata", "name") != name:
        return None, _unusable(f"the policy in folder `{name}` must have `{name}` as its metadata.name", Place(path))
    return value, None


def explained(paths: RepositoryPaths, name: str) -> RuleText | None:
    """Give the texts of the rule `policy/<name>` that its verdicts are reported under; None if there is no such policy.

    The reason is the comment above it, the examples are the first objects that its tests see refused and accepted.

    Raises:
        StorageError: a file cannot be read.
    """
    folder = paths.policies / name
    if not folder.parent.is_dir() or folder not in folder.parent.iterdir():
        return None
    try:
        written = (folder / FILE).read_text(encoding="utf-8")
        examples = {kind: _first_object(folder / RESOURCES / f"{kind}.yaml") for kind in ("refused", "accepted")}
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(f"the policy in `{paths.shown(folder)}` cannot be read: {error}") from error
    body, _ = parse(written.encode(), name, paths.shown(folder / FILE))
    title = text(dig(body, "metadata", "annotations", _TITLE))
    comment = [
        line.removeprefix("#").strip() for line in takewhile(lambda line: line.startswith("#"), written.split("\n"))
    ]
    return RuleText(
        summary=title[:1].lower() + title[1:] or name,
        why=" ".join(comment) or "the policy does not say",
        bad=examples["refused"],
        good=examples["accepted"],
    )


def _first_object(file: Path) -> str:
    found = manifests.read(file.read_bytes(), file.name).manifests if file.is_file() else ()
    return found[0].text if found else "# its tests have no such object\n"


def _unusable(message: str, place: Place) -> Finding:
    return Finding(
        rule=UNUSABLE.id,
        severity=UNUSABLE.severity,
        message=message,
        place=place,
        hint=f"a folder holds exactly one policy, of its own name, in `{Path(place.path).name}`",
    )
