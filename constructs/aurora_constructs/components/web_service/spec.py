"""What people write for an HTTP service. Imports no cdk8s."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import model_validator

from aurora_constructs import labels
from aurora_constructs.components.model_store.spec import Publication, model_problems
from aurora_constructs.http_service import HttpServiceSpec, Mount
from aurora_constructs.platform import Platform
from aurora_constructs.publications import unpublished
from aurora_constructs.spec import Problem, Subject, UrlPath
from aurora_contract import metrics, store, variables
from aurora_contract.programs import HOUSING_API, INFERENCE, Program

PROGRAMS = {program.container: program for program in (HOUSING_API, INFERENCE)}
"""The programs of Aurora that an image of such a service may run."""
FIXED = ("metrics", "paths", "port")
FIXED_OF_HEALTH = ("liveness", "readiness")


class WebServiceSpec(HttpServiceSpec):
    """An HTTP service: stateless pods on one port, spread, drained, watched, reached by whom it names."""

    POD_COMPONENT: ClassVar[str] = labels.WEB

    kind: Literal["WebService"] = "WebService"
    program: Literal["housing-api", "inference"] | None = None
    """The program of Aurora that the image runs; any other by default.

    Port, paths, metrics and alerts are then those of the program.
    """

    @property
    def runs(self) -> Program | None:
        """The program of Aurora that the image runs."""
        return PROGRAMS[self.program] if self.program else None

    @property
    def pod_port(self) -> int:
        """The port on which the pods listen."""
        return self.runs.ports["http"] if self.runs else self.port

    @property
    def liveness_path(self) -> UrlPath:
        """The path that answers as long as a restart would change nothing."""
        return self.runs.liveness if self.runs else self.health.liveness

    @property
    def readiness_path(self) -> UrlPath:
        """The path that answers while the pod can serve."""
        return self.runs.readiness if self.runs else self.health.readiness

    @property
    def metrics_path(self) -> UrlPath | None:
        """Where it serves metrics for Prometheus; None where it does not."""
        return metrics.PATH if self.runs else self.metrics

    @property
    def routed_paths(self) -> list[UrlPath]:
        """The beginnings of the paths that the edge routes to it."""
        return [*self.runs.routes] if self.runs else self.paths

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find also a version on a shared volume that nobody publishes, or that is not where the pods look for it."""
        yield from super().problems(name, platform)
        if self.runs is INFERENCE:
            folder = self.env[variables.MODEL_DIR]
            for mount in self.storage.values():
                if folder.startswith(f"{mount.path}/"):
                    yield from self._of_version(mount, folder, platform)

    def _of_version(self, mount: Mount, folder: str, platform: Platform) -> Iterator[Problem]:
        model, version = self.env[variables.MODEL_NAME], self.env[variables.MODEL_VERSION]
        root = mount.path + store.ROOT.removeprefix(store.MOUNT_PATH)
        place = store.version_path(root, model, version)
        if folder != place:
            message = f"`{folder}` is not where version `{version}` of `{model}` lies"
            yield Problem(("env", variables.MODEL_DIR), message, f"write `{place}`")
        unknown = [*model_problems(mount.component, model, platform, "env", variables.MODEL_NAME)]
        yield from unknown
        if not unknown:
            publication = Publication(mount.component, model, version)
            yield from unpublished(publication, platform, "env", variables.MODEL_VERSION)

    def subjects(self, name: str, platform: Platform) -> Iterator[Subject]:
        """Give the program, which alerts and dashboards know."""
        if self.program:
            yield Subject(f"{self.program}-program", self.namespace, platform.names.object(name))

    @model_validator(mode="after")
    def _is_what_runs(self) -> WebServiceSpec:
        if self.runs is None:
            return self
        own = [key for key in FIXED if key in self.model_fields_set]
        own += [f"health.{key}" for key in FIXED_OF_HEALTH if key in self.health.model_fields_set]
        if own:
            stated = " and ".join(f"`{key}`" for key in own)
            paths = f"it listens at {self.pod_port}, lives at {self.liveness_path}, is ready at {self.readiness_path}"
            raise ValueError(f"`program: {self.program}` decides {stated} ({paths}): leave out what it decides")
        given = {*self.env, *self.calls, *(self.secrets.variables if self.secrets else ())}
        missing = [f"`{variable}`" for variable in self.runs.variables if variable not in given]
        if missing:
            hint = "state them under `env`, or under `calls` where they are addresses of services"
            raise ValueError(f"`program: {self.program}` reads {', '.join(missing)}, and nobody gives it: {hint}")
        return self
