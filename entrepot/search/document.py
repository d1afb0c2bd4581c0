"""The document of an offer: everything an engine may match, filter, sort or count by.

Prices that differ by buyer never enter it; visibility is a set of tokens that a query must
share one of. Tokens name assortments, not who sees them: a change of an audience or of a customer
group needs no new documents.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from uuid import UUID

from entrepot.platform.catalog.article_numbers import brand_key, exact_form, gtin14, number_key
from entrepot.platform.catalog.search_rows import SearchAttribute, SearchRow
from entrepot.search.article_numbers import loose_keys, sound_keys
from entrepot.search.words import attribute_terms, feature_terms, index_terms, sound_terms

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
#: A longer text is no value that anybody filters by; it is cut.
TEXT_VALUE_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class NumberValue:
    """A measured attribute: its code and its value in the unit of the attribute's definition."""

    code: str
    value: float


@dataclass(frozen=True, slots=True)
class TextValue:
    """An attribute that is a text or a truth: its code and its value as facets show it."""

    code: str
    value: str


@dataclass(frozen=True, slots=True)
class OfferDocument:
    """One offer, analysed. All strings are in the forms that `query.analyse` produces.

    `numbers` are printed forms (`exact_form`); `number_keys`, `cross_keys` are `number_key`s,
    `glued_keys` those with the brand before or after, `loose_keys` and `sound_keys` come of
    `article_numbers`. `gtins` have 14 digits. `title_terms`, `category_terms`, `other_terms`
    (brand, numbers, description), `attribute_terms` (values) and `feature_terms` (names of what is
    true) are stems, `sound_terms` how the words of title, brand and categories sound.
    `category_ids` run from the root. `list_price` is in 1/10,000 of `currency`, `created` in
    seconds of the epoch. `popularity` is 0 to 100, `rating` (the seller's) 0 to 500.
    """

    offer_id: UUID
    product_id: UUID
    seller_id: UUID
    numbers: tuple[str, ...]
    number_keys: tuple[str, ...]
    glued_keys: tuple[str, ...]
    loose_keys: tuple[str, ...]
    sound_keys: tuple[str, ...]
    cross_keys: tuple[str, ...]
    gtins: tuple[str, ...]
    brand: str
    category_ids: tuple[UUID, ...]
    title_terms: tuple[str, ...]
    category_terms: tuple[str, ...]
    other_terms: tuple[str, ...]
    attribute_terms: tuple[str, ...]
    feature_terms: tuple[str, ...]
    sound_terms: tuple[str, ...]
    texts: tuple[TextValue, ...]
    measures: tuple[NumberValue, ...]
    list_price: int
    currency: str
    in_stock: bool
    lead_time_days: int
    created: int
    popularity: int
    rating: int
    visible_to: tuple[str, ...]

    def checksum(self) -> int:
        """63 bits that differ where anything in the document differs, for `search verify`."""
        digest = hashlib.blake2b(repr(self).encode(), digest_size=8).digest()
        return int.from_bytes(digest) >> 1


def _distinct(values: list[str]) -> tuple[str, ...]:
    """The values in order, without doubles and empty ones."""
    return tuple(dict.fromkeys(value for value in values if value))


def to_document(row: SearchRow) -> OfferDocument:
    """Analyse one row of the database; pure."""
    numbers = [row.article_number, row.manufacturer_number]
    gtins = [gtin14(number) or "" for number in row.gtins]
    # A GTIN with a wrong check digit still helps whoever copies it from the same label.
    odd_gtins = [number for number, form in zip(row.gtins, gtins, strict=True) if not form]
    keys = _distinct([number_key(number) for number in numbers])
    brand = brand_key(row.brand)
    title = f"{row.title_en} {row.title_ru}"
    category_terms, category_sounds = _category_words(row.category_names)
    other = " ".join((row.brand, *numbers, row.description[:DESCRIPTION_MAX]))
    texts, measures = _typed(row.attributes)
    return OfferDocument(
        offer_id=row.offer_id,
        product_id=row.product_id,
        seller_id=row.seller_id,
        numbers=_distinct([exact_form(number) for number in numbers]),
        number_keys=_distinct([*keys, *(number_key(number) for number in odd_gtins)]),
        glued_keys=_distinct([form for key in keys for form in (brand + key, key + brand)])
        if brand
        else (),
        loose_keys=_distinct([form for key in keys for form in loose_keys(key)]),
        sound_keys=_distinct([form for number in numbers for form in sound_keys(number)]),
        cross_keys=_distinct([number_key(number) for number in row.cross_references]),
        gtins=_distinct(gtins),
        brand=row.brand,
        category_ids=row.category_ids,
        title_terms=tuple(index_terms(title)),
        category_terms=category_terms,
        other_terms=tuple(index_terms(other)),
        attribute_terms=tuple(attribute_terms(row.attributes)),
        feature_terms=tuple(feature_terms(row.attributes)),
        sound_terms=_distinct([*sound_terms(title), *_brand_sounds(row.brand), *category_sounds]),
        texts=texts,
        measures=measures,
        list_price=int(row.list_price.scaleb(PRICE_SCALE)),
        currency=row.currency,
        in_stock=row.in_stock,
        lead_time_days=row.lead_time_days,
        created=int(row.created_at.timestamp()),
        popularity=row.popularity,
        rating=int(row.rating * 100),
        visible_to=(*_audience(row), seller_token(row.seller_id)),
    )


@lru_cache(maxsize=10_000)
def _brand_sounds(brand: str) -> tuple[str, ...]:
    return tuple(sound_terms(brand))


@lru_cache(maxsize=10_000)
def _category_words(names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Terms and sounds of a category and those above it; thousands of offers share them."""
    text = " ".join(names)
    return tuple(index_terms(text)), tuple(sound_terms(text))


def _typed(
    attributes: tuple[SearchAttribute, ...],
) -> tuple[tuple[TextValue, ...], tuple[NumberValue, ...]]:
    """The attributes that can be filtered by, measured ones apart."""
    texts: list[TextValue] = []
    measures: list[NumberValue] = []
    for one in attributes:
        if isinstance(one.value, bool):
            texts.append(TextValue(one.code, "true" if one.value else "false"))
        elif isinstance(one.value, str):
            texts.append(TextValue(one.code, one.value[:TEXT_VALUE_MAX]))
        else:
            measures.append(NumberValue(one.code, float(one.value)))
    return tuple(texts), tuple(measures)


def _audience(row: SearchRow) -> tuple[str, ...]:
    if not row.restricted:
        return (VISIBLE_TO_ALL,)
    return (VISIBLE_TO_OPERATORS, *map(assortment_token, row.assortment_ids))
