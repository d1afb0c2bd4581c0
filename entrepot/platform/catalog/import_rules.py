"""What one line of a catalogue file means: pure reading and checking of its texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from hashlib import blake2b
from typing import Any

import orjson

from entrepot.platform.catalog.article_numbers import article_key, brand_key, gtin14
from entrepot.platform.catalog.import_numbers import read_currency, read_number
from entrepot.platform.catalog.import_problems import LineProblem, ProblemCode
from entrepot.platform.catalog.import_units import read_unit
from entrepot.platform.catalog.rules import check_quantity
from entrepot.platform.quantities import plain

MAX_PRICE = Decimal(10) ** 9
MAX_QUANTITY = Decimal(10) ** 9
SMALLEST_PRICE = Decimal("0.0001")
SMALLEST_QUANTITY = Decimal("0.001")
LENGTHS = {
    "external_id": 255,
    "article_number": 255,
    "brand": 200,
    "title": 500,
    "title_ru": 500,
    "description": 20_000,
    "category": 400,
    "cross_references": 4_000,
    "gtin": 4_000,
}
MAX_GTINS = 250
MAX_ATTRIBUTES = 1_000
MAX_CATEGORY_DEPTH = 8
REQUIRED_COLUMNS = ("article_number", "title", "price")


class LineOutcome(StrEnum):
    """What becomes of a line; the first three are taken, the others are refused."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"
    INVALID = "INVALID"
    DUPLICATE = "DUPLICATE"


class ImportStatus(StrEnum):
    """Where an import stands: read → previewed → committed, or refused as a whole."""

    READING = "READING"
    PREVIEWED = "PREVIEWED"
    COMMITTING = "COMMITTING"
    COMMITTED = "COMMITTED"
    FAILED = "FAILED"


STATUSES = tuple(status.value for status in ImportStatus)


@dataclass(frozen=True, slots=True)
class LineContext:
    """What holds for every line of a file.

    `header_currency` stands in the price column's title, `default_currency` is used where neither
    it nor the line names one; `decimal` is the file's decimal separator.
    """

    default_currency: str
    header_currency: str | None = None
    decimal: str | None = None


@dataclass(frozen=True, slots=True)
class CatalogLine:
    """A line understood. `None` means the file says nothing: what is stored stays.

    `external_id` is the seller's key; without such a column it is made of brand and number.
    """

    external_id: str
    article_number: str
    brand: str
    title_en: str
    title_ru: str
    price: Decimal
    currency: str
    description: str | None = None
    gtins: tuple[str, ...] = ()
    quantity: Decimal | None = None
    unit: str | None = None
    category: tuple[str, ...] = ()
    pack_quantity: Decimal | None = None
    min_order_quantity: Decimal | None = None
    order_step: Decimal | None = None
    max_order_quantity: Decimal | None = None
    cost_price: Decimal | None = None
    tax_rate: Decimal | None = None
    lead_time_days: int | None = None
    attributes: Mapping[str, Any] | None = None
    cross_references: tuple[tuple[str, str], ...] = ()

    @property
    def brand_key(self) -> str:
        """The folded brand, for identity."""
        return brand_key(self.brand)

    @property
    def number_key(self) -> str:
        """The folded number, for identity; a number of signs alone keeps them."""
        return article_key(self.article_number)


def read_line(values: Mapping[str, str], context: LineContext) -> CatalogLine | LineProblem:
    """Understand a line's texts (field → text), or return the first thing wrong with it."""
    for name in REQUIRED_COLUMNS:
        if not values.get(name, ""):
            return LineProblem(ProblemCode.MISSING, name)
    for name, limit in LENGTHS.items():
        if len(values.get(name, "")) > limit:
            return LineProblem(ProblemCode.TOO_LONG, name, values[name], str(limit))
    misfit = _misfit(values)
    if misfit is not None:
        return misfit
    currency = _currency(values.get("currency", ""), context)
    if isinstance(currency, LineProblem):
        return currency
    numbers = _numbers(values, context.decimal)
    if isinstance(numbers, LineProblem):
        return numbers
    gtins = _gtins(values.get("gtin", ""))
    if isinstance(gtins, LineProblem):
        return gtins
    attributes = _attributes(values.get("attributes", ""))
    if isinstance(attributes, LineProblem):
        return attributes
    unit = read_unit(values.get("unit", ""))
    if isinstance(unit, LineProblem):
        return unit
    article, brand = values["article_number"], values.get("brand", "")
    title = values["title"]
    lead_time = numbers.get("lead_time_days")
    return CatalogLine(
        external_id=values.get("external_id", "") or derived_key(brand, article),
        article_number=article,
        brand=brand,
        title_en=title,
        title_ru=values.get("title_ru", "") or title,
        price=numbers["price"],
        currency=currency,
        description=values.get("description") or None,
        gtins=gtins,
        quantity=numbers.get("quantity"),
        unit=unit,
        category=_category(values.get("category", "")),
        pack_quantity=numbers.get("pack_quantity"),
        min_order_quantity=numbers.get("min_order_quantity"),
        order_step=numbers.get("order_step"),
        max_order_quantity=numbers.get("max_order_quantity"),
        cost_price=numbers.get("cost_price"),
        tax_rate=numbers.get("tax_rate"),
        lead_time_days=int(lead_time) if lead_time is not None else None,
        attributes=attributes,
        cross_references=_cross_references(values.get("cross_references", "")),
    )


def derived_key(brand: str, article: str) -> str:
    """Return the seller's key of a line that brings none: folded brand and number, or its hash."""
    key = f"{brand_key(brand)}:{article_key(article)}"
    return key if len(key) <= 100 else blake2b(key.encode(), digest_size=24).hexdigest()


