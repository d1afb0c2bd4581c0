"""A seller's terms: who sets them, who sees them, what is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from entrepot.graphql.node import encode_id
from entrepot.platform.database import Database, fetch
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Role
from entrepot.platform.pricing.terms import Terms, terms_of
from tests.factories import make_actor, make_buyer, make_company, make_seller
from tests.graphql_client import GraphQLClient
from tests.sql_counter import counted_sql

D = Decimal
SET = """mutation ($input: SetSellerTermsInput!) { setSellerTerms(input: $input) {
  __typename ... on UserError { code path } ... on SellerTermsPayload { terms { sellerId currency
    minOrderValue { amount currency } deliveryCharge { amount } freeDeliveryFrom { amount }
    deliveryTaxRate paymentDays } } } }"""
SHOWN = """query ($id: ID!) { sellerTerms(sellerId: $id) { currency minOrderValue { amount }
  deliveryCharge { amount } freeDeliveryFrom { amount } paymentDays } }"""


async def put(graphql: GraphQLClient, actor: Actor | None, **values: Any) -> dict[str, Any]:
    result: dict[str, Any] = (await graphql.run(SET, actor=actor, input=values)).data[
        "setSellerTerms"
    ]
    return result


@pytest.mark.parametrize(
    ("goods", "charge", "missing"),
    [("0", "300", "1000"), ("999.99", "300", "0.01"), ("1000", "300", "0"),
     ("4999.99", "300", "0"), ("5000", "0", "0")],
)  # fmt: skip
def test_what_an_order_of_goods_is_charged(goods: str, charge: str, missing: str) -> None:
    terms = Terms(
        seller_id=D, currency="RUB", min_order_value=D(1000), delivery_charge=D(300),  # type: ignore[arg-type]
        free_delivery_from=D(5000),
    )  # fmt: skip
    assert (terms.charge_for(D(goods)), terms.missing(D(goods))) == (D(charge), D(missing))


async def test_terms_are_set_seen_and_replaced(graphql: GraphQLClient) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    key = encode_id("Company", seller.id)
    assert (await graphql.run(SHOWN, actor=buyer, id=key)).data["sellerTerms"] == []
    made = await put(
        graphql, seller.actor, currency="RUB", minOrderValue="1000", deliveryCharge="300.50",
        freeDeliveryFrom="5000", deliveryTaxRate="10", paymentDays=30,
    )  # fmt: skip
    assert made["terms"] == {
        "sellerId": key, "currency": "RUB", "minOrderValue": {"amount": "1000", "currency": "RUB"},
        "deliveryCharge": {"amount": "300.5"}, "freeDeliveryFrom": {"amount": "5000"},
        "deliveryTaxRate": "10", "paymentDays": 30,
    }  # fmt: skip
    await put(graphql, seller.actor, currency="EUR")
    seen = (await graphql.run(SHOWN, actor=buyer, id=key)).data["sellerTerms"]
    assert [(one["currency"], one["minOrderValue"]["amount"]) for one in seen] == [
        ("EUR", "0"), ("RUB", "1000"),
    ]  # fmt: skip
    await put(graphql, seller.actor, currency="RUB", minOrderValue="5")
    seen = (await graphql.run(SHOWN, actor=seller.actor, id=key)).data["sellerTerms"]
    assert seen[1] == {
        "currency": "RUB", "minOrderValue": {"amount": "5"}, "deliveryCharge": {"amount": "0"},
        "freeDeliveryFrom": None, "paymentDays": 14,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"currency": "XXX"}, "currency"),
        ({"minOrderValue": "-1"}, "minOrderValue"),
        ({"minOrderValue": "1.001"}, "minOrderValue"),
        ({"currency": "JPY", "deliveryCharge": "0.5"}, "deliveryCharge"),
        ({"deliveryCharge": "99999999999"}, "deliveryCharge"),
        ({"freeDeliveryFrom": "0"}, "freeDeliveryFrom"),
        ({"deliveryTaxRate": "100"}, "deliveryTaxRate"),
        ({"deliveryTaxRate": "-1"}, "deliveryTaxRate"),
        ({"deliveryTaxRate": "9.999"}, "deliveryTaxRate"),
        ({"paymentDays": -1}, "paymentDays"),
        ({"paymentDays": 366}, "paymentDays"),
    ],
)
async def test_wrong_terms_name_the_field(
    graphql: GraphQLClient, values: dict[str, Any], path: str
) -> None:
    seller = await make_seller()
    result = await put(graphql, seller.actor, **({"currency": "RUB"} | values))
    assert (result["code"], result["path"]) == ("INVALID_INPUT", ["input", path])
    assert await fetch("SELECT * FROM seller_terms") == []


async def test_who_may_set_and_see_terms(graphql: GraphQLClient) -> None:
    seller, rival, buyer = await make_seller(), await make_seller(), await make_buyer()
    shut = await make_actor(*(await make_company()), Role.SELLER_MANAGER)
    operator = await make_actor(*(await make_company(operator=True)), Role.OPERATOR)
    await put(graphql, seller.actor, currency="RUB", minOrderValue="7")
    for actor, code in ((None, "UNAUTHENTICATED"), (buyer, "FORBIDDEN"), (shut, "NOT_SELLING")):
        assert (await put(graphql, actor, currency="RUB"))["code"] == code
    key = encode_id("Company", seller.id)
    for actor, count in ((seller.actor, 1), (buyer, 1), (operator, 1), (rival.actor, 0)):
        reply = await graphql.run(SHOWN, actor=actor, id=key)
        assert len(reply.data["sellerTerms"]) == count
    await type(seller.company).filter(id=seller.id).update(active=False)
    assert (await graphql.run(SHOWN, actor=buyer, id=key)).data["sellerTerms"] == []
    assert (await graphql.run(SHOWN, id=key)).codes == ["UNAUTHENTICATED"]


async def test_terms_of_many_sellers_come_in_one_statement(database: Database) -> None:
    sellers = [await make_seller() for _ in range(3)]
    for one in sellers[:2]:
        await fetch(
            "INSERT INTO seller_terms (id, seller_id, currency, min_order_value, delivery_charge,"
            " delivery_tax_rate, payment_days) VALUES (gen_random_uuid(), $1, 'RUB', 5, 6, 7, 8)",
            one.id,
        )
    async with counted_sql() as statements:
        found = await terms_of(one.id for one in sellers)
    assert len(statements) == 1
    assert found == {
        (one.id, "RUB"): Terms(one.id, "RUB", D(5), D(6), None, D(7), 8) for one in sellers[:2]
    }
