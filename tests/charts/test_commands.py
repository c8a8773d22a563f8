"""From an archive to the report: in a repository of its own, through the commands."""

from __future__ import annotations

import json

import pytest

from aurora.tools.installed import Toolbox
from changes import git_folder
from charts import packed
from charts.conftest import DEMO
from commands.command_line import ENVIRONMENT, RULES_ONLY, CommandLine, tree

ENTRY = """\
  clock:
    kind: HelmChart
    repository: https://charts.example.com
    chart: demo
    version: 1.0.0
    namespace: team
    wave: 5
    values:
      token: given
      port: 8080
"""
COMPONENT = ENVIRONMENT + ENTRY
WITHOUT_TOKEN = COMPONENT.replace("      token: given\n", "")
JSON = ("--format", "json")
COMPUTED = ("synth", *RULES_ONLY, *JSON)


def release(repository: CommandLine, version: str, files: packed.Files) -> None:
    """Vendor another version of the demo, which makes no Secret unless its files say so."""
    chart = DEMO["Chart.yaml"].replace("1.0.0", version)
    whole = {**DEMO, "templates/secret.yaml": "", **files, "Chart.yaml": chart}
    packed.vendor(repository.folder / "charts", whole, version=version)


@pytest.fixture
def repository(aurora: CommandLine, real_toolbox: Toolbox) -> CommandLine:
    assert real_toolbox.locate("chart-renderer")
    aurora.write("environments/example.yaml", COMPONENT)
    release(aurora, "1.0.0", {})
    return aurora


@pytest.mark.real_tools
def test_a_finding_about_a_value_names_its_line_in_the_environment(repository: CommandLine) -> None:
    edited = COMPONENT.replace("port: 8080", "prot: 8080")
    repository.write("environments/example.yaml", edited)
    found = [finding for finding in repository(*COMPUTED).json["findings"] if finding["rule"].startswith("charts/")]
    by_rule = {finding["rule"]: finding for finding in found}
    line = edited.splitlines().index("      prot: 8080") + 1
    assert by_rule["charts/unknown-value"]["origin"]["line"] == line
    assert by_rule["charts/unknown-value"]["hint"] == "did you mean `port`?"
    assert by_rule["charts/value-without-effect"]["origin"]["line"] == line - 1


@pytest.mark.real_tools
def test_a_finding_about_an_object_names_template_and_component(repository: CommandLine) -> None:
    other = DEMO["templates/service.yaml"].replace("Release.Name", "Chart.Name")
    release(repository, "1.0.1", {"templates/secret.yaml": other})
    repository.write("environments/example.yaml", COMPONENT.replace("1.0.0", "1.0.1"))
    found = repository(*COMPUTED).json["findings"]
    (finding,) = [each for each in found if each["resource"] and each["resource"]["name"] == "demo"]
    assert finding["rule"] == "references/selects-nothing"
    assert finding["place"]["path"] == "demo 1.0.1 (clock), templates/secret.yaml"
    assert finding["origin"]["path"] == "environments/example.yaml"
    assert finding["origin"]["line"] == COMPONENT.splitlines().index("  clock:") + 1


