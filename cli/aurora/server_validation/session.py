"""One session with the program `server-validation`: what it is told first, and every question and answer.

One process a session; the protocol is in `docs/protocol.md`. What an answer means is the asker's business.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aurora.errors import ToolMissingError
from aurora.model.finding import Finding, Severity
from aurora.schemas import sources
from aurora.schemas.derived import DerivedFiles
from aurora.tools import pins
from aurora.tools.protocol import Conversation, Request, converse
from aurora.tools.settings import Settings
from aurora_constructs.cluster import ClusterFacts

PROGRAM = pins.SERVER_VALIDATION.name
SKEW = "server/version-skew"
CONFIGURE = "configure"
CLASSES = {"StorageClass": "storage.k8s.io", "RuntimeClass": "node.k8s.io", "PriorityClass": "scheduling.k8s.io"}
"""The kinds that admission plugins look up, by their groups: they are handed over as `admissionObjects`."""
LIMIT_RANGES = "limitRanges"
"""The part of a verdict that is about the LimitRanges among the `admissionObjects`."""
LEVELS = ("privileged", "baseline", "restricted")
"""Those of Pod Security, the lowest first."""
OBJECT_MILLISECONDS = 20_000
"""Time for one object; one that takes longer is unjudged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The program, and everything that it is told before the first question; `definitions` are handed over as files."""

    program: Path
    workspace: Path
    timeout: float
    setup: Mapping[str, Any]
    definitions: tuple[sources.Definition, ...]

    def ask(self, requests: Iterable[Request]) -> Conversation:
        """Ask everything at once.

        Raises:
            ToolError: the program is missing, failed, or lost an answer.
        """
        configure = Request(CONFIGURE, CONFIGURE, {**self.setup, "definitionFiles": self._files()})
        return converse(self.program, [configure, *requests], workspace=self.workspace, timeout=self.timeout)

    def _files(self) -> list[dict[str, str]]:
        files: list[dict[str, str]] = []
        for definition in self.definitions:
            path = self.workspace / f"{definition.group}_{definition.kind}.json"
            path.write_text(definition.text, encoding="utf-8")
            files.append({"path": str(path), "group": definition.group, "kind": definition.kind})
        return files


def flags(cluster: ClusterFacts | None) -> dict[str, Mapping[str, Any]]:
    """Give what `configure` takes of the API server's flags; nothing of a cluster that nobody describes."""
    if cluster is None:
        return {}
    return {"cluster": {"serviceRanges": cluster.service_cidrs, "nodePorts": cluster.node_ports}}


def program(locate_tool: Callable[[str], Path], kubernetes: str) -> Path:
    """Give the build that links a minor version of Kubernetes; the default one where that build is not there.

    Raises:
        ToolError: neither is installed, or a variable names something else.
    """
    own = pins.SERVERS.get(kubernetes)
    if own is not None and own.release:
        with suppress(ToolMissingError):
            return locate_tool(own.name)
    return locate_tool(PROGRAM)


def skew(
    configured: Mapping[str, Any], kubernetes: str, judge: str, environment: str | None, *, judged: str
) -> Iterator[Finding]:
    """Say that the code of another minor version than the cluster's judged, and how to have its own."""
    if not configured.get("versionSkew"):
        return
    own = pins.SERVERS.get(kubernetes)
    hint = (
        f"run `{own.install}`: it builds the program from the code of {own.version}"
        if own
        else f"there are builds for {', '.join(sorted(pins.SERVERS))}"
    )
    yield Finding(
        rule=SKEW,
        severity=Severity.NOTE,
        message=f"the cluster runs {kubernetes}, the {judged} were judged by {judge}",
        environment=environment,
        hint=hint,
    )


def session(
    locate_tool: Callable[[str], Path],
    settings: Settings,
    *,
    kubernetes: str,
    kinds: Iterable[tuple[str, str]] = (),
    **setup: Sequence[Any] | Mapping[str, Any],
) -> Session:
    """Prepare a session about a cluster of a version of Kubernetes.

    `kinds` are the custom kinds, by group and kind, whose definitions the settings' folders may hold; `setup` is the
    rest of what `configure` takes.

    Raises:
        ToolError: the program is missing.
        InputError: a folder holds a broken definition.
        UsageError: a folder does not exist, or defines one kind in two ways.
        StorageError: a schema pack is not what its lock says, or a file cannot be read.
    """
    wanted = set(kinds)
    folders = settings.schemas if wanted else ()
    known = sources.by_kind(sources.from_folders(folders, DerivedFiles(settings.cache)))
    return Session(
        program=program(locate_tool, kubernetes),
        workspace=settings.workspace,
        timeout=settings.timeout,
        setup={"kubernetes": kubernetes, "timeLimitMilliseconds": OBJECT_MILLISECONDS, **setup},
        definitions=tuple(known[kind] for kind in sorted(wanted & known.keys())),
    )
