"""What every component gives: labels, metadata, custom resources, and templates that are not written."""

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from cdk8s import ApiObject, ApiObjectMetadata, Chart, JsonPatch
from cdk8s_plus_35 import k8s
from constructs import Construct

from aurora_constructs import pods
from aurora_constructs.platform import Platform
from aurora_constructs.spec import ComponentSpec, NamespacedSpec

S = TypeVar("S", bound=ComponentSpec)


class Component(Chart, Generic[S]):
    """One component of an environment: a chart whose objects carry the environment's labels.

    Subclasses define `compose`, which adds the objects. Names are explicit, since cdk8s' own hash a
    construct's path; namespaces too, since a chart's namespace would be given to cluster-scoped objects.
    """

    def __init__(self, scope: Construct, id: str, *, spec: S, platform: Platform) -> None:  # noqa: A002 - cdk8s' name
        labels = platform.names.common(platform.environment)
        super().__init__(scope, id, disable_resource_name_hashes=True, labels=labels)
        self.name = id
        self.spec = spec
        self.platform = platform
        self._templates: list[ApiObject] = []
        problems = [problem.words for problem in spec.problems(id, platform)]
        if problems:
            raise ValueError("; ".join(problems))
        self.compose()

    def compose(self) -> None:
        """Add the component's objects to the tree."""
        raise NotImplementedError

    @property
    def object_name(self) -> str:
        """The name of the component's main objects, and the beginning of its others."""
        return self.platform.names.object(self.name)

    def pod_labels(self, *own: Mapping[str, str]) -> dict[str, str]:
        """Give the labels of the component's pods: the environment's, and their own."""
        found = self.platform.names.common(self.platform.environment)
        for entries in own:
            found.update(entries)
        return found

    @property
    def namespace_name(self) -> str:
        """The namespace of the component's objects.

        Raises:
            TypeError: the component's kind has no namespace of its own.
        """
        if not isinstance(self.spec, NamespacedSpec):
            raise TypeError(f"{self.spec.kind} has no namespace")
        return self.spec.namespace

    def meta(
        self,
        name: str,
        *,
        namespace: str | None = None,
        labels: Mapping[str, str] | None = None,
        annotations: Mapping[str, str] | None = None,
    ) -> k8s.ObjectMeta:
        """Describe a namespaced object, in the component's namespace unless another is named."""
        return k8s.ObjectMeta(
            name=name,
            namespace=namespace or self.namespace_name,
            labels=dict(labels) if labels else None,
            annotations=dict(annotations) if annotations else None,
        )

    def cluster_meta(
        self, name: str, *, labels: Mapping[str, str] | None = None, annotations: Mapping[str, str] | None = None
    ) -> k8s.ObjectMeta:
        """Describe a cluster-scoped object."""
        return k8s.ObjectMeta(
            name=name, labels=dict(labels) if labels else None, annotations=dict(annotations) if annotations else None
        )

    def custom(
        self,
        id: str,  # noqa: A002 - cdk8s' name
        *,
        api_version: str,
        kind: str,
        name: str,
        body: Mapping[str, object],
        namespace: str | None = None,
        labels: Mapping[str, str] | None = None,
        annotations: Mapping[str, str] | None = None,
    ) -> ApiObject:
        """Add an object of a kind that cdk8s has no class for.

        Args:
            id: the construct's id.
            api_version: group and version.
            kind: the kind.
            name: the object's name.
            body: its fields beside apiVersion, kind and metadata; entries that are None are left out.
            namespace: where it lives; None for a cluster-scoped object.
            labels: its labels beside the environment's.
            annotations: its annotations.
        """
        metadata = ApiObjectMetadata(
            name=name,
            namespace=namespace,
            labels=dict(labels) if labels else None,
            annotations=dict(annotations) if annotations else None,
        )
        resource = ApiObject(self, id, api_version=api_version, kind=kind, metadata=metadata)
        for key, value in body.items():
            if value is not None:
                resource.add_json_patch(JsonPatch.add(f"/{key}", value))
        return resource

    def plain_pod(self, pod: pods.PodSpec) -> dict[str, Any]:
        """Give a pod template as manifests write it, for kinds that cdk8s has no class for; adds no object."""
        made = k8s.KubePodTemplate(self, "plain-pod", template=pods.template(pod))
        found: dict[str, Any] = made.to_json()["template"]
        self.node.try_remove_child("plain-pod")
        return found

    def template(self, resource: ApiObject) -> ApiObject:
        """Mark an object as a template: judged like the others, but created by a controller, not by Git."""
        self._templates.append(resource)
        return resource

    def is_template(self, resource: ApiObject) -> bool:
        """Tell whether the object is judged but not written."""
        return any(template is resource for template in self._templates)
