"""Tax numbers: real ones pass in one spelling, mistyped ones name the field."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.platform.errors import InvalidInput
from entrepot.platform.identity.tax_ids import EU, TaxNumbers, check_tax_numbers


@pytest.mark.parametrize(
    ("country", "tax_id", "kpp", "stored"),
    [
        ("RU", "7707083893", "773601001", ("RU", "7707083893", "773601001")),  # Sberbank
        ("ru", " 7736 207543 ", "770401001", ("RU", "7736207543", "770401001")),  # Yandex
        ("RU", "7702070139", "7702AZ001", ("RU", "7702070139", "7702AZ001")),  # VTB
        ("RU", "500100732259", "", ("RU", "500100732259", "")),  # the Tax Service's example
        ("DE", "DE 136 695 976", "", ("DE", "DE136695976", "")),
        ("DE", "136695976", "", ("DE", "DE136695976", "")),
        ("AT", "ATU57194903", "", ("AT", "ATU57194903", "")),
        ("FR", "FR 61 954 506 077", "", ("FR", "FR61954506077", "")),
        ("GR", "EL 094259216", "", ("GR", "EL094259216", "")),
        ("GR", "094259216", "", ("GR", "EL094259216", "")),
        ("NL", "NL004495445B01", "", ("NL", "NL004495445B01", "")),
        ("PL", "8567346215", "", ("PL", "PL8567346215", "")),
        ("IT", "00743110157", "", ("IT", "IT00743110157", "")),
        ("ES", "ESB58378431", "", ("ES", "ESB58378431", "")),
        ("KZ", "123-456-789-012", "", ("KZ", "123456789012", "")),
        ("US", "12-3456789", "", ("US", "123456789", "")),
    ],
)
def test_valid_numbers(country: str, tax_id: str, kpp: str, stored: tuple[str, str, str]) -> None:
    assert check_tax_numbers(country, tax_id, kpp) == TaxNumbers(*stored)


@pytest.mark.parametrize(
    ("country", "tax_id", "kpp", "field", "reason"),
    [
        ("RU", "7707083894", "773601001", "taxId", "check digit of the INN"),
        ("RU", "500100732258", "", "taxId", "check digit of the INN"),
        ("RU", "770708389", "773601001", "taxId", "10 digits"),
        ("RU", "77070838931", "773601001", "taxId", "10 digits"),
        ("RU", "770708389X", "773601001", "taxId", "10 digits"),
        ("RU", "٧٧٠٧٠٨٣٨٩٣", "773601001", "taxId", "Latin letters and digits"),
        ("RU", "0000000000", "773601001", "taxId", "zeros"),
        ("RU", "", "773601001", "taxId", "10 digits"),
        ("RU", "7707083893", "", "registrationReasonCode", "9 characters"),
        ("RU", "7707083893", "77360100", "registrationReasonCode", "9 characters"),
        ("RU", "7707083893", "7736010010", "registrationReasonCode", "9 characters"),
        ("RU", "7707083893", "77A601001", "registrationReasonCode", "9 characters"),
        ("RU", "500100732259", "773601001", "registrationReasonCode", "sole trader"),
        ("DE", "DE136695978", "", "taxId", "check digit"),
        ("DE", "DE13669597", "", "taxId", "another length"),
        ("DE", "FR61954506077", "", "taxId", "DE VAT number"),
        ("DE", "DE136695976", "773601001", "registrationReasonCode", "only Russian"),
        ("AT", "57194903", "", "taxId", "AT VAT number"),
        ("US", "12", "", "taxId", "3 to 20"),
        ("US", "1" * 21, "", "taxId", "3 to 20"),
        ("US", "9" * 5000, "", "taxId", "letters and digits"),
        ("RUS", "7707083893", "773601001", "country", "two letters"),
        ("", "7707083893", "773601001", "country", "two letters"),
        ("РУ", "7707083893", "773601001", "country", "two letters"),
    ],
)
def test_invalid_numbers_name_the_field(
    country: str, tax_id: str, kpp: str, field: str, reason: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_tax_numbers(country, tax_id, kpp, path="legalEntity")
    assert refused.value.path == ("legalEntity", field)
    assert reason in refused.value.reason
    assert refused.value.message("ru") != refused.value.message("en")


@given(st.integers(0, 9), st.integers(0, 9), st.sampled_from(["7707083893", "500100732259"]))
def test_one_wrong_digit_of_an_inn_is_always_found(place: int, digit: int, inn: str) -> None:
    mistyped = inn[:place] + str(digit) + inn[place + 1 :]
    kpp = "773601001" if len(inn) == 10 else ""
    if mistyped == inn:
        assert check_tax_numbers("RU", mistyped, kpp).tax_id == inn
        return
    with pytest.raises(InvalidInput):
        check_tax_numbers("RU", mistyped, kpp)


@given(
    st.sampled_from(["RU", "US", *sorted(EU)]) | st.text(max_size=4),
    st.text(max_size=45) | st.from_regex(r"[A-Z]{0,2}[0-9]{5,14}", fullmatch=True),
    st.text(max_size=12),
)
def test_any_text_is_a_number_or_a_typed_refusal(country: str, tax_id: str, kpp: str) -> None:
    try:
        stored = check_tax_numbers(country, tax_id, kpp)
    except InvalidInput:
        return
    assert check_tax_numbers(*stored) == stored
    assert len(stored.tax_id) <= 20
    assert len(stored.registration_reason_code) in (0, 9)
