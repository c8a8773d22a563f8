"""Only a program of exactly the pinned version is used, and the pins agree with the Go modules."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from aurora import distribution
from aurora.errors import ToolCrashedError, ToolMissingError, ToolVersionError
from aurora.tools.installed import Toolbox
from aurora.tools.pins import BY_NAME, KUBECONFORM, ON_REQUEST, PINS, PROMTOOL, SERVERS, ToolPin

SOURCES = distribution.modules()


def fake(folder: Path, answer: str, name: str = "kubeconform") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    program.write_text(f"#!{sys.executable}\nprint({answer!r})\n")
    program.chmod(0o755)
    return program


@pytest.fixture
def toolbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Toolbox:
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    for pin in BY_NAME.values():
        monkeypatch.delenv(pin.variable, raising=False)
    return Toolbox(cache=tmp_path / "cache", sources=SOURCES)


def test_nothing_anywhere_says_how_to_install(toolbox: Toolbox) -> None:
    with pytest.raises(ToolMissingError, match="`kubeconform` v0.7.0 is not installed") as caught:
        toolbox.locate("kubeconform")
    assert caught.value.hint == "run `aurora tools install`"


def test_the_pinned_version_on_the_path_is_used(toolbox: Toolbox, tmp_path: Path) -> None:
    program = fake(tmp_path / "path", "v0.7.0")
    assert toolbox.find(KUBECONFORM).path == program
    assert toolbox.find(KUBECONFORM).found_by == "PATH"


@pytest.mark.parametrize("answer", ["v0.6.7", "development", "v0.7.0-rc.1"])
def test_another_version_on_the_path_is_passed_over_with_a_note(toolbox: Toolbox, tmp_path: Path, answer: str) -> None:
    fake(tmp_path / "path", answer)
    cached = fake(toolbox.binary(KUBECONFORM).parent, "v0.7.0")
    assert toolbox.find(KUBECONFORM).path == cached
    assert toolbox.notes == [f"`{tmp_path}/path/kubeconform` is skipped: it is {answer}, and v0.7.0 is pinned"]


def test_a_broken_program_on_the_path_is_passed_over_with_a_note(toolbox: Toolbox, tmp_path: Path) -> None:
    fake(tmp_path / "path", "v0.7.0").write_text("#!/nowhere/interpreter\n")
    fake(toolbox.binary(KUBECONFORM).parent, "v0.7.0")
    assert toolbox.find(KUBECONFORM).found_by == "cache"
    assert len(toolbox.notes) == 1


def test_the_variable_wins_over_the_path(toolbox: Toolbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path / "path", "v0.7.0")
    named = fake(tmp_path / "named", "v0.7.0")
    monkeypatch.setenv("AURORA_KUBECONFORM", str(named))
    assert toolbox.find(KUBECONFORM).path == named


def test_another_version_behind_the_variable_is_refused(
    toolbox: Toolbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(tmp_path / "path", "v0.7.0")
    monkeypatch.setenv("AURORA_KUBECONFORM", str(fake(tmp_path / "named", "v0.6.7")))
    with pytest.raises(ToolVersionError, match="names kubeconform v0.6.7, but v0.7.0 is pinned") as caught:
        toolbox.locate("kubeconform")
    assert caught.value.exit_code == 3


def test_a_variable_that_names_nothing_is_refused(toolbox: Toolbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AURORA_KUBECONFORM", "/nowhere/kubeconform")
    with pytest.raises(ToolVersionError, match="which is no file"):
        toolbox.locate("kubeconform")


def test_a_cached_program_of_another_version_is_refused(toolbox: Toolbox) -> None:
    fake(toolbox.binary(KUBECONFORM).parent, "v0.0.1")
    with pytest.raises(ToolVersionError, match=r"says that it is v0\.0\.1"):
        toolbox.locate("kubeconform")


def test_a_version_is_asked_again_when_the_program_changes(toolbox: Toolbox, tmp_path: Path) -> None:
    program = fake(tmp_path / "named", "v0.7.0")
    assert toolbox.version(KUBECONFORM, program) == "v0.7.0"
    program.unlink()
    fake(tmp_path / "named", "v0.7.0-other")
    assert toolbox.version(KUBECONFORM, program) == "v0.7.0-other"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"identity": 1}', "\xff"])
def test_a_damaged_answer_is_asked_again(toolbox: Toolbox, tmp_path: Path, content: str) -> None:
    program = fake(tmp_path / "named", "v0.7.0")
    assert toolbox.version(KUBECONFORM, program) == "v0.7.0"
    (answer,) = (toolbox.cache / "versions").iterdir()
    answer.write_bytes(content.encode("latin-1"))
    assert toolbox.version(KUBECONFORM, program) == "v0.7.0"


def test_a_program_that_names_no_version_is_refused(toolbox: Toolbox, tmp_path: Path) -> None:
    with pytest.raises(ToolCrashedError, match="does not say its version"):
        toolbox.version(KUBECONFORM, fake(tmp_path, "what do you want from me"))


def test_the_cache_tells_source_pins_apart(toolbox: Toolbox, tmp_path: Path) -> None:
    for name in ("go.mod", "go.sum"):
        (tmp_path / "kyverno").mkdir(exist_ok=True)
        (tmp_path / "kyverno" / name).write_text((SOURCES / "kyverno" / name).read_text() + "\n// changed\n")
    other = Toolbox(cache=toolbox.cache, sources=tmp_path)
    assert other.binary(KUBECONFORM) != toolbox.binary(KUBECONFORM)


@pytest.mark.parametrize("pin", BY_NAME.values(), ids=lambda pin: pin.name)
def test_pins_agree_with_the_go_module(pin: ToolPin) -> None:
    module = (SOURCES / pin.module / pin.modfile).read_text()
    required = dict(re.findall(r"^\s*(?:require )?(\S+) (v\S+)", module, re.MULTILINE))
    assert required[pin.source].removeprefix("v") == pin.version.removeprefix("v")
    if not pin.own:
        assert pin.name == "etcd" or pin.version.removeprefix("v") in pin.ldflags, "etcd has its version in its source"
        assert re.search(rf"^(\t|tool ){re.escape(pin.package)}$", module, re.MULTILINE), (
            "the module's `tool` lines keep the package's dependencies in go.sum"
        )


@pytest.mark.real_tools
@pytest.mark.parametrize("pin", PINS, ids=lambda pin: pin.name)
def test_the_installed_programs_say_the_pinned_version(pin: ToolPin, real_toolbox: Toolbox) -> None:
    assert real_toolbox.version(pin, real_toolbox.locate(pin.name)) == pin.version


def test_each_release_of_kubernetes_has_a_build_of_its_own(toolbox: Toolbox) -> None:
    modules = {path.parent.name for path in (SOURCES / "kubernetes" / "versions").glob("*/go.mod")}
    assert {pin.release for pin in SERVERS.values()} == {None, *modules}
    assert len({toolbox.binary(pin) for pin in SERVERS.values()}) == len(SERVERS)
    for minor, pin in SERVERS.items():
        assert pin.version.startswith(f"v{minor}.")
        assert pin.release in (None, minor)


def test_a_build_on_request_says_how_to_install_it(toolbox: Toolbox) -> None:
    with pytest.raises(ToolMissingError) as caught:
        toolbox.locate("server-validation-1.34")
    assert caught.value.hint == "run `aurora tools install --kubernetes 1.34`"


def test_go_gets_the_pins_and_the_sources_of_the_release() -> None:
    assert SERVERS["1.35"].build_flags == ()
    assert SERVERS["1.34"].build_flags == ("-modfile=versions/1.34/go.mod", "-tags", "kubernetes_1_34")
    for pin in ON_REQUEST:
        tag = f"kubernetes_{str(pin.release).replace('.', '_')}"
        tagged = (SOURCES / f"kubernetes/internal/linked/release_{tag.removeprefix('kubernetes_')}.go").read_text()
        assert tagged.startswith(f"//go:build {tag}\n")
        assert f'"{pin.version}"' in tagged
        assert f"!{tag}" in (SOURCES / "kubernetes/internal/linked/release.go").read_text().partition("\n")[0]


def test_an_optional_program_is_installed_only_where_it_is_named(toolbox: Toolbox) -> None:
    with pytest.raises(ToolMissingError) as caught:
        toolbox.find(PROMTOOL)
    assert caught.value.hint == "run `aurora tools install --with promtool`"


def test_build_tags_make_another_program(toolbox: Toolbox) -> None:
    assert toolbox.binary(replace(PROMTOOL, tags="")) != toolbox.binary(PROMTOOL)


def test_a_lazy_program_is_built_when_it_is_first_needed_and_no_other(toolbox: Toolbox) -> None:
    built: list[str] = []

    def build(pin: ToolPin) -> None:
        built.append(pin.name)
        fake(toolbox.binary(pin).parent, f"{pin.name} kustomize {pin.version}", pin.name)

    toolbox.build = build
    assert toolbox.find(BY_NAME["kustomizer"]).found_by == "cache"
    assert toolbox.find(BY_NAME["kustomizer"]).path == toolbox.binary(BY_NAME["kustomizer"])
    with pytest.raises(ToolMissingError):
        toolbox.find(KUBECONFORM)
    assert built == ["kustomizer"]


def test_without_a_builder_a_lazy_program_is_missing_like_any_other(toolbox: Toolbox) -> None:
    with pytest.raises(ToolMissingError, match="`chart-renderer` v4"):
        toolbox.locate("chart-renderer")