@pytest.mark.real_tools
def test_without_an_archive_a_chart_is_not_judged_and_that_is_said_once(
    repository: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in (repository.folder / "charts").iterdir():
        file.unlink()
    repository.write("environments/example.yaml", WITHOUT_TOKEN)
    outcome = repository("synth", *RULES_ONLY)
    assert outcome.code == 0, outcome.out
    assert outcome.out.count("demo 1.0.0 (clock)") == 1
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert repository(*COMPUTED).rules() == ["charts/no-archive"]
    repository.write("environments/example.yaml", COMPONENT + "    rendered: true\n")
    refused = repository("synth", *RULES_ONLY)
    assert refused.code == 2 and "it has no archive" in refused.err


@pytest.mark.real_tools
def test_output_is_committed_and_synced_from_its_folder(repository: CommandLine) -> None:
    repository.write(
        "environments/example.yaml", COMPONENT.replace("      token: given\n", "") + "    rendered: true\n"
    )
    outcome = repository("synth", "--skip", "references", *RULES_ONLY)
    assert outcome.code == 0, outcome.out
    written = {path for path in tree(repository.folder / "generated/example") if "clock" in path}
    assert written == {
        "argocd/argocd/application.example-clock.yaml",
        "clock/team/configmap.c.yaml",
        "clock/team/service.clock.yaml",
    }
    application = (repository.folder / "generated/example/argocd/argocd/application.example-clock.yaml").read_text()
    assert "path: generated/example/clock" in application and 'sync-wave: "5"' in application
    again = repository("synth", "--check", "--skip", "references", *RULES_ONLY)
    assert again.code == 0, again.out


@pytest.mark.real_tools
def test_a_known_run_ends_where_an_archive_changes(repository: CommandLine) -> None:
    repository.write("environments/example.yaml", WITHOUT_TOKEN)
    options = ("--only", "charts", *JSON)
    assert repository("synth", *options).rules() == []
    known = repository("synth", *options).json["checks"]
    assert [check["cached"] for check in known] == [check["examined"] for check in known]
    (repository.folder / "charts/demo-1.0.0.tgz").write_bytes(packed.archive(DEMO))
    assert repository("synth", *options).rules() == ["charts/unusable-archive"]


@pytest.mark.real_tools
def test_an_upgrade_shows_what_it_changes(repository: CommandLine) -> None:
    repository.write("environments/example.yaml", WITHOUT_TOKEN)
    assert repository("synth", "--only", "charts").code == 0
    git_folder.committed(repository.folder)
    for file in (repository.folder / "charts").iterdir():
        file.unlink()
    release(repository, "1.1.0", {"charts/cache/values.yaml": "{size: 3, name: d}", "values.yaml": "{port: 80}"})
    repository.write("environments/example.yaml", WITHOUT_TOKEN.replace("1.0.0", "1.1.0"))
    changes = repository("diff", *JSON).json["changes"]
    said = {(change["resource"]["kind"], change["resource"]["name"], change["effect"]) for change in changes}
    assert said >= {
        ("ConfigMap", "c", "deleted"),
        ("ConfigMap", "d", "created"),
        ("Application", "example-clock-chart", "in-place"),
    }
    assert "Service" not in {kind for kind, _, _ in said}
    (repository.folder / "charts/demo-1.1.0.tgz").unlink()
    outcome = repository("diff", *JSON).json
    assert [finding["rule"] for finding in outcome["findings"]] == ["diff/not-judged"]
    assert {change["resource"]["kind"] for change in outcome["changes"]} == {"Application"}


@pytest.mark.real_tools
def test_archives_that_git_does_not_hold_are_held_to_the_lock_of_their_side(repository: CommandLine) -> None:
    repository.write("environments/example.yaml", WITHOUT_TOKEN)
    repository.write(".gitignore", "*.tgz")
    assert repository("synth", "--only", "charts").code == 0
    git_folder.committed(repository.folder)
    earlier = repository.folder / "charts/demo-1.0.0.tgz"
    release(repository, "1.1.0", {"charts/cache/values.yaml": "{size: 3, name: d}", "values.yaml": "{port: 80}"})
    repository.write("environments/example.yaml", WITHOUT_TOKEN.replace("1.0.0", "1.1.0"))
    changes = repository("diff", *JSON).json["changes"]
    assert {"c", "d"} <= {change["resource"]["name"] for change in changes}
    earlier.write_bytes(packed.archive(DEMO))
    [finding] = repository("diff", *JSON).json["findings"]
    assert finding["rule"] == "diff/not-judged" and "is locked" in finding["message"]


@pytest.mark.real_tools
def test_the_graph_shows_what_a_chart_renders(repository: CommandLine) -> None:
    assert repository("synth", "--only", "scaling").code == 0
    graph = repository("graph", "example", *JSON).json
    names = [node["name"] for node in graph["nodes"]]
    renders = {
        (names[edge["source"]], names[edge["target"]]) for edge in graph["edges"] if "renders" in json.dumps(edge)
    }
    assert renders == {("example-clock-chart", "clock"), ("example-clock-chart", "c")}


@pytest.mark.real_tools
def test_the_matrix_and_the_page_count_what_charts_render(repository: CommandLine) -> None:
    web = "{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{name: web, image: web}]}}"
    repository.write("environments/example.yaml", WITHOUT_TOKEN.replace("1.0.0", "1.1.0"))
    release(repository, "1.1.0", {"templates/web.yaml": web})
    outcome = repository("synth", "--skip", "references", "--skip", "kubelet", *RULES_ONLY)
    assert outcome.code == 0, outcome.out
    committed = len([path for path in tree(repository.folder / "generated/example") if path.endswith(".yaml")])
    found = repository("matrix", *JSON).json
    assert found["objects"] == [{"committed": committed, "rendered": 3}]
    controls = {
        control["id"]: control["cells"][0]["words"]
        for section in found["sections"]
        if "team" in section["namespaces"]
        for control in section["controls"]
    }
    assert controls["resource-limits"] == "0 of 1 pod template"
    words = f"{committed} committed + 3 rendered from charts"
    assert f"objects: {words}" in repository("matrix").out
    page = repository("report", *RULES_ONLY, "--skip", "references").out
    assert f"objects: {words}" in page
    (repository.folder / "charts" / "demo-1.1.0.tgz").unlink()
    assert repository("matrix", *JSON).json["objects"] == [{"committed": committed, "rendered": 0}]
