"""How people head the columns of a list to order from, in English and Russian."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

QUICK_ORDER_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "number": (
        "article", "article number", "article no", "art", "art no", "item", "item number",
        "item no", "part", "part number", "part no", "sku", "code", "number", "product code",
        "mpn", "manufacturer number", "gtin", "ean", "barcode", "артикул", "арт", "номер",
        "номер артикула", "артикул производителя", "каталожный номер", "код", "код товара",
        "наш артикул", "штрихкод", "штрих код",
    ),
    "quantity": (
        "quantity", "qty", "amount", "count", "pcs", "order", "количество", "кол во", "кол", "к во",
        "колво", "заказ", "заказать", "нужно", "шт", "потребность",
    ),
    "unit": ("unit", "uom", "unit of measure", "ед", "ед изм", "единица", "единица измерения"),
    "title": ("title", "name", "description", "product", "название", "наименование", "товар",
              "номенклатура", "описание"),
    "note": ("note", "comment", "remark", "price", "sum", "total", "brand", "примечание",
             "комментарий", "цена", "сумма", "бренд", "производитель", "n", "no", "п п", "пп",
             "line", "reason", "строка", "причина"),
}  # fmt: skip
"""Field → titles. `title` and `note` are known so that a header is recognised, and left aside."""

_MEANINGS: Final = {title: name for name, titles in QUICK_ORDER_COLUMNS.items() for title in titles}
_BETWEEN: Final = re.compile(r"[\s_\-.,:/\\()\[\]\"'№*#]+")


def header_positions(cells: Sequence[str]) -> dict[str, int] | None:
    """Return field → position where every cell is a known title and one is the article's.

    None for any other line. Of two columns with one meaning the first counts.
    """
    found: dict[str, int] = {}
    for position, cell in enumerate(cells):
        title = _BETWEEN.sub(" ", cell.casefold().replace("ё", "е")).strip()
        if not title:
            continue
        meaning = _MEANINGS.get(title)
        if meaning is None:
            return None
        found.setdefault(meaning, position)
    return found if "number" in found else None
