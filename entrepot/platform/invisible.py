"""Characters that nobody sees: pasted with a text, and in the way of whoever compares it."""

from __future__ import annotations

import unicodedata


def without_invisible(text: str) -> str:
    """Return the text without control, zero-width and direction characters; spaces stay.

    Half surrogates and private-use characters go as well. Spaces of any kind are left as they are.
    """
    if text.isprintable():
        return text
    return "".join(char for char in text if char.isspace() or unicodedata.category(char)[0] != "C")
