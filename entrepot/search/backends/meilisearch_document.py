"""An offer's document in Meilisearch's form, and the settings of its index.

Meilisearch only compares and counts here: every match is a filter over forms that our analysis
made. It folds case and compatibility forms in filters, so values that are shown or compared as
they are carry a mark of their exact spelling. Version 1.14 or later: earlier ones cannot be told
which attributes are searched by facet search.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from meilisearch_python_sdk.models.settings import (
    Faceting,
    Filter,
    FilterableAttributeFeatures,
    FilterableAttributes,
    MeilisearchSettings,
    MinWordSizeForTypos,
    Pagination,
    ProximityPrecision,
    TypoTolerance,
)

from entrepot.search.article_numbers import grams, has_digit, is_sloppy
from entrepot.search.document import OfferDocument
from entrepot.search.engine import Hit
from entrepot.search.query import MatchReason
from entrepot.search.scoring import document_weight

#: Values of a facet that the server returns at most, the most frequent first.
VALUES_RETURNED: Final = 500
#: Texts are searched for typos with this after them, so that a longer text that only begins alike
#: is three edits away: facet search compares beginnings.
_MARK: Final = "_"
_MARKS: Final = 12
_MARKS_MIN: Final = 3
#: From this length in bytes on the server allows two edits, below one.
_TWO_EDITS_FROM: Final = 15
#: Beginnings of numbers of so many characters are indexed; longer ones by their parts as well.
HEAD_MIN: Final = 2
HEAD_MAX: Final = 6
_NEAR_TERM_MIN: Final = 3
_WEIGHT_SCALE: Final = 10_000_000
_ODD: Final = re.compile(r'[\x00-\x1f"\'%\\\x7f\ud800-\udfff]')
_NOT_IN_NAMES: Final = re.compile(r"[^a-z0-9_]")

#: What `read_hit` and `read_weight` read of a document.
HIT_FIELDS: Final = ("offer", "product", "list_price", "in_stock", "weight")

_EQUAL: Final = (
    "product",
    "number",
    "glued_key",
    "loose_key",
    "sound_key",
    "cross_key",
    "gtin",
    "gram",
    "head",
    "visible_to",
    "currency",
    "brand",
    "category",
    "seller",
    "attribute",
    "in_stock",
    "sound_term",
    "offer",
    "text.*",
)
_SEARCHED: Final = ("number_key", "title_term", "category_term", "term")
_NEAR: Final = ("near_key", "near_term")
_COMPARED: Final = ("list_price", "lead_time", "measure.*")


def _filterable(
    names: Iterable[str], *, searched: bool = False, compared: bool = False
) -> FilterableAttributes:
    return FilterableAttributes(
        attribute_patterns=list(names),
        features=FilterableAttributeFeatures(
            facet_search=searched, filter=Filter(equality=True, comparison=compared)
        ),
    )


def index_settings() -> MeilisearchSettings:
    """Settings under which Meilisearch only compares, counts and sorts: the analysis is ours."""
    return MeilisearchSettings(
        # No question is searched as text; one short attribute keeps the word index small.
        searchable_attributes=["brand"],
        filterable_attributes=[
            _filterable(_EQUAL),
            _filterable((*_SEARCHED, *_NEAR), searched=True),
            _filterable(_COMPARED, compared=True),
        ],
        sortable_attributes=["list_price", "lead_time", "created", "offer"],
        ranking_rules=["sort", "weight:desc"],
        typo_tolerance=TypoTolerance(
            min_word_size_for_typos=MinWordSizeForTypos(one_typo=1, two_typos=_TWO_EDITS_FROM),
            disable_on_attributes=list(_SEARCHED),
        ),
        proximity_precision=ProximityPrecision.BY_ATTRIBUTE,
        prefix_search="disabled",
        facet_search=True,
        faceting=Faceting(
            max_values_per_facet=VALUES_RETURNED, sort_facet_values_by={"*": "count"}
        ),
        # Only so that totals are right; how deep a page may be is the engine's to say.
        pagination=Pagination(max_total_hits=1_000_000_000),
    )


def named(code: str) -> str:
    """The code of an attribute as part of a field's name, where dots lead into objects."""
    return _NOT_IN_NAMES.sub(lambda odd: f"-{ord(odd.group()):x}-", code)