def _misfit(values: Mapping[str, str]) -> LineProblem | None:
    """Folding may lengthen a text (one sign becomes a word) or leave nothing of it."""
    article, brand = values["article_number"], values.get("brand", "")
    if not article_key(article):
        return LineProblem(ProblemCode.MISSING, "article_number")
    if len(article_key(article)) > LENGTHS["article_number"]:
        limit = str(LENGTHS["article_number"])
        return LineProblem(ProblemCode.TOO_LONG, "article_number", article, limit)
    if len(brand_key(brand)) > LENGTHS["brand"]:
        return LineProblem(ProblemCode.TOO_LONG, "brand", brand, str(LENGTHS["brand"]))
    category = values.get("category", "")
    if len(_category(category)) > MAX_CATEGORY_DEPTH:
        return LineProblem(ProblemCode.TOO_LONG, "category", category, str(LENGTHS["category"]))
    return None


def _unreachable(numbers: Mapping[str, Decimal], values: Mapping[str, str]) -> LineProblem | None:
    """A maximum below the least quantity that the line's own pack, minimum and step allow."""
    maximum = numbers.get("max_order_quantity")
    if maximum is None:
        return None
    one = Decimal(1)
    pack, minimum, step = (
        numbers.get(name, one) for name in ("pack_quantity", "min_order_quantity", "order_step")
    )
    smallest = check_quantity(minimum, pack, minimum, step).smallest
    if maximum >= smallest:
        return None
    name = "max_order_quantity"
    limits = f"{plain(smallest)} – {MAX_QUANTITY}"
    return LineProblem(ProblemCode.OUT_OF_RANGE, name, values[name], limits)


_RANGES: dict[str, tuple[Decimal, Decimal, int]] = {
    "price": (SMALLEST_PRICE, MAX_PRICE, 4),
    "quantity": (Decimal(0), MAX_QUANTITY, 3),
    "pack_quantity": (SMALLEST_QUANTITY, MAX_QUANTITY, 3),
    "min_order_quantity": (SMALLEST_QUANTITY, MAX_QUANTITY, 3),
    "order_step": (SMALLEST_QUANTITY, MAX_QUANTITY, 3),
    "max_order_quantity": (SMALLEST_QUANTITY, MAX_QUANTITY, 3),
    "cost_price": (SMALLEST_PRICE, MAX_PRICE, 4),
    "tax_rate": (Decimal(0), Decimal("99.99"), 2),
    "lead_time_days": (Decimal(0), Decimal(730), 0),
}


def _numbers(values: Mapping[str, str], decimal: str | None) -> dict[str, Decimal] | LineProblem:
    found: dict[str, Decimal] = {}
    for name, (low, high, places) in _RANGES.items():
        text = values.get(name, "")
        if name == "tax_rate":
            text = text.removesuffix("%").strip()
        if not text:
            continue
        number = read_number(name, text, decimal, low=low, high=high, places=places)
        if isinstance(number, LineProblem):
            return number
        found[name] = number
    return _unreachable(found, values) or found


def _currency(text: str, context: LineContext) -> str | LineProblem:
    if not text:
        return context.header_currency or context.default_currency
    found = read_currency(text)
    if found is None:
        return LineProblem(ProblemCode.UNKNOWN_CURRENCY, "currency", text)
    if context.header_currency is not None and found != context.header_currency:
        return LineProblem(ProblemCode.CURRENCY_CONFLICT, "currency", text, context.header_currency)
    return found


def _gtins(text: str) -> tuple[str, ...] | LineProblem:
    """Spreadsheets eat leading zeros: 9 to 11 digits with a right check digit get them back."""
    found: list[str] = []
    for piece in text.replace(",", "|").replace(";", "|").split("|"):
        given = piece.strip()
        if not given:
            continue
        if given.isascii() and given.isdigit() and 9 <= len(given) <= 11:
            given = given.zfill(12)
        if gtin14(given) is None:
            return LineProblem(ProblemCode.BAD_GTIN, "gtin", piece.strip())
        if given not in found:
            found.append(given)
    if len(found) > MAX_GTINS:
        return LineProblem(ProblemCode.TOO_LONG, "gtin", text, str(MAX_GTINS))
    return tuple(found)


def _attributes(text: str) -> dict[str, Any] | LineProblem | None:
    if not text:
        return None
    refusal = LineProblem(ProblemCode.BAD_ATTRIBUTES, "attributes", text)
    try:
        loaded = orjson.loads(text)
    except orjson.JSONDecodeError:
        return refusal
    if not isinstance(loaded, dict) or len(loaded) > MAX_ATTRIBUTES:
        return refusal
    kept = {key.strip(): value for key, value in loaded.items() if value is not None}
    for key, value in kept.items():
        if not key or len(key) > 100 or not isinstance(value, str | int | float | bool):
            return refusal
        if "\x00" in key or (isinstance(value, str) and "\x00" in value):
            return refusal
    return kept


def _category(text: str) -> tuple[str, ...]:
    separator = ">" if ">" in text else "/"
    return tuple(part.strip() for part in text.split(separator) if part.strip())


def _cross_references(text: str) -> tuple[tuple[str, str], ...]:
    """`Brand: number | Brand: number`; a number alone belongs to any brand."""
    pairs = []
    for piece in text.replace(";", "|").split("|"):
        brand, colon, number = piece.partition(":")
        if not colon:
            brand, number = "", piece
        brand, number = brand.strip(), number.strip()
        fits = max(len(number), len(article_key(number))) <= LENGTHS["article_number"]
        if article_key(number) and fits and max(len(brand), len(brand_key(brand))) <= 200:
            pairs.append((brand, number))
    return tuple(dict.fromkeys(pairs))
