"""Units of measure: as people write them, and from one into another."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.graphql.node import encode_id
from entrepot.platform.catalog.errors import UnitNotSold
from entrepot.platform.catalog.models import Offer
from entrepot.platform.catalog.rules import check_quantity
from entrepot.platform.catalog.units import in_product_unit, nearest_unit, read_unit
from entrepot.platform.database import fetch, fetch_value
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Role
from tests.factories import make_actor, make_buyer, make_offer, make_product, make_seller
from tests.graphql_client import GraphQLClient

SET_UNITS = """
mutation ($input: SetOfferUnitsInput!) { setOfferUnits(input: $input) {
  __typename ... on UserError { code path message }
  ... on OfferPayload { offer { units { unit quantity } } } } }
"""
OFFER = """
query ($id: ID!) { offer(id: $id) {
  maxOrderQuantity costPrice { amount currency } units { unit quantity }
  orderable(quantity: "500") { proposed reason } } }
"""
UPDATE = """
mutation ($input: UpdateOfferInput!) { updateOffer(input: $input) {
  __typename ... on UserError { code path }
  ... on OfferPayload { offer { maxOrderQuantity costPrice { amount } } } } }
"""
CREATE = """
mutation ($input: CreateOfferInput!) { createOffer(input: $input) {
  __typename ... on UserError { code path message }
  ... on OfferPayload { offer { id maxOrderQuantity costPrice { amount } } } } }
