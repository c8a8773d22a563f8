"""What people name is read, or said to be something else; links, huge files and files that change have an answer."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aurora import inputs, rule_texts, sources
from aurora.model.finding import Finding

OBJECT = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"


def said(folder: Path, target: str = "") -> list[tuple[str, str]]:
    read = inputs.read(str(folder / target))
    return [(finding.rule, finding.message) for finding in sorted(read.findings, key=str)]


def write(folder: Path, **files: str) -> None:
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        (
            "a.yaml",
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nmetadata: {name: a}\n",
            "overlay",
        ),
        ("a.yaml", "name: ci\non: [push]\njobs: {}\n", "a GitHub workflow"),
        ("a.json", '{"panels": [], "schemaVersion": 39}', "a Grafana dashboard"),
        ("prod-values.yaml", "any: 1\n", "values for a Helm chart"),
        ("Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0\n", "a Helm chart"),
        ("a.yml", "groups: []\n", "a rule file"),
    ],
)
def test_a_source_is_named_and_does_not_pass_for_an_object(tmp_path: Path, name: str, content: str, what: str) -> None:
    (tmp_path / name).write_text(content)
    empty, (rule, message) = said(tmp_path, name)
    assert (empty[0], rule) == (inputs.EMPTY.id, sources.SOURCE.id)
    assert what in message


def test_objects_are_judged_beside_sources_which_are_counted(tmp_path: Path) -> None:
    write(
        tmp_path, a_yaml=OBJECT, over__kustomization_yaml="resources: [b.yaml]", over__b_yaml="{", over__c__d_yaml="{"
    )
    assert said(tmp_path) == [
        (sources.SOURCE.id, "this is a Kustomize overlay of 3 files, and no manifest: it is not judged")
    ]
    assert len(inputs.read(str(tmp_path)).manifests) == 1


@pytest.mark.parametrize(
    "content", ["values: 1\n", "apiVersion: v1\nkind: ConfigMap\n", "spec: {}\nmetadata: {name: a}\n"]
)
def test_an_incomplete_object_is_no_source(tmp_path: Path, content: str) -> None:
    (tmp_path / "web.yaml").write_text(content)
    assert [rule for rule, _ in said(tmp_path)] == ["yaml/not-an-object"]


@pytest.mark.parametrize("rule", sources.RULES, ids=lambda rule: rule.id)
def test_rules_find_their_bad_example_and_leave_the_good_one(tmp_path: Path, rule: object) -> None:
    texts = rule_texts.text(getattr(rule, "id", ""))
    (tmp_path / "a.yaml").write_text(texts.bad)
    assert getattr(rule, "id", "") in [found for found, _ in said(tmp_path)]
    (tmp_path / "a.yaml").write_text(texts.good)
    assert not said(tmp_path)


def test_links_are_said_to_be_links(tmp_path: Path) -> None:
    folder, outside = tmp_path / "in", tmp_path / "out"
    write(folder, a_yaml=OBJECT)
    write(outside, b_yaml="{")
    (folder / "gone.yaml").symlink_to("nowhere")
    (folder / "out").symlink_to(outside)
    (folder / "b.yaml").symlink_to(outside / "b.yaml")
    (folder / "again").symlink_to(folder)
    where = outside.as_posix()
    assert {message for _, message in said(folder)} == {
        "this link leads to `nowhere`, which does not exist",
        f"this link leads out of the repository, to `{where}/b.yaml`: it is not read",
        f"this link leads out of the repository, to `{where}`: it is not read",
    }
    (tmp_path / ".git").mkdir()
    assert [message for _, message in said(folder) if "out of" in message] == []


def test_a_file_that_changes_while_it_is_read_is_not_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(OBJECT)
    stat, times = Path.stat, iter(range(1, 100))

    def changing(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        os.utime(file, ns=(0, next(times)))
        return stat(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", changing)
    read = inputs._file(file)
    assert [finding.message for finding in read.findings] == ["this file changes while it is read"]


def test_what_is_too_large_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, a_yaml=f"{OBJECT}data: {{a: {'x' * 1_600_000}}}\n")
    assert said(tmp_path) == [("yaml/too-large", "this object has 1562 KiB, and the API server stores at most 1536")]
    entries = ", ".join(f"k{number}: 1" for number in range(160_000))
    write(tmp_path, a_yaml=f"apiVersion: x.example.com/v1\nkind: A\nmetadata: {{name: a}}\nspec: {{{entries}}}\n")
    assert [rule for rule, _ in said(tmp_path)] == ["yaml/too-large"]
    monkeypatch.setattr(inputs, "LARGEST", 1 << 20)
    assert said(tmp_path) == [("input/unreadable", "this file has more than 1 MiB")]


def test_lists_inside_lists_end(tmp_path: Path) -> None:
    opening = '{"apiVersion": "v1", "kind": "List", "items": ['
    write(tmp_path, a_yaml=f"{opening * 40}[1]{']}' * 40}")
    assert [rule for rule, _ in said(tmp_path)] == ["yaml/not-an-object"]


def test_a_finding_of_a_source_says_how_to_build_it(tmp_path: Path) -> None:
    write(tmp_path, kustomization_yaml="resources: []")
    hints = {finding.hint for finding in inputs.read(str(tmp_path)).findings if isinstance(finding, Finding)}
    assert f"build it first: `kustomize build {tmp_path} | aurora validate -`" in hints
