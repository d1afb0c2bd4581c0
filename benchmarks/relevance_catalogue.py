"""A catalogue from a CSV file as rows for the search index, without a database.

The columns are those of a supplier's import: `external_id;article_number;brand;title;
short_description;gtin;list_price_usd;released;attributes_json`.
"""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TextIO
from uuid import UUID

from entrepot.platform.catalog.search_rows import SearchAttribute, SearchRow

_COLUMNS = frozenset(
    {
        "external_id",
        "article_number",
        "brand",
        "title",
        "short_description",
        "gtin",
        "list_price_usd",
        "attributes_json",
    }
)
_FIELD_MAX = 10_000_000
_SELLER = UUID(int=1)


class CatalogueError(Exception):
    """A catalogue that cannot be used; the text names file and line."""


@dataclass(frozen=True, slots=True)
class Article:
    """One line: how judgments name it, the row for our index, and its whole text for others'."""

    external_id: str
    row: SearchRow
    text: str


def read_catalogue(path: Path) -> list[Article]:
    """Read a catalogue, gzipped where its name ends so. Raises `CatalogueError`."""
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
            articles = list(_articles(path, file))  # type: ignore[arg-type]
    except (OSError, EOFError, zlib.error) as error:
        told = getattr(error, "strerror", None) or error
        raise CatalogueError(f"{path}: {told}") from error
    except UnicodeDecodeError as error:
        raise CatalogueError(f"{path}: not UTF-8 at byte {error.start}") from error
    if not articles:
        raise CatalogueError(f"{path}: no articles")
    return articles


def _articles(path: Path, file: TextIO) -> Iterator[Article]:
    csv.field_size_limit(_FIELD_MAX)
    reader = csv.DictReader(file, delimiter=";")
    if missing := _COLUMNS - set(reader.fieldnames or ()):
        raise CatalogueError(f"{path}:1: no column {', '.join(sorted(missing))}")
    seen: set[str] = set()
    for place, line in enumerate(reader, 1):
        where = f"{path}:{reader.line_num}"
        if any(line[name] is None for name in _COLUMNS):
            raise CatalogueError(f"{where}: fewer columns than the header")
        try:
            article = _article(place, line)
        except ValueError as error:
            raise CatalogueError(f"{where}: {error}") from error
        if article.external_id in seen:
            raise CatalogueError(f"{where}: external_id {article.external_id} is there twice")
        seen.add(article.external_id)
        yield article


def _article(place: int, line: dict[str, str]) -> Article:
    given = json.loads(line["attributes_json"] or "{}")
    if not isinstance(given, dict):
        raise ValueError("attributes_json is no object")
    attributes = tuple(
        SearchAttribute(code, value, None, (code.replace("_", " "),))
        for code, value in given.items()
        if isinstance(value, str | bool | int | float)
    )
    texts = [one.value for one in attributes if isinstance(one.value, str)]
    price = _price(line["list_price_usd"])
    row = SearchRow(
        offer_id=UUID(int=place),
        product_id=UUID(int=place),
        seller_id=_SELLER,
        listed=True,
        article_number=line["article_number"],
        manufacturer_number=line["article_number"],
        gtins=tuple(filter(None, line["gtin"].split("|"))),
        cross_references=(),
        brand=line["brand"],
        title_en=line["title"],
        title_ru="",
        description=line["short_description"],
        attributes=attributes,
        category_ids=(),
        category_names=(),
        list_price=price,
        currency="USD",
        in_stock=True,
        created_at=datetime.fromtimestamp(0, UTC),
    )
    whole = " ".join((line["title"], line["brand"], line["short_description"], *texts))
    return Article(line["external_id"], row, whole)


def _price(written: str) -> Decimal:
    try:
        price = Decimal(written or "0")
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite():
        raise ValueError(f"the price {written!r} is no number")
    return price