"""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("шт.", "PCE"), ("ШТ", "PCE"), ("штук", "PCE"), ("pcs", "PCE"), ("кор", "BX"),
        ("упак.", "PK"), ("палета", "PF"), ("поддон", "PF"), ("м", "MTR"), ("пог. м", "MTR"),
        ("м²", "MTK"), ("кг", "KGM"), ("KGM", "KGM"), ("т", "TNE"), ("л", "LTR"),
        ("foo", None), ("", None),
    ],
)  # fmt: skip
def test_words(text: str, code: str | None) -> None:
    assert read_unit(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("штк", "PCE"), ("шту", "PCE"), ("kgg", "KGM"), ("кгг", "KGM"), ("коорб", "BX"),
        ("палетта", "PF"), ("peices", "PCE"), ("x", None), ("совсем другое", None), ("", None),
    ],
)  # fmt: skip
def test_mistyped_words(text: str, code: str | None) -> None:
    assert nearest_unit(text) == code


@pytest.mark.parametrize(
    ("quantity", "unit", "product_unit", "expected"),
    [
        ("5", None, "PCE", "5"),
        ("5", "PCE", "PCE", "5"),
        ("1500", "GRM", "KGM", "1.5"),
        ("2", "TNE", "KGM", "2000"),
        ("150", "CMT", "MTR", "1.5"),
        ("2", "MTQ", "LTR", "2000"),
        ("3", "CEN", "PCE", "300"),
        ("2", "BX", "PCE", "48"),
        ("2", "DZN", "PCE", "26"),  # this seller's dozen is thirteen
        ("3", "RO", "MTR", "1"),
        ("0.1", "GRM", "KGM", "0.001"),  # never nothing
    ],
)
def test_conversion(quantity: str, unit: str | None, product_unit: str, expected: str) -> None:
    units = {"BX": Decimal(24), "DZN": Decimal(13), "RO": Decimal("0.333333")}
    assert in_product_unit(Decimal(quantity), unit, product_unit, units) == Decimal(expected)


@pytest.mark.parametrize(
    ("unit", "product_unit"), [("BX", "PCE"), ("KGM", "PCE"), ("MTR", "KGM"), ("PCE", "XYZ")]
)
def test_what_says_nothing_is_refused(unit: str, product_unit: str) -> None:
    with pytest.raises(UnitNotSold) as refused:
        in_product_unit(Decimal(1), unit, product_unit, {"PF": Decimal(1000)})
    assert (refused.value.unit, refused.value.product_unit) == (unit, product_unit)
    assert refused.value.units == ("PF",)


def test_a_refusal_names_units_as_people_write_them() -> None:
    refused = UnitNotSold("PF", "PCE", ())
    assert refused.message("en") == "This article is not sold by “pallet”; it is counted in “pcs”."
    assert refused.message("ru") == (
        "Этот товар не продаётся в единицах «пал»; он считается в «шт»."
    )


@given(
    st.decimals("0.001", 10**6, places=3),
    st.sampled_from(["GRM", "KGM", "TNE"]),
    st.sampled_from(["GRM", "KGM", "TNE"]),
)
def test_there_and_back_is_within_rounding(quantity: Decimal, one: str, other: str) -> None:
    there = in_product_unit(quantity, one, other, {})
    back = in_product_unit(there, other, one, {})
    grams = {"GRM": 1, "KGM": 1000, "TNE": 10**6}
    allowed = Decimal("0.001") * max(1, Decimal(grams[other]) / grams[one])
    assert abs(back - quantity) <= allowed


QUANTITY = st.decimals("0.001", 1000, places=3)


@given(QUANTITY, QUANTITY, QUANTITY, QUANTITY, QUANTITY)
def test_a_proposal_can_be_ordered(
    quantity: Decimal, pack: Decimal, minimum: Decimal, step: Decimal, maximum: Decimal
) -> None:
    found = check_quantity(quantity, pack, minimum, step, maximum)
    assert found.largest is not None
    assert found.proposed <= found.largest
    assert found.proposed >= minimum
    assert found.proposed % pack == 0
    assert found.proposed % step == 0
    again = check_quantity(found.proposed, pack, minimum, step, maximum)
    assert (again.problem, again.proposed) == (None, found.proposed)


def test_the_maximum() -> None:
    def check(quantity: int, maximum: int | None) -> tuple[str, Decimal, str]:
        most = None if maximum is None else Decimal(maximum)
        found = check_quantity(Decimal(quantity), Decimal(10), Decimal(30), Decimal(5), most)
        return found.problem or "", found.proposed, found.reason("en")

    assert check(60, None) == ("", Decimal(60), "")
    assert check(60, 60) == ("", Decimal(60), "")
    assert check(60, 55) == ("ABOVE_MAXIMUM", Decimal(50), "60 → 50: at most 50")
    assert check(51, 55) == ("ABOVE_MAXIMUM", Decimal(50), "51 → 50: at most 50")
    assert check(20, 55) == ("BELOW_MINIMUM", Decimal(30), "20 → 30: at least 30")
    assert check(60, 7) == ("ABOVE_MAXIMUM", Decimal(30), "60 → 30: at most 30")


async def set_units(graphql: GraphQLClient, actor: Actor, offer: Offer, *units: Any) -> Any:
    """Set (unit, quantity) pairs and return the payload."""
    given = {
        "offerId": encode_id("Offer", offer.id),
        "units": [{"unit": unit, "quantity": quantity} for unit, quantity in units],
    }
    return (await graphql.run(SET_UNITS, actor=actor, input=given)).data["setOfferUnits"]


async def test_the_seller_sets_units(graphql: GraphQLClient) -> None:
    seller, rival, buyer = await make_seller(), await make_seller(), await make_buyer()
    offer = await make_offer(seller)
    first = await set_units(graphql, seller.actor, offer, ("PF", "960"), ("BX", "24"))
    assert first["offer"]["units"] == [
        {"unit": "BX", "quantity": "24"},
        {"unit": "PF", "quantity": "960"},
    ]
    changed = "SELECT count(*) FROM outbox_event WHERE kind = 'OffersChanged'"
    assert await fetch_value(changed) == 1
    refused = [
        ((("PCE", "2"),), "INVALID_INPUT", ["input", "units", "0", "unit"]),
        ((("BX", "2"), ("BX", "3")), "INVALID_INPUT", ["input", "units", "1", "unit"]),
        ((("BX", "0"),), "INVALID_INPUT", ["input", "units", "0", "quantity"]),
        ((("коробка", "2"),), "INVALID_INPUT", ["input", "units", "0", "unit"]),
        (tuple((f"A{n:02d}", "2") for n in range(21)), "INVALID_INPUT", ["input", "units"]),
    ]
    for units, code, path in refused:
        answer = await set_units(graphql, seller.actor, offer, *units)
        assert (answer["code"], answer["path"]) == (code, path), units
    assert (await set_units(graphql, rival.actor, offer, ("BX", "2")))["code"] == "NOT_FOUND"
    assert (await set_units(graphql, buyer, offer, ("BX", "2")))["code"] == "FORBIDDEN"
    shown = await graphql.run(OFFER, actor=buyer, id=encode_id("Offer", offer.id))
    assert shown.data["offer"]["units"] == first["offer"]["units"]
    assert (await set_units(graphql, seller.actor, offer))["offer"]["units"] == []
    assert await fetch("SELECT * FROM offer_unit") == []
    assert await fetch_value(changed) == 2


async def test_cost_and_maximum(graphql: GraphQLClient) -> None:
    seller, rival, buyer = await make_seller(), await make_seller(), await make_buyer()
    product = await make_product("KR-4410/2")
    given = {
        "productId": encode_id("Product", product.id),
        "articleNumber": "кR-4410/2",
        "listPrice": "10",
        "currency": "RUB",
        "packQuantity": "10",
        "maxOrderQuantity": "105",
        "costPrice": "6.5",
    }
    made = (await graphql.run(CREATE, actor=seller.actor, input=given)).data["createOffer"]
    assert made["offer"]["maxOrderQuantity"] == "105"
    assert made["offer"]["costPrice"] == {"amount": "6.5"}
    key = made["offer"]["id"]
    assert await fetch_value("SELECT number_key FROM offer") == "kr44102"
    accountant = await make_actor(seller.company, seller.entity, Role.WAREHOUSE)
    operator = await make_buyer(Role.OPERATOR)
    for reader, cost in (
        (seller.actor, {"amount": "6.5", "currency": "RUB"}),
        (accountant, None),
        (rival.actor, None),
        (buyer, None),
        (operator, None),
    ):
        reply = await graphql.run(OFFER, actor=reader, id=key)
        if reader is rival.actor:
            assert reply.codes == ["NOT_FOUND"]
            continue
        assert reply.data["offer"]["costPrice"] == cost
        assert reply.data["offer"]["orderable"] == {
            "proposed": "100", "reason": "500 → 100: at most 100"
        }  # fmt: skip

    async def update(**changes: Any) -> Any:
        sent = {"offerId": key, **changes}
        return (await graphql.run(UPDATE, actor=seller.actor, input=sent)).data["updateOffer"]

    below = await update(minOrderQuantity="200")
    assert (below["code"], below["path"]) == ("INVALID_INPUT", ["input", "maxOrderQuantity"])
    assert await fetch_value("SELECT min_order_quantity FROM offer") == 1
    assert (await update(articleNumber="ZZ 1"))["__typename"] == "OfferPayload"
    assert await fetch_value("SELECT number_key FROM offer") == "zz1"
    lifted = await update(withoutMaximum=True, costPrice="7")
    assert lifted["offer"] == {"maxOrderQuantity": None, "costPrice": {"amount": "7"}}
    refused = await graphql.run(
        CREATE, actor=seller.actor, input={**given, "externalId": "x", "maxOrderQuantity": "9"}
    )
    assert refused.data["createOffer"]["path"] == ["input", "maxOrderQuantity"]
