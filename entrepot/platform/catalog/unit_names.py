"""How people write the units of measure of UN/ECE Recommendation 20 in each language. Pure."""

from __future__ import annotations

from typing import Final

_NAMES_RU: Final = {
    "PCE": "шт", "KGM": "кг", "GRM": "г", "TNE": "т", "MTR": "м", "CMT": "см", "MMT": "мм",
    "KMT": "км", "MTK": "м²", "MTQ": "м³", "LTR": "л", "MLT": "мл", "PK": "уп", "BX": "кор",
    "PF": "пал", "SET": "компл", "PR": "пар", "RO": "рул", "DZN": "дюж", "CEN": "сотня",
    "MIL": "тыс шт", "HUR": "ч", "4H": "мкм", "INH": "″", "FOT": "фут", "MMK": "мм²", "CMK": "см²",
    "CMQ": "см³", "CLT": "сл", "DLT": "дл", "GLL": "гал", "MC": "мкг", "MGM": "мг", "LBR": "фунт",
    "ONZ": "унция", "VLT": "В", "KVT": "кВ", "2Z": "мВ", "AMP": "А", "4K": "мА", "B22": "кА",
    "WTT": "Вт", "KWT": "кВт", "MAW": "МВт", "D46": "В·А", "KVA": "кВ·А", "HJ": "л.с.",
    "HTZ": "Гц", "KHZ": "кГц", "MHZ": "МГц", "A86": "ГГц", "PAL": "Па", "KPA": "кПа",
    "MPA": "МПа", "BAR": "бар", "MBR": "мбар", "ATM": "атм", "PS": "psi", "CEL": "°C",
    "FAH": "°F", "KEL": "К", "LUM": "лм", "LUX": "лк", "AMH": "А·ч", "E09": "мА·ч",
    "WHR": "Вт·ч", "KWH": "кВт·ч", "JOU": "Дж", "KJO": "кДж", "NEW": "Н", "B47": "кН",
    "NU": "Н·м", "OHM": "Ом", "B49": "кОм", "B75": "МОм", "4O": "мкФ", "4T": "пФ", "C41": "нФ",
    "MQH": "м³/ч", "L2": "л/мин", "MTS": "м/с", "RPM": "об/мин", "GM": "г/м²", "P1": "%",
    "DD": "°", "2N": "дБ", "2P": "КБ", "4L": "МБ", "E34": "ГБ", "E35": "ТБ", "C26": "мс",
    "SEC": "с", "MIN": "мин", "DAY": "сут", "MON": "мес", "ANN": "год",
}  # fmt: skip
_NAMES_EN: Final = {
    "PCE": "pcs", "KGM": "kg", "GRM": "g", "TNE": "t", "MTR": "m", "CMT": "cm", "MMT": "mm",
    "KMT": "km", "MTK": "m²", "MTQ": "m³", "LTR": "l", "MLT": "ml", "PK": "pack", "BX": "box",
    "PF": "pallet", "SET": "set", "PR": "pair", "RO": "roll", "DZN": "dozen", "CEN": "hundred",
    "MIL": "thousand", "HUR": "h", "4H": "µm", "INH": "in", "FOT": "ft", "MMK": "mm²",
    "CMK": "cm²", "CMQ": "cm³", "CLT": "cl", "DLT": "dl", "GLL": "gal", "MC": "µg", "MGM": "mg",
    "LBR": "lb", "ONZ": "oz", "VLT": "V", "KVT": "kV", "2Z": "mV", "AMP": "A", "4K": "mA",
    "B22": "kA", "WTT": "W", "KWT": "kW", "MAW": "MW", "D46": "VA", "KVA": "kVA", "HJ": "hp",
    "HTZ": "Hz", "KHZ": "kHz", "MHZ": "MHz", "A86": "GHz", "PAL": "Pa", "KPA": "kPa",
    "MPA": "MPa", "BAR": "bar", "MBR": "mbar", "ATM": "atm", "PS": "psi", "CEL": "°C",
    "FAH": "°F", "KEL": "K", "LUM": "lm", "LUX": "lx", "AMH": "Ah", "E09": "mAh", "WHR": "Wh",
    "KWH": "kWh", "JOU": "J", "KJO": "kJ", "NEW": "N", "B47": "kN", "NU": "N·m", "OHM": "Ω",
    "B49": "kΩ", "B75": "MΩ", "4O": "µF", "4T": "pF", "C41": "nF", "MQH": "m³/h",
    "L2": "l/min", "MTS": "m/s", "RPM": "rpm", "GM": "g/m²", "P1": "%", "DD": "°", "2N": "dB",
    "2P": "kB", "4L": "MB", "E34": "GB", "E35": "TB", "C26": "ms", "SEC": "s", "MIN": "min",
    "DAY": "days", "MON": "months", "ANN": "years",
}  # fmt: skip


def unit_name(code: str, locale: str) -> str:
    """Return the unit as people write it in `locale`; unknown codes as they are."""
    return (_NAMES_RU if locale == "ru" else _NAMES_EN).get(code, code)


def is_known_unit(code: str) -> bool:
    """Whether we know how people write the unit of this code."""
    return code in _NAMES_EN
