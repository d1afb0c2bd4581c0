"""Units of what products measure, weigh, draw and bear: as people write them in texts. Pure.

`units` knows those that goods are sold in; here are also volts, bars and inches. Codes are those
of UN/ECE Recommendation 20. What converts exactly has one smallest unit, so that `0.5 l` and
`500 ml` are one value; inches, pounds and degrees Fahrenheit stay what they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from entrepot.platform.catalog.units import MEASURES, SOLD_BY_WORDS

_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "4H": ("µm", "μm", "um", "micron", "microns", "мкм", "микрон", "микрона", "микронов"),
    "INH": ("inch", "inches", "дюйм", "дюйма", "дюймов", '"', "”", "''", "in"),
    "FOT": ("ft", "foot", "feet", "фут", "фута", "футов"),
    "MMK": ("mm2", "sq mm", "мм2", "кв мм"), "CMK": ("cm2", "sq cm", "см2", "кв см"),
    "MTK": ("sq m", "кв метр", "кв метра", "кв метров"),
    "CMQ": ("cm3", "cc", "ccm", "см3", "куб см"), "MTQ": ("куб метр", "куб метра", "куб метров"),
    "CLT": ("cl", "сл"), "DLT": ("dl", "дл"),
    "GLL": ("gal", "gallon", "gallons", "гал", "галлон", "галлона", "галлонов"),
    "MC": ("mcg", "µg", "μg", "мкг"), "MGM": ("mg", "мг", "миллиграмм", "миллиграммов"),
    "LBR": ("lb", "lbs", "pound", "pounds", "фунт", "фунта", "фунтов"),
    "ONZ": ("oz", "ounce", "ounces", "унция", "унции", "унций"),
    "VLT": ("v", "volt", "volts", "в", "вольт", "вольта", "vac", "vdc"),
    "KVT": ("kv", "kilovolt", "kilovolts", "кв", "киловольт"), "2Z": ("mv", "мв", "милливольт"),
    "AMP": ("a", "amp", "amps", "ampere", "amperes", "а", "ампер", "ампера"),
    "4K": ("ma", "milliamp", "milliamps", "ма", "миллиампер"), "B22": ("ka", "ка", "килоампер"),
    "WTT": ("w", "watt", "watts", "вт", "ватт", "ватта"),
    "KWT": ("kw", "kilowatt", "kilowatts", "квт", "киловатт", "киловатта"),
    "MAW": ("mw", "megawatt", "megawatts", "мвт", "мегаватт"),
    "D46": ("va", "ва", "в·а", "в*а"), "KVA": ("kva", "ква", "кв·а", "кв*а"),
    "HJ": ("hp", "л.с", "лс"),
    "HTZ": ("hz", "hertz", "гц", "герц", "герца"), "KHZ": ("khz", "кгц", "килогерц"),
    "MHZ": ("mhz", "мгц", "мегагерц"), "A86": ("ghz", "ггц", "гигагерц"),
    "PAL": ("pa", "pascal", "pascals", "па", "паскаль", "паскалей"),
    "KPA": ("kpa", "кпа", "килопаскаль"), "MPA": ("mpa", "мпа", "мегапаскаль"),
    "BAR": ("bar", "bars", "бар", "бара"), "MBR": ("mbar", "мбар", "миллибар"),
    "ATM": ("atm", "атм", "атмосфера", "атмосферы", "атмосфер"), "PS": ("psi",),
    "CEL": ("°c", "°с", "deg c", "град c", "град с"), "FAH": ("°f", "deg f"), "KEL": ("k", "к"),
    "LUM": ("lm", "lumen", "lumens", "лм", "люмен", "люмена"), "LUX": ("lx", "lux", "лк", "люкс"),
    "AMH": ("ah", "а·ч", "а*ч", "а/ч", "ач", "ампер-час"),
    "E09": ("mah", "ма·ч", "ма*ч", "ма/ч", "мач"),
    "WHR": ("wh", "вт·ч", "вт*ч", "втч"), "KWH": ("kwh", "квт·ч", "квт*ч", "квтч"),
    "JOU": ("j", "joule", "joules", "дж", "джоуль", "джоуля", "джоулей"), "KJO": ("kj", "кдж"),
    "NEW": ("newton", "newtons", "ньютон", "ньютонов"), "B47": ("kn", "кн", "килоньютон"),
    "NU": ("nm", "n·m", "n*m", "нм", "н·м", "н*м"),
    "OHM": ("ohm", "ohms", "ω", "ом"), "B49": ("kohm", "kω", "ком"), "B75": ("mohm", "mω", "мом"),
    "4O": ("µf", "μf", "uf", "мкф"), "4T": ("pf", "пф"), "C41": ("nf", "нф"),
    "MQH": ("m3/h", "м3/ч", "м3/час", "куб м/ч"), "L2": ("l/min", "lpm", "л/мин"),
    "MTS": ("m/s", "м/с"), "RPM": ("rpm", "об/мин", "об/м"), "GM": ("g/m2", "gsm", "г/м2"),
    "P1": ("%", "percent", "процент", "процента", "процентов"),
    "DD": ("°", "degree", "degrees", "градус", "градуса", "градусов"), "2N": ("db", "дб"),
    "2P": ("kb", "кб"), "4L": ("mb", "мб"), "E34": ("gb", "гб"), "E35": ("tb", "тб"),
    "C26": ("ms", "мс"), "SEC": ("sec", "secs", "second", "seconds", "сек", "секунд", "секунды"),
    "MIN": ("min", "mins", "minute", "minutes", "мин", "минут", "минуты"),
    "DAY": ("day", "days", "день", "дня", "дней", "сут", "суток"),
    "MON": ("month", "months", "мес", "месяц", "месяца", "месяцев"),
    "ANN": ("year", "years", "год", "года", "лет"),
}  # fmt: skip
#: Spellings of the trade's forms, which nobody means in a text: ``c62``, ``10 mil``.
_CODES: Final = frozenset(code.casefold() for code in SOLD_BY_WORDS) - {"set"}
_ODD: Final = _CODES | {"c62", "h87", "xpk", "xbx", "xpx", "unit", "units", "plt", "pks", "ед"}

#: Spelling in a text (case-folded, words separated by one space) to code.
TEXT_UNITS: Final[Mapping[str, str]] = {
    word: code
    for words in (SOLD_BY_WORDS, _WORDS)
    for code, spellings in words.items()
    for word in spellings
    if words is _WORDS or word not in _ODD
}
#: Units that goods are counted and packed in: a number of these is a quantity to order.
COUNTED: Final = frozenset({"PCE", "PK", "BX", "PF", "SET", "PR", "RO", "DZN"})

_WEIGHTS, _LENGTHS, _VOLUMES, _COUNTS = MEASURES
_FAMILIES: Final[tuple[tuple[str, Mapping[str, Decimal | int]], ...]] = (
    ("GRM", {**_WEIGHTS, "MGM": Decimal("0.001"), "MC": Decimal("0.000001")}),
    ("MMT", {**_LENGTHS, "4H": Decimal("0.001")}),
    ("INH", {"INH": 1, "FOT": 12}),
    ("MLT", {**_VOLUMES, "CMQ": 1, "CLT": 10, "DLT": 100}),
    ("PCE", _COUNTS),
    ("MMK", {"MMK": 1, "CMK": 100, "MTK": 1_000_000}),
    ("VLT", {"VLT": 1, "KVT": 1_000, "2Z": Decimal("0.001")}),
    ("AMP", {"AMP": 1, "4K": Decimal("0.001"), "B22": 1_000}),
    ("WTT", {"WTT": 1, "KWT": 1_000, "MAW": 1_000_000}),
    ("D46", {"D46": 1, "KVA": 1_000}),
    ("HTZ", {"HTZ": 1, "KHZ": 1_000, "MHZ": 10**6, "A86": 10**9}),
    ("PAL", {"PAL": 1, "KPA": 1_000, "MPA": 10**6, "BAR": 10**5, "MBR": 100}),
    ("AMH", {"AMH": 1, "E09": Decimal("0.001")}),
    ("WHR", {"WHR": 1, "KWH": 1_000}),
    ("JOU", {"JOU": 1, "KJO": 1_000}),
    ("NEW", {"NEW": 1, "B47": 1_000}),
    ("OHM", {"OHM": 1, "B49": 1_000, "B75": 10**6}),
    ("4T", {"4T": 1, "C41": 1_000, "4O": 10**6}),
    ("SEC", {"SEC": 1, "MIN": 60, "HUR": 3_600, "DAY": 86_400, "C26": Decimal("0.001")}),
    ("MON", {"MON": 1, "ANN": 12}),
)
_FACTORS: Final = {
    unit: (smallest, Decimal(factor))
    for smallest, family in _FAMILIES
    for unit, factor in family.items()
}
#: Exact by definition, but never one value in a text: nobody writes 12.7 mm for half an inch.
_IMPERIAL: Final = {
    "INH": ("MMT", Decimal("25.4")),
    "LBR": ("GRM", Decimal("453.59237")),
    "ONZ": ("GRM", Decimal("28.349523125")),
}
_ONE: Final = Decimal(1)


def in_smallest(value: Decimal, unit: str) -> tuple[Decimal, str]:
    """Return the value in the unit that all exactly convertible ones are compared in."""
    smallest, factor = _FACTORS.get(unit, (unit, _ONE))
    return value * factor, smallest


def converted(value: Decimal, unit: str, other: str) -> Decimal | None:
    """Return the value in another unit of the same measure, or None where there is no exact way."""
    if unit == other:
        return value
    (smallest, factor), (wanted, divisor) = _metric(unit), _metric(other)
    return value * factor / divisor if smallest == wanted else None


def _metric(unit: str) -> tuple[str, Decimal]:
    """The smallest metric unit where there is one, and how many of it a unit is."""
    smallest, factor = _FACTORS.get(unit, (unit, _ONE))
    metric, size = _IMPERIAL.get(smallest, (smallest, _ONE))
    return metric, factor * size


def unit_code(text: str) -> str | None:
    """Return the code of a unit given as code (`MMT`) or as people write it (`mm`, `мм.`)."""
    code = text.strip().upper()
    if code in _KNOWN:
        return code
    return TEXT_UNITS.get(" ".join(text.casefold().split()).rstrip("."))


_KNOWN: Final = frozenset(TEXT_UNITS.values()) | frozenset(SOLD_BY_WORDS)
