"""Which parts of a shown text match: fragments always make up the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.search.highlight import highlighted
from entrepot.search.query import SearchQuery, analyse


def marked(text: str, question: str) -> str:
    """The text with what matches in brackets."""
    found = highlighted(text, analyse(SearchQuery(question)))
    return "".join(f"[{one.text}]" if one.matched else one.text for one in found)


@pytest.mark.parametrize(
    ("text", "question", "expected"),
    [
        ("Toner cartridge, black", "cartridges", "Toner [cartridge], black"),
        ("Картридж с тонером, чёрный", "черные картриджи", "[Картридж] с тонером, [чёрный]"),
        ("KR-4410/2", "кр44102", "[KR-4410/2]"),
        ("Pump for KR-4410 housings", "kr 4410", "Pump for [KR-4410] housings"),
        ("Болт оцинкованный М8х30", "болт м8x30", "[Болт] оцинкованный [М8х30]"),
        ("Desk lamp", "toner", "Desk lamp"),
        ("<b>Toner</b> & co", "toner", "<b>[Toner]</b> & co"),
        ("", "toner", ""),
    ],
)
def test_words_and_numbers_are_marked(text: str, question: str, expected: str) -> None:
    assert marked(text, question) == expected


@given(st.text(max_size=200), st.text(max_size=60))
def test_the_fragments_are_the_text(text: str, question: str) -> None:
    found = highlighted(text, analyse(SearchQuery(question)))
    assert "".join(one.text for one in found) == text
    assert all(one.text for one in found)
