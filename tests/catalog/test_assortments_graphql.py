"""Assortments over GraphQL: the whole life of one, errors by line, pages, repeated requests."""

from __future__ import annotations

from typing import Any

from entrepot.graphql.node import encode_id
from entrepot.platform.catalog.assortments import service
from entrepot.platform.catalog.models import Offer
from entrepot.platform.identity.actor import Actor
from entrepot.platform.pricing.groups.models import CustomerGroup
from tests.factories import make_buyer, make_offer, make_seller
from tests.graphql_client import GraphQLClient
from tests.sql_counter import counted_sql

SHOWN = "id name shownToAll offerCount companyIds groupIds"
ERROR = "... on UserError { __typename code message path lineIndex }"


def change(field: str) -> str:
    """The mutation, with its assortment and its refusal."""
    kind = f"{field[0].upper()}{field[1:]}Input"
    return (
        f"mutation ($input: {kind}!) {{ answer: {field}(input: $input) {{"
        f" ... on AssortmentPayload {{ assortment {{ {SHOWN} }} }} {ERROR} }} }}"
    )


DELETE = f"""
mutation ($input: DeleteAssortmentInput!) {{ answer: deleteAssortment(input: $input) {{
  ... on DeleteAssortmentPayload {{ assortmentId }} {ERROR} }} }}
"""
LIST = """
query ($first: Int!, $after: String) { assortments(first: $first, after: $after) {
  pageInfo { hasNextPage endCursor }
  edges { node { name offers(first: 2) { pageInfo { hasNextPage endCursor }
                                         edges { node { id articleNumber } } } } } } }
"""


async def send(graphql: GraphQLClient, actor: Actor, document: str, **values: Any) -> Any:
    reply = await graphql.run(document, actor=actor, input=values)
    return reply.data["answer"]


async def test_the_life_of_an_assortment(graphql: GraphQLClient) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    offer = await make_offer(seller)
    group = await CustomerGroup.create(seller=seller.company, name="Gold")
    made = (await send(graphql, seller.actor, change("createAssortment"), name="Secret"))[
        "assortment"
    ]
    assert made | {"id": None} == {
        "id": None, "name": "Secret", "shownToAll": False, "offerCount": 0,
        "companyIds": [], "groupIds": [],
    }  # fmt: skip
    key, offer_id = made["id"], encode_id("Offer", offer.id)
    company, group_id = (
        encode_id("Company", buyer.company_id),
        encode_id("CustomerGroup", group.id),
    )
    filled = await send(
        graphql, seller.actor, change("setAssortmentOffers"),
        assortmentId=key, addOfferIds=[offer_id],
    )  # fmt: skip
    assert filled["assortment"]["offerCount"] == 1
    assert (await Offer.get(id=offer.id)).restricted is True
    seen = await send(
        graphql, seller.actor, change("setAssortmentAudience"),
        assortmentId=key, companyIds=[company], groupIds=[group_id],
    )  # fmt: skip
    assert (seen["assortment"]["companyIds"], seen["assortment"]["groupIds"]) == (
        [company],
        [group_id],
    )
    renamed = await send(
        graphql, seller.actor, change("updateAssortment"), assortmentId=key, name="Quiet"
    )
    assert (renamed["assortment"]["name"], renamed["assortment"]["shownToAll"]) == ("Quiet", False)
    assert (await send(graphql, seller.actor, DELETE, assortmentId=key)) == {"assortmentId": key}
    assert (await Offer.get(id=offer.id)).restricted is False
    gone = await send(graphql, seller.actor, DELETE, assortmentId=key)
    assert (gone["code"], gone["path"]) == ("NOT_FOUND", ["input", "assortmentId"])


async def test_errors_name_the_line(graphql: GraphQLClient) -> None:
    seller, rival, buyer = await make_seller(), await make_seller(), await make_buyer()
    own, foreign = await make_offer(seller), await make_offer(rival)
    key = encode_id("Assortment", await service.create_assortment(seller.actor, "Secret"))
    mine, theirs = encode_id("Offer", own.id), encode_id("Offer", foreign.id)

    async def offers(**values: Any) -> Any:
        return await send(
            graphql, seller.actor, change("setAssortmentOffers"), assortmentId=key, **values
        )

    wrong = await offers(addOfferIds=[mine, theirs])
    assert (wrong["__typename"], wrong["path"], wrong["lineIndex"]) == (
        "NotFound", ["input", "addOfferIds", "1"], 1,
    )  # fmt: skip
    wrong = await offers(addOfferIds=[mine], removeOfferIds=[mine])
    assert (wrong["__typename"], wrong["path"], wrong["lineIndex"]) == (
        "OfferNamedTwice", ["input", "removeOfferIds", "0"], 0,
    )  # fmt: skip
    wrong = await offers()
    assert (wrong["__typename"], wrong["path"]) == ("InvalidInput", ["input", "addOfferIds"])
    wrong = await offers(addOfferIds=[key])
    assert (wrong["__typename"], wrong["path"]) == ("InvalidId", ["input", "addOfferIds", "0"])
    wrong = await send(
        graphql, seller.actor, change("setAssortmentAudience"), assortmentId=key,
        companyIds=[encode_id("Company", buyer.company_id), encode_id("Company", rival.id)],
    )  # fmt: skip
    assert (wrong["__typename"], wrong["path"], wrong["lineIndex"]) == (
        "NotFound", ["input", "companyIds", "1"], 1,
    )  # fmt: skip
    wrong = await send(graphql, buyer, change("createAssortment"), name="Mine")
    assert wrong["code"] == "FORBIDDEN"
    taken = await send(graphql, seller.actor, change("createAssortment"), name="Secret")
    assert taken["code"] == "ASSORTMENT_NAME_TAKEN"
    assert (await Offer.get(id=own.id)).restricted is False


async def test_lists_do_not_grow_with_the_rows(graphql: GraphQLClient) -> None:
    seller = await make_seller()

    async def fill(*names: str) -> None:
        for name in names:
            made = await service.create_assortment(seller.actor, name)
            offers = [await make_offer(seller) for _ in range(3)]
            await service.set_offers(seller.actor, made, add=[one.id for one in offers])

    await fill("A")
    async with counted_sql() as one:
        await graphql.run(LIST, actor=seller.actor, first=10)
    await fill("B", "C", "D")
    async with counted_sql() as four:
        reply = await graphql.run(LIST, actor=seller.actor, first=10)
    assert len(four) == len(one), four
    edges = reply.data["assortments"]["edges"]
    assert [edge["node"]["name"] for edge in edges] == ["A", "B", "C", "D"]
    assert [len(edge["node"]["offers"]["edges"]) for edge in edges] == [2] * 4
    assert all(edge["node"]["offers"]["pageInfo"]["hasNextPage"] for edge in edges)
    first = (await graphql.run(LIST, actor=seller.actor, first=3)).data["assortments"]
    assert first["pageInfo"]["hasNextPage"] is True
    after = first["pageInfo"]["endCursor"]
    rest = (await graphql.run(LIST, actor=seller.actor, first=3, after=after)).data["assortments"]
    assert [edge["node"]["name"] for edge in rest["edges"]] == ["D"]
