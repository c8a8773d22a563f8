"""The Containerfiles hold what the committed manifests ask of an image, and what the programs import."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_manifests import objects

from aurora_contract import programs, variables

ROOT = Path(__file__).resolve().parents[1]
IMAGES = {
    "control-plane": ("aurora/control-plane",),
    "housing-api": ("mlops-housing/api",),
    "inference": ("aurora/inference", "ml/inference", "mlops-housing/predict"),
    "operator": ("aurora/operator",),
    "trainer": ("aurora/trainer",),
}
"""The repositories under which manifests name each image."""
MODULES = {name: f"aurora_programs.{name.replace('-', '_')}" for name in IMAGES}
EACH = pytest.mark.parametrize("name", IMAGES)
OWN = re.compile(
    r"^(# The image|COPY locks/|    python3 -m pip .* -r |RUN \[|EXPOSE|ENTRYPOINT|LABEL|      org\S+description=)"
)
"""The lines in which the files may differ."""


def file(name: str) -> Path:
    return ROOT / "images" / f"{name}.Containerfile"


def stages(name: str) -> list[list[tuple[str, str]]]:
    """Give the instructions before the first stage, and those of each stage."""
    lines = [line for line in file(name).read_text().splitlines() if line and not line.startswith("#")]
    found: list[list[tuple[str, str]]] = [[]]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        word, _, rest = line.partition(" ")
        if word == "FROM":
            found.append([])
        found[-1].append((word, rest))
    return found


def final(name: str, word: str) -> list[str]:
    return [rest for each, rest in stages(name)[-1] if each == word]


@cache
def pods() -> list[tuple[str, dict[str, Any]]]:
    def within(value: Any) -> Iterator[dict[str, Any]]:
        if isinstance(value, dict):
            if isinstance(value.get("containers"), list):
                yield value
            for each in value.values():
                yield from within(each)

    return [(where, pod) for where, body in objects() for pod in within(body)]


def running(name: str) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield each container of the image, with its file and pod."""
    for where, pod in pods():
        for one in (*pod["containers"], *pod.get("initContainers", ())):
            if any(f"/{repository}:" in one["image"] for repository in IMAGES[name]):
                yield where, pod, one


@EACH
def test_the_user_is_the_one_of_the_pods(name: str) -> None:
    (user,) = final(name, "USER")
    assert list(running(name))
    for where, pod, one in running(name):
        context = {**pod["securityContext"], **one["securityContext"]}
        assert user == f"{context['runAsUser']}:{context['runAsGroup']}", where
        assert context["runAsNonRoot"] is True, where


@EACH
def test_programs_need_no_place_to_write_but_those_that_pods_mount(name: str) -> None:
    (environment,) = final(name, "ENV")
    home = dict(each.split("=") for each in environment.split())["HOME"]
    for where, _, one in running(name):
        assert one["securityContext"]["readOnlyRootFilesystem"] is True, where
        writable = {each["mountPath"] for each in one["volumeMounts"] if not each.get("readOnly")}
        assert home in writable, where
    assert not final(name, "VOLUME")


@EACH
def test_only_programs_that_ask_the_api_server_get_a_token(name: str) -> None:
    asks = "kubernetes" in imported(name) or name == "operator"
    for where, pod, one in running(name):
        assert pod["automountServiceAccountToken"] is (asks and one["name"] == name), where
        assert not any("serviceAccountToken" in str(volume) for volume in pod.get("volumes", ())), where


@EACH
def test_the_ports_are_those_of_the_contract_and_of_the_pods(name: str) -> None:
    program = programs.BY_CONTAINER[name]
    exposed = {int(port) for ports in final(name, "EXPOSE") for port in ports.split()}
    assert exposed == {*program.ports.values(), *program.ports_on_request.values()}
    for where, _, one in running(name):
        assert {port["containerPort"] for port in one.get("ports", ())} <= exposed, where


@EACH
def test_what_a_container_starts_is_in_the_image(name: str) -> None:
    (entry,) = final(name, "ENTRYPOINT")
    command = json.loads(entry)
    if command != ["/venv/bin/kopf"]:
        assert command == ["/venv/bin/python3", "-I", "-m", MODULES[name]]
        assert (ROOT / MODULES[name].replace(".", "/") / "__main__.py").is_file()
    for where, _, one in running(name):
        if "command" in one:
            assert one["command"][0] == Path(command[0]).name or one["command"][:2] == ["python3", "-I"], where
        elif one.get("args"):
            assert (name, one["args"][0]) == ("trainer", "publish-aliases"), where


@EACH
def test_the_image_sets_no_variable_that_manifests_set(name: str) -> None:
    (environment,) = final(name, "ENV")
    own = {each.partition("=")[0] for each in environment.split()}
    known = {value for key, value in vars(variables).items() if key.isupper()}
    assert own == {"PATH", "HOME"} and not own & known


@EACH
def test_what_is_installed_is_pinned_by_hash(name: str) -> None:
    installs = [rest for stage in stages(name) for word, rest in stage if word == "RUN" and " pip " in rest]
    steps = [step for rest in installs for step in rest.split("&&") if " pip " in step]
    read = [step for step in steps if " -r " in step]
    assert [step.split(" -r ")[1].strip() for step in read] == ["build.lock", f"{name}.lock"]
    assert all("--require-hashes" in step and "--only-binary :all:" in step for step in read)
    assert all("--no-index" in step and "--no-deps" in step for step in steps if step not in read)


