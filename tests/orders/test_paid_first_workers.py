"""A one-off buyer from the registration to the letters, through the consumers and the job."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from entrepot.platform.carts import service as carts
from entrepot.platform.clock import FixedClock
from entrepot.platform.config import Settings
from entrepot.platform.database import Database, fetch, fetch_one, fetch_value
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.models import User
from entrepot.platform.identity.permissions import Role, permissions_of
from entrepot.platform.orders import service as orders
from entrepot.platform.orders.paying import record_payment
from entrepot.platform.outbox import load
from entrepot.workers.consumers import Delivery
from entrepot.workers.documents import issue_invoices, issue_paid_invoice
from entrepot.workers.notifications import (
    write_cancellation_letters,
    write_invoice_letters,
    write_order_letters,
    write_payment_letters,
    write_pro_forma_letters,
)
from entrepot.workers.orders import cancel_unpaid_orders
from entrepot.workers.resources import WorkerResources, open_resources
from tests.factories import make_actor, make_company, make_offer, make_seller
from tests.graphql_client import GraphQLClient

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CLOCK = FixedClock(NOW)
CONSUMERS: dict[str, tuple[Any, ...]] = {
    "OrderPlaced": (issue_invoices, write_order_letters),
    "ProFormaIssued": (write_pro_forma_letters,),
    "SellerOrderPaid": (issue_paid_invoice, write_payment_letters),
    "InvoiceIssued": (write_invoice_letters,),
    "OrderCancelled": (write_cancellation_letters,),
}
REGISTER = """
mutation R($input: RegisterCompanyInput!) { registerCompany(input: $input) { __typename
  ... on UserError { code path } } }
"""
COMPANY = {
    "email": "once@example.com", "password": "correct horse battery", "name": "Olga",
    "companyName": "Once", "kind": "BUYER", "oneOff": True, "locale": "RU",
    "legalEntity": {"name": "ООО Разово", "country": "RU", "taxId": "7707083893",
                    "currency": "RUB", "registrationReasonCode": "770701001"},
}  # fmt: skip


@pytest.fixture
async def resources(settings: Settings) -> AsyncIterator[WorkerResources]:
    async with open_resources(settings) as opened:
        yield opened


async def deliver_all(resources: WorkerResources) -> None:
    """Hand every event to its consumers, those that these make as well."""
    done = 0
    while True:
        rows = await fetch(
            "SELECT id, kind, payload FROM outbox_event WHERE id > $1 ORDER BY id", done
        )
        if not rows:
            return
        for row in rows:
            done = row["id"]
            for number, handle in enumerate(CONSUMERS.get(row["kind"], ())):
                delivery = Delivery(done * 10 + number, done, "test", 1, None, NOW)
                await handle(load(row["kind"], row["payload"]), delivery, resources)


def letters(resources: WorkerResources) -> list[EmailMessage]:
    files = (resources.settings.home / "mail").iterdir()
    ordered = sorted(files, key=lambda file: int(file.name.partition("-")[0]))
    return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in ordered]  # type: ignore[misc]


async def registered(graphql: GraphQLClient) -> Actor:
    """The one-off buyer of the registration."""
    reply = await graphql.run(REGISTER, input=COMPANY)
    assert reply.data["registerCompany"] == {"__typename": "RegisterCompanyPayload"}
    row = await fetch_one(
        "SELECT u.id, c.id AS company_id, e.id AS entity_id, c.pays_in_advance"
        " FROM user_account u JOIN membership m ON m.user_id = u.id"
        " JOIN company c ON c.id = m.company_id JOIN legal_entity e ON e.company_id = c.id"
        " WHERE u.email = 'once@example.com'"
    )
    assert row is not None
    assert row["pays_in_advance"] is True
    await User.filter(id=row["id"]).update(email_confirmed_at=NOW)
    return Actor(row["id"], row["company_id"], row["entity_id"], permissions_of(["buyer"]))


async def test_a_seller_is_no_one_off_buyer(graphql: GraphQLClient) -> None:
    reply = await graphql.run(REGISTER, input=COMPANY | {"kind": "SELLER"})
    assert reply.data["registerCompany"] == {
        "__typename": "InvalidInput", "code": "INVALID_INPUT", "path": ["input", "oneOff"],
    }  # fmt: skip
    assert await fetch_value("SELECT count(*) FROM company") == 0


async def test_from_the_registration_to_the_invoice(
    graphql: GraphQLClient, resources: WorkerResources
) -> None:
    buyer = await registered(graphql)
    seller = await make_seller("Nord")
    company, entity = await make_company("Market", operator=True)
    operator = await make_actor(company, entity, Role.OPERATOR)
    await carts.add(buyer, (await make_offer(seller, price="50")).id, Decimal(2), clock=CLOCK)
    await orders.place(buyer, clock=CLOCK)
    await deliver_all(resources)
    asked, placed = sorted(letters(resources), key=lambda one: str(one["Subject"]), reverse=True)
    assert placed["Subject"] == "Заказ PO-2026-000001 оформлен"
    assert asked["Subject"] == "Счёт на оплату заказа SO-2026-000001: 120.00 RUB"
    (paper,) = asked.iter_attachments()
    assert (paper.get_filename(), paper.get_content()[:5]) == ("SO-2026-000001.pdf", b"%PDF-")
    assert await fetch_value("SELECT count(*) FROM invoice") == 0

    part = await fetch_value("SELECT id FROM seller_order")
    await record_payment(operator, part, Decimal(120), "RUB", "r", NOW.date(), clock=CLOCK)
    await deliver_all(resources)
    subjects = [one["Subject"] for one in letters(resources)]
    assert sorted(subjects[:2]) == [
        "Заказ PO-2026-000001 оформлен",
        "Счёт на оплату заказа SO-2026-000001: 120.00 RUB",
    ]
    assert sorted(subjects[2:]) == [  # several tasks write them, in no order among themselves
        "New order SO-2026-000001 from Once",
        "Оплата заказа SO-2026-000001 получена",
        "Счёт INV-2026-000001 от «Nord»",
    ]
    await cancel_unpaid_orders(NOW + timedelta(days=30), resources)
    assert await fetch_value("SELECT status FROM seller_order") == "placed"


async def test_the_job_cancels_what_nobody_paid(
    graphql: GraphQLClient, resources: WorkerResources, database: Database
) -> None:
    buyer = await registered(graphql)
    seller = await make_seller("Nord")
    offer = await make_offer(seller, price="50", stock="2")
    await carts.add(buyer, offer.id, Decimal(2), clock=CLOCK)
    await orders.place(buyer, clock=CLOCK)
    for days in (0, 7, 8, 8):
        await cancel_unpaid_orders(NOW + timedelta(days=days), resources)
        expected = "cancelled" if days == 8 else "awaiting_payment"
        assert await fetch_value("SELECT status FROM seller_order") == expected
    assert await fetch_value("SELECT reserved FROM stock_item") == 0
    events = "SELECT count(*) FROM outbox_event WHERE kind = 'OrderCancelled'"
    assert await fetch_value(events) == 1
    await deliver_all(resources)
    # no pro forma any more: it is too late to pay
    assert sorted(one["Subject"] for one in letters(resources)) == [
        "Order SO-2026-000001 is cancelled",
        "Заказ PO-2026-000001 оформлен",
        "Заказ SO-2026-000001 отменён",
    ]
    assert await fetch_value("SELECT count(*) FROM pro_forma") == 0