def plain(text: str) -> str:
    """A text as it is indexed: what a filter would read as syntax is escaped as %XX."""
    return _ODD.sub(lambda odd: f"%{ord(odd.group()):02x}", text)


def spelt(text: str) -> str:
    """A text with a mark of its exact spelling, case included."""
    exact = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=4).hexdigest()
    return f"{text}~{exact}"


def read_plain(value: str) -> str:
    """The text whose `plain` form came back."""
    return re.sub("%([0-9a-f]{2})", lambda odd: chr(int(odd.group(1), 16)), value)


def read_spelt(value: str) -> str:
    """The text whose `plain` and `spelt` form came back."""
    return read_plain(value)[:-9]


def marked(text: str) -> str:
    """The form of a text that `one_edit` and `two_edits` are compared with."""
    return text + _MARK * _MARKS


def unmarked(value: str) -> str:
    """The text of `marked`."""
    return value.rstrip(_MARK)


def one_edit(text: str) -> str:
    """What facet search is asked for texts one edit away; of long ones it finds two as well."""
    return text + _MARK * _MARKS_MIN


def two_edits(text: str) -> str:
    """What facet search is asked for texts at most two edits away."""
    return text + _MARK * max(_MARKS_MIN, _TWO_EDITS_FROM - len(text.encode("utf-8", "replace")))


def _heads(key: str) -> list[str]:
    return [key[:length] for length in range(HEAD_MIN, min(len(key), HEAD_MAX) + 1)]


def _terms(terms: Iterable[str]) -> list[str]:
    return [plain(term) for term in dict.fromkeys(terms)]


def to_meilisearch(document: OfferDocument) -> dict[str, Any]:
    """The document as JSON; `offer` is the primary key."""
    fields = {
        "title_term": document.title_terms,
        "category_term": document.category_terms,
        "other_term": document.other_terms,
        "attribute_term": document.attribute_terms,
        "feature_term": document.feature_terms,
    }
    terms = list(dict.fromkeys(term for held in fields.values() for term in held))
    texts: dict[str, list[str]] = {}
    for text in document.texts:
        texts.setdefault(named(text.code), []).append(plain(spelt(text.value)))
    measures: dict[str, list[float]] = {}
    for measure in document.measures:
        measures.setdefault(named(measure.code), []).append(measure.value)
    codes = [text.code for text in document.texts] + [one.code for one in document.measures]
    keys = document.number_keys
    return {
        "offer": str(document.offer_id),
        "product": str(document.product_id),
        "seller": str(document.seller_id),
        "number": [plain(number) for number in document.numbers],
        "number_key": list(keys),
        "near_key": [marked(key) for key in keys if is_sloppy(key)],
        "glued_key": list(document.glued_keys),
        "loose_key": list(document.loose_keys),
        "sound_key": list(document.sound_keys),
        "cross_key": list(document.cross_keys),
        "gtin": list(document.gtins),
        "gram": list(dict.fromkeys(gram for key in keys for gram in grams(key))),
        "head": list(dict.fromkeys(head for key in keys for head in _heads(key))),
        "brand": plain(spelt(document.brand)),
        "category": [str(category_id) for category_id in document.category_ids],
        **{name: _terms(held) for name, held in fields.items()},
        "term": _terms(terms),
        "near_term": [
            marked(term) for term in terms if len(term) >= _NEAR_TERM_MIN and not has_digit(term)
        ],
        "sound_term": _terms(document.sound_terms),
        "attribute": _terms(codes),
        "text": texts,
        "measure": measures,
        "list_price": document.list_price,
        "currency": document.currency,
        "in_stock": document.in_stock,
        "lead_time": document.lead_time_days,
        "created": document.created,
        "weight": round(document_weight(document) * _WEIGHT_SCALE),
        "visible_to": list(document.visible_to),
        # As text: 63 bits are more than a number of JSON holds everywhere.
        "checksum": str(document.checksum()),
    }


def read_weight(row: Mapping[str, Any]) -> float:
    """The weight of a document that came back."""
    return float(row["weight"]) / _WEIGHT_SCALE


def read_hit(row: Mapping[str, Any], reason: MatchReason, score: float) -> Hit:
    """The hit of a document that came back with `HIT_FIELDS`."""
    return Hit(
        UUID(row["offer"]),
        reason,
        UUID(row["product"]),
        score,
        row["list_price"],
        row["in_stock"],
    )
