"""Whether a repository is in a state in which a promotion can be told from other edits, and taken back."""

from aurora.changes import reading, sources_before
from aurora.errors import UsageError
from aurora.paths import RepositoryPaths
from aurora.tools import git

HEAD = "HEAD"


def refuse_unknown(paths: RepositoryPaths) -> None:
    """Refuse a repository whose files are not those of its last commit.

    Raises:
        UsageError: there is no Git repository or no commit, a merge or rebase is under way, or what people write, or
            `generated/`, differs from the last commit.
        ToolError: Git is missing or failed.
        StorageError: a file cannot be read.
    """
    revision = reading.revision(paths, HEAD, (reading.GENERATED, *sources_before.WRITTEN))
    under_way = git.under_way(paths.root)
    if under_way is not None:
        raise UsageError(f"a {under_way} is under way", hint="finish or abort it, then run the command again")
    dirty = [f"`{file}` {what}" for file, what in sources_before.changed(revision).items()]
    dirty += [f"`{reading.GENERATED}/{name}` changed" for name in _recompiled(paths, revision)]
    if dirty:
        more = f" and {len(dirty) - 5} more" if len(dirty) > 5 else ""
        message = f"not committed: {', '.join(dirty[:5])}{more}"
        raise UsageError(message, hint="commit these, or `git stash` them: a promotion is a commit of its own")


def _recompiled(paths: RepositoryPaths, revision: reading.Revision) -> list[str]:
    found = []
    for name in sorted({*paths.environment_names(), *revision.environments()}):
        before = {path: entry.id for path, entry in revision.below(f"{reading.GENERATED}/{name}").items()}
        now = reading.committed(paths, name, {}).side.files
        if before.keys() != now.keys() or any(git.content_id(now[path], it) != it for path, it in before.items()):
            found.append(name)
    return found
