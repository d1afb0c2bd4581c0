"""How much a person wrote: `10`, `x10`, `10 шт`, `2 кор`, `1,5 м`, `1 000`, `1O`. Pure.

A text that is no amount at all gives None; one that was meant as an amount but cannot be taken
gives an `Amount` with a problem and, where it can be guessed, what was meant.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

from entrepot.platform.catalog.import_numbers import parse_number
from entrepot.platform.catalog.units import nearest_unit, read_unit
from entrepot.platform.quantities import QUANTITY_PLACES, plain

MAX_QUANTITY: Final = Decimal(10**9)
MAX_AMOUNT_LENGTH: Final = 40
_SMALLEST: Final = Decimal(1).scaleb(-QUANTITY_PLACES)

_TIMES = "[xXхХ×*]"
_NUMBER = r"[-+−]?(?:[0-9]{1,3}(?:[ '][0-9]{3})+|[0-9]+)(?:[.,][0-9]+)*"
_UNIT = r"[^\W\d_][^\W\d_. -]*[23²³]?\.?(?:[ -][^\W\d_]{1,3}\.?)?"
_AMOUNT: Final = re.compile(
    rf"(?P<before>{_TIMES}\s?)?(?P<number>{_NUMBER})(?:\s?(?P<after>{_TIMES})|\s?(?P<unit>{_UNIT}))?"
)
_LOOKS_LIKE_DIGITS: Final = str.maketrans(
    {"O": "0", "o": "0", "О": "0", "о": "0", "l": "1", "I": "1", "|": "1", "З": "3", "з": "3",
     "б": "6", "B": "8", "В": "8", "S": "5"}
)  # fmt: skip
_TYPO: Final = re.compile(r"(?=.*[0-9])[0-9OoОоlI|ЗзбBВS]{2,7}")
_NEARLY: Final = re.compile(r"[-+−]?[0-9][0-9.,' ]*(?:[^\W\d_]{1,8}\.?)?[0-9.,?!]*")


class AmountProblem(StrEnum):
    """Why a quantity cannot be taken."""

    NOT_A_NUMBER = "NOT_A_NUMBER"
    AMBIGUOUS_NUMBER = "AMBIGUOUS_NUMBER"
    NOT_POSITIVE = "NOT_POSITIVE"
    TOO_LARGE = "TOO_LARGE"
    TOO_MANY_DECIMALS = "TOO_MANY_DECIMALS"
    UNKNOWN_UNIT = "UNKNOWN_UNIT"


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity with its unit, as read; `explicit` where a unit or a times sign stands by it.

    With a `problem`, `given` is the text it is about; `proposal` is the quantity, and
    `proposed_unit` the code of the unit, that were probably meant.
    """

    quantity: Decimal | None
    unit: str | None = None
    explicit: bool = False
    problem: AmountProblem | None = None
    given: str = ""
    proposal: Decimal | None = None
    proposed_unit: str | None = None


ONE: Final = Amount(Decimal(1))
"""What is meant where no quantity is written."""


def read_amount(text: str, decimal: str | None = None) -> Amount | None:
    """Return the amount that the whole text writes, None where it is none.

    `decimal` is the file's decimal separator where it is known. Signs, too many decimals, zero and
    too large numbers are amounts with a problem; so is a number before an unknown word that is
    nearly a unit, and a number of which some digits are letters.
    """
    plain_text = unicodedata.normalize("NFKC", text.strip().strip("()[]").strip())
    if not plain_text or len(plain_text) > MAX_AMOUNT_LENGTH:
        return None
    mistyped = _mistyped(plain_text)
    found = _AMOUNT.fullmatch(plain_text)
    if found is None:
        return mistyped
    word = found["unit"]
    marked = bool(found["before"] or found["after"])
    unit = read_unit(word) if word else None
    quantity = _checked(found["number"], decimal)
    if word and unit is None:
        near = nearest_unit(word)
        if near is None or mistyped is not None:
            return mistyped
        return _refused(
            AmountProblem.UNKNOWN_UNIT, word, proposal=quantity.quantity, proposed_unit=near
        )
    return Amount(
        quantity=quantity.quantity,
        unit=unit,
        explicit=marked or unit is not None,
        problem=quantity.problem,
        given=quantity.given,
        proposal=quantity.proposal,
    )


def _mistyped(text: str) -> Amount | None:
    """Digits of which some are letters (`1O`, `l0 шт`), with what was probably meant."""
    digits, _, word = text.partition(" ")
    if not _TYPO.fullmatch(digits) or digits.isdigit() or (word and read_unit(word) is None):
        return None
    meant = _in_range(Decimal(digits.translate(_LOOKS_LIKE_DIGITS)))
    unit = read_unit(word) if word else None
    return _refused(AmountProblem.NOT_A_NUMBER, digits, proposal=meant, proposed_unit=unit)


def certainly_amount(text: str, unit: str = "", decimal: str | None = None) -> Amount:
    """Return the amount of a cell that can be nothing else; a blank one is `ONE`.

    `unit` is the text of the unit's own cell, if there is one.
    """
    found = read_amount(text, decimal) if text.strip() else ONE
    if found is None:
        found = _with_unknown_word(text) or _refused(AmountProblem.NOT_A_NUMBER, text.strip())
    if found.problem is not None or not unit.strip() or found.unit is not None:
        return found
    code = read_unit(unit)
    if code is None:
        return _refused(
            AmountProblem.UNKNOWN_UNIT,
            unit.strip(),
            proposal=found.quantity,
            proposed_unit=nearest_unit(unit),
        )
    return Amount(found.quantity, code, explicit=True)


def nearly_amount(text: str) -> bool:
    """Say whether a cell that is no amount was probably meant as one: `10 blah`, `1..5`, `10?`."""
    short = text.strip()
    return len(short) <= 20 and _NEARLY.fullmatch(short) is not None


def _with_unknown_word(text: str) -> Amount | None:
    found = _AMOUNT.fullmatch(text.strip()[:MAX_AMOUNT_LENGTH])
    if found is None or not found["unit"]:
        return None
    quantity = _checked(found["number"], None)
    return _refused(AmountProblem.UNKNOWN_UNIT, found["unit"], proposal=quantity.quantity)


def _checked(text: str, decimal: str | None) -> Amount:
    found = parse_number(text, decimal)
    if not isinstance(found, Decimal):
        known = found.value in AmountProblem.__members__
        return _refused(AmountProblem(found.value) if known else AmountProblem.NOT_A_NUMBER, text)
    if found <= 0:
        return _refused(AmountProblem.NOT_POSITIVE, text, proposal=_in_range(-found))
    if found > MAX_QUANTITY:
        return _refused(AmountProblem.TOO_LARGE, text)
    if found != round(found, QUANTITY_PLACES):
        rounded = _in_range(found.quantize(_SMALLEST, ROUND_HALF_UP))
        return _refused(AmountProblem.TOO_MANY_DECIMALS, text, proposal=rounded)
    return Amount(Decimal(plain(found)))


def _in_range(quantity: Decimal) -> Decimal | None:
    fine = 0 < quantity <= MAX_QUANTITY and quantity == round(quantity, QUANTITY_PLACES)
    return quantity if fine else None


def _refused(
    problem: AmountProblem,
    given: str,
    *,
    proposal: Decimal | None = None,
    proposed_unit: str | None = None,
) -> Amount:
    return Amount(
        None,
        problem=problem,
        given=given[:MAX_AMOUNT_LENGTH],
        proposal=proposal,
        proposed_unit=proposed_unit,
    )
