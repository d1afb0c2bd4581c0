"""The form of a letter's words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """A letter's subject, paragraphs and, where it has a link, the text on the button."""

    subject: str
    paragraphs: tuple[str, ...]
    button: str = ""
