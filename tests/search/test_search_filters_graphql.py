"""Filters on properties with units, delivery, sellers; orders; facets; what bad filters answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from entrepot.graphql.node import encode_id
from entrepot.platform.catalog.models import AttributeDefinition, Offer
from entrepot.platform.identity.actor import Actor
from entrepot.search.reindex import rebuild
from tests.factories import make_buyer, make_offer, make_product, make_seller
from tests.graphql_client import GraphQLClient

SEARCH = """
query ($text: String! = "bolt", $filter: OfferFilter, $sort: OfferSort! = RELEVANCE) {
  searchOffers(query: $text, filter: $filter, sort: $sort) {
    edges { node { articleNumber } }
    totalCount
    facets {
      inStock
      sellers { count seller { id name } }
      categories { count category { path parent { path } } }
      attributes { code name kind unit count least greatest values { value count } }
    }
  }
}
"""


@pytest.fixture
async def shop(graphql: GraphQLClient) -> tuple[GraphQLClient, Actor, list[Offer]]:
    """Bolts of 8, 10 and 16 mm and one of unknown diameter, of two sellers."""
    await AttributeDefinition.create(
        code="diameter", name_en="Diameter", name_ru="Диаметр", kind="number", unit="MMT"
    )
    await AttributeDefinition.create(
        code="coating", name_en="Coating", name_ru="Покрытие", kind="text"
    )
    await AttributeDefinition.create(
        code="metric", name_en="Metric", name_ru="Метрический", kind="boolean"
    )
    first, second = await make_seller("First"), await make_seller("Second")
    offers: list[Offer] = []
    facts: list[dict[str, Any]] = [
        {"diameter": 8, "coating": "zinc", "metric": True},
        {"diameter": 10.5, "coating": "zinc", "metric": True},
        {"diameter": 16, "coating": "brass", "metric": False},
        {},
    ]
    for place, attributes in enumerate(facts, 1):
        product = await make_product(f"B-{place}", title="Bolt", path="fasteners/bolts")
        product.attributes = attributes
        await product.save()
        offer = await make_offer(
            first if place < 4 else second, product, stock="10" if place != 2 else "0"
        )
        offer.lead_time_days = 10 - 2 * place
        await offer.save()
        offers.append(offer)
    await rebuild(graphql.resources.search)
    return graphql, await make_buyer(), offers


async def ask(shop: tuple[GraphQLClient, Actor, list[Offer]], **asked: Any) -> dict[str, Any]:
    graphql, buyer, _ = shop
    found: dict[str, Any] = (await graphql.run(SEARCH, actor=buyer, **asked)).data["searchOffers"]
    return found


def numbers(page: dict[str, Any]) -> list[str]:
    return [edge["node"]["articleNumber"] for edge in page["edges"]]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"code": "diameter", "from": "10", "to": "16"}, ["B-2", "B-3"]),
        ({"code": "diameter", "from": "10.5", "to": "10.5"}, ["B-2"]),
        ({"code": "diameter", "from": "1.05", "to": "1.6", "unit": "cm"}, ["B-2", "B-3"]),
        ({"code": "diameter", "to": "0.008", "unit": "м"}, ["B-1"]),
        ({"code": "diameter", "from": "16", "unit": "MMT"}, ["B-3"]),
        ({"code": "diameter", "from": "0.4", "to": "0.5", "unit": '"'}, ["B-2"]),
        ({"code": "diameter"}, ["B-1", "B-2", "B-3"]),
        ({"code": "coating", "values": ["zinc"]}, ["B-1", "B-2"]),
        ({"code": "coating", "values": ["brass", "nothing"]}, ["B-3"]),
        ({"code": "coating", "values": ["Zinc"]}, []),
        ({"code": "metric", "values": ["false"]}, ["B-3"]),
    ],
)
async def test_a_property_narrows(
    shop: tuple[GraphQLClient, Actor, list[Offer]], condition: dict[str, Any], expected: list[str]
) -> None:
    page = await ask(shop, filter={"attributes": [condition]})
    assert sorted(numbers(page)) == expected
    assert page["totalCount"] == len(expected)


async def test_several_properties_must_all_hold(
    shop: tuple[GraphQLClient, Actor, list[Offer]],
) -> None:
    conditions = [
        {"code": "coating", "values": ["zinc"]},
        {"code": "diameter", "from": "9"},
    ]
    assert numbers(await ask(shop, filter={"attributes": conditions})) == ["B-2"]


@pytest.mark.parametrize(
    ("condition", "field"),
    [
        ({"code": "colour"}, "code"),
        ({"code": "coating", "from": "1"}, "from"),
        ({"code": "coating", "unit": "mm"}, "from"),
        ({"code": "diameter", "values": ["8"]}, "values"),
        ({"code": "diameter", "from": "16", "to": "10"}, "to"),
        ({"code": "diameter", "from": "1", "unit": "kg"}, "unit"),
        ({"code": "diameter", "from": "1", "unit": "what"}, "unit"),
        ({"code": "metric", "values": ["yes"]}, "values"),
        ({"code": "coating", "values": ["x"] * 51}, "values"),
    ],
)
async def test_a_bad_condition_names_its_field(
    shop: tuple[GraphQLClient, Actor, list[Offer]], condition: dict[str, Any], field: str
) -> None:
    graphql, buyer, _ = shop
    good = {"code": "coating", "values": ["zinc"]}
    reply = await graphql.run(SEARCH, actor=buyer, filter={"attributes": [good, condition]})
    assert reply.codes == ["INVALID_INPUT"]
    path = reply.body["errors"][0]["extensions"]["inputPath"]
    assert path == ["filter", "attributes", "1", field]
    assert reply.body.get("data") is None


@pytest.mark.parametrize(
    "filter",
    [
        {"attributes": [{"code": "coating"}] * 21},
        {"sellerIds": [encode_id("Company", UUID(int=5))] * 51},
        {"deliveryDaysMax": -1},
        {"currency": "RUB", "priceFrom": "5", "priceTo": "4"},
    ],
)
async def test_too_much_or_too_little_is_refused(
    shop: tuple[GraphQLClient, Actor, list[Offer]], filter: dict[str, Any]
) -> None:
    graphql, buyer, _ = shop
    reply = await graphql.run(SEARCH, actor=buyer, filter=filter)
    assert reply.codes == ["INVALID_INPUT"]


async def test_delivery_time_and_order_by_it(
    shop: tuple[GraphQLClient, Actor, list[Offer]],
) -> None:
    assert numbers(await ask(shop, sort="DELIVERY")) == ["B-4", "B-3", "B-2", "B-1"]
    page = await ask(shop, filter={"deliveryDaysMax": 4}, sort="DELIVERY")
    assert numbers(page) == ["B-4", "B-3"]


async def test_the_newest_offer_first(shop: tuple[GraphQLClient, Actor, list[Offer]]) -> None:
    graphql, _, offers = shop
    for offer, year in zip(offers, (2021, 2024, 2022, 2023), strict=True):
        offer.created_at = offer.created_at.replace(year=year)
        await offer.save()
    await rebuild(graphql.resources.search)
    assert numbers(await ask(shop, sort="NEWEST")) == ["B-2", "B-4", "B-3", "B-1"]


async def test_facets_count_what_is_found(
    shop: tuple[GraphQLClient, Actor, list[Offer]],
) -> None:
    facets = (await ask(shop))["facets"]
    assert facets["inStock"] == 3
    assert [(one["seller"]["name"], one["count"]) for one in facets["sellers"]] == [
        ("First", 3),
        ("Second", 1),
    ]
    paths = {one["category"]["path"]: one for one in facets["categories"]}
    assert paths["fasteners/bolts"]["count"] == 4
    assert paths["fasteners/bolts"]["category"]["parent"] == {"path": "fasteners"}
    attributes = {one["code"]: one for one in facets["attributes"]}
    assert attributes["diameter"] == {
        "code": "diameter",
        "name": "Diameter",
        "kind": "NUMBER",
        "unit": "MMT",
        "count": 3,
        "least": "8",
        "greatest": "16",
        "values": [],
    }
    assert attributes["coating"]["values"] == [
        {"value": "zinc", "count": 2},
        {"value": "brass", "count": 1},
    ]
    assert attributes["metric"]["kind"] == "BOOLEAN"
    narrowed = (await ask(shop, filter={"inStock": True}))["facets"]
    zinc = {one["code"]: one for one in narrowed["attributes"]}["coating"]["values"]
    assert {"value": "zinc", "count": 1} in zinc
