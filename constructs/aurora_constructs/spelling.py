"""What an unknown name may have been meant to be. Imports no cdk8s."""

from collections.abc import Iterable
from itertools import islice

LONGEST = 60
"""Characters of a word that are compared."""
TOO_MANY = 1000
"""Names beyond which none is looked for: a file of thousands of mistakes must not take minutes. Rules are some 500."""


def closest(word: str, known: Iterable[str]) -> str | None:
    """Give the known name that is spelt most like a word, if one is near, in whatever case; of too many names none."""
    import difflib  # noqa: PLC0415 - only errors need it

    names = sorted(set(islice(known, TOO_MANY + 1)))
    if len(names) > TOO_MANY:
        return None
    lower = {name.lower(): name for name in names}
    near = difflib.get_close_matches(word[:LONGEST], names, n=1)
    near = near or [lower[name] for name in difflib.get_close_matches(word[:LONGEST].lower(), lower, n=1)]
    return near[0] if near else None


def nearest(word: str, known: Iterable[str]) -> str:
    """Say which known name is spelt most like a word, or which there are."""
    names = sorted(known)
    close = closest(word, names)
    if close:
        return f"did you mean `{close}`?"
    return f"there are {', '.join(f'`{name}`' for name in names)}" if names else "there are none"
