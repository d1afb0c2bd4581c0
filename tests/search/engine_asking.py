"""Asking an engine in tests: filling it, questions in forms as analysed, answers as numbers."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from entrepot.platform.catalog.search_rows import SearchRow
from entrepot.search.document import VISIBLE_TO_ALL, to_document
from entrepot.search.engine import Found, SearchEngine
from entrepot.search.query import AnalysedQuery, SearchFilters, SearchQuery, Sort, analyse
from entrepot.search.reading import NumberForms, Term, Word

MakeRow = Callable[..., SearchRow]
ROOT, VALVES, PUMPS = UUID(int=100), UUID(int=101), UUID(int=102)
SEES_ALL_OPEN = (VISIBLE_TO_ALL,)


async def fill(engine: SearchEngine, *rows: SearchRow) -> None:
    """Index these rows."""
    await engine.update([to_document(row) for row in rows])


async def find(
    engine: SearchEngine, text: str, *, offset: int = 0, limit: int = 10, **filters: object
) -> list[tuple[int, str]]:
    """Numbers of the offers found and why."""
    query = analyse(SearchQuery(text, SearchFilters(**filters)))  # type: ignore[arg-type]
    found = await engine.search(query, offset=offset, limit=limit, facets=False)
    return numbered(found)


async def find_numbers(
    engine: SearchEngine, *, aliases: tuple[int, ...] = (), **forms: tuple[str, ...]
) -> list[tuple[int, str]]:
    """What is found by article numbers in these forms."""
    query = AnalysedQuery(
        browse=False,
        numbers=NumberForms(**{"keys": ("nothing",), **forms}),
        words=(),
        filters=SearchFilters(),
        alias_products=tuple(UUID(int=number) for number in aliases),
    )
    return numbered(await engine.search(query, offset=0, limit=100, facets=False))


async def find_words(
    engine: SearchEngine, *words: Word, visible_to: tuple[str, ...] = SEES_ALL_OPEN
) -> list[int]:
    """Numbers of the offers found by words, best first."""
    query = AnalysedQuery(
        browse=False,
        numbers=NumberForms(),
        words=words,
        filters=SearchFilters(),
        visible_to=visible_to,
    )
    return [n for n, _ in numbered(await engine.search(query, offset=0, limit=100, facets=False))]


def word(*alternatives: str, typos: int = 0, prefix: bool = False, sounds: str = "") -> Word:
    """A word of alternatives written with spaces between terms."""
    return Word(
        tuple(
            tuple(Term(text, typos, prefix) for text in alternative.split())
            for alternative in alternatives
        ),
        tuple(sounds.split()),
    )


def browsing(sort: Sort = Sort.RELEVANCE, **filters: object) -> AnalysedQuery:
    """Every offer that passes the filters."""
    return analyse(SearchQuery("", SearchFilters(**filters), sort))  # type: ignore[arg-type]


def numbered(found: Found) -> list[tuple[int, str]]:
    """The hits as numbers of offers and reasons."""
    return [(hit.offer_id.int, hit.matched_by.value) for hit in found.hits]
