"""What an unknown name may have been meant to be. Imports no cdk8s."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str:
    """Say which known name is spelt most like a word, or which there are."""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1)
    if close:
        return f"did you mean `{close[0]}`?"
    return f"there are {', '.join(f'`{name}`' for name in names)}" if names else "there are none"
