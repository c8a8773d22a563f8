"""What an unknown name may have been meant to be. Imports no cdk8s."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def closest(word: str, known: Iterable[str]) -> str | None:
    """Give the known name that is spelt most like a word, if one is near."""
    return next(iter(difflib.get_close_matches(word, sorted(known), n=1)), None)


def nearest(word: str, known: Iterable[str]) -> str:
    """Say which known name is spelt most like a word, or which there are."""
    names = sorted(known)
    close = closest(word, names)
    if close:
        return f"did you mean `{close}`?"
    return f"there are {', '.join(f'`{name}`' for name in names)}" if names else "there are none"
