"""Units of measure: how people write them, and quantities from one unit into another. Pure.

Codes are those of UN/ECE Recommendation 20, with the package codes that trade took from its
earlier revisions (`BX` box, `PK` pack, `PF` pallet). Lengths, weights, areas and volumes convert
by the SI; hundreds, thousands and dozens by counting. Boxes, packs and pallets hold what the
seller says they hold (`OfferUnit`), and nothing without that.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from entrepot.platform.catalog.errors import UnitNotSold
from entrepot.platform.quantities import QUANTITY_PLACES

#: How people write the units that goods are sold in.
SOLD_BY_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "PCE": ("pce", "pc", "pcs", "piece", "pieces", "ea", "each", "h87", "c62", "unit", "units",
            "шт", "штука", "штуки", "штук", "ед", "единица", "единиц"),
    "KGM": ("kgm", "kg", "kgs", "kilo", "kilogram", "kilograms", "кг", "килограмм", "килограмма",
            "килограммов", "кило"),
    "GRM": ("grm", "g", "gr", "gram", "grams", "г", "гр", "грамм", "грамма", "граммов"),
    "TNE": ("tne", "t", "ton", "tons", "tonne", "tonnes", "т", "тн", "тонна", "тонны", "тонн"),
    "MTR": ("mtr", "m", "meter", "meters", "metre", "metres", "м", "метр", "метра", "метров",
            "пог м", "п м", "пм", "мп", "м п"),
    "CMT": ("cmt", "cm", "см", "сантиметр", "сантиметра", "сантиметров"),
    "MMT": ("mmt", "mm", "мм", "миллиметр", "миллиметра", "миллиметров"),
    "KMT": ("kmt", "km", "км", "километр", "километра", "километров"),
    "MTK": ("mtk", "m2", "m²", "sqm", "м2", "м²", "кв м"),
    "MTQ": ("mtq", "m3", "m³", "cbm", "м3", "м³", "куб м", "куб"),
    "LTR": ("ltr", "l", "liter", "liters", "litre", "litres", "л", "литр", "литра", "литров"),
    "MLT": ("mlt", "ml", "мл", "миллилитр", "миллилитра", "миллилитров"),
    "PK": ("pk", "pks", "pack", "packs", "package", "packages", "xpk", "уп", "упак", "упаковка",
           "упаковки", "упаковок", "пач", "пачка", "пачки", "пачек"),
    "BX": ("bx", "box", "boxes", "carton", "cartons", "ctn", "xbx", "кор", "короб", "коробка",
           "коробки", "коробок", "коробов", "короба", "ящ", "ящик", "ящика", "ящиков"),
    "PF": ("pf", "pallet", "pallets", "plt", "xpx", "пал", "палета", "палеты", "палет", "паллета",
           "паллеты", "паллет", "поддон", "поддона", "поддонов"),
    "SET": ("set", "sets", "kit", "kits", "компл", "комплект", "комплекта", "комплектов", "набор",
            "набора", "наборов", "к-т"),
    "PR": ("pr", "pair", "pairs", "пар", "пара", "пары"),
    "RO": ("ro", "roll", "rolls", "рул", "рулон", "рулона", "рулонов", "бухта", "бухты", "бухт"),
    "DZN": ("dzn", "dozen", "dozens", "дюж", "дюжина", "дюжины", "дюжин"),
    "CEN": ("cen", "hundred", "сотня", "сотни", "сотен"),
    "MIL": ("mil", "thousand", "тыс шт", "тыс"),
    "HUR": ("hur", "h", "hour", "hours", "ч", "час", "часа", "часов"),
}  # fmt: skip
_CODES: Final = {word: code for code, words in SOLD_BY_WORDS.items() for word in words}

#: Weights, lengths, volumes and counts, each in its smallest unit; a litre is a cubic decimetre.
MEASURES: Final[tuple[Mapping[str, int], ...]] = (
    {"GRM": 1, "KGM": 1_000, "TNE": 1_000_000},
    {"MMT": 1, "CMT": 10, "MTR": 1_000, "KMT": 1_000_000},
    {"MLT": 1, "LTR": 1_000, "MTQ": 1_000_000},
    {"PCE": 1, "DZN": 12, "CEN": 100, "MIL": 1_000},
)
_MEASURE_OF: Final = {unit: measure for measure in MEASURES for unit in measure}
_SMALLEST: Final = Decimal(1).scaleb(-QUANTITY_PLACES)


def read_unit(text: str) -> str | None:
    """Return the code of a unit as people write it (`шт.`, `pcs`, `KGM`), or None."""
    return _CODES.get(" ".join(text.casefold().replace(".", " ").split()))


def nearest_unit(text: str) -> str | None:
    """Return the code of the known word nearest to a mistyped one (`штк`, `kgg`), or None.

    One letter may be wrong, missing, doubled or swapped with its neighbour; in words of five
    letters and more, two. Words of one letter are nobody's neighbours.
    """
    word = " ".join(text.casefold().replace(".", " ").split())
    if not 2 <= len(word) <= 20:
        return None
    allowed = 2 if len(word) >= 5 else 1
    best: tuple[int, str] | None = None
    for known, code in _CODES.items():
        if len(known) < 2 or abs(len(known) - len(word)) > allowed:
            continue
        distance = _edits(word, known)
        if distance <= allowed and (best is None or distance < best[0]):
            best = distance, code
    return best[1] if best else None


def in_product_unit(
    quantity: Decimal, unit: str | None, product_unit: str, offer_units: Mapping[str, Decimal]
) -> Decimal:
    """Return how much of the product's unit `quantity` of `unit` is; no unit is the product's.

    `offer_units` says how many of the product's units one of another holds; it wins over general
    conversion, so that a seller's dozen may be thirteen. Rounded half up to 3 places, never to
    nothing. Raises `UnitNotSold`.
    """
    if unit is None or unit == product_unit:
        return quantity
    factor = offer_units.get(unit)
    if factor is None:
        measure = _MEASURE_OF.get(unit, {})
        if product_unit not in measure:
            raise UnitNotSold(unit, product_unit, tuple(sorted(offer_units)))
        factor = Decimal(measure[unit]) / measure[product_unit]
    converted = (quantity * factor).quantize(_SMALLEST, ROUND_HALF_UP)
    return max(converted, _SMALLEST)


def _edits(first: str, second: str) -> int:
    """Optimal string alignment distance: insert, delete, replace, swap two neighbours."""
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, one in enumerate(first, 1):
        above, before_last = row, before
        row = [i]
        for j, other in enumerate(second, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (one != other))
            if i > 1 and j > 1 and one == second[j - 2] and first[i - 2] == other:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
        before = above
    return row[-1]
