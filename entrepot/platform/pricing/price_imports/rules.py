"""What a line of a price file means: an article of the seller, a price, from which quantity on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from entrepot.platform.catalog.article_numbers import brand_key, number_key
from entrepot.platform.catalog.import_numbers import read_currency, read_number
from entrepot.platform.catalog.import_problems import LineProblem, ProblemCode

MERGE, REPLACE = "merge", "replace"
"""Articles the file does not name keep their prices, or lose them."""
REQUIRED_COLUMNS: Sequence[str | tuple[str, ...]] = (("external_id", "article_number"), "price")
MAX_LENGTH = 255
SMALLEST_PRICE, LARGEST_PRICE = Decimal("0.0001"), Decimal(10**9)
SMALLEST_QUANTITY, LARGEST_QUANTITY = Decimal("0.001"), Decimal(10**9)


@dataclass(frozen=True, slots=True)
class PriceLine:
    """A line understood; `external_id`, the seller's own key, wins over the article number."""

    external_id: str | None
    article_number: str
    article_key: str
    brand: str | None
    min_quantity: Decimal
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class PriceContext:
    """What holds for every line: the list's currency, the price column's, the decimal separator."""

    list_currency: str
    header_currency: str | None = None
    decimal: str | None = None


def read_price_line(values: Mapping[str, str], context: PriceContext) -> PriceLine | LineProblem:
    """Return what a line's texts mean, or the first thing wrong with them."""
    external_id = values.get("external_id", "")
    article = values.get("article_number", "")
    for name, text in (("external_id", external_id), ("article_number", article)):
        if len(text) > MAX_LENGTH:
            return LineProblem(ProblemCode.TOO_LONG, name, text, str(MAX_LENGTH))
    key = number_key(article)
    if not external_id and not key:
        return LineProblem(ProblemCode.MISSING, "article_number")
    wrong = _currency_problem(values.get("currency", ""), context)
    if wrong is not None:
        return wrong
    price = _number("price", values, context.decimal, SMALLEST_PRICE, LARGEST_PRICE, 4)
    if isinstance(price, LineProblem):
        return price
    start = _number(
        "min_quantity", values, context.decimal, SMALLEST_QUANTITY, LARGEST_QUANTITY, 3, empty="1"
    )
    if isinstance(start, LineProblem):
        return start
    brand = brand_key(values.get("brand", "")) or None
    return PriceLine(external_id or None, article, key, brand, start, price)


def _number(
    name: str,
    values: Mapping[str, str],
    decimal: str | None,
    low: Decimal,
    high: Decimal,
    places: int,
    empty: str = "",
) -> Decimal | LineProblem:
    text = values.get(name, "") or empty
    if not text:
        return LineProblem(ProblemCode.MISSING, name)
    return read_number(name, text, decimal, low=low, high=high, places=places)


def _currency_problem(text: str, context: PriceContext) -> LineProblem | None:
    """A file may name the currency in a column or in the price's title: only the list's will do."""
    named = context.header_currency
    if text:
        named = read_currency(text)
        if named is None:
            return LineProblem(ProblemCode.UNKNOWN_CURRENCY, "currency", text)
    if named is not None and named != context.list_currency:
        code = ProblemCode.OTHER_CURRENCY
        return LineProblem(code, "currency", named, context.list_currency)
    return None
