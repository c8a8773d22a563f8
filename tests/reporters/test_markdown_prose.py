"""Words of a message that become code leave the sentence its punctuation, and nothing becomes markup."""

from __future__ import annotations

import pytest

from aurora.reporters.markdown_prose import prose


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("write apiVersion, kind and metadata.name, or not", "write apiVersion, kind and `metadata.name`, or not"),
        ("see a.example.com: it is gone.", "see `a.example.com`: it is gone."),
        ("of 1a2b3c4d5e,", "of `1a2b3c4d5e`,"),
        ("ask @admin, now", "ask `@admin,` now"),
        ("<b>bold</b>, then", "`<b>bold</b>,` then"),
        ("https://evil.example, then", "`https://evil.example,` then"),
    ],
)
def test_punctuation_after_a_name_stays_outside_of_its_span(message: str, expected: str) -> None:
    assert prose(message) == expected
