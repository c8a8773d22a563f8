"""Text that stays text in Markdown: what tools and manifests say is nobody's markup.

Source: GitHub Flavored Markdown, section 6 (inlines); mentions are looked for in the rendered text, so that an
entity alone does not stop one.
"""

import re
from collections.abc import Sequence

_MARKUP = str.maketrans({char: f"&#{ord(char)};" for char in "\\`*_[]|~!#$"} | {"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_MENTION = re.compile(r"@(?=\w)")
_LINK = re.compile(r"(?i)\b(?:(https?|ftp)(://)|(www)(\.))")


def words(text: str) -> str:
    """Give text on one line in which nothing becomes markup, a mention or a link, for the inside of a line.

    At the start of a line a number or a dash would still begin a list.
    """
    flat = " ".join(text.split()).translate(_MARKUP)
    flat = _LINK.sub(lambda match: f"{match[1] or match[3]}<!-- -->{match[2] or match[4]}", flat)
    return _MENTION.sub("@<!-- -->", flat)


def code(text: str) -> str:
    """Give a code span on one line; the fence is longer than any run of backticks in it."""
    flat = " ".join(text.split()) or " "
    fence = "`" * (max((len(run) for run in re.findall("`+", flat)), default=0) + 1)
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{pad}{flat}{pad}{fence}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, numbers_from: int = 2) -> list[str]:
    """Give the lines of a table whose cells are text; columns from `numbers_from` on are aligned to the right."""
    rule = "".join("---:|" if index >= numbers_from else "---|" for index, _ in enumerate(head))
    return [_row(head), f"|{rule}", *map(_row, rows)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(words(cell) for cell in cells)} |"
