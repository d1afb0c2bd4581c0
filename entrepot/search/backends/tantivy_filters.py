"""Filters as clauses of tantivy queries."""

from __future__ import annotations

import tantivy
from tantivy import FieldType, Occur, Query

from entrepot.search.backends.measure_terms import SEPARATOR, range_pattern
from entrepot.search.backends.tantivy_sight import Clause, any_of
from entrepot.search.document import TEXT_VALUE_MAX
from entrepot.search.query import PRICE_MAX, AnalysedQuery, AttributeFilter

_DAYS_MAX = 2**31


def filter_clauses(schema: tantivy.Schema, query: AnalysedQuery) -> list[Clause]:
    """The conditions that an offer must pass, without scores."""
    filters = query.filters
    wanted: list[Query] = []
    if filters.category_id is not None:
        wanted.append(any_of(schema, "category", (filters.category_id.hex,)))
    if filters.brands:
        wanted.append(any_of(schema, "brand", filters.brands))
    if filters.seller_ids:
        wanted.append(any_of(schema, "seller", [seller.hex for seller in filters.seller_ids]))
    if filters.in_stock:
        wanted.append(Query.term_query(schema, "in_stock", True, "basic"))
    if filters.lead_days_max is not None:
        days = min(max(filters.lead_days_max, -1), _DAYS_MAX)
        wanted.append(Query.range_query(schema, "lead_time", FieldType.Integer, None, days))
    if filters.currency is not None:
        wanted.append(any_of(schema, "currency", (filters.currency,)))
    wanted += [_attribute(schema, one) for one in filters.attributes]
    clauses = [(Occur.Must, Query.const_score_query(each, 0.0)) for each in wanted]
    return clauses + _price(schema, query)


def _attribute(schema: tantivy.Schema, wanted: AttributeFilter) -> Query:
    """Any of the values, or a measure in range; with neither, offers that have the attribute."""
    code = wanted.code
    conditions: list[Query] = []
    if wanted.values:
        values = [f"{code}{SEPARATOR}{value[:TEXT_VALUE_MAX]}" for value in wanted.values]
        conditions.append(any_of(schema, "text_value", values))
    if wanted.low is not None or wanted.high is not None:
        pattern = range_pattern(code, wanted.low, wanted.high)
        if pattern is None:
            return Query.empty_query()
        conditions.append(Query.regex_query(schema, "measure", pattern))
    if not conditions:
        conditions.append(any_of(schema, "attribute", (code,)))
    return Query.boolean_query([(Occur.Must, each) for each in conditions])


def _price(schema: tantivy.Schema, query: AnalysedQuery) -> list[Clause]:
    """The list price in range, except where the actor's own price decides."""
    if query.price_range is None or query.filters.currency is None:
        return []
    low, high = query.price_range
    if (low, high) == (0, PRICE_MAX):
        return []
    listed = Query.range_query(schema, "list_price", FieldType.Integer, low, high)
    own = query.own_prices
    if own is None or not (own.replaced or own.within):
        return [(Occur.Must, Query.const_score_query(listed, 0.0))]
    if own.replaced:
        replaced = Query.term_set_query(schema, "offer", [offer.hex for offer in own.replaced])
        listed = Query.boolean_query([(Occur.Must, listed), (Occur.MustNot, replaced)])
    if own.within:
        within = Query.term_set_query(schema, "offer", [offer.hex for offer in own.within])
        listed = Query.boolean_query([(Occur.Should, listed), (Occur.Should, within)])
    return [(Occur.Must, Query.const_score_query(listed, 0.0))]
