"""Makes one half of a rule's examples out of the other, so that the two differ in one thing only."""


def altered(example: str, old: str, new: str) -> str:
    """Replace the one occurrence of a part.

    Raises:
        ValueError: the part does not occur exactly once, so the example would not show what it is for.
    """
    if example.count(old) != 1:
        raise ValueError(f"`{old}` occurs {example.count(old)} times in the example")
    return example.replace(old, new)


def stream(*documents: str) -> str:
    """Join documents into one YAML stream."""
    return "---\n".join(documents)
