"""What whoever begins a repository says of it, and what is wrong with that."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

NOBODY = "invalid"
"""The domain that never exists (RFC 2606, section 2): what nobody has said yet lies below it."""
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_REPOSITORY = re.compile(r"(https://[^\s@#]+|ssh://\S+|git@[^\s:]+:\S+)")
_REGISTRY = re.compile(r"[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._/-]+)?")
LONGEST_NAME = 40
"""Names of environments and of Argo CD's objects are made of it, and a label holds 63 characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The platform of the clusters, the name of the repository's environments, and hosts that are its own."""

    platform: str
    name: str
    domain: str
    repository: str
    api_group: str
    registry: str
    manifests: str | None = None


def filled(answers: Answers) -> Answers:
    """Give the answers with a host that does not exist in the place of each that is missing."""
    domain = answers.domain or f"{answers.name}.{NOBODY}"
    return Answers(
        platform=answers.platform,
        name=answers.name,
        domain=domain,
        repository=answers.repository or f"https://git.{NOBODY}/{answers.name}.git",
        api_group=answers.api_group or domain,
        registry=answers.registry or f"registry.{NOBODY}",
        manifests=answers.manifests,
    )


def problems(answers: Answers) -> Iterator[str]:
    """Say everything that is wrong with the answers, each with the option that gives it."""
    if not _LABEL.fullmatch(answers.name) or len(answers.name) > LONGEST_NAME:
        limit = f"lower-case letters, digits and dashes, at most {LONGEST_NAME}"
        yield f"--name: `{answers.name}` is no DNS label ({limit})"
    for option, host in (("--domain", answers.domain), ("--api-group", answers.api_group)):
        labels = host.split(".")
        fits = len(labels) > 1 and all(_LABEL.fullmatch(each) and len(each) <= 63 for each in labels)
        if host and not fits:
            yield f"{option}: `{host}` is no domain of at least two DNS labels, like `ml.acme.org`"
    if answers.repository and not _REPOSITORY.fullmatch(answers.repository):
        forms = "https://, ssh:// or git@HOST:PATH"
        yield f"--repository: `{answers.repository}` is no address of a Git repository ({forms})"
    if answers.registry and not _REGISTRY.fullmatch(answers.registry):
        yield f"--registry: `{answers.registry}` is no registry, like `registry.acme.org` or `registry.acme.org/team`"
