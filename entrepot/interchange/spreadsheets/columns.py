"""Which column means what: headers as people write them, in English and Russian."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from entrepot.interchange.spreadsheets.errors import ColumnNamedTwice, ColumnsNotFound
from entrepot.platform.catalog.import_numbers import CURRENCY_WORDS

CATALOG_COLUMNS: dict[str, tuple[str, ...]] = {
    "external_id": ("external id", "id", "sku", "код", "внешний код", "код товара", "ид", "guid"),
    "article_number": (
        "article number", "article", "article no", "item number", "part number", "art", "mpn",
        "manufacturer number", "артикул", "артикул производителя", "номер артикула",
        "каталожный номер", "stockcode", "арт",
    ),
    "brand": ("brand", "manufacturer", "maker", "vendor", "бренд", "производитель", "марка",
              "изготовитель", "торговая марка"),
    "title": ("title", "name", "product name", "item name", "название", "наименование",
              "номенклатура", "наименование товара", "товар", "title en", "name en"),
    "title_ru": ("title ru", "name ru", "название рус", "русское название", "наименование рус"),
    "description": ("short description", "description", "описание", "краткое описание",
                    "long description"),
    "gtin": ("gtin", "ean", "ean13", "upc", "barcode", "gtins", "штрихкод", "штрих код",
             "штрихкоды", "код ean"),
    "price": ("price", "list price", "unit price", "unitprice", "net price", "цена", "прайс",
              "цена за единицу", "цена прайс", "базовая цена", "розничная цена"),
    "currency": ("currency", "валюта", "currency code"),
    "quantity": ("quantity", "stock", "qty", "on hand", "in stock", "available", "остаток",
                 "количество", "наличие", "кол во", "остатки", "на складе"),
    "unit": ("unit", "uom", "unit of measure", "единица", "ед", "ед изм", "единица измерения"),
    "category": ("category", "category path", "group", "категория", "группа", "раздел",
                 "группа товаров"),
    "pack_quantity": ("pack", "pack quantity", "pack size", "packaging", "упаковка", "в упаковке",
                      "кол во в упаковке", "фасовка"),
    "min_order_quantity": ("min order quantity", "moq", "minimum quantity", "min quantity",
                           "мин заказ", "минимальный заказ", "минимальная партия"),
    "order_step": ("order step", "step", "multiple", "кратность", "шаг заказа"),
    "max_order_quantity": ("max order quantity", "maximum quantity", "max quantity",
                           "макс заказ", "максимальный заказ", "максимальное количество"),
    "cost_price": ("cost price", "cost", "purchase price", "себестоимость", "закупочная цена",
                   "закупка"),
    "tax_rate": ("tax rate", "vat", "vat rate", "ндс", "ставка ндс"),
    "lead_time_days": ("lead time days", "lead time", "delivery days", "срок поставки",
                       "срок поставки дней"),
    "released": ("released", "release date", "дата выпуска"),
    "attributes": ("attributes json", "attributes", "характеристики", "свойства"),
    "cross_references": ("cross references", "cross reference", "analogs", "analogues",
                         "replaces", "oem", "аналоги", "кроссы", "замены", "кросс номера"),
}  # fmt: skip

SALES_COLUMNS: dict[str, tuple[str, ...]] = {
    "sold_at": ("sold at", "order date", "date", "invoice date", "invoicedate", "дата",
                "дата заказа", "дата продажи"),
    "order_number": ("order number", "order", "invoice", "invoiceno", "invoice no", "document",
                     "номер заказа", "заказ", "документ", "накладная"),
    "line_id": ("line id", "id", "external id", "ид строки", "код строки"),
    "buyer": ("buyer", "customer", "customerid", "customer id", "client", "покупатель", "клиент",
              "контрагент", "заказчик"),
    "external_id": ("offer id", "sku", "product id", "код товара", "внешний код"),
    "article_number": CATALOG_COLUMNS["article_number"],
    "brand": CATALOG_COLUMNS["brand"],
    "quantity": ("quantity", "qty", "количество", "кол во", "продано"),
    "price": CATALOG_COLUMNS["price"],
    "currency": CATALOG_COLUMNS["currency"],
}  # fmt: skip

PRICE_COLUMNS: dict[str, tuple[str, ...]] = {
    "external_id": CATALOG_COLUMNS["external_id"],
    "article_number": CATALOG_COLUMNS["article_number"],
    "brand": CATALOG_COLUMNS["brand"],
    "price": CATALOG_COLUMNS["price"],
    "currency": CATALOG_COLUMNS["currency"],
    "min_quantity": ("min quantity", "from quantity", "from", "tier", "quantity", "qty",
                     "min order quantity", "от", "от количества", "количество от",
                     "мин количество", "количество", "кол во", "порог"),
}  # fmt: skip

_BETWEEN = re.compile(r"[\s_\-.,:;/\\()\[\]{}\"'№*]+")
MAX_SHOWN = 300


@dataclass(frozen=True)
class ColumnMap:
    """Field → position in the row, plus what the header said besides.

    `header_currency` is the currency named in the price column's title (`list_price_usd`);
    `ignored` are the titles nobody understood, shown so that no data is dropped in silence.
    """

    header: tuple[str, ...]
    positions: Mapping[str, int]
    header_currency: str | None = None
    ignored: tuple[str, ...] = field(default=())

    def values(self, cells: Sequence[str]) -> dict[str, str]:
        """Return the cells by field, stripped; absent cells are empty."""
        count = len(cells)
        return {
            name: cells[position].strip() if position < count else ""
            for name, position in self.positions.items()
        }


def normalise_title(title: str) -> tuple[str, str | None]:
    """Return the title as compared (lower case, single spaces) and a currency it ends with."""
    plain = _BETWEEN.sub(" ", title.replace("\ufeff", "").casefold().replace("ё", "е")).strip()
    words = plain.split(" ")
    symbol = words[-1][-1:] if words[-1] and words[-1][-1] in "$€£₽₸" else ""
    if symbol and len(words[-1]) > 1:
        words[-1] = words[-1][:-1]
        words.append(symbol)
    if len(words) > 1 and words[-1] in CURRENCY_WORDS:
        head = words[:-1]
        if head[-1] in ("в", "in"):
            head = head[:-1]
        return " ".join(head), CURRENCY_WORDS[words[-1]]
    return plain, None


def recognise(
    header: Sequence[str],
    known: Mapping[str, Iterable[str]],
    required: Sequence[str | tuple[str, ...]],
    chosen: Mapping[str, str] | None = None,
) -> ColumnMap:
    """Match the header's titles to fields.

    `chosen` (field → title as in the file) wins over the synonyms. An item of `required` is a
    field, or several of which one suffices. Raises `ColumnsNotFound`, `ColumnNamedTwice`.
    """
    meanings = {word: name for name, words in known.items() for word in (*words,)}
    meanings |= {name.replace("_", " "): name for name in known}
    titles = tuple(title.strip().removeprefix("\ufeff") for title in header)
    positions: dict[str, int] = {}
    currency: str | None = None
    for name, title in (chosen or {}).items():
        if name not in known or title.strip() not in titles:
            raise ColumnsNotFound(f"“{title}”"[:80], _shown(titles))
        positions[name] = titles.index(title.strip())
    fixed = set(positions.values())
    for index, title in enumerate(titles):
        plain, named = normalise_title(title)
        meaning = meanings.get(plain)
        if index in fixed or meaning is None:
            if index == positions.get("price"):
                currency = named
            continue
        if meaning in (chosen or {}):
            continue
        if meaning in positions:
            raise ColumnNamedTwice(f"“{titles[positions[meaning]]}”, “{title}”")
        positions[meaning] = index
        if meaning == "price":
            currency = named
    for wanted in required:
        options = (wanted,) if isinstance(wanted, str) else wanted
        if not any(option in positions for option in options):
            raise ColumnsNotFound(" / ".join(options), _shown(titles))
    used = set(positions.values())
    ignored = tuple(title for index, title in enumerate(titles) if index not in used and title)
    return ColumnMap(titles, positions, currency, ignored)


def _shown(titles: Sequence[str]) -> str:
    text = ", ".join(title for title in titles if title)
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
