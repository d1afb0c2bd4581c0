"""Buyers who order without a pause while parts are killed, and what must be true afterwards."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from entrepot.graphql.node import encode_id
from entrepot.platform.catalog.events import OffersChanged
from entrepot.platform.database import credentials, open_database, transaction
from entrepot.platform.home import Home
from entrepot.platform.identity.models import User
from entrepot.platform.identity.sessions import open_session
from entrepot.platform.outbox import record
from tests.factories import Seller, make_buyer, make_offer, make_seller
from tests.journeys.marketplace import Marketplace, eventually

SELLERS, OFFERS, STOCK = 2, 3, 10_000
ADD = """
mutation Add($id: ID!, $quantity: Quantity!) {
  addToCart(input: {offerId: $id, quantity: $quantity}) {
    __typename ... on UserError { code message }
  }
}
"""
PLACE = """
mutation Place($key: String!) {
  placeOrder(input: {poNumber: $key, idempotencyKey: $key}) {
    __typename ... on UserError { code message } ... on PlaceOrderPayload { order { id number } }
  }
}
"""
LOST = (httpx.TransportError, httpx.TimeoutException)
"""How a request ends whose server is killed, or not there yet."""


@dataclass
class Customer:
    """A buyer's program: sends until it gets an answer, orders always under the same key."""

    email: str
    entity: UUID
    token: str
    told: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Key to the order's id and number, as the API told them."""
    retries: int = 0
    outage: bool = False
    """Whether the database may be gone too: then the server's own faults are retried."""

    async def send(self, marketplace: Marketplace, query: str, **variables: Any) -> Any:
        """Run an operation, again and again where the connection is lost."""
        body = {"query": query, "variables": variables}
        headers = {"authorization": f"Bearer {self.token}"}
        while True:
            try:
                # A new connection each time: one that died in the pool tells nothing of the server.
                async with httpx.AsyncClient(base_url=marketplace.address, timeout=20) as http:
                    response = await http.post("/graphql", json=body, headers=headers)
            except LOST:
                self.retries += 1
                await asyncio.sleep(0.05)
                continue
            found = response.json()
            if self.outage and "INTERNAL" in response.text:
                self.retries += 1
                continue
            assert "errors" not in found, found
            [answer] = found["data"].values()
            return answer

    async def order(self, marketplace: Marketplace, key: str, offers: Sequence[str]) -> None:
        """Put one of each offer into the cart and place the order."""
        for offer in offers:
            added = await self.send(marketplace, ADD, id=offer, quantity="1")
            assert added["__typename"] == "CartPayload", added
        placed = await self.send(marketplace, PLACE, key=key)
        assert placed["__typename"] == "PlaceOrderPayload", placed
        told = (placed["order"]["id"], placed["order"]["number"])
        assert self.told.setdefault(key, told) == told, "another order under the same key"


@dataclass
class Stream:
    """Two sellers with offers, and customers who order one of each seller."""

    marketplace: Marketplace
    sellers: list[Seller]
    offers: list[list[UUID]]
    customers: list[Customer]

    async def run(self, orders: int) -> None:
        """Let every customer place `orders` orders, all at once."""
        await asyncio.gather(*(self._customer(one, orders) for one in self.customers))

    async def _customer(self, customer: Customer, orders: int) -> None:
        for number in range(orders):
            wanted = [encode_id("Offer", own[number % OFFERS]) for own in self.offers]
            await customer.order(self.marketplace, f"{customer.email}-{number}", wanted)

    async def until(self, orders: int) -> None:
        """Wait until the customers have been told of so many orders."""
        await eventually(lambda: self.placed >= orders, f"order {orders}")

    @property
    def placed(self) -> int:
        """How many orders the customers have been told of."""
        return sum(len(customer.told) for customer in self.customers)


def database_url(marketplace: Marketplace) -> str:
    """Where the running marketplace keeps its data."""
    services = Home.at(marketplace.home).published()
    assert services is not None
    return services.database_url


@asynccontextmanager
async def tables(marketplace: Marketplace) -> AsyncIterator[asyncpg.Connection]:
    """A connection to the running marketplace's database."""
    connection = await asyncpg.connect(**credentials(database_url(marketplace)))
    try:
        yield connection
    finally:
        await connection.close()


async def open_stream(marketplace: Marketplace, customers: int) -> Stream:
    """Create sellers, offers and signed-in customers straight in the database."""
    opened = await open_database(database_url(marketplace), pool_size=2)
    try:
        sellers = [await make_seller() for _ in range(SELLERS)]
        offers = [
            [(await make_offer(seller, stock=str(STOCK))).id for _ in range(OFFERS)]
            for seller in sellers
        ]
        async with transaction():
            await record(*(OffersChanged(tuple(own)) for own in offers))
        people = []
        for _ in range(customers):
            actor = await make_buyer()
            signed_in = await open_session(actor.user_id)
            email = (await User.get(id=actor.user_id)).email
            people.append(Customer(email, actor.legal_entity_id, signed_in.token))
    finally:
        await opened.close()
    return Stream(marketplace, sellers, offers, people)


