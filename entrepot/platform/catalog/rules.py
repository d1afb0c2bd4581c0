"""Pure rules of the catalogue: orderable quantities, typed attributes, identities, slugs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, InvalidOperation
from functools import lru_cache
from math import lcm
from typing import Literal

from entrepot.platform.catalog.article_numbers import gtin14
from entrepot.platform.catalog.rows import AttributeRow, AttributeValue
from entrepot.platform.errors import InvalidInput
from entrepot.platform.quantities import QUANTITY_PLACES, plain

AttributeKind = Literal["text", "number", "boolean"]
ATTRIBUTE_KINDS: tuple[AttributeKind, ...] = ("text", "number", "boolean")
MAX_TEXT_VALUE = 500
MAX_NUMBER_DIGITS = 15  # what a JSON number holds exactly
MAX_ATTRIBUTES = 1000
MAX_GTINS = 250
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_CODE = re.compile(r"[a-z][a-z0-9_]*")
_UNIT = re.compile(r"[A-Z0-9]{2,3}")
_TRUE = frozenset({"true", "yes", "1", "да", "есть"})
_FALSE = frozenset({"false", "no", "0", "нет"})

QuantityProblem = Literal["PACK_ROUNDED", "BELOW_MINIMUM", "ABOVE_MAXIMUM"]


@dataclass(frozen=True, slots=True)
class QuantityProposal:
    """The nearest quantity that can be ordered: at or above the one asked for, or the most.

    `problem` is None where the quantity is fine as it is (`proposed == requested`); `sold_by` is
    the quantity of which every order is a multiple, `smallest` the least that can be ordered,
    `largest` the most (None: no limit).
    """

    requested: Decimal
    proposed: Decimal
    sold_by: Decimal
    smallest: Decimal
    problem: QuantityProblem | None
    largest: Decimal | None = None

    def reason(self, locale: str) -> str:
        """Return the proposal as a sentence: `24 → 30: sold by 10`; empty without a problem."""
        if self.problem is None:
            return ""
        change = f"{plain(self.requested)} → {plain(self.proposed)}: "
        if self.problem == "BELOW_MINIMUM":
            smallest = plain(self.smallest)
            return change + (f"не менее {smallest}" if locale == "ru" else f"at least {smallest}")
        if self.problem == "ABOVE_MAXIMUM":
            largest = plain(self.proposed)
            return change + (f"не более {largest}" if locale == "ru" else f"at most {largest}")
        by = plain(self.sold_by)
        return change + (f"кратно {by}" if locale == "ru" else f"sold by {by}")


@lru_cache(maxsize=4096)
def _common_multiple(first: Decimal, second: Decimal) -> Decimal:
    scaled = (int(value.scaleb(QUANTITY_PLACES)) for value in (first, second))
    return Decimal(lcm(*scaled)).scaleb(-QUANTITY_PLACES)


def check_quantity(
    quantity: Decimal,
    pack: Decimal,
    minimum: Decimal,
    step: Decimal,
    maximum: Decimal | None = None,
) -> QuantityProposal:
    """Say how much can be ordered where `quantity` is wanted.

    An orderable quantity is a multiple of the pack and of the step (both count from zero), not
    below the minimum and not above the maximum. A maximum below the least orderable quantity
    counts as that quantity. All arguments are above zero with at most 3 decimal places.
    """
    sold_by = _common_multiple(pack, step)
    smallest = _round_up(minimum, sold_by)
    largest = None if maximum is None else largest_orderable(pack, minimum, step, maximum)
    proposed = max(_round_up(quantity, sold_by), smallest)
    problem: QuantityProblem | None = None
    if largest is not None and proposed > largest:
        proposed = largest
        problem = "ABOVE_MAXIMUM"
    elif quantity < minimum:
        problem = "BELOW_MINIMUM"
    elif proposed != quantity:
        problem = "PACK_ROUNDED"
    return QuantityProposal(quantity, proposed, sold_by, smallest, problem, largest)


def largest_orderable(pack: Decimal, minimum: Decimal, step: Decimal, maximum: Decimal) -> Decimal:
    """Return the most that can be ordered: the maximum rounded down.

    It is the least orderable quantity where the maximum is below that.
    """
    sold_by = _common_multiple(pack, step)
    times = (maximum / sold_by).to_integral_value(rounding=ROUND_FLOOR)
    return max(times * sold_by, _round_up(minimum, sold_by))


def _round_up(quantity: Decimal, multiple: Decimal) -> Decimal:
    times = (quantity / multiple).to_integral_value(rounding=ROUND_CEILING)
    return times * multiple


def read_attribute(definition: AttributeRow, text: str, field: str) -> AttributeValue:
    """Return the typed value that `text` says, for the kind of the definition.

    Numbers take a decimal point or comma; booleans true/false, yes/no, да/нет. Raises
    `InvalidInput` about `field`.
    """
    text = text.strip()
    if definition.kind == "text":
        return clean_text(field, text, MAX_TEXT_VALUE)
    if definition.kind == "boolean":
        folded = text.casefold()
        if folded in _TRUE or folded in _FALSE:
            return folded in _TRUE
        raise InvalidInput(field, "must be true or false", "допустимо да или нет")
    try:
        number = Decimal(text.replace(",", ".", 1))
    except InvalidOperation:
        number = Decimal("NaN")
    sized = number.is_finite() and abs(number.adjusted()) <= MAX_NUMBER_DIGITS
    if not sized or len(plain(number).strip("-").replace(".", "")) > MAX_NUMBER_DIGITS:
        raise InvalidInput(
            field,
            f"must be a number of at most {MAX_NUMBER_DIGITS} digits",
            f"нужно число не длиннее {MAX_NUMBER_DIGITS} цифр",
        )
    return int(number) if number == number.to_integral_value() else float(number)


def read_attributes(
    definitions: Mapping[str, AttributeRow], given: Mapping[str, str]
) -> dict[str, AttributeValue]:
    """Return typed values by code; raises `InvalidInput` about the first one that is wrong."""
    if len(given) > MAX_ATTRIBUTES:
        raise InvalidInput("attributes", f"at most {MAX_ATTRIBUTES}", f"не более {MAX_ATTRIBUTES}")
    values: dict[str, AttributeValue] = {}
    for code, text in given.items():
        definition = definitions.get(code)
        if definition is None:
            raise InvalidInput(
                "attributes", "names an attribute that is not defined", "есть неизвестный код"
            )
        values[code] = read_attribute(definition, text, f"attributes.{code}")
    return values


def clean_text(field: str, value: str, longest: int, *, empty: bool = False) -> str:
    """Return the text without outer space; raises `InvalidInput` about `field`.

    Refuses control characters (line breaks too), too long texts and, unless `empty`, blanks.
    """
    cleaned = value.strip()
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in cleaned):
        raise InvalidInput(
            field, "must not hold control characters", "недопустимы управляющие символы"
        )
    if len(cleaned) > longest or not (cleaned or empty):
        least = 0 if empty else 1
        raise InvalidInput(
            field, f"must be {least}–{longest} characters", f"от {least} до {longest} знаков"
        )
    return cleaned


def check_gtins(gtins: list[str]) -> list[str]:
    """Return the GTINs without outer space, each once; raises `InvalidInput` for a wrong one."""
    if len(gtins) > MAX_GTINS:
        raise InvalidInput("gtins", f"at most {MAX_GTINS}", f"не более {MAX_GTINS}")
    cleaned: dict[str, str] = {}
    for gtin in gtins:
        key = gtin14(gtin)
        if key is None:
            raise InvalidInput(
                "gtins",
                "hold one with a wrong length or check digit",
                "неверна длина или контрольная цифра",
            )
        cleaned.setdefault(key, "".join(char for char in gtin if char.isdigit()))
    return list(cleaned.values())


def check_slug(field: str, slug: str) -> str:
    """Return the slug; raises `InvalidInput` unless it is lower-case Latin words with dashes."""
    if len(slug) > 60 or not _SLUG.fullmatch(slug):
        raise InvalidInput(
            field,
            "must be 1–60 of a–z, 0–9 and single dashes",
            "от 1 до 60 знаков: a–z, 0–9 и одиночные дефисы",
        )
    return slug


def check_attribute_code(field: str, code: str) -> str:
    """Return the code; raises `InvalidInput` unless it is a lower-case Latin identifier."""
    if len(code) > 100 or not _CODE.fullmatch(code):
        raise InvalidInput(
            field,
            "must be 1–100 of a–z, 0–9 and _, starting with a letter",
            "от 1 до 100 знаков: a–z, 0–9 и _, первая буква",
        )
    return code


def check_unit(field: str, unit: str) -> str:
    """Return the unit's code; raises `InvalidInput` unless it looks like UN/ECE Rec 20."""
    if not _UNIT.fullmatch(unit):
        raise InvalidInput(
            field, "must be a UN/ECE code such as PCE or KGM", "нужен код ЕЭК ООН: PCE, KGM"
        )
    return unit
