"""Settings are read whole: what is wrong with them is said at once, with its place and the nearest spelling."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora import rule_texts
from aurora.errors import InputError, StorageError
from aurora.settings import reading, rules
from aurora.settings.values import Settings

FULL = """\
[project]
name = "platform"  # the word severity here is no setting

[tool.aurora]
components = ["FeatureStore"]
stages = [
    "test",  # "live" stands below
    "live",
]

[tool.aurora.rules]
exclude = ["vendor/**"]
baseline = "checks/known.json"

[tool.aurora.rules.severity]
scaling = "warning"
"network/open-to-everywhere" = "off"

[tool.aurora.rules.ignore]
"legacy/**" = ["network", "secrets/secret-in-git"]
"""


def read(root: Path, text: str, file: str = "pyproject.toml") -> Settings:
    (root / file).write_text(text)
    return reading.read(root)


def refused(root: Path, text: str, file: str = "pyproject.toml") -> list[tuple[str, str, str]]:
    """Give the place, message and hint of everything that is wrong."""
    with pytest.raises(InputError) as error:
        read(root, text, file)
    assert {finding.rule for finding in error.value.findings} == {"settings/invalid"}
    return [(str(entry.place), entry.message, entry.hint or "") for entry in error.value.findings]


def test_every_key_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, FULL)
    assert (found.components, found.stages) == (("FeatureStore",), ("test", "live"))
    assert found.rules.severity == {"scaling": "warning", "network/open-to-everywhere": "off"}
    assert found.rules.exclude == ("vendor/**",)
    assert found.rules.ignore == {"legacy/**": ("network", "secrets/secret-in-git")}
    assert found.rules.baseline == "checks/known.json"


def test_aurora_toml_has_the_same_keys_without_the_table(tmp_path: Path) -> None:
    text = FULL.partition("\n\n")[2].replace("tool.aurora.", "").replace("[tool.aurora]\n", "")
    own, project = read(tmp_path, text, "aurora.toml"), tmp_path / "project"
    project.mkdir()
    other = read(project, FULL)
    assert (own.components, own.stages, own.rules) == (other.components, other.stages, other.rules)
    assert own.shown("rules", "severity") == "rules.severity"


def test_without_settings_the_defaults_hold(tmp_path: Path) -> None:
    assert reading.read(tmp_path) == Settings()
    assert read(tmp_path, "[project]\nname = 'x'\n") == Settings()


@pytest.mark.parametrize(
    ("steps", "place"),
    [
        ((), "pyproject.toml:4:1"),
        (("stages",), "pyproject.toml:6:1"),
        (("stages", "live"), "pyproject.toml:8:5"),
        (("rules", "severity"), "pyproject.toml:15:1"),
        (("rules", "severity", "scaling"), "pyproject.toml:16:1"),
        (("rules", "severity", "network/open-to-everywhere"), "pyproject.toml:17:1"),
        (("rules", "ignore", "legacy/**", "secrets/secret-in-git"), "pyproject.toml:20:27"),
        (("rules", "severity", "not there"), "pyproject.toml:15:29"),
    ],
)
def test_a_setting_has_its_place(steps: tuple[str, ...], place: str, tmp_path: Path) -> None:
    assert str(read(tmp_path, FULL).place(*steps)) == place


def test_dotted_keys_and_inline_tables_have_places_too(tmp_path: Path) -> None:
    text = 'tool.aurora.stages = ["a"]\ntool.aurora.rules = {severity = {scaling = "loud"}}\n'
    (found,) = refused(tmp_path, text)
    assert found[0] == "pyproject.toml:2:34"


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    text = """\
stage = ["dev"]
components = "FeatureStore"
stages = []
[rules]
exclude = ["a", "a"]
baseline = "../known.json"
severty = {}
[rules.severity]
scaling = "eror"
network = 3
[rules.ignore]
"a/**" = "network"
"""
    assert refused(tmp_path, text, "aurora.toml") == [
        ("aurora.toml:1:1", "`stage` is no setting", "did you mean `stages`?"),
        ("aurora.toml:2:1", "`components` must be a list of texts", 'write `components = ["FeatureStore"]`'),
        (
            "aurora.toml:3:1",
            "`stages` lists no stage",
            'write `stages = ["dev", "staging", "prod"]`, or remove the key',
        ),
        ("aurora.toml:5:12", "`rules.exclude` lists `a` twice", "remove one of the two"),
        (
            "aurora.toml:6:1",
            "the baseline must be a file of this repository",
            'write `baseline = "aurora-baseline.json"`',
        ),
        ("aurora.toml:7:1", "`severty` is no setting", "did you mean `severity`?"),
        ("aurora.toml:9:1", "the severity of `scaling` must be a known one", "did you mean `error`?"),
        (
            "aurora.toml:10:1",
            "the severity of `network` must be a known one",
            "one of: error, warning, note, off",
        ),
        ("aurora.toml:12:1", '`rules.ignore."a/**"` must be a list of texts', 'write `"a/**" = ["network"]`'),
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[tool\n", "pyproject.toml:1:6"),
        ("[tool]\naurora = 3\n", "pyproject.toml:2:1"),
        ("[tool.aurora]\nrules = []\n", "pyproject.toml:2:1"),
        ("[tool.aurora]\nstages = " + "[" * 3000, "pyproject.toml:2:1"),
        ('[tool.aurora.rules]\nbaseline = "b\\u0000.json"\n', "pyproject.toml:2:1"),
    ],
)
def test_a_file_of_another_form_is_an_error_with_its_place(text: str, place: str, tmp_path: Path) -> None:
    assert [found[0] for found in refused(tmp_path, text)] == [place]


def test_bytes_that_are_no_text_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "aurora.toml").write_bytes(b"\xff")
    with pytest.raises(InputError):
        reading.read(tmp_path)


def test_a_folder_in_the_place_of_the_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "aurora.toml").mkdir()
    with pytest.raises(StorageError):
        reading.read(tmp_path)


def test_settings_in_both_files_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(FULL)
    assert refused(tmp_path, "stages = ['a']\n", "aurora.toml")[0][0] == "aurora.toml:1:1"


def test_the_examples_of_the_rule_are_right(tmp_path: Path) -> None:
    assert refused(tmp_path, rule_texts.text(rules.INVALID.id).bad)
    assert read(tmp_path, rule_texts.text(rules.INVALID.id).good).stages == ("dev", "staging", "prod")
