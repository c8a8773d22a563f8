"""What every XML report needs: text that XML can hold, and suites that count themselves. Writes no files."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

# What XML 1.0 cannot hold, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """Replace what XML cannot hold."""
    return _FORBIDDEN.sub("\ufffd", text)


def counted(suite: ET.Element, *, failures: int) -> ET.Element:
    """Write how many cases a JUnit suite has, and how many of them failed."""
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(failures))
    return suite


def document(root: ET.Element) -> str:
    """Write the sums of its suites to a JUnit root, and the whole as text."""
    for count in ("tests", "failures"):
        root.set(count, str(sum(int(child.get(count, "0")) for child in root)))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")
