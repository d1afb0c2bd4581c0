"""How people write the units of measure of UN/ECE Recommendation 20 in each language. Pure."""

from __future__ import annotations

from typing import Final

_NAMES_RU: Final = {
    "PCE": "шт", "KGM": "кг", "GRM": "г", "TNE": "т", "MTR": "м", "CMT": "см", "MMT": "мм",
    "KMT": "км", "MTK": "м²", "MTQ": "м³", "LTR": "л", "MLT": "мл", "PK": "уп", "BX": "кор",
    "PF": "пал", "SET": "компл", "PR": "пар", "RO": "рул", "DZN": "дюж", "CEN": "сотня",
    "MIL": "тыс шт", "HUR": "ч",
}  # fmt: skip
_NAMES_EN: Final = {
    "PCE": "pcs", "KGM": "kg", "GRM": "g", "TNE": "t", "MTR": "m", "CMT": "cm", "MMT": "mm",
    "KMT": "km", "MTK": "m²", "MTQ": "m³", "LTR": "l", "MLT": "ml", "PK": "pack", "BX": "box",
    "PF": "pallet", "SET": "set", "PR": "pair", "RO": "roll", "DZN": "dozen", "CEN": "hundred",
    "MIL": "thousand", "HUR": "h",
}  # fmt: skip


def unit_name(code: str, locale: str) -> str:
    """Return the unit as people write it in `locale`; unknown codes as they are."""
    return (_NAMES_RU if locale == "ru" else _NAMES_EN).get(code, code)
