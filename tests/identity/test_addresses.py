"""Delivery addresses: who keeps them, what is accepted, and what happens to those in use."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from uuid import UUID

import pytest

from entrepot.platform.carts import service as carts
from entrepot.platform.database import Database, execute, fetch, fetch_value
from entrepot.platform.errors import Forbidden, InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.addresses import (
    AddressDraft,
    addresses_by_ids,
    addresses_of,
    create_address,
    retire_address,
    update_address,
)
from entrepot.platform.identity.errors import AddressInUse, AddressNameTaken
from entrepot.platform.identity.models import LegalEntity
from entrepot.platform.identity.permissions import Role
from entrepot.platform.ids import new_id
from tests.carts.cart_people import CLOCK
from tests.factories import make_actor, make_buyer, make_company, make_offer, make_seller
from tests.graphql_client import GraphQLClient

GATE = AddressDraft("Gate", "RU", "Tula", "Lenina 1")


async def names(actor: Actor) -> list[tuple[str, bool]]:
    """Return (name, whether it is the default one) of the addresses in use."""
    return [(row.name, row.is_default) for row in await addresses_of(actor)]


async def test_buyers_and_administrators_keep_addresses(database: Database) -> None:
    company, entity = await make_company(buyer=True)
    buyer = await make_actor(company, entity, Role.BUYER)
    boss = await make_actor(company, entity, Role.ADMINISTRATOR)
    clerk = await make_actor(company, entity, Role.ACCOUNTANT)
    draft = AddressDraft(" Gate ", "ru", "Tula", "Lenina 1", "300000", "Anna", "+7", True)
    gate = await create_address(buyer, draft)
    await create_address(boss, AddressDraft("Dock", "DE", "Ulm", "Weg 2", is_default=True))
    assert await names(buyer) == [("Dock", True), ("Gate", False)], "one default"
    row = (await addresses_by_ids(boss, [gate]))[gate]
    assert (row.name, row.country, row.postal_code, row.recipient, row.phone) == (
        "Gate", "RU", "300000", "Anna", "+7",
    )  # fmt: skip
    await update_address(buyer, gate, {"name": "Main gate", "is_default": True})
    assert await names(boss) == [("Dock", False), ("Main gate", True)]
    await retire_address(boss, gate)
    await retire_address(boss, gate)
    assert await names(buyer) == [("Dock", False)]
    assert (await addresses_by_ids(buyer, [gate]))[gate].active is False
    await create_address(buyer, AddressDraft("Main gate", "RU", "Tula", "Lenina 1"))
    for refused in (
        create_address(clerk, GATE), update_address(clerk, gate, {"name": "X"}),
        retire_address(clerk, gate), addresses_of(clerk),
    ):  # fmt: skip
        with pytest.raises(Forbidden):
            await refused


async def test_other_companies_addresses_are_not_there(database: Database) -> None:
    buyer, stranger = await make_buyer(), await make_buyer()
    gate = await create_address(buyer, GATE)
    assert await addresses_of(stranger) == []
    assert await addresses_by_ids(stranger, [gate]) == {}
    for unknown in (gate, new_id()):
        with pytest.raises(NotFound):
            await update_address(stranger, unknown, {"name": "Mine"})
        with pytest.raises(NotFound):
            await retire_address(stranger, unknown)
    with pytest.raises(NotFound):
        await create_address(stranger, GATE, legal_entity_id=buyer.legal_entity_id)
    assert await names(buyer) == [("Gate", False)]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", "x" * 101), ("name", "a\nb"),
        ("country", "XX"), ("country", "Russia"), ("country", ""), ("country", "UK"),
        ("city", " "), ("street", ""), ("street", "x" * 301), ("postal_code", "x" * 21),
        ("recipient", "a\0b"), ("phone", "x" * 51),
    ],
)  # fmt: skip
async def test_values_that_are_not_accepted(database: Database, field: str, value: str) -> None:
    buyer = await make_buyer()
    gate = await create_address(buyer, GATE)
    before = await fetch("SELECT t::text FROM delivery_address t")
    with pytest.raises(InvalidInput):
        await update_address(buyer, gate, {field: value})  # type: ignore[misc]
    assert await fetch("SELECT t::text FROM delivery_address t") == before


async def test_a_name_is_taken_within_a_legal_entity(database: Database) -> None:
    buyer = await make_buyer()
    second = await LegalEntity.create(
        company_id=buyer.company_id, name="S", country="RU", tax_id="7707083893", currency="RUB"
    )
    await create_address(buyer, GATE)
    dock = await create_address(buyer, AddressDraft("Dock", "RU", "Tula", "Lenina 2"))
    with pytest.raises(AddressNameTaken):
        await create_address(buyer, GATE)
    with pytest.raises(AddressNameTaken):
        await update_address(buyer, dock, {"name": "Gate"})
    await create_address(buyer, GATE, legal_entity_id=second.id)
    assert [row.name for row in await addresses_of(buyer, second.id)] == ["Gate"]
    done = await asyncio.gather(
        *(create_address(buyer, AddressDraft("Yard", "RU", "Tula", "1")) for _ in range(5)),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in done) == [*["AddressNameTaken"] * 4, "UUID"]


async def test_an_address_that_carts_deliver_to_stays(database: Database) -> None:
    buyer, seller = await make_buyer(), await make_seller()
    offer = await make_offer(seller)
    gate, dock = (
        await create_address(buyer, GATE),
        await create_address(buyer, AddressDraft("Dock", "RU", "Tula", "Lenina 2")),
    )
    cart = await carts.add(buyer, offer.id, Decimal(2), clock=CLOCK)
    line: UUID = await fetch_value("SELECT id FROM cart_line")
    await carts.update(buyer, cart, {"delivery_address_id": gate}, clock=CLOCK)
    parts = [carts.LineDelivery(dock, Decimal(1))]
    await carts.set_line(buyer, line, {"deliveries": parts}, clock=CLOCK)
    for address in (gate, dock):
        with pytest.raises(AddressInUse) as refused:
            await retire_address(buyer, address)
        assert refused.value.uses == 1
    await execute("UPDATE cart SET status = 'placed'")
    await retire_address(buyer, gate)
    await retire_address(buyer, dock)
    assert await addresses_of(buyer) == []


async def test_retiring_an_address_while_a_cart_takes_it(database: Database) -> None:
    buyer = await make_buyer()
    for turn in range(5):
        gate = await create_address(buyer, AddressDraft(f"Gate {turn}", "RU", "Tula", "1"))
        cart = await carts.create(buyer, "Cart", clock=CLOCK)
        done = await asyncio.gather(
            carts.update(buyer, cart, {"delivery_address_id": gate}, clock=CLOCK),
            retire_address(buyer, gate),
            return_exceptions=True,
        )
        assert sum(isinstance(one, (AddressInUse, NotFound)) for one in done) == 1, done
        active = await fetch_value("SELECT active FROM delivery_address WHERE id = $1", gate)
        used = await fetch_value("SELECT delivery_address_id FROM cart WHERE id = $1", cart)
        assert (used is not None) == active


CREATE = """mutation ($input: CreateDeliveryAddressInput!) { createDeliveryAddress(input: $input) {
  __typename ... on DeliveryAddressPayload { address { id name country isDefault active } }
  ... on UserError { code path } } }"""
RETIRE = """mutation ($id: ID!) { retireDeliveryAddress(input: {addressId: $id}) {
  __typename ... on DeliveryAddressPayload { address { active } } ... on UserError { code } } }"""
LIST = "{ deliveryAddresses { id name city legalEntityId } }"
NODE = "query ($id: ID!) { node(id: $id) { ... on DeliveryAddress { name } } }"


async def test_addresses_in_graphql(graphql: GraphQLClient) -> None:
    buyer, stranger = await make_buyer(), await make_buyer()
    values = {"name": "Gate", "country": "RU", "city": "Tula", "street": "Lenina 1"}
    made = [
        await graphql.run(CREATE, actor=buyer, idempotency_key="one", input=values)
        for _ in range(2)
    ]
    address = made[0].data["createDeliveryAddress"]["address"]
    assert address == {
        "id": address["id"], "name": "Gate", "country": "RU", "isDefault": False, "active": True,
    }  # fmt: skip
    assert made[1].data == made[0].data, "the same key makes one address"
    again = await graphql.run(CREATE, actor=buyer, input=values)
    assert again.data["createDeliveryAddress"] == {
        "__typename": "AddressNameTaken", "code": "ADDRESS_NAME_TAKEN", "path": ["input", "name"],
    }  # fmt: skip
    wrong = await graphql.run(CREATE, actor=buyer, input={**values, "country": "XX"})
    assert wrong.data["createDeliveryAddress"]["path"] == ["input", "country"]
    listed = (await graphql.run(LIST, actor=buyer)).data["deliveryAddresses"]
    assert [row["name"] for row in listed] == ["Gate"]
    for actor, shown in ((buyer, {"name": "Gate"}), (stranger, None), (None, None)):
        reply = await graphql.run(NODE, actor=actor, id=address["id"])
        assert reply.data["node"] == shown
    gone = await graphql.run(RETIRE, actor=stranger, id=address["id"])
    assert gone.data["retireDeliveryAddress"]["code"] == "NOT_FOUND"
    retired = await graphql.run(RETIRE, actor=buyer, id=address["id"])
    assert retired.data["retireDeliveryAddress"]["address"] == {"active": False}
