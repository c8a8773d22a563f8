"""Holds the chart renderer to Helm's own command line: both must give the same objects of every chart.

The charts are those of the renderer's cases and, where `AURORA_CHARTS` names a folder, the archives in it; values for
one stand beside it in `<archive>.values.yaml`. A chart that the renderer refuses is counted, not compared.
"""

import io
import json
import os
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from aurora.errors import ToolCrashedError
from aurora.paths import CHARTS_VARIABLE
from aurora.tools.installed import toolbox
from aurora.tools.protocol import Request, converse
from aurora.tools.runner import Command, run
from aurora.yamlio import reading

CASES = Path(__file__).resolve().parents[1] / "tools/helm/internal/render/testdata/rendered.yaml"
KUBERNETES = "1.35.0"
VERSIONS = (
    "v1",
    "apps/v1",
    "apps/v1/Deployment",
    "batch/v1",
    "policy/v1",
    "networking.k8s.io/v1",
    "example.com/v1/Widget",
)
SECONDS = 300.0
NOT_PACKED = "missing in charts/ directory"


@dataclass(frozen=True)
class Chart:
    """An archive and the request."""

    name: str
    path: Path
    body: dict[str, Any] = field(default_factory=dict)


def charts(workspace: Path) -> Iterator[Chart]:
    """Give the charts of the cases, packed, and those of the folder."""
    for case in YAML(typ="safe").load(CASES):
        if case["request"] == "render" and "reason" not in case and "configure" not in case:
            archive = workspace / f"{case['name'].replace(' ', '-')}.tgz"
            with tarfile.open(archive, "w:gz") as packed:
                for path, text in case["chart"].items():
                    entry = tarfile.TarInfo(f"demo/{path}")
                    entry.size = len(text.encode())
                    packed.addfile(entry, io.BytesIO(text.encode()))
            yield Chart(case["name"], archive, case["body"])
    for archive in sorted(Path(os.environ[CHARTS_VARIABLE]).glob("*.tgz") if os.environ.get(CHARTS_VARIABLE) else ()):
        given = archive.with_name(f"{archive.name}.values.yaml")
        values = YAML(typ="safe").load(given) if given.is_file() else {}
        yield Chart(archive.stem, archive.absolute(), {"values": values})


def ours(program: Path, chart: Chart, workspace: Path) -> Counter[str] | str:
    """Give the objects that the renderer gives, or why there are none."""
    configured = {"kubernetes": KUBERNETES, "apiVersions": list(VERSIONS)}
    asked = {"release": "r", "namespace": "ns", **chart.body, "archive": str(chart.path), "emptyLookups": True}
    requests = [Request("c", "configure", configured), Request("r", "render", asked)]
    reply = converse(program, requests, workspace=workspace, timeout=SECONDS).replies["r"]
    if reply.reason:
        return reply.message
    parts = [part for key in ("definitions", "objects", "hooks") for part in reply.result[key]]
    return Counter(json.dumps(part["object"], sort_keys=True) for part in parts if part["object"])


def theirs(helm: Path, chart: Chart, workspace: Path) -> Counter[str] | str:
    """Give the objects that the command line prints, without any setting of the user's, or its error."""
    values = workspace / "values.json"
    values.write_text(json.dumps(chart.body.get("values", {})))
    options = [option for version in VERSIONS for option in ("--api-versions", version)]
    for parameter in chart.body.get("parameters", ()):
        value = parameter["value"]
        escaped = value if value.startswith("{") else value.replace(",", "\\,")
        options += ["--set-string" if parameter.get("forceString") else "--set", f"{parameter['name']}={escaped}"]
    names = (chart.body.get("release", "r"), str(chart.path), "--namespace", chart.body.get("namespace", "ns"))
    call = (str(helm), "template", *names, "--values", values.name, "--include-crds", "--kube-version", KUBERNETES)
    try:
        printed = run(Command(args=(*call, *options), cwd=workspace, timeout=SECONDS)).stdout
    except ToolCrashedError as error:
        return error.message
    objects = (reading.parse(document.text, as_kubectl=True).value for document in reading.split(printed))
    return Counter(json.dumps(value, sort_keys=True) for value in objects if value)


def main() -> None:
    """Compare every chart, print each difference and the counts, and end with 1 if there is one."""
    program = toolbox().locate("chart-renderer")
    compared, refused, found = 0, list[str](), list[str]()
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        for chart in charts(workspace):
            own = ours(program, chart, workspace)
            if isinstance(own, str):
                refused.append(f"{chart.name} is refused: {own}")
                continue
            official = theirs(Path(sys.argv[1]), chart, workspace)
            if isinstance(official, str):
                # The renderer needs no subchart that the values switch off.
                (refused if NOT_PACKED in official else found).append(f"{chart.name} is refused by Helm: {official}")
                continue
            compared += sum(own.values())
            found += [f"{chart.name}: only the renderer gives {text[:300]}" for text in own - official]
            found += [f"{chart.name}: only Helm gives {text[:300]}" for text in official - own]
    print("\n".join([*refused, *found, f"{compared} objects rendered by both: {len(found)} differences"]))
    if found or not compared:
        sys.exit(1)


if __name__ == "__main__":
    main()