def imported(name: str) -> set[str]:
    """Give what the program imports of others, following its imports of our own modules."""
    left, seen, found = [*(ROOT / MODULES[name].replace(".", "/")).rglob("*.py")], set[Path](), set[str]()
    while left:
        path = left.pop()
        if path in seen:
            continue
        seen.add(path)
        for node in ast.walk(ast.parse(path.read_text())):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                modules = [str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)]
            for module in modules:
                if module.startswith("aurora_programs"):
                    at = ROOT / module.replace(".", "/")
                    left += [each for each in (at.with_suffix(".py"), at / "__init__.py") if each.is_file()]
                else:
                    found.add(module.partition(".")[0])
    return found - sys.stdlib_module_names - {"aurora_contract"}


@EACH
def test_what_a_program_imports_is_in_the_lock_of_its_image(name: str) -> None:
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "locks" / f"{name}.lock").read_text(), re.M))
    assert "pydantic" in locked
    of = packages_distributions()
    assert "structlog" in imported(name)
    missing = {
        module
        for module in imported(name)
        if not {each.lower().replace("_", "-") for each in of.get(module, ())} & locked
    }
    assert missing == set()


@EACH
def test_the_final_image_runs_no_shell_and_holds_only_what_was_built(name: str) -> None:
    (*arguments, build, last) = stages(name)
    assert arguments == [[("ARG", "BUILD_BASE"), ("ARG", "RUN_BASE")]]
    assert (build[0], last[0]) == (("FROM", "${BUILD_BASE} AS build"), ("FROM", "${RUN_BASE}"))
    assert final(name, "COPY") == ["--from=build /venv /venv"]
    assert all(isinstance(json.loads(rest), list) for rest in (*final(name, "RUN"), *final(name, "ENTRYPOINT")))
    assert {word for word, _ in last} == {"FROM", "COPY", "ENV", "USER", "RUN", "EXPOSE", "ENTRYPOINT", "ARG", "LABEL"}


BASH = shutil.which("bash") or "bash"
BASE = "registry.example.com/python:3.13@sha256:" + "0" * 64


@pytest.mark.parametrize(
    "base", ["", "registry.example.com/python:3.13", BASE[:-1], BASE + "0", BASE.replace("0", "G")]
)
def test_a_base_without_its_digest_is_refused(base: str) -> None:
    for name in IMAGES:
        check = next(rest for word, rest in stages(name)[1] if word == "RUN")
        for given in ((base, BASE), (BASE, base)):
            bases = dict(zip(("BUILD_BASE", "RUN_BASE"), given, strict=True))
            ended = subprocess.run([BASH, "-c", check], env=bases, capture_output=True, text=True, check=False)
            assert ended.returncode == 2 and f"without its digest: '{base}'" in ended.stderr
        bases = {"BUILD_BASE": BASE, "RUN_BASE": BASE}
        assert subprocess.run([BASH, "-c", check], env=bases, check=False).returncode == 0


@EACH
def test_labels_say_what_the_image_is(name: str) -> None:
    (text,) = final(name, "LABEL")
    labels = dict(re.findall(r'org\.opencontainers\.image\.(\S+)="([^"]+)"', text))
    assert labels.pop("title") == f"aurora-{name}"
    assert labels.pop("description") and labels.pop("licenses") == "Apache-2.0"
    wanted = {"source": "SOURCE", "version": "VERSION", "revision": "REVISION", "base.name": "RUN_BASE"}
    assert labels == {key: f"${{{argument}}}" for key, argument in wanted.items()}
    assert set(wanted.values()) <= set(final(name, "ARG"))


def test_the_files_differ_only_in_what_is_of_one_image() -> None:
    assert {path.name for path in (ROOT / "images").iterdir()} == {file(name).name for name in IMAGES}
    rests = {"\n".join(line for line in file(name).read_text().splitlines() if not OWN.match(line)) for name in IMAGES}
    assert len(rests) == 1


def test_what_is_copied_is_in_the_context_and_nothing_else() -> None:
    copied = {
        source.partition("/")[0]
        for name in IMAGES
        for word, rest in stages(name)[1]
        if word == "COPY"
        for source in rest.split()[:-1]
    }
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert lines[1] == "*" and {line[1:] for line in lines if line.startswith("!")} == copied


def test_images_that_are_not_built_here_are_those_of_the_table() -> None:
    generated = ROOT.parent / "generated"
    texts = (path.read_text(encoding="utf-8") for path in generated.rglob("*.yaml"))
    named = {found for text in texts for found in re.findall(r"registry\.example\.com/([a-z0-9/_-]+)", text)}
    workflow = yaml.safe_load((ROOT.parent / ".github/workflows/images.yaml").read_text())
    rows = workflow["jobs"]["publish"]["strategy"]["matrix"]["include"]
    built = {line.split()[2] for row in rows for line in row["pins"].splitlines()}
    table = re.findall(r"^\| (`[^|]+`) \|", (ROOT / "README.md").read_text().partition("Only `control-plane`")[2], re.M)
    assert named - built == {image for row in table for image in re.findall(r"`([^`]+)`", row)}
    assert built <= named


def hadolint(text: str) -> str:
    program = Path(sys.executable).with_name("hadolint")
    return subprocess.run([program, "--no-color", "-"], input=text, capture_output=True, text=True, check=False).stdout


@EACH
def test_hadolint_finds_nothing(name: str) -> None:
    text = file(name).read_text()
    assert hadolint(text) == ""
    assert "DL3002" in hadolint(text.replace("USER 10001:10001", "USER root"))
