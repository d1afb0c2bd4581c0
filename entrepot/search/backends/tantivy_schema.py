"""How an offer's document is laid out in a tantivy index."""

from __future__ import annotations

import os
from pathlib import Path

import tantivy

from entrepot.search.document import OfferDocument

_ANALYSED = "entrepot_analysed"
#: Fields compared for equality.
KEYWORDS = (
    "number",
    "number_key",
    "key_length",
    "cross_key",
    "gtin",
    "seller",
    "currency",
    "visible_to",
)
#: Fields compared for equality and counted.
COUNTED = ("brand", "category")
#: Fields of stems, which our own analysis has already separated by spaces.
WORDS = ("title", "other")


def build_schema() -> tantivy.Schema:
    """The schema; only the offer's id is stored, the rest is in the database."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("offer", stored=True, tokenizer_name="raw", index_option="basic")
    for name in KEYWORDS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in COUNTED:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in WORDS:
        builder.add_text_field(name, tokenizer_name=_ANALYSED, index_option="freq")
    builder.add_boolean_field("in_stock", indexed=True)
    builder.add_integer_field("list_price", indexed=True, fast=True)
    return builder.build()


def _with_tokenizer(index: tantivy.Index) -> tantivy.Index:
    """Tokenizers are not kept in an index; each opening must register them again."""
    spaces = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer(_ANALYSED, spaces)
    return index


def create_index(path: Path) -> tantivy.Index:
    """A new index in an existing, empty folder."""
    return _with_tokenizer(tantivy.Index(build_schema(), path=os.fspath(path), reuse=False))


def open_index(path: Path) -> tantivy.Index:
    """An existing index, reloaded only when told.

    Raises `ValueError` if there is none, or one that another version laid out otherwise.
    """
    index = _with_tokenizer(tantivy.Index.open(os.fspath(path)))
    if index.schema != build_schema():
        raise ValueError("another version of Entrepôt made it")
    index.config_reader("manual")
    return index


def to_tantivy(document: OfferDocument, schema: tantivy.Schema) -> tantivy.Document:
    """The document in tantivy's form."""
    return tantivy.Document.from_dict(
        {
            "offer": document.offer_id.hex,
            "seller": document.seller_id.hex,
            "number": list(document.numbers),
            "number_key": list(document.number_keys),
            "key_length": sorted({str(len(key)) for key in document.number_keys}),
            "cross_key": list(document.cross_keys),
            "gtin": list(document.gtins),
            "brand": document.brand,
            "category": [category_id.hex for category_id in document.category_ids],
            "title": " ".join(document.title_terms),
            "other": " ".join(document.other_terms),
            "list_price": document.list_price,
            "currency": document.currency,
            "in_stock": document.in_stock,
            "visible_to": list(document.visible_to),
        },
        schema,
    )
