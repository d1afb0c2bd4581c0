"""Shopping lists: private or shared, with today's prices and availability."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from entrepot.graphql.node import encode_id
from entrepot.platform.carts.shopping_lists import queries, service
from entrepot.platform.carts.shopping_lists.errors import (
    ShoppingListFull,
    ShoppingListNameTaken,
    ShoppingListNotYours,
)
from entrepot.platform.carts.shopping_lists.service import MAX_LIST_LINES
from entrepot.platform.database import Database, execute, fetch, fetch_value
from entrepot.platform.errors import Forbidden, InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.ids import new_id
from tests.carts.cart_people import CLOCK, NOW, make_buyers
from tests.factories import make_buyer, make_offer, make_price_list, make_product, make_seller
from tests.graphql_client import GraphQLClient
from tests.sql_counter import counted_sql


async def listed(actor: Actor) -> list[str]:
    """Return the names of the lists that the actor may use."""
    return [row.name for row in await queries.lists_of(actor, None, after=None, limit=50)]


async def rows() -> list[str]:
    """Return every list and line as text."""
    found = []
    for table in ("shopping_list", "shopping_list_line"):
        found += [row["row"] for row in await fetch(f"SELECT t::text AS row FROM {table} t")]
    return sorted(found)


async def test_private_and_shared_lists(database: Database) -> None:
    people, seller, stranger = await make_buyers(), await make_seller(), await make_buyer()
    offer = await make_offer(seller)
    own = await service.create(people.anna, "Own", clock=CLOCK)
    shared = await service.create(people.anna, "Shared", shared_with_all=True, clock=CLOCK)
    assert await listed(people.anna) == ["Own", "Shared"]
    assert await listed(people.vera) == ["Shared"]
    assert await listed(stranger) == []
    await service.set_line(people.boris, shared, offer.id, Decimal(3))
    line = await fetch_value("SELECT id FROM shopping_list_line")
    before = await rows()
    for actor, target in ((people.boris, own), (stranger, own), (stranger, shared)):
        assert await queries.usable_list(actor, target) is None
        with pytest.raises(NotFound):
            await service.update(actor, target, name="Mine")
        with pytest.raises(NotFound):
            await service.delete(actor, target)
        with pytest.raises(NotFound):
            await service.set_line(actor, target, offer.id, Decimal(1))
    for unknown, actor in ((line, stranger), (new_id(), people.anna)):
        with pytest.raises(NotFound):
            await service.remove_line(actor, unknown)
    with pytest.raises(ShoppingListNotYours):
        await service.update(people.boris, shared, shared_with_all=False)
    with pytest.raises(Forbidden):
        await service.create(seller.actor, "X", clock=CLOCK)
    with pytest.raises(NotFound):
        await service.create(
            people.anna, "X", legal_entity_id=stranger.legal_entity_id, clock=CLOCK
        )
    assert await rows() == before
    await service.update(people.anna, own, shared_with_all=True)
    await service.update(people.boris, own, name="Everybody's")
    await service.update(people.anna, shared, shared_with_all=False)
    assert await listed(people.vera) == ["Everybody's"]
    await service.delete(people.vera, own)
    assert await listed(people.anna) == ["Shared"]


async def test_names_are_taken_by_person_and_entity(database: Database) -> None:
    people = await make_buyers()
    await service.create(people.anna, "Screws", clock=CLOCK)
    await service.create(people.boris, "Screws", clock=CLOCK)
    await service.create(people.vera, "Screws", clock=CLOCK)
    other = await service.create(people.anna, "Nuts", clock=CLOCK)
    before = await rows()
    with pytest.raises(ShoppingListNameTaken):
        await service.create(people.anna, " Screws ", clock=CLOCK)
    with pytest.raises(ShoppingListNameTaken):
        await service.update(people.anna, other, name="Screws")
    with pytest.raises(InvalidInput):
        await service.update(people.anna, other, name="a\nb")
    assert await rows() == before
    done = await asyncio.gather(
        service.update(people.anna, other, name="Bolts"),
        service.create(people.anna, "Bolts", clock=CLOCK),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in done) == ["ShoppingListNameTaken", "UUID"]


async def test_lines_at_todays_prices(database: Database) -> None:
    people, seller = await make_buyers(), await make_seller()
    bolt = await make_offer(seller, await make_product("BOLT"), price="10", stock="7")
    nut = await make_offer(seller, await make_product("NUT"), price="5")
    await make_price_list(seller, people.company.id, {bolt.id: {"1": "9", "10": "8"}})
    made = await service.create(people.anna, "Usual", clock=CLOCK)
    await service.set_line(people.anna, made, nut.id, Decimal(2), " for the shelf ")
    await service.set_line(people.anna, made, bolt.id, Decimal(5))
    await service.set_line(people.anna, made, bolt.id, Decimal(10), "two boxes")
    await execute("UPDATE offer SET active = false WHERE id = $1", nut.id)
    found = await queries.usable_list(people.anna, made)
    assert found is not None
    assert found.line_count == 2
    shown = (await queries.views_of([found], NOW))[made]
    assert [
        (one.article_number, one.line.quantity, one.line.note, one.offered, one.available)
        for one in shown
    ] == [("NUT", 2, "for the shelf", False, 0), ("BOLT", 10, "two boxes", True, 7)]
    assert [one.price and one.price.unit_price for one in shown] == [None, 8]
    before = await rows()
    with pytest.raises(NotFound):
        await service.set_line(people.anna, made, nut.id, Decimal(3))
    for quantity in (Decimal(0), Decimal(-1), Decimal("0.0001"), Decimal("NaN")):
        with pytest.raises(InvalidInput):
            await service.set_line(people.anna, made, bolt.id, quantity)
    assert await rows() == before
    await service.remove_line(people.anna, shown[0].line.id)
    assert len((await queries.views_of([found], NOW))[made]) == 1


async def test_a_full_list_takes_no_more(database: Database) -> None:
    people, seller = await make_buyers(), await make_seller()
    first, last = await make_offer(seller), await make_offer(seller)
    made = await service.create(people.anna, "Full", clock=CLOCK)
    await service.set_line(people.anna, made, first.id, Decimal(1))
    await execute("ALTER TABLE shopping_list_line DISABLE TRIGGER ALL")
    await execute(
        "INSERT INTO shopping_list_line"
        " (id, shopping_list_id, offer_id, quantity, note, position)"
        " SELECT gen_random_uuid(), $1, gen_random_uuid(), 1, '', n FROM generate_series(2, $2) n",
        made,
        MAX_LIST_LINES,
    )
    await execute("ALTER TABLE shopping_list_line ENABLE TRIGGER ALL")
    with pytest.raises(ShoppingListFull):
        await service.set_line(people.anna, made, last.id, Decimal(1))
    await service.set_line(people.anna, made, first.id, Decimal(2))
    assert len(await fetch("SELECT 1 FROM shopping_list_line")) == MAX_LIST_LINES


CREATE = """mutation ($name: String!) { createShoppingList(input: {name: $name}) { __typename
  ... on ShoppingListPayload { shoppingList { id name lineCount sharedWithAll } }
  ... on UserError { code path message } } }"""
SET = """mutation ($list: ID!, $offer: ID!) {
  setShoppingListLine(input: {listId: $list, offerId: $offer, quantity: "3", note: "n"}) {
    __typename ... on ShoppingListPayload { shoppingList { lineCount
      lines { id quantity note articleNumber offered available unitPrice { amount currency } } } }
    ... on UserError { code } } }"""
LISTS = """{ shoppingLists { edges { node { name createdBy { name } legalEntity { name }
  lines { quantity unitPrice { amount } offer { id } } } } } }"""
REMOVE = """mutation ($id: ID!) { removeShoppingListLine(input: {lineId: $id}) { __typename
  ... on ShoppingListPayload { shoppingList { lines { id } } } ... on UserError { code } } }"""
DELETE = """mutation ($id: ID!) { deleteShoppingList(input: {listId: $id}) { __typename
  ... on DeleteShoppingListPayload { listId } ... on UserError { code } } }"""
ONE = "query ($id: ID!) { shoppingList(id: $id) { name } node(id: $id) { id } }"


async def test_shopping_lists_in_graphql(graphql: GraphQLClient) -> None:
    people, seller = await make_buyers(), await make_seller()
    offer = await make_offer(seller, await make_product("BOLT"), price="10", stock="7")

    async def run(query: str, actor: Actor = people.anna, **variables: Any) -> Any:
        return (await graphql.run(query, actor=actor, **variables)).data

    made = (await run(CREATE, name="Usual"))["createShoppingList"]["shoppingList"]
    assert made == {"id": made["id"], "name": "Usual", "lineCount": 0, "sharedWithAll": False}
    taken = await run(CREATE, replace(people.anna, locale="ru"), name="Usual")
    assert taken["createShoppingList"] == {
        "__typename": "ShoppingListNameTaken",
        "code": "SHOPPING_LIST_NAME_TAKEN",
        "path": ["input", "name"],
        "message": "У вас уже есть список «Usual». Выберите другое название.",
    }
    offer_id = encode_id("Offer", offer.id)
    after = (await run(SET, list=made["id"], offer=offer_id))["setShoppingListLine"]
    line = after["shoppingList"]["lines"][0]
    assert line == {
        "id": line["id"], "quantity": "3", "note": "n", "articleNumber": "BOLT", "offered": True,
        "available": "7", "unitPrice": {"amount": "10", "currency": "RUB"},
    }  # fmt: skip
    shown = (await run(LISTS))["shoppingLists"]["edges"][0]["node"]
    assert shown["lines"] == [
        {"quantity": "3", "unitPrice": {"amount": "10"}, "offer": {"id": offer_id}}
    ]
    hidden = await run(ONE, people.boris, id=made["id"])
    assert hidden == {"shoppingList": None, "node": None}
    stolen = await run(DELETE, people.boris, id=made["id"])
    assert stolen["deleteShoppingList"]["code"] == "NOT_FOUND"
    removed = (await run(REMOVE, id=line["id"]))["removeShoppingListLine"]
    assert removed["shoppingList"] == {"lines": []}
    gone = await run(DELETE, id=made["id"])
    assert gone["deleteShoppingList"]["listId"] == made["id"]
    assert await rows() == []


async def test_the_list_of_lists_takes_a_fixed_number_of_statements(
    graphql: GraphQLClient,
) -> None:
    people, seller = await make_buyers(), await make_seller()
    counts = []
    for lists in (2, 5):
        for number in range(lists):
            made = await service.create(people.anna, f"{lists} {number}", clock=CLOCK)
            for _ in range(lists):
                offer = await make_offer(seller)
                await service.set_line(people.anna, made, offer.id, Decimal(1))
        async with counted_sql() as statements:
            await graphql.run(LISTS, actor=people.anna)
        counts.append(len(statements))
    assert counts[0] == counts[1], counts
