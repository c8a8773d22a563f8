"""A new repository passes its own checks, and nothing that was there is lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from aurora import distribution
from aurora.errors import StorageError
from aurora.starting import answers, examples, files, folder, shipped
from commands.command_line import CommandLine, Outcome, tree

PLATFORMS = shipped.platforms()
SAID = (
    "--domain",
    "ml.acme.org",
    "--repository",
    "https://git.acme.org/ml/platform.git",
    "--registry",
    "registry.acme.org",
)


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(tmp_path, monkeypatch, capsys)


def made(platform: str, **given: str) -> dict[str, str]:
    blank = {"name": "acme", "domain": "", "repository": "", "api_group": "", "registry": "", **given}
    found = files.files(answers.filled(answers.Answers(platform=platform, **blank)))
    return {path: content.decode() for path, content in found.items()}


def inside(line: CommandLine, name: str, *words: str) -> Outcome:
    outer, line.folder = line.folder, line.folder / name
    try:
        return line(*words)
    finally:
        line.folder = outer


def test_there_is_a_platform_for_every_reference_environment() -> None:
    named = {name for platform in PLATFORMS for name in shipped.environments(platform).values()}
    assert named == set(distribution.shipped().environment_names())
    assert {"bare-metal", "eks", "aks"} <= set(PLATFORMS)


@pytest.mark.real_tools
@pytest.mark.usefixtures("real_toolbox")
@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_new_repository_compiles_without_error_or_warning_and_has_no_drift(line: CommandLine, platform: str) -> None:
    assert line("init", "acme", "--platform", platform, *SAID).code == 0
    first = inside(line, "acme", "synth", "--format", "json")
    assert (first.code, first.json["findings"] and first.rules()) in [(0, []), (0, first.rules())]
    assert {finding["severity"] for finding in first.json["findings"]} <= {"note"}
    assert inside(line, "acme", "synth", "--check").code == 0


@pytest.mark.real_tools
@pytest.mark.usefixtures("real_toolbox")
def test_a_new_repository_passes_the_tests_of_its_policies(line: CommandLine) -> None:
    assert line("init", "acme", "--platform", "eks", *SAID).code == 0
    assert inside(line, "acme", "synth").code == 0
    outcome = inside(line, "acme", "test", "restrict-image-registries")
    assert outcome.code == 0, outcome.out
    assert "mutants refused" in outcome.out


@pytest.mark.parametrize("platform", PLATFORMS)
def test_no_example_is_taken_over_as_if_it_were_real(platform: str) -> None:
    shown = distribution.shipped()
    texts = "\n".join(shown.environment(name).read_text() for name in shipped.environments(platform).values())
    layers = "\n".join(
        (shown.environments / name).read_text()
        for name in shipped.layers(tuple(shipped.environments(platform).values()))
    )
    identifiers = re.findall(
        r"\b[0-9]{12}\b|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|sha256:[0-9a-f]{64}", texts + layers
    )
    written = "\n".join(
        text for path, text in made(platform).items() if path.startswith("environments/") and path.endswith("yaml")
    )
    assert not [each for each in identifiers if each in written]
    assert "example.com" not in written
    assert written.count(".invalid") > 2
    production = [line for line in written.splitlines() if "production:" in line and not line.lstrip().startswith("#")]
    assert all("production: true" not in line.partition("#")[0] for line in production)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_line_with_a_placeholder_is_marked(platform: str) -> None:
    for path, text in made(platform, domain="ml.acme.org", repository="https://git.acme.org/a.git").items():
        if path.startswith("environments/") and path.endswith(".yaml"):
            for row in text.splitlines():
                unknown = re.search(r"\.invalid\b|\b0{12}\b|sha256:0{64}|\b(198\.51\.100|203\.0\.113)\.", row)
                assert not unknown or row.lstrip().startswith("#") or row.endswith(examples.MARK), f"{path}: {row}"


def test_what_is_said_stands_in_the_repository() -> None:
    found = made(
        "eks",
        domain="ml.acme.org",
        repository="https://git.acme.org/a.git",
        registry="cr.acme.org",
        api_group="x.acme.org",
    )
    own = found["environments/bases/own.yaml"]
    assert 'gitops: {repository: "https://git.acme.org/a.git"}' in own
    assert "names: {labelPrefix: ml.acme.org, apiGroup: x.acme.org}" in own
    assert "allowedRegistries: [cr.acme.org, registry.k8s.io]" in own
    assert "domain: dev.ml.acme.org" in found["environments/acme-dev.yaml"]
    assert "extends: [bases/aws.yaml, bases/stage-aws-dev.yaml, bases/own.yaml]" in found["environments/acme-dev.yaml"]


@pytest.mark.parametrize("platform", ["eks"])
def test_a_placeholder_that_is_left_is_refused_in_production(line: CommandLine, platform: str) -> None:
    assert line("init", "acme", "--platform", platform, *SAID).code == 0
    file = line.folder / "acme/environments/acme-prod.yaml"
    file.write_text(file.read_text().replace("production: false", "production: true"))
    outcome = inside(line, "acme", "synth", "acme-prod")
    assert outcome.code == 2
    assert outcome.err.count("environment/placeholder") > 5
    assert not list((line.folder / "acme").glob("generated/acme*"))


WRONG = [
    (("--name", "Acme_1"), "--name: `Acme_1` is no DNS label"),
    (("--name", "a" * 41), "is no DNS label"),
    (("--domain", "acme"), "--domain: `acme` is no domain of at least two DNS labels"),
    (("--domain", "ml..org"), "--domain: `ml..org` is no domain"),
    (("--api-group", "Ml.acme.org"), "--api-group: `Ml.acme.org` is no domain"),
    (("--repository", "platform"), "--repository: `platform` is no address of a Git repository"),
    (("--registry", "https://registry.acme.org"), "--registry: `https://registry.acme.org` is no registry"),
    (("--platform", "gke"), "--platform: `gke` is no platform of this Aurora; there are bare-metal"),
    (("--platform", ""), "--platform: it must be said"),
]


@pytest.mark.parametrize(("words", "message"), WRONG)
def test_an_answer_that_cannot_be_used_is_an_error_and_nothing_is_written(
    line: CommandLine, words: tuple[str, ...], message: str
) -> None:
    outcome = line("init", "acme", "--platform", "eks", *words)
    assert outcome.code == 2
    assert message in outcome.err
    assert not (line.folder / "acme").exists()


def test_all_wrong_answers_are_told_at_once(line: CommandLine) -> None:
    outcome = line("init", "acme", "--name", "A", "--domain", "b", "--repository", "c")
    assert all(option in outcome.err for option in ("--platform:", "--name:", "--domain:", "--repository:"))


def test_a_folder_that_holds_something_is_left_as_it_is(line: CommandLine) -> None:
    line.write("acme/notes.txt", "mine")
    outcome = line("init", "acme", "--platform", "eks")
    assert outcome.code == 2
    assert "`acme` is not empty: it holds `notes.txt`; nothing was written" in outcome.err
    assert tree(line.folder) == {"acme/notes.txt": b"mine"}


def test_a_file_in_the_place_of_the_folder_is_left_as_it_is(line: CommandLine) -> None:
    line.write("acme", "mine")
    assert line("init", "acme", "--platform", "eks").code == 2
    assert (line.folder / "acme").read_text() == "mine"


def test_an_empty_clone_is_filled(line: CommandLine) -> None:
    line.write("acme/.git/config", "[core]")
    assert line("init", "acme", "--platform", "eks").code == 0
    assert (line.folder / "acme/.git/config").read_text() == "[core]"
    assert (line.folder / "acme/aurora.toml").is_file()


def test_a_repository_that_cannot_be_written_whole_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="nothing was left there"):
        folder.write(tmp_path / "acme", {"a": b"1", f"b/{'c' * 300}": b"2"})
    assert not (tmp_path / "acme").exists()


DEPLOYMENT = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: colours, namespace: shop}
data: {sky: blue}
"""


