"""The layout of a tantivy index of offers: its fields, made and opened."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import tantivy

_SPACED: Final = "entrepot_spaced"
#: Fields compared for equality as they are.
_KEYWORDS: Final = (
    "offer",
    "product",
    "number",
    "number_key",
    "key_length",
    "glued_key",
    "loose_key",
    "sound_key",
    "cross_key",
    "gtin",
    "currency",
    "visible_to",
    "text_value",
    "measure",
    "category",
)
#: Fields compared for equality and counted.
_COUNTED: Final = ("brand", "seller", "attribute")
#: The category with those above it, as one value: counted once an offer instead of once a level.
CATEGORY_PATH: Final = "category_path"
PATH_SEPARATOR: Final = "/"
#: Fields of stems: what holds a word decides what it is worth.
TITLE, CATEGORY_WORDS, OTHER, SOUND = "title", "category_words", "other", "sound"
ATTRIBUTE_WORDS, FEATURE_WORDS = "attribute_words", "feature_words"
_STEMS: Final = (TITLE, CATEGORY_WORDS, OTHER, ATTRIBUTE_WORDS, FEATURE_WORDS, SOUND)
#: All stems once more, those of offers that everybody sees apart from others, and those with
#: digits (which are many and never mistyped) apart from words: so the dictionary itself says
#: how many open offers hold a stem, and looking for typos walks words only.
OPEN, OPEN_DIGITS, CLOSED, CLOSED_DIGITS = "open", "open_digits", "closed", "closed_digits"
_HELD: Final = (OPEN, OPEN_DIGITS, CLOSED, CLOSED_DIGITS)
#: Columns read for hits found. Identifiers are halves: an offer's own, then its product's.
OFFER_ID: Final = ("offer_high", "offer_low")
PRODUCT_ID: Final = ("product_high", "product_low")
_COLUMNS: Final = (*OFFER_ID, *PRODUCT_ID, "checksum")


def build_schema() -> tantivy.Schema:
    """The schema; nothing is stored as text, the database has it."""
    builder = tantivy.SchemaBuilder()
    for name in _KEYWORDS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in (*_COUNTED, CATEGORY_PATH):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in (*_STEMS, *_HELD):
        builder.add_text_field(name, tokenizer_name=_SPACED, index_option="basic")
    # Positions let a phrase of grams find exactly the keys that hold them in a row.
    builder.add_text_field("gram", tokenizer_name=_SPACED, index_option="position")
    for name in _COLUMNS:
        builder.add_unsigned_field(name, fast=True)
    for name in ("list_price", "lead_time", "created"):
        builder.add_integer_field(name, indexed=True, fast=True)
    for name in ("weight", "order_weight"):
        builder.add_float_field(name, fast=True)
    builder.add_boolean_field("in_stock", indexed=True, fast=True)
    for name in ("texts", "measures"):
        builder.add_json_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


def _with_tokenizer(index: tantivy.Index) -> tantivy.Index:
    """Tokenizers are not kept in an index; each opening must register them again."""
    spaces = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer(_SPACED, spaces)
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
