"""Rules about containers that the kubelet cannot create: their user, their image, and paths made of variables.

Sources: Kubernetes 1.35, pkg/kubelet/kuberuntime (`verifyRunAsNonRoot`, on Linux and on Windows), pkg/util/parsers
(`ParseImageName`) with distribution/reference 0.6, pkg/kubelet/container (`ExpandContainerVolumeMounts`),
pkg/api/v1/resource (`ExtractResourceValueByContainerName`).
"""

import re
from collections.abc import Iterator

from aurora.kinds import paths
from aurora.model.inventory import Inventory
from aurora.model.json_value import JsonValue, dig, items, text
from aurora.model.place import Step
from aurora.model.pod_template import Container, PodTemplate
from aurora.model.rule import OBJECT, REFUSED, InventoryRule, Violation

_WINDOWS_ROOT = "containeradministrator"
_ATOM = r"[a-z0-9]+"
_COMPONENT = rf"{_ATOM}(?:(?:[._]|__|-+){_ATOM})*"
_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_IMAGE = re.compile(
    rf"(?P<name>(?:{_HOST}/)?(?P<path>{_COMPONENT}(?:/{_COMPONENT})*))(?::[0-9A-Za-z_][0-9A-Za-z_.-]{{0,127}})?"
    r"(?:@(?P<algorithm>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*):(?P<digest>[0-9a-fA-F]{32,}))?"
)
_DIGESTS = {"sha256": 64, "sha384": 96, "sha512": 128}
_LONGEST_PATH = 255
_VARIABLES = (("env", "*", "valueFrom"),)
_FILES = (("downwardAPI", "items", "*"), ("projected", "sources", "*", "downwardAPI", "items", "*"))
"""Where the resources of a container may become a variable, and where a file."""
_VARIABLE = re.compile(r"\$(?:\$|\((?P<name>[^()]*)\))")
_OF_SERVICES = re.compile(r"[A-Z0-9_]+_(?:SERVICE_(?:HOST|PORT)|PORT)(?:_[A-Z0-9_]+)?")
"""Variables that the kubelet adds for the Services of a namespace (pkg/kubelet/envvars)."""


def _effective(pod: PodTemplate, container: Container, *steps: str) -> tuple[tuple[Step, ...], JsonValue | None]:
    """Give a setting of a container, or that of its pod, with its place (DetermineEffectiveSecurityContext)."""
    own = dig(container.body, "securityContext", *steps)
    if own is not None:
        return (*container.steps, "securityContext", *steps), own
    return pod.at("securityContext", *steps), pod.get("securityContext", *steps)


def _root(inventory: Inventory) -> Iterator[Violation]:
    for pod in inventory.pods():
        for container in pod.containers:
            if _effective(pod, container, "runAsNonRoot")[1] is not True:
                continue
            steps, user = _effective(pod, container, "runAsUser")
            if user != 0 or isinstance(user, bool):
                steps, user = _effective(pod, container, "windowsOptions", "runAsUserName")
                if text(user).lower() != _WINDOWS_ROOT:
                    continue
            yield Violation(
                manifest=pod.manifest,
                steps=steps,
                message=f"`{container.name}` must not run as root, and its user is `{user}`: it is never created",
                hint="name another user, or leave `runAsNonRoot` out",
            )


def _images(inventory: Inventory) -> Iterator[Violation]:
    for pod in inventory.pods():
        found = [((*container.steps, "image"), container.body.get("image")) for container in pod.containers]
        found += [((*steps, "image", "reference"), dig(volume, "image", "reference")) for steps, volume in pod.volumes]
        for steps, image in found:
            problem = _image_problem(image) if isinstance(image, str) and image and not pod.fills_in(image) else ""
            if problem:
                yield Violation(
                    manifest=pod.manifest,
                    steps=steps,
                    message=f"`{image}` is no image: {problem}",
                    hint="write `registry.example.com/team/name:tag`, in lower case but for the tag",
                )


def _image_problem(image: str) -> str:
    """Say why a reference does not parse (`ParseNormalizedNamed`); empty where it does."""
    read = _IMAGE.fullmatch(image)
    if re.fullmatch(r"[a-f0-9]{64}", image):
        return "64 hexadecimal digits are an identifier"
    if read is None:
        return (
            "it has upper case letters before the tag"
            if image.lower() != image and _IMAGE.fullmatch(image.lower())
            else "a name, `:` with a tag, and `@` with a digest are all that it may have"
        )
    if len(read["path"]) > _LONGEST_PATH:
        return f"its path has more than {_LONGEST_PATH} characters"
    algorithm, digest = read["algorithm"], read["digest"]
    if algorithm and (len(digest) != _DIGESTS.get(algorithm) or digest != digest.lower()):
        return f"`{algorithm}:` with {len(digest)} digits is no digest"
    return ""


def _sub_paths(inventory: Inventory) -> Iterator[Violation]:
    for pod in inventory.whole_pods():
        for container in pod.containers:
            for index, mount in enumerate(items(container.body.get("volumeMounts"))):
                written = dig(mount, "subPathExpr")
                problem = _path_problem(written, container) if isinstance(written, str) else ""
                if problem:
                    yield Violation(
                        manifest=pod.manifest,
                        steps=(*container.steps, "volumeMounts", index, "subPathExpr"),
                        message=f"{problem}, so that `{container.name}` is never created",
                        hint="set the variable among the container's `env`, to a relative path",
                    )


def _path_problem(written: str, container: Container) -> str:
    """Say what is wrong with a path once its variables are replaced, as far as their values are written."""
    known = {text(entry.get("name")): entry for _, entry in container.variables}
    values: dict[str, str] = {}
    for name in (found["name"] for found in _VARIABLE.finditer(written) if found["name"] is not None):
        unknown = bool(container.body.get("envFrom")) or _OF_SERVICES.fullmatch(name)
        value = dig(known.get(name), "value")
        if name in known and dig(known[name], "valueFrom") is not None:
            unknown = True
        elif not value and not unknown:
            return f"the variable `{name}` of the path is {'empty' if name in known else 'not set'}"
        # A value may name other variables, and one that is not known may be anything but empty.
        values[name] = "x" if unknown or "$(" in text(value) else text(value)
    path = _VARIABLE.sub(lambda found: "$" if found["name"] is None else values[found["name"]], written)
    if path.startswith("/") or ".." in path.split("/"):
        return f"the path becomes `{path}`, which must be relative and without `..`"
    return ""


def _resource_fields(inventory: Inventory) -> Iterator[Violation]:
    for pod in inventory.whole_pods():
        names = {container.name for container in pod.containers}
        holders = [
            *((container.steps, container.body, way) for container in pod.containers for way in _VARIABLES),
            *((steps, volume, way) for steps, volume in pod.volumes for way in _FILES),
        ]
        for place, holder, way in holders:
            for steps, name in paths.follow(holder, (*way, "resourceFieldRef", "containerName"), place):
                if isinstance(name, str) and name not in names:
                    yield Violation(
                        manifest=pod.manifest,
                        steps=steps,
                        message=f"the pod has no container `{name}` whose resources could be read",
                        hint=f"it has {', '.join(f'`{known}`' for known in sorted(names))}",
                    )


RULES = (
    InventoryRule("kubelet/root-user", REFUSED, _root, scope=OBJECT),
    InventoryRule("kubelet/image-name", REFUSED, _images, scope=OBJECT),
    InventoryRule("kubelet/sub-path", REFUSED, _sub_paths, scope=OBJECT),
    InventoryRule("kubelet/resource-field", REFUSED, _resource_fields, scope=OBJECT),
)
