"""Tax numbers of legal entities: Russia's INN and KPP, VAT numbers of the EU. Pure.

Check digits: INN by the order of the Federal Tax Service (weights in python-stdnum), VAT numbers
by each state's own rule (python-stdnum). Other countries: 3 to 20 letters and digits.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from stdnum.eu import vat
from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError
from stdnum.ru import inn

from entrepot.platform.errors import InvalidInput

RUSSIA = "RU"
VAT_PREFIX = {"GR": "EL"}  # Greece's VAT numbers begin with EL
EU = frozenset(state.upper() for state in vat.MEMBER_STATES) - {"XI"}  # XI: Northern Ireland
_KPP = re.compile(r"[0-9]{4}[0-9A-Z]{2}[0-9]{3}", re.ASCII)
_OTHER = re.compile(r"[0-9A-Z]{3,20}", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
MAX_GIVEN = 40  # characters, separators included


class TaxNumbers(NamedTuple):
    """Checked numbers in their one spelling: no separators, upper case."""

    country: str
    tax_id: str
    registration_reason_code: str


def check_tax_numbers(
    country: str, tax_id: str, registration_reason_code: str = "", *, path: str = ""
) -> TaxNumbers:
    """Return the numbers in their stored spelling.

    `path` is the dotted input that holds them. Raises `InvalidInput` naming the field. A KPP is
    required for a Russian organisation (10 digits) and refused for everybody else, sole traders
    (12 digits) included.
    """
    country = country.strip().upper()
    if not _COUNTRY.fullmatch(country):
        raise _wrong(
            path, "country", "two letters, ISO 3166-1, such as RU or DE", "две буквы, например RU"
        )
    given = re.sub(r"[\s./-]", "", tax_id[: MAX_GIVEN + 1]).upper()
    kpp = registration_reason_code.strip().upper()
    if len(tax_id) > MAX_GIVEN or not given.isascii():
        raise _wrong(path, "taxId", "Latin letters and digits only", "только латиница и цифры")
    if country == RUSSIA:
        return TaxNumbers(country, _check_inn(given, path), _check_kpp(given, kpp, path))
    if kpp:
        raise _wrong(
            path,
            "registrationReasonCode",
            "leave it empty: only Russian organisations have a KPP",
            "оставьте пустым: КПП есть только у российских организаций",
        )
    if country in EU:
        return TaxNumbers(country, _check_vat(country, given, path), "")
    if not _OTHER.fullmatch(given):
        raise _wrong(path, "taxId", "3 to 20 letters and digits", "от 3 до 20 букв и цифр")
    return TaxNumbers(country, given, "")


def _check_inn(given: str, path: str) -> str:
    try:
        number: str = inn.validate(given)
    except InvalidChecksum:
        raise _wrong(
            path,
            "taxId",
            "the check digit of the INN is wrong; look for a mistyped digit",
            "контрольная цифра ИНН не сходится, проверьте номер",
        ) from None
    except ValidationError:
        raise _wrong(
            path,
            "taxId",
            "an INN has 10 digits (organisation) or 12 (sole trader)",
            "ИНН состоит из 10 цифр (организация) или 12 (предприниматель)",
        ) from None
    if not number.strip("0"):
        raise _wrong(path, "taxId", "an INN of zeros does not exist", "ИНН из нулей не бывает")
    return number


def _check_kpp(number: str, kpp: str, path: str) -> str:
    if len(number) == 12:
        if kpp:
            raise _wrong(
                path,
                "registrationReasonCode",
                "leave it empty: a sole trader has no KPP",
                "оставьте пустым: у предпринимателя нет КПП",
            )
        return ""
    if not _KPP.fullmatch(kpp):
        raise _wrong(
            path,
            "registrationReasonCode",
            "a KPP has 9 characters: 4 digits, 2 digits or letters, 3 digits",
            "КПП состоит из 9 знаков: 4 цифры, 2 цифры или буквы, 3 цифры",
        )
    return kpp


def _check_vat(country: str, given: str, path: str) -> str:
    prefix = VAT_PREFIX.get(country, country)
    number = given if given.startswith(prefix) else prefix + given
    try:
        checked: str = vat.validate(number)
    except InvalidChecksum:
        raise _wrong(
            path,
            "taxId",
            f"the check digit of the {country} VAT number is wrong; look for a mistyped digit",
            f"контрольная цифра номера НДС ({country}) не сходится, проверьте номер",
        ) from None
    except InvalidLength:
        raise _wrong(
            path,
            "taxId",
            f"a {country} VAT number has another length",
            f"у номера НДС ({country}) другая длина",
        ) from None
    except ValidationError:
        raise _wrong(
            path,
            "taxId",
            f"this is not a {country} VAT number",
            f"это не номер НДС ({country})",
        ) from None
    return checked if checked.startswith(prefix) else prefix + checked


def _wrong(path: str, field: str, en: str, ru: str) -> InvalidInput:
    return InvalidInput(f"{path}.{field}" if path else field, en, ru)
