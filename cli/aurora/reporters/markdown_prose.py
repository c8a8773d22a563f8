"""Messages in comments on GitHub: words stay words, and everything else becomes code.

GitHub looks for mentions, references, commits, links and emoji in the rendered text, where an escaped character
looks like any other, and leaves code alone. So a word that holds anything but letters, digits and plain
punctuation becomes a code span, as does what the message itself puts between backticks. Lengths are bounded, and
what is left out of a text is stated in it.
"""

import html
import re

from aurora.console import printable
from aurora.reporters import diff_words
from aurora.reporters.markdown_text import code

NAME = 200
MESSAGE = 600
_WORD = re.compile(
    r"[(\"]*"
    r"(?:[^\W\d_][^\W_]*(?:['/\u2019-][^\W_]+)*|[+-]?\d[^\W_]*(?:[.,]\d+)*%?|[-+=%/\u2013\u2014\u2212\u2192]?)"
    r"[,.;:!?)\"]*"
)
_ENDED = re.compile(r"[\w.'-]*\w[,;.:]")
"""A name at the end of a clause; of anything odder, the end may belong to it."""
_REFERENCE = re.compile(r"\w-\d|[0-9a-fA-F]{7,}")


def prose(message: str) -> str:
    """Give a message on one line of Markdown in which nothing of it becomes markup."""
    flat = diff_words.shortened(printable(" ".join(message.split())), MESSAGE)
    parts = flat.split("`")
    if len(parts) % 2 == 0:
        parts = ["", flat]
    found = ""
    for index, part in enumerate(parts):
        piece = span(part) if index % 2 else _words(part)
        # Two runs of backticks that touch are one longer run, which closes neither span.
        gap = " " if found.endswith("`") and piece.startswith("`") else ""
        found += gap + piece
    return found.strip()


def span(text: str, limit: int = NAME) -> str:
    """Give a code span of foreign text."""
    return code(diff_words.shortened(printable(text), limit)) if text else "(empty)"


def cell(text: str) -> str:
    """Give a code span for a table, whose bars are escaped."""
    return span(text, NAME // 2).replace("|", "\\|")


def tag(text: str) -> str:
    """Give foreign text as HTML code, for lines in which Markdown is not read."""
    return f"<code>{html.escape(diff_words.shortened(printable(text), NAME))}</code>"


def _words(text: str) -> str:
    return " ".join(_word(word) for word in text.split(" "))


def _word(word: str) -> str:
    if _WORD.fullmatch(word) and not _REFERENCE.search(word):
        return word
    # The sentence's own punctuation stays outside: `metadata.name`, and so on.
    bare = word.rstrip(",.;:")
    return code(bare) + word[len(bare) :] if bare and _ENDED.fullmatch(word) else code(word)