async def drained(marketplace: Marketplace) -> bool:
    """Whether every event has been delivered to all who wait for it."""
    async with tables(marketplace) as db:
        waiting = await db.fetchval(
            "SELECT (SELECT count(*) FROM outbox_event WHERE relayed_at IS NULL)"
            " + (SELECT count(*) FROM outbox_delivery WHERE done_at IS NULL AND dead_at IS NULL)"
        )
    return bool(waiting == 0)


async def check_books(stream: Stream, orders: int) -> None:
    """Every order told exists once; numbers, stock, ledger and invoices agree to the last one."""
    entities = [customer.entity for customer in stream.customers]
    async with tables(stream.marketplace) as db:
        rows = await db.fetch(
            "SELECT id, number, po_number FROM purchase_order WHERE legal_entity_id = ANY($1)",
            entities,
        )
        stored = sorted(
            (row["po_number"], encode_id("Order", row["id"]), row["number"]) for row in rows
        )
        told = sorted((key, *order) for one in stream.customers for key, order in one.told.items())
        assert stored == told
        assert len(told) == orders * len(stream.customers)
        sold = await db.fetch(
            "SELECT s.offer_id, s.reserved, s.on_hand, coalesce(sum(l.quantity), 0) AS ordered"
            "  FROM stock_item s LEFT JOIN order_line l USING (offer_id)"
            " WHERE s.offer_id = ANY($1) GROUP BY s.id",
            [offer for own in stream.offers for offer in own],
        )
        assert [(row["offer_id"], row["reserved"]) for row in sold] == [
            (row["offer_id"], row["ordered"]) for row in sold
        ]
        assert {row["on_hand"] for row in sold} == {STOCK}
        assert sum(row["ordered"] for row in sold) >= 2 * len(told)
        await _check_ledger(db)
        sellers = [seller.entity.id for seller in stream.sellers]
        await _check_numbers(db, "purchase_order", "PO", dict.fromkeys(entities, orders))
        await _check_numbers(db, "seller_order", "SO", {one: len(told) for one in sellers})
        await _check_numbers(db, "invoice", "INV", {one: len(told) for one in sellers})
        uninvoiced = await db.fetch(
            "SELECT s.number, count(i.id) FROM seller_order s"
            "  LEFT JOIN invoice i ON i.seller_order_id = s.id"
            " GROUP BY s.id HAVING count(i.id) <> 1"
        )
        assert uninvoiced == []
        assert (
            await db.fetchval("SELECT count(*) FROM outbox_delivery WHERE dead_at IS NOT NULL") == 0
        )


async def _check_ledger(db: asyncpg.Connection) -> None:
    sums = await db.fetch(
        "SELECT t.currency, sum(p.amount_minor) FROM ledger_posting p"
        "  JOIN ledger_transaction t ON t.id = p.transaction_id GROUP BY t.currency"
    )
    assert [tuple(row) for row in sums] == [("RUB", 0)]
    unposted = await db.fetch(
        "SELECT s.number FROM seller_order s LEFT JOIN ledger_transaction t"
        "    ON t.subject_id = s.id AND t.kind = 'order_placed'"
        " GROUP BY s.id HAVING count(t.id) <> 1"
    )
    assert unposted == []


async def _check_numbers(
    db: asyncpg.Connection, table: str, series: str, expected: dict[UUID, int]
) -> None:
    """The numbers of each legal entity run from 1 without a gap."""
    for entity, count in expected.items():
        rows = await db.fetch(
            f"SELECT number FROM {table} WHERE legal_entity_id = $1 ORDER BY number", entity
        )
        endings = [row["number"].rsplit("-", 1)[-1] for row in rows]
        assert endings == [f"{n:06d}" for n in range(1, count + 1)], (table, entity)
        assert {row["number"].split("-")[0] for row in rows} == {series}


async def check_letters(stream: Stream, orders: int) -> None:
    """Everybody has exactly one letter for each thing that happened, each with its own id."""
    found = Counter[str]()
    ids = Counter[tuple[str, str]]()
    for path in (stream.marketplace.home / "mail").glob("*.eml"):
        letter = message_from_bytes(path.read_bytes(), policy=policy.default)
        found[str(letter["to"])] += 1
        ids[str(letter["message-id"]), str(letter["to"])] += 1
    assert [key for key, count in ids.items() if count > 1] == []
    assert len({message for message, _ in ids}) == len(ids)

    def count(email: str) -> int:
        return sum(number for to, number in found.items() if email in to)

    for customer in stream.customers:  # the order's, and an invoice from each seller
        assert count(customer.email) == orders * (1 + SELLERS), customer.email
    async with tables(stream.marketplace) as db:
        for seller in stream.sellers:
            email = await db.fetchval(
                "SELECT email FROM user_account WHERE id = $1", seller.actor.user_id
            )
            assert count(email) == orders * len(stream.customers), email
