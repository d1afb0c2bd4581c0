"""What buyers ask beside article numbers: words, filters, facets, orders, unfinished questions."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from entrepot.platform.catalog.search_rows import SearchRow
from entrepot.search.keyboard import to_cyrillic_layout
from entrepot.search.query import AttributeFilter, SearchFilters, SearchQuery, Sort

_WORD: Final = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True, slots=True)
class Question:
    """One question: `suggest` completes its text instead of searching for it."""

    query: SearchQuery
    facets: bool = False
    suggest: bool = False


def _words(row: SearchRow) -> list[str]:
    return _WORD.findall(f"{row.title_en} {row.title_ru}") or ["spare"]


def _mistyped(word: str, chance: random.Random) -> str:
    at = chance.randrange(len(word))
    return word[:at] + chance.choice(string.ascii_lowercase) + word[at + 1 :]


def questions(rows: Sequence[SearchRow], seed: int) -> dict[str, list[Question]]:
    """Questions by class, one of each class about each row."""
    chance = random.Random(seed)
    found: dict[str, list[Question]] = {}
    for row in rows:
        for name, question in _about(row, chance).items():
            found.setdefault(name, []).append(question)
    return found


def _about(row: SearchRow, chance: random.Random) -> dict[str, Question]:
    words = _words(row)
    some = words[:3]
    one, two = SearchQuery(words[0]), SearchQuery(" ".join(words[:2]))
    typo = SearchQuery(" ".join([*some[:-1], _mistyped(some[-1], chance)]))
    price = row.list_price or Decimal(1)
    filters = SearchFilters(
        brands=(row.brand,),
        in_stock=True,
        currency=row.currency,
        price_from=price / 2,
        price_to=price * 2,
    )
    measures = [one for one in row.attributes if type(one.value) in (int, float)]
    if measures:
        value = float(measures[0].value)
        ranged = AttributeFilter(measures[0].code, low=value * 0.8, high=value * 1.2)
        filters = replace(filters, brands=(), attributes=(ranged,))
    category = SearchFilters(category_id=row.category_ids[0] if row.category_ids else None)
    cut = words[-1][: max(3, len(words[-1]) // 2)]
    return {
        "one word": Question(one),
        "two words": Question(two),
        "three words, a typo": Question(typo),
        "words, other layout": Question(SearchQuery(to_cyrillic_layout(two.text))),
        "two words, filters": Question(replace(two, filters=filters)),
        "filters alone": Question(replace(one, text="", filters=filters)),
        "one word, facets": Question(one, facets=True),
        "a category, facets": Question(replace(one, text="", filters=category), facets=True),
        "one word, by price": Question(replace(one, sort=Sort.PRICE_ASC)),
        "everything, newest": Question(replace(one, text="", sort=Sort.NEWEST)),
        "suggest: a number": Question(SearchQuery(row.article_number[:5]), suggest=True),
        "suggest: words": Question(SearchQuery(f"{words[0]} {cut}"), suggest=True),
    }