@pytest.mark.real_tools
@pytest.mark.usefixtures("real_toolbox")
@pytest.mark.parametrize("platform", PLATFORMS)
def test_manifests_that_are_there_become_a_component(line: CommandLine, platform: str) -> None:
    line.write("there/web/colours.yaml", DEPLOYMENT)
    assert line("init", "acme", "--platform", platform, "--from", "there", *SAID).code == 0
    assert (line.folder / "acme/components/workloads/web/colours.yaml").read_text() == DEPLOYMENT
    outcome = inside(line, "acme", "synth", "--format", "json")
    assert outcome.code == 0, outcome.err
    assert (line.folder / "acme/generated/acme/workloads/shop/configmap.colours.yaml").is_file()
    assert inside(line, "acme", "synth", "--check").code == 0


STORED = """\
apiVersion: v1
kind: %s
metadata: {name: %s, namespace: shop, uid: a, resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z"}
data: {sky: blue}
"""


def test_of_what_was_read_from_a_cluster_only_what_somebody_writes_is_kept(line: CommandLine) -> None:
    line.write(
        "there/all.yml", "---\n".join([STORED % ("ConfigMap", "colours"), STORED % ("ConfigMap", "kube-root-ca.crt")])
    )
    line.write("there/events.yaml", STORED % ("Event", "colours"))
    line.write("there/mine.yaml", DEPLOYMENT.replace("colours", "mine"))
    assert line("init", "acme", "--platform", "eks", "--from", "there", *SAID).code == 0
    found = {path.name: path.read_text() for path in (line.folder / "acme/components/workloads").iterdir()}
    assert found.keys() == {"all.yml", "mine.yaml"}
    assert found["mine.yaml"] == DEPLOYMENT.replace("colours", "mine")
    assert list(yaml.safe_load_all(found["all.yml"])) == [yaml.safe_load(DEPLOYMENT)]


@pytest.mark.parametrize(
    ("text", "message"), [(None, "`there` is no folder"), ("a: [", "cannot be read"), ("a: 1\n", "cannot be read")]
)
def test_manifests_that_cannot_be_read_stop_it(line: CommandLine, text: str | None, message: str) -> None:
    if text is not None:
        line.write("there/broken.yaml", text)
    outcome = line("init", "acme", "--platform", "eks", "--from", "there")
    assert outcome.code == 2
    assert message in outcome.err
    assert not (line.folder / "acme").exists()


def test_an_unknown_key_in_the_settings_is_an_error_with_its_line(line: CommandLine) -> None:
    assert line("init", "acme", "--platform", "eks").code == 0
    settings = line.folder / "acme/aurora.toml"
    settings.write_text(settings.read_text() + "\nstagees = []\n")
    outcome = inside(line, "acme", "synth")
    assert outcome.code == 2
    assert "aurora.toml:" in outcome.err
    assert "did you mean `stages`?" in outcome.err


def test_a_half_written_baseline_is_an_error_and_is_kept(line: CommandLine) -> None:
    assert line("init", "acme", "--platform", "eks").code == 0
    half = line.folder / "acme/aurora-baseline.json"
    half.write_text('{"version": 1, "findings": [\n{"rule": "sch')
    outcome = inside(line, "acme", "synth")
    assert outcome.code == 2
    assert "aurora-baseline.json:2" in outcome.err
    assert half.read_text().endswith('"sch')
