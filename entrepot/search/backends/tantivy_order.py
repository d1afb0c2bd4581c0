"""Orders other than relevance: by a column, equals by the offer's id."""

from __future__ import annotations

from operator import itemgetter
from typing import Final

import tantivy
from tantivy import FieldType, Occur, Order, Query

from entrepot.search.backends.tantivy_reader import Snapshot
from entrepot.search.backends.tantivy_schema import OFFER_ID
from entrepot.search.query import Sort

_COLUMNS: Final = {
    Sort.PRICE_ASC: ("list_price", Order.Asc),
    Sort.PRICE_DESC: ("list_price", Order.Desc),
    Sort.DELIVERY: ("lead_time", Order.Asc),
    Sort.NEWEST: ("created", Order.Desc),
}
#: So many offers with one value are put in the order of their ids; more stay as they lie.
_EQUALS_MAX: Final = 10_000

Places = list[tantivy.DocAddress]


def sorted_places(snapshot: Snapshot, query: Query, sort: Sort, offset: int, limit: int) -> Places:
    """Where the offers of these ranks lie, in the order of `sort`."""
    column, order = _COLUMNS[sort]
    found = snapshot.searcher.search(
        query, limit=offset + limit, count=False, order_by_field=column, order=order
    ).hits
    if len(found) <= offset:
        return []
    # Only where the page begins and ends may offers of one value be in and outside of it.
    values = [value for value, _ in found]
    first = values.index(values[offset])
    last = values[-1]
    inner = [(value, place) for value, place in found[first:] if value != last]
    edge = _all_equal(snapshot, query, column, last)
    # Too many equals lie in the same order on every page.
    edge = _by_id(snapshot, edge) if edge else [place for value, place in found if value == last]
    ordered = _groups_by_id(snapshot, inner) + edge
    return ordered[offset - first : offset - first + limit]


def _all_equal(snapshot: Snapshot, query: Query, column: str, value: int) -> Places:
    """All offers found with one value, or none where they are too many."""
    equal = Query.range_query(snapshot.schema, column, FieldType.Integer, value, value)
    found = snapshot.searcher.search(
        Query.boolean_query([(Occur.Must, query), (Occur.Must, equal)]), limit=_EQUALS_MAX
    )
    # The stub of `SearchResult` omits `count`, which `count=True` sets.
    if found.count > _EQUALS_MAX:  # type: ignore[attr-defined]
        return []
    return [place for _, place in found.hits]


def _by_id(snapshot: Snapshot, places: Places) -> Places:
    ids = snapshot.ids(OFFER_ID, places)
    return [place for _, place in sorted(zip(ids, places, strict=True), key=itemgetter(0))]


def _groups_by_id(snapshot: Snapshot, found: list[tuple[int, tantivy.DocAddress]]) -> Places:
    """Neighbours of one value in the order of their ids."""
    groups: dict[int, Places] = {}
    for value, place in found:
        groups.setdefault(value, []).append(place)
    return [place for places in groups.values() for place in _by_id(snapshot, places)]
