"""Numbers, currencies and dates as people type them into spreadsheets; never a float."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

from entrepot.platform.catalog.import_problems import LineProblem, ProblemCode

MAX_LENGTH = 40
CURRENCY_WORDS = {
    "usd": "USD", "$": "USD", "eur": "EUR", "euro": "EUR", "€": "EUR", "gbp": "GBP", "£": "GBP",
    "rub": "RUB", "rur": "RUB", "руб": "RUB", "рубли": "RUB", "р": "RUB", "₽": "RUB", "cny": "CNY",
    "kzt": "KZT", "тенге": "KZT", "₸": "KZT", "byn": "BYN", "pln": "PLN", "chf": "CHF",
    "try": "TRY", "aed": "AED", "jpy": "JPY", "sek": "SEK", "krw": "KRW", "kwd": "KWD",
    "bhd": "BHD",
}  # fmt: skip

_SPACES = re.compile(r"[\s\u00a0\u202f']")
_DIGITS = re.compile(r"[+-]?[0-9]+")
_GROUPED = {
    separator: re.compile(rf"[+-]?[0-9]{{1,3}}(?:\{separator}[0-9]{{3}})+") for separator in ",."
}
_DATE_FORMATS = (
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%Y/%m/%d",
    "%d.%m.%y",
)


def parse_number(text: str, decimal: str | None) -> Decimal | ProblemCode:
    """Read a decimal number; `decimal` is the file's separator, None where nobody knows.

    Thousands may be grouped by spaces, apostrophes or the other separator. Exponents, signs other
    than `+ -`, other digits than 0–9 and words are `NOT_A_NUMBER`; `1,234` without a known decimal
    separator, and `1.234` in a file that uses commas, are `AMBIGUOUS_NUMBER`.
    """
    plain = _SPACES.sub("", text).replace("−", "-")
    if not plain or len(plain) > MAX_LENGTH:
        return ProblemCode.NOT_A_NUMBER
    if _DIGITS.fullmatch(plain):
        return Decimal(plain)
    comma, point = plain.rfind(","), plain.rfind(".")
    if comma >= 0 and point >= 0:
        separator = "," if comma > point else "."
    else:
        separator = "," if comma >= 0 else "."
        if _GROUPED[separator].fullmatch(plain):
            return _maybe_grouped(plain, separator, decimal)
    whole, _, fraction = plain.rpartition(separator)
    other = "." if separator == "," else ","
    if other in whole:
        if not _GROUPED[other].fullmatch(whole):
            return ProblemCode.NOT_A_NUMBER
        whole = whole.replace(other, "")
    if whole in ("", "+", "-"):
        whole += "0"
    if not _DIGITS.fullmatch(whole) or not (fraction.isascii() and fraction.isdigit()):
        return ProblemCode.NOT_A_NUMBER
    return Decimal(f"{whole}.{fraction}")


def _maybe_grouped(plain: str, separator: str, decimal: str | None) -> Decimal | ProblemCode:
    """`1,234` or `1.234.567`: groups of thousands, or three decimal places."""
    if plain.count(separator) > 1:
        return Decimal(plain.replace(separator, ""))
    as_decimal = Decimal(plain.replace(separator, "."))
    if separator == decimal or plain.lstrip("+-").startswith("0"):
        return as_decimal
    if separator == "." and decimal is None:
        return as_decimal
    if separator == "," and decimal == ".":
        return Decimal(plain.replace(separator, ""))
    return ProblemCode.AMBIGUOUS_NUMBER


def read_number(
    name: str,
    text: str,
    decimal: str | None,
    *,
    low: Decimal,
    high: Decimal,
    places: int,
) -> Decimal | LineProblem:
    """Read a number within `low … high` with at most `places` decimal places, or say why not."""
    found = parse_number(text, decimal)
    if isinstance(found, ProblemCode):
        return LineProblem(found, name, text)
    if not low <= found <= high:
        return LineProblem(ProblemCode.OUT_OF_RANGE, name, text, f"{low} – {high}")
    exponent = found.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > places:
        code = ProblemCode.TOO_MANY_DECIMALS if places else ProblemCode.NOT_WHOLE
        return LineProblem(code, name, text, str(places))
    return found


def read_currency(text: str) -> str | None:
    """Return the ISO code of a currency written as a code, a word or a sign, or None."""
    return CURRENCY_WORDS.get(text.strip().rstrip(".").casefold())


def read_moment(name: str, text: str) -> datetime | LineProblem:
    """Read a date (with or without a time, in UTC) in ISO or Russian form."""
    plain = text.strip().removesuffix("Z")
    for form in _DATE_FORMATS:
        try:
            return datetime.strptime(plain, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return LineProblem(ProblemCode.BAD_DATE, name, text)
