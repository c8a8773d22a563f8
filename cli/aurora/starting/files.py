"""The files of a new repository, from the answers and what ships with Aurora. Writes nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from aurora import distribution
from aurora.errors import UsageError
from aurora.starting import adopted, examples, record, shipped
from aurora.starting.answers import Answers

TEMPLATES = Path(__file__).parent / "templates"
OWN_LAYER = "bases/own.yaml"
RENAMED = {"gitignore": ".gitignore", "pre-commit-config.yaml": ".pre-commit-config.yaml"}


def files(answers: Answers) -> Mapping[str, bytes]:
    """Give every file of the repository by its path, whose answers are whole and sound, with the record of them.

    Raises:
        UsageError: there is no folder of manifests where the answers name one.
        InputError: a manifest in it cannot be read.
        StorageError: as above, by the disk.
    """
    made = _made(answers)
    kept = answers if answers.manifests is None else replace(answers, manifests=adopted.FOLDER)
    return {**made, record.FILE: record.text(kept, {path: record.digest(content) for path, content in made.items()})}


def again(answers: Answers, root: Path) -> Mapping[str, bytes]:
    """Give what this Aurora would write for the recorded answers of a repository.

    Raises:
        UsageError: this Aurora has no such platform, or the folder of manifests is not there any more.
        InputError: a manifest in it cannot be read.
        StorageError: as above, by the disk.
    """
    if answers.platform not in shipped.platforms():
        raise UsageError(f"this Aurora has no platform `{answers.platform}`", hint=f"restore `{record.FILE}` from Git")
    manifests = None if answers.manifests is None else str(root / answers.manifests)
    return _made(replace(answers, manifests=manifests))


def _made(answers: Answers) -> Mapping[str, bytes]:
    environments = dict(_environments(answers)) if answers.manifests is None else adopted.files(answers)
    names = sorted(
        Path(path).stem for path in environments if path.count("/") == 1 and path.startswith("environments/")
    )
    return {**_templates(answers, names), **environments, **_schemas()}


def _environments(answers: Answers) -> Iterator[tuple[str, bytes]]:
    """Yield the environments of the platform, their layers, and the folders that these name."""
    paths = distribution.shipped()
    stages = shipped.environments(answers.platform)
    layers = shipped.layers(tuple(stages.values()))
    texts = []
    for layer in layers:
        texts.append((paths.environments / layer).read_text(encoding="utf-8"))
        yield f"environments/{layer}", examples.own(texts[-1], answers).encode()
    for stage, old in stages.items():
        texts.append(paths.environment(old).read_text(encoding="utf-8"))
        new = f"{answers.name}-{stage}"
        text = examples.environment(texts[-1], answers, old, new)
        lines = [_extended(line) if line.startswith("extends:") else line for line in text.split("\n")]
        yield f"environments/{new}.yaml", "\n".join(lines).encode()
    folders = list(shipped.named_folders("\n".join(texts)))
    policies = {folder.name for folder in folders if folder.parent == paths.policies}
    yield f"environments/{OWN_LAYER}", _own_layer(answers, policies).encode()
    for folder in folders:
        for file in sorted(each for each in folder.rglob("*") if each.is_file()):
            yield file.relative_to(paths.root).as_posix(), file.read_bytes()


def _extended(line: str) -> str:
    """Put the repository's own layer above those that came with Aurora."""
    return line.replace("]", f", {OWN_LAYER}]")


def _own_layer(answers: Answers, policies: set[str]) -> str:
    text = _filled((TEMPLATES / "own.yaml").read_text(encoding="utf-8"), answers, [])
    bound = {
        "require-mlops-labels": f"{{inferenceLabels: [{answers.domain}/model, {answers.domain}/model-version]}}",
        "restrict-image-registries": f"{{allowedRegistries: [{answers.registry}, registry.k8s.io]}}",
    }
    rows = [f"      {name}: {{variables: {value}}}" for name, value in bound.items() if name in policies]
    bindings = "\n".join(["components:", "  policies:", "    policies:", *rows, ""]) if rows else ""
    return examples.marked(text + bindings)


def _templates(answers: Answers, names: list[str]) -> dict[str, bytes]:
    found = {}
    for file in sorted(each for each in TEMPLATES.rglob("*") if each.is_file() and each.name != "own.yaml"):
        path = file.relative_to(TEMPLATES).as_posix().replace("github/", ".github/")
        found[RENAMED.get(path, path)] = _filled(file.read_text(encoding="utf-8"), answers, names).encode()
    return found


def _schemas() -> dict[str, bytes]:
    """Give the schemas for editors, which this Aurora's own repository holds in the same places."""
    folder = distribution.shipped().environments
    found = ("environment.schema.json", "bases/layer.schema.json")
    return {f"environments/{name}": (folder / name).read_bytes() for name in found}


def _filled(text: str, answers: Answers, names: list[str]) -> str:
    values = {
        "API_GROUP": answers.api_group,
        "AURORA": version("aurora"),
        "DOMAIN": answers.domain,
        "ENVIRONMENT": names[0] if names else "",
        "ENVIRONMENTS": ", ".join(f"`{name}`" for name in names),
        "NAME": answers.name,
        "PLATFORM": answers.platform,
        "REPOSITORY": answers.repository,
    }
    for key, value in values.items():
        text = text.replace(f"@@{key}@@", value)
    return text
