"""The document of an offer: everything an engine may match, filter or count by.

Prices that differ by buyer never enter it; visibility is a set of tokens that a query must
share one of. Tokens name assortments, not who sees them: a change of an audience or of a customer
group needs no new documents.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from entrepot.platform.catalog.article_numbers import exact_form, gtin14, number_key
from entrepot.platform.catalog.search_rows import SearchRow
from entrepot.search.article_numbers import deletions
from entrepot.search.words import index_terms

#: The token of an offer that every buyer may see.
VISIBLE_TO_ALL: Final = "all"
#: The token of every other offer, for operators, who see these too.
VISIBLE_TO_OPERATORS: Final = "operators"


def assortment_token(assortment_id: UUID) -> str:
    """The token of restricted offers in an assortment, for those who see it."""
    return f"assortment:{assortment_id.hex}"


def seller_token(seller_id: UUID) -> str:
    """The token of a seller's own offers, whoever else may see them."""
    return f"seller:{seller_id.hex}"


#: A description is searched by its first characters only; what follows is small print.
DESCRIPTION_MAX: Final = 2_000
#: List prices are indexed as whole ten-thousandths of the currency's main unit.
PRICE_SCALE: Final = 4


@dataclass(frozen=True, slots=True)
class OfferDocument:
    """One offer, analysed. All strings are in the forms that `query.analyse` produces.

    `numbers` are printed forms (`exact_form`), `number_keys` and `cross_keys` are
    `number_key`s, `gtins` have 14 digits, `title_terms` and `other_terms` are stems,
    `category_ids` run from the root, `list_price` is in 1/10,000 of `currency`.
    """

    offer_id: UUID
    product_id: UUID
    seller_id: UUID
    numbers: tuple[str, ...]
    number_keys: tuple[str, ...]
    cross_keys: tuple[str, ...]
    gtins: tuple[str, ...]
    brand: str
    category_ids: tuple[UUID, ...]
    title_terms: tuple[str, ...]
    other_terms: tuple[str, ...]
    list_price: int
    currency: str
    in_stock: bool
    visible_to: tuple[str, ...]

    def sloppy_keys(self) -> tuple[str, ...]:
        """The `deletions` of all number keys, for engines without an edit distance."""
        found = {form for key in self.number_keys for form in deletions(key)}
        return tuple(sorted(found))


def _distinct(values: list[str]) -> tuple[str, ...]:
    """The values in order, without doubles and empty ones."""
    return tuple(dict.fromkeys(value for value in values if value))


def to_document(row: SearchRow) -> OfferDocument:
    """Analyse one row of the database; pure."""
    numbers = [row.article_number, row.manufacturer_number]
    gtins = [gtin14(number) or "" for number in row.gtins]
    # A GTIN with a wrong check digit still helps whoever copies it from the same label.
    odd_gtins = [number for number, form in zip(row.gtins, gtins, strict=True) if not form]
    other = " ".join(
        (
            row.brand,
            *numbers,
            *row.category_names,
            *row.attribute_values,
            row.description[:DESCRIPTION_MAX],
        )
    )
    return OfferDocument(
        offer_id=row.offer_id,
        product_id=row.product_id,
        seller_id=row.seller_id,
        numbers=_distinct([exact_form(number) for number in numbers]),
        number_keys=_distinct([number_key(number) for number in (*numbers, *odd_gtins)]),
        cross_keys=_distinct([number_key(number) for number in row.cross_references]),
        gtins=_distinct(gtins),
        brand=row.brand,
        category_ids=row.category_ids,
        title_terms=tuple(index_terms(f"{row.title_en} {row.title_ru}")),
        other_terms=tuple(index_terms(other)),
        list_price=int(row.list_price.scaleb(PRICE_SCALE)),
        currency=row.currency,
        in_stock=row.in_stock,
        visible_to=(*_audience(row), seller_token(row.seller_id)),
    )


def _audience(row: SearchRow) -> tuple[str, ...]:
    if not row.restricted:
        return (VISIBLE_TO_ALL,)
    return (VISIBLE_TO_OPERATORS, *map(assortment_token, row.assortment_ids))
