"""`aurora init`: a repository of one's own."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aurora.commands import completion, context

if TYPE_CHECKING:
    from aurora.starting.answers import Answers

PlatformOption = Annotated[
    str,
    typer.Option(
        "--platform",
        metavar="PLATFORM",
        help="What the clusters are: bare-metal, eks, aks, housing or gpu.",
        autocompletion=completion.platforms,
    ),
]
NameOption = Annotated[
    str, typer.Option("--name", metavar="NAME", help="What the environments are named after; the folder's by default.")
]
DomainOption = Annotated[
    str, typer.Option("--domain", metavar="DOMAIN", help="The domain below which hosts of the platform are.")
]
RepositoryOption = Annotated[
    str, typer.Option("--repository", metavar="URL", help="Where Argo CD reads the repository.")
]
GroupOption = Annotated[
    str, typer.Option("--api-group", metavar="GROUP", help="The API group of own kinds; the domain by default.")
]
RegistryOption = Annotated[str, typer.Option("--registry", metavar="HOST", help="The registry that images come from.")]
FromOption = Annotated[
    Path | None,
    typer.Option(
        "--from", metavar="MANIFESTS", help="Start from a folder of manifests in place of a platform's parts."
    ),
]


def init(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is new, or empty but for `.git`.")],
    *,
    platform: PlatformOption = "",
    name: NameOption = "",
    domain: DomainOption = "",
    repository: RepositoryOption = "",
    api_group: GroupOption = "",
    registry: RegistryOption = "",
    manifests: FromOption = None,
) -> None:
    """Write a new repository: environments and their layers, policies, settings, CI, and what is still to be replaced.

    On a terminal what no option says is asked. Nothing that is there is changed.

    Example: aurora init ml-platform --platform eks --domain ml.acme.org --repository https://git.acme.org/ml/platform.git
    """
    from aurora.starting import answers, files  # noqa: PLC0415 - see the package's docstring
    from aurora.starting import folder as target  # noqa: PLC0415 - as above

    target.check(folder)
    given = answers.Answers(
        platform=platform,
        name=name or re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-"),
        domain=domain,
        repository=repository,
        api_group=api_group,
        registry=registry,
        manifests=None if manifests is None else str(manifests),
    )
    if sys.stdin.isatty() and sys.stderr.isatty():
        given = _asked(given)
    _refuse(given)
    made = files.files(answers.filled(given))
    target.write(folder, made)
    _tell(ctx, folder, made)


def _asked(given: Answers) -> Answers:
    """Ask for what no option said; an empty answer leaves a placeholder."""
    from aurora.starting import shipped  # noqa: PLC0415 - see the package's docstring

    questions = {
        "platform": f"platform ({', '.join(shipped.platforms())})",
        "domain": "domain of the platform's hosts, like ml.acme.org",
        "repository": "address of the Git repository, as Argo CD reads it",
        "registry": "registry of the images, like registry.acme.org",
    }
    open_ = {field: text for field, text in questions.items() if not getattr(given, field)}
    return replace(given, **{field: typer.prompt(text, default="", err=True) for field, text in open_.items()})


def _refuse(given: Answers) -> None:
    """Say everything that is wrong with the answers at once."""
    from aurora.errors import UsageError  # noqa: PLC0415 - see the package's docstring
    from aurora.starting import answers, shipped  # noqa: PLC0415 - as above

    known = shipped.platforms()
    wrong = list(answers.problems(given))
    if given.platform not in known:
        what = f"`{given.platform}` is no platform of this Aurora" if given.platform else "it must be said"
        wrong.insert(0, f"--platform: {what}; there are {', '.join(known)}")
    if wrong:
        raise UsageError("\n  ".join(["the repository cannot be begun:", *wrong]), hint="nothing was written")


def _tell(ctx: typer.Context, folder: Path, made: Mapping[str, bytes]) -> None:
    from aurora.starting.examples import MARK  # noqa: PLC0415 - see the package's docstring

    marked = {path: text.decode(errors="replace").count(MARK) for path, text in made.items() if path.endswith(".yaml")}
    places = {
        path: count for path, count in marked.items() if count and not path.startswith(("policies/", "tetragon/"))
    }
    console = context.state(ctx).console
    console.result(f"wrote {len(made)} files to `{folder}`")
    for path, count in sorted(places.items()):
        console.result(f"  {path}: {count} {'line' if count == 1 else 'lines'} to replace")
    console.say(f"next: `cd {folder}`, `git init`, `aurora synth`; README.md says what is to be replaced, and when")
