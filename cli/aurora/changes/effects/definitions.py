"""Effects of changing what the API itself serves: custom resource definitions and aggregated APIs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora.changes.effects.row import Row, Subject, When
from aurora.model.change import Effect
from aurora.model.json_value import items, mapping, text

if TYPE_CHECKING:
    from aurora.changes.effects.leaves import Leaf
    from aurora.changes.pairs import Pair
    from aurora.model.manifest import Manifest

_VERSION = """\
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}}
    subresources: {status: {}}
    additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
"""
_OLD_VERSION = """\
  - name: v1beta1
    served: true
    storage: false
    schema: {openAPIV3Schema: {type: object}}
"""
_WEBHOOK = (
    "{strategy: Webhook, webhook: {conversionReviewVersions: [v1], "
    "clientConfig: {service: {namespace: edge, name: webhook}}}}"
)
_definition = Subject(
    "definition",
    (("apiextensions.k8s.io", "CustomResourceDefinition"),),
    f"""\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: widgets.example.com, annotations: {{cert-manager.io/inject-ca-from: edge/webhook}}}}
spec:
  group: example.com
  scope: Namespaced
  names: {{kind: Widget, plural: widgets, singular: widget, listKind: WidgetList, shortNames: [wd]}}
  versions:
{_VERSION}{_OLD_VERSION}""",
)
_service = Subject(
    "apiservice",
    (("apiregistration.k8s.io", "APIService"),),
    """\
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1beta1.metrics.k8s.io}
spec:
  group: metrics.k8s.io
  version: v1beta1
  groupPriorityMinimum: 100
  versionPriority: 100
  insecureSkipTLSVerify: true
  service: {namespace: monitoring, name: metrics}
""",
)
_DOCS = "kubernetes.io/docs/tasks/extend-kubernetes/custom-resources"
_VALIDATION = "k8s.io/apiextensions-apiserver pkg/apis/apiextensions/validation/validation.go"


def _served(manifest: Manifest | None) -> set[str]:
    versions = [] if manifest is None else [mapping(item) for item in items(manifest.get("spec", "versions"))]
    return {text(version.get("name")) for version in versions if version.get("served") is True}


def _stored(manifest: Manifest | None) -> set[str]:
    versions = [] if manifest is None else [mapping(item) for item in items(manifest.get("spec", "versions"))]
    return {text(version.get("name")) for version in versions if version.get("storage") is True}


def _names(manifest: Manifest | None) -> set[str]:
    versions = [] if manifest is None else items(manifest.get("spec", "versions"))
    return {text(mapping(version).get("name")) for version in versions}


def _storage_gone(pair: Pair, _leaf: Leaf) -> bool:
    return bool(_stored(pair.before) - _names(pair.after))


def _version_gone(pair: Pair, _leaf: Leaf) -> bool:
    return bool(_served(pair.before) - _served(pair.after))


def _storage_moved(pair: Pair, _leaf: Leaf) -> bool:
    return _stored(pair.before) != _stored(pair.after)


ROWS: tuple[Row, ...] = (
    _definition.row(
        "immutable",
        "spec.group",
        "spec.scope",
        "spec.names.kind",
        "spec.names.plural",
        effect=Effect.REFUSED,
        words="a definition's name and scope are immutable, and deleting it deletes every object of its kind",
        source=f"{_VALIDATION}: validateCustomResourceDefinitionSpecUpdate",
        swap=("scope: Namespaced", "scope: Cluster"),
    ),
    _definition.row(
        "names",
        "spec.names.**",
        effect=Effect.IN_PLACE,
        words="clients find the kind by the new names; objects stay",
        source=f"{_DOCS}/custom-resource-definitions: short names, categories",
        swap=("[wd]", "[wdg]"),
    ),
    _definition.row(
        "storage-version-gone",
        "spec.versions.**",
        effect=Effect.REFUSED,
        words="objects are stored in the version: it stays until all are written in another one and "
        "`status.storedVersions` no longer names it",
        source=f"{_VALIDATION}: ValidateCustomResourceDefinitionStoredVersions",
        swap=(f"{_VERSION}{_OLD_VERSION}", _OLD_VERSION.replace("storage: false", "storage: true")),
        when=When("the version that objects are stored in is left out", _storage_gone),
    ),
    _definition.row(
        "version-gone",
        "spec.versions.**",
        effect=Effect.IN_PLACE,
        words="requests in the version that is no longer served fail, those of Argo CD and of controllers included",
        source=f"{_DOCS}/custom-resource-definition-versioning",
        swap=(_OLD_VERSION, ""),
        when=When("a served version is left out or no longer served", _version_gone),
    ),
    _definition.row(
        "storage-version",
        "spec.versions.storage",
        "spec.versions",
        effect=Effect.IN_PLACE,
        words="objects are stored in the other version when they are written next; old ones are converted when "
        "they are read",
        source=f"{_DOCS}/custom-resource-definition-versioning: upgrade existing objects to a new stored version",
        swap=(
            f"{_VERSION}{_OLD_VERSION}",
            _VERSION.replace("storage: true", "storage: false")
            + _OLD_VERSION.replace("storage: false", "storage: true"),
        ),
        when=When("another version becomes the stored one", _storage_moved),
    ),
    _definition.row(
        "schema",
        "spec.versions.schema.**",
        "spec.preserveUnknownFields",
        effect=Effect.IN_PLACE,
        words="objects are judged and pruned by the new schema when they are written next; stored ones stay as "
        "they are",
        source=f"{_DOCS}/custom-resource-definitions: specifying a structural schema, field pruning",
        swap=("size: {type: integer}", "size: {type: integer, maximum: 9}"),
    ),
    _definition.row(
        "conversion",
        "spec.conversion.**",
        effect=Effect.IN_PLACE,
        words="versions are converted in another way from the next request on; a webhook that fails makes objects "
        "unreadable",
        source=f"{_DOCS}/custom-resource-definition-versioning: webhook conversion",
        swap=("  versions:\n", f"  conversion: {_WEBHOOK}\n  versions:\n"),
    ),
    _definition.row(
        "versions",
        "spec.versions.**",
        effect=Effect.IN_PLACE,
        words="the server offers the versions, columns, selectable fields and subresources that are named now; "
        "objects stay",
        source=f"{_DOCS}/custom-resource-definitions",
        swap=("name: Size", "name: Length"),
    ),
    _definition.row(
        "authority",
        "metadata.annotations[cert-manager.io/*]",
        effect=Effect.IN_PLACE,
        words="cert-manager writes the other certificate authority into the conversion webhook",
        source="cert-manager: concepts, CA injector",
        swap=("edge/webhook", "edge/other"),
    ),
    _service.row(
        "service",
        "spec.service.**",
        effect=Effect.TRAFFIC_SHIFT,
        words="requests for the API group go to the other server from now on",
        source="kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation",
        swap=("name: metrics}", "name: adapter}"),
    ),
    _service.row(
        "settings",
        "spec.**",
        effect=Effect.IN_PLACE,
        words="the server is trusted, or its group preferred, by the new settings from the next request on",
        source="kubernetes.io/docs/reference/kubernetes-api/cluster-resources/api-service-v1",
        swap=("versionPriority: 100", "versionPriority: 200"),
    ),
)
