"""Units of measure as suppliers write them, to UN/ECE Recommendation 20 codes."""

from __future__ import annotations

from entrepot.platform.catalog.import_problems import LineProblem, ProblemCode

_WORDS = {
    "PCE": ("pce", "pc", "pcs", "piece", "pieces", "ea", "each", "h87", "шт", "штука", "штук"),
    "KGM": ("kgm", "kg", "кг", "килограмм"),
    "GRM": ("grm", "g", "г", "гр", "грамм"),
    "TNE": ("tne", "t", "т", "тонна"),
    "MTR": ("mtr", "m", "м", "метр", "пог м", "п м", "meter", "metre"),
    "CMT": ("cmt", "cm", "см"),
    "MMT": ("mmt", "mm", "мм"),
    "MTK": ("mtk", "m2", "м2", "м²", "кв м"),
    "MTQ": ("mtq", "m3", "м3", "м³", "куб м"),
    "LTR": ("ltr", "l", "л", "литр"),
    "MLT": ("mlt", "ml", "мл"),
    "PK": ("pk", "pack", "уп", "упак", "упаковка", "пач", "пачка"),
    "BX": ("bx", "box", "кор", "коробка", "короб"),
    "SET": ("set", "компл", "комплект", "набор", "к-т"),
    "PR": ("pr", "pair", "пар", "пара"),
    "RO": ("ro", "roll", "рул", "рулон"),
    "CEN": ("cen", "сотня"),
    "MIL": ("mil", "тыс шт"),
    "HUR": ("hur", "h", "hour", "ч", "час"),
}
_CODES = {word: code for code, words in _WORDS.items() for word in words}
KNOWN_UNITS = frozenset(_WORDS)


def read_unit(text: str) -> str | LineProblem | None:
    """Return the code, None for an empty text, or a problem for an unknown word."""
    if not text:
        return None
    plain = " ".join(text.casefold().replace(".", " ").split())
    code = _CODES.get(plain)
    return code if code else LineProblem(ProblemCode.UNKNOWN_UNIT, "unit", text)
