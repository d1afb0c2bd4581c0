"""An offer's document in tantivy's form. Runs once for every offer of a rebuild: kept lean."""

from __future__ import annotations

import math
from typing import Final

import tantivy

from entrepot.search.article_numbers import grams, has_digit
from entrepot.search.backends.measure_terms import SEPARATOR, value_term
from entrepot.search.backends.tantivy_schema import CATEGORY_PATH, PATH_SEPARATOR
from entrepot.search.document import VISIBLE_TO_ALL, OfferDocument
from entrepot.search.scoring import document_weight

_HALF: Final = (1 << 64) - 1
#: The lightest document: tantivy multiplies scores by log2(2 + column), which is never below 1.
LEAST_WEIGHT: Final = 0.7
#: How much the number of an offer moves its weight, so that few offers weigh exactly the same:
#: else the order of equals far down would be that of their places in the files.
_SPREAD: Final = 1e-4
_GOLDEN: Final = 0x9E3779B97F4A7C15


def order_weight(offer_low: int, weight: float) -> float:
    """The column that makes tantivy multiply a score by weight / `LEAST_WEIGHT`, nearly."""
    spread = 1 + _SPREAD * (((offer_low * _GOLDEN) & _HALF) >> 40) / (1 << 24)
    return math.exp2(max(weight / LEAST_WEIGHT, 1.0) * spread) - 2


def to_tantivy(document: OfferDocument, schema: tantivy.Schema) -> tantivy.Document:
    """The document in tantivy's form."""
    offer, product = document.offer_id.int, document.product_id.int
    title, categories, other, attributes, features = (
        document.title_terms,
        document.category_terms,
        document.other_terms,
        document.attribute_terms,
        document.feature_terms,
    )
    held = {*title, *categories, *other, *attributes, *features}
    with_digits = {stem for stem in held if has_digit(stem)}
    is_open = VISIBLE_TO_ALL in document.visible_to
    weight = document_weight(document)
    texts: dict[str, list[str]] = {}
    for text in document.texts:
        texts.setdefault(text.code, []).append(text.value)
    measures: dict[str, list[float]] = {}
    for measure in document.measures:
        measures.setdefault(measure.code, []).append(measure.value)
    keys = document.number_keys
    path = [category_id.hex for category_id in document.category_ids]
    return tantivy.Document.from_dict(
        {
            "offer": document.offer_id.hex,
            "product": document.product_id.hex,
            "number": list(document.numbers),
            "number_key": list(keys),
            "key_length": list({str(len(key)) for key in keys}),
            "gram": [" ".join(grams(key)) for key in keys],
            "glued_key": list(document.glued_keys),
            "loose_key": list(document.loose_keys),
            "sound_key": list(document.sound_keys),
            "cross_key": list(document.cross_keys),
            "gtin": list(document.gtins),
            "currency": document.currency,
            "visible_to": list(document.visible_to),
            "text_value": [f"{one.code}{SEPARATOR}{one.value}" for one in document.texts],
            "measure": [value_term(one.code, one.value) for one in document.measures],
            "attribute": [*texts, *measures],
            "brand": document.brand,
            "category": path,
            CATEGORY_PATH: [PATH_SEPARATOR.join(path)] if path else [],
            "seller": document.seller_id.hex,
            "title": " ".join(title),
            "category_words": " ".join(categories),
            "other": " ".join(other),
            "attribute_words": " ".join(attributes),
            "feature_words": " ".join(features),
            "sound": " ".join(document.sound_terms),
            "open" if is_open else "closed": " ".join(held - with_digits),
            "open_digits" if is_open else "closed_digits": " ".join(with_digits),
            "offer_high": offer >> 64,
            "offer_low": offer & _HALF,
            "product_high": product >> 64,
            "product_low": product & _HALF,
            "checksum": document.checksum(),
            "list_price": document.list_price,
            "lead_time": document.lead_time_days,
            "created": document.created,
            "weight": weight,
            "order_weight": order_weight(offer & _HALF, weight),
            "in_stock": document.in_stock,
            "texts": texts,
            "measures": measures,
        },
        schema,
    )
