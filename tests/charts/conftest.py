"""A repository's folder of charts, and the program that renders them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from aurora import manifests
from aurora.charts.rendering import Expanded, expanded
from aurora.memory.store import Forgetful, Memory
from aurora.model.inventory import Inventory
from aurora.tools.installed import Toolbox
from aurora.tools.settings import Settings
from charts import packed

Render = Callable[..., Expanded]

DEMO = {
    "Chart.yaml": "{apiVersion: v2, name: demo, version: 1.0.0}",
    "values.yaml": "{port: 80, token: '', more: {a: 1, b: {}}, cache: {size: 1}}",
    "values.schema.json": '{"properties": {"port": {"type": "integer"}}}',
    "charts/cache/Chart.yaml": "{apiVersion: v2, name: cache, version: 0.1.0}",
    "charts/cache/values.yaml": "{size: 2, name: c}",
    "charts/cache/values.schema.json": '{"properties": {"size": {"$ref": "#/definitions/size"}}, '
    '"definitions": {"size": {"type": "integer"}}}',
    "charts/cache/templates/c.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: {{ .Values.name }}}, "
    "data: {size: '{{ .Values.size }}'}}",
    "templates/service.yaml": """\
{{- if not .Values.port }}{{ fail "a port is needed" }}{{ end }}
apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}}
spec: {selector: {app: web}, ports: [{port: {{ .Values.port }}}]}
""",
    "templates/secret.yaml": """\
apiVersion: v1
kind: Secret
metadata: {name: token, namespace: other}
stringData: {token: {{ if .Values.token }}{{ .Values.token }}{{ else }}{{ randAlphaNum 10 }}{{ end }}}
""",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder of locked archives: the demo alone."""
    packed.vendor(tmp_path / "charts", DEMO)
    return tmp_path / "charts"


@pytest.fixture
def render(folder: Path, tmp_path: Path, real_toolbox: Toolbox) -> Render:
    """Give what renders the charts that a stream of manifests names."""

    def rendered(stream: str, *, memory: Memory | None = None, closed: bool = True) -> Expanded:
        workspace = tmp_path / "workspace"
        workspace.mkdir(exist_ok=True)
        settings = Settings(cache=tmp_path, workspace=workspace, charts=folder, memory=memory or Forgetful())
        read = manifests.read(stream.encode(), "example.yaml")
        inventory = Inventory(read.manifests, environment="example", closed=closed)
        return expanded([inventory], settings, real_toolbox.locate)

    return rendered
