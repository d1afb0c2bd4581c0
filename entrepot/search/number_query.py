"""The article numbers that a question may mean."""

from __future__ import annotations

from itertools import pairwise

from entrepot.platform.catalog.article_numbers import exact_form, gtin14, number_key
from entrepot.search.article_numbers import has_digit, is_sloppy
from entrepot.search.reading import (
    INNER_NUMBER_MIN,
    SLOPPY_KEYS_MAX,
    TEXT_MAX,
    WORDS_MAX,
    NumberForms,
)


def _is_inner_number(key: str) -> bool:
    return len(key) >= INNER_NUMBER_MIN and has_digit(key)


def _inner_numbers(parts: list[str]) -> tuple[list[str], list[str]]:
    """Parts of a text that look like article numbers, and keys of neighbours put together."""
    exact = [part for part in parts if _is_inner_number(number_key(part))]
    joined = [number_key(left + right) for left, right in pairwise(parts)]
    keys = [number_key(part) for part in exact]
    return exact, keys + [key for key in joined if _is_inner_number(key)]


def number_forms(text: str) -> NumberForms:
    """Read a text as numbers: whole, each part with a digit, each two neighbours together."""
    text = text[:TEXT_MAX]
    whole, whole_key = exact_form(text), number_key(text)
    parts = whole.split()[:WORDS_MAX]
    exact, keys = _inner_numbers(parts) if len(parts) > 1 else ([], [])
    gtins = [gtin14(part) for part in (text.strip(), *parts)]
    sloppy = dict.fromkeys(key for key in (whole_key, *keys) if is_sloppy(key))
    return NumberForms(
        exact=tuple(dict.fromkeys(form for form in (whole, *exact) if number_key(form))),
        keys=tuple(dict.fromkeys(key for key in (whole_key, *keys) if key)),
        gtins=tuple(dict.fromkeys(gtin for gtin in gtins if gtin)),
        sloppy_keys=tuple(sloppy)[:SLOPPY_KEYS_MAX],
    )
