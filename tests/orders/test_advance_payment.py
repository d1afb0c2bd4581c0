"""Buyers who pay in advance: orders that wait, money that comes in parts, too late or twice."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from pypdf import PdfReader

from entrepot.graphql.node import encode_id
from entrepot.platform.blobs import FolderBlobs
from entrepot.platform.carts import service as carts
from entrepot.platform.clock import FixedClock
from entrepot.platform.database import Database, execute, fetch, fetch_one, fetch_value
from entrepot.platform.documents.service import issue_invoice, issue_pro_forma
from entrepot.platform.errors import DomainError, Forbidden, InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.advance_payment import set_pays_in_advance
from entrepot.platform.identity.permissions import Role
from entrepot.platform.ids import new_id
from entrepot.platform.notifications.queries import (
    letters_of_cancellation,
    letters_of_order,
    letters_of_payment,
)
from entrepot.platform.orders import queries, service
from entrepot.platform.orders.errors import OrderNotPaid
from entrepot.platform.orders.paying import cancel_unpaid, record_payment
from entrepot.platform.payments.errors import (
    OrderNotPayable,
    PaymentExceedsOpenAmount,
    PaymentReferenceUsed,
)
from tests.factories import Seller, make_actor, make_buyer, make_company, make_offer, make_seller
from tests.graphql_client import GraphQLClient

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CLOCK = FixedClock(NOW)
TODAY = NOW.date()


async def make_operator() -> Actor:
    company, entity = await make_company("Market", operator=True)
    return await make_actor(company, entity, Role.OPERATOR)


async def waiting(stock: str = "10") -> tuple[Actor, Seller, Actor, UUID]:
    """An order of 2 × 100 + 20 % that waits for its payment: buyer, seller, operator, its part."""
    operator, seller, buyer = (
        await make_operator(),
        await make_seller(),
        await make_buyer(locale="ru"),
    )
    await execute("UPDATE company SET pays_in_advance = true WHERE id = $1", buyer.company_id)
    offer = await make_offer(seller, price="100", stock=stock)
    await carts.add(buyer, offer.id, Decimal(2), clock=CLOCK)
    (order_id,) = await service.place(buyer, clock=CLOCK)
    return buyer, seller, operator, (await queries.seller_orders_of([order_id]))[order_id][0].id


async def pay(
    operator: Actor, part: UUID, amount: str, reference: str = "r1", day: date = TODAY
) -> UUID:
    return await record_payment(operator, part, Decimal(amount), "RUB", reference, day, clock=CLOCK)


async def part_of(part: UUID) -> queries.SellerOrderRow:
    rows = await fetch("SELECT order_id FROM seller_order WHERE id = $1", part)
    order_id = rows[0]["order_id"]
    return (await queries.seller_orders_of([order_id]))[order_id][0]


async def balances() -> dict[tuple[str, UUID], int]:
    rows = await fetch(
        "SELECT a.kind, a.legal_entity_id, sum(p.amount_minor)::int AS amount FROM ledger_posting p"
        " JOIN ledger_account a ON a.id = p.account_id GROUP BY 1, 2"
    )
    return {(row["kind"], row["legal_entity_id"]): row["amount"] for row in rows}


async def traces() -> list[str]:
    rows = await fetch(
        "SELECT (SELECT count(*) FROM payment) AS a, (SELECT count(*) FROM ledger_posting) AS b,"
        " (SELECT count(*) FROM outbox_event) AS c,"
        " (SELECT string_agg(status || coalesce(paid_at::text, ''), ',' ORDER BY id)"
        " FROM seller_order) AS d"
    )
    return [str(value) for value in rows[0].values()]


async def refuse(error: type[DomainError], operator: Actor, part: UUID, **given: object) -> str:
    """A payment that must be refused and leave no trace; returns what was said."""
    before = await traces()
    values = {"amount": Decimal(240), "currency": "RUB", "reference": "x", "received_on": TODAY}
    values |= given
    with pytest.raises(error) as refused:
        await record_payment(operator, part, clock=CLOCK, **values)  # type: ignore[arg-type]
    assert await traces() == before
    return str(refused.value)


async def test_the_order_waits_with_its_stock_until_all_is_paid(database: Database) -> None:
    buyer, seller, operator, part = await waiting()
    row = await part_of(part)
    assert (row.status, row.payment, row.payment_due_on, row.paid_at, row.gross) == (
        "awaiting_payment", "advance", date(2026, 11, 30), None, 240
    )  # fmt: skip
    assert await fetch_value("SELECT reserved FROM stock_item") == 2
    with pytest.raises(OrderNotPaid) as unpaid:
        await service.confirm(seller.actor, part, clock=CLOCK)
    assert str(unpaid.value) == (
        "Order SO-2026-000001 is to be paid in advance; 240 RUB are still open."
    )

    await pay(operator, part, "100.50", "r1", date(2026, 11, 20))
    row = await part_of(part)
    assert (row.status, row.paid, row.paid_at) == ("awaiting_payment", Decimal("100.50"), None)
    with pytest.raises(OrderNotPaid) as unpaid:
        await service.confirm(seller.actor, part, clock=CLOCK)
    assert unpaid.value.open_amount == Decimal("139.5")
    assert await fetch_value("SELECT count(*) FROM outbox_event WHERE kind='SellerOrderPaid'") == 0

    await pay(operator, part, "139.50", "r2", date(2026, 11, 22))
    row = await part_of(part)
    assert (row.status, row.paid) == ("placed", 240)
    assert row.paid_at == datetime(2026, 11, 22, 12, tzinfo=UTC)
    event = await fetch("SELECT payload FROM outbox_event WHERE kind = 'SellerOrderPaid'")
    assert [one["payload"] for one in event] == [
        f'{{"advance": true, "seller_order_id": "{part}"}}'
    ]
    assert await balances() == {
        ("receivable", buyer.legal_entity_id): 0,
        ("bank", operator.legal_entity_id): 24000,
        ("escrow", seller.entity.id): -20000,
        ("tax", seller.entity.id): -4000,
    }
    await service.confirm(seller.actor, part, clock=CLOCK)
    assert (await part_of(part)).status == "confirmed"


async def test_the_same_reference_counts_once(database: Database) -> None:
    _, _, operator, part = await waiting()
    answers = await asyncio.gather(*(pay(operator, part, "100") for _ in range(10)))
    assert len(set(answers)) == 1
    assert await fetch_value("SELECT sum(amount) FROM payment") == 100
    assert await fetch_value("SELECT count(*) FROM payment") == 1
    said = await refuse(PaymentReferenceUsed, operator, part, reference="r1", amount=Decimal(50))
    assert said == (
        "The reference r1 was recorded for this order already, with 100 RUB received on 2026-11-23."
    )
    await pay(operator, part, "140", "r2")
    assert await pay(operator, part, "140", "r2") is not None  # repeated after the last part
    assert await fetch_value("SELECT sum(amount) FROM payment") == 240


async def test_parts_at_once_never_exceed_the_whole(database: Database) -> None:
    _, _, operator, part = await waiting()
    answers = await asyncio.gather(
        *(pay(operator, part, "50", f"r{n}") for n in range(10)), return_exceptions=True
    )
    refused = [one for one in answers if isinstance(one, PaymentExceedsOpenAmount)]
    assert len(refused) == 6
    assert {one.open_amount for one in refused} == {Decimal(40)}
    assert await fetch_value("SELECT sum(amount) FROM payment") == 200
    assert (await part_of(part)).status == "awaiting_payment"


async def test_payments_that_are_refused_change_nothing(database: Database) -> None:
    buyer, seller, operator, part = await waiting()
    said = await refuse(PaymentExceedsOpenAmount, operator, part, amount=Decimal("240.01"))
    assert said == ("Only 240 RUB are open for the order SO-2026-000001. Record that at most.")
    for amount in ("0", "-1", "NaN", "Infinity", "1.001", "1e20"):
        await refuse(InvalidInput, operator, part, amount=Decimal(amount))
    await refuse(InvalidInput, operator, part, currency="EUR")
    await refuse(InvalidInput, operator, part, reference=" ")
    await refuse(InvalidInput, operator, part, reference="x" * 101)
    await refuse(InvalidInput, operator, part, received_on=TODAY + timedelta(days=2))
    await refuse(NotFound, operator, new_id())
    for stranger in (buyer, seller.actor):
        await refuse(Forbidden, stranger, part)
    await service.cancel(buyer, part, clock=CLOCK)
    await refuse(OrderNotPayable, operator, part)


async def test_unpaid_orders_are_cancelled_once_after_their_last_day(database: Database) -> None:
    buyer, seller, operator, part = await waiting()
    await pay(operator, part, "40")
    last_moment = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)
    assert await cancel_unpaid(last_moment) == 0
    assert (await part_of(part)).status == "awaiting_payment"

    done = await asyncio.gather(*(cancel_unpaid(last_moment + timedelta(seconds=1)) for _ in "ab"))
    assert sorted(done) == [0, 1]
    assert (await part_of(part)).status == "cancelled"
    assert await fetch_value("SELECT reserved FROM stock_item") == 0
    assert await balances() == {
        ("receivable", buyer.legal_entity_id): -4000,  # the buyer's, until it is sent back
        ("bank", operator.legal_entity_id): 4000,
        ("escrow", seller.entity.id): 0,
        ("tax", seller.entity.id): 0,
    }
    events = await fetch("SELECT payload FROM outbox_event WHERE kind = 'OrderCancelled'")
    assert [one["payload"] for one in events] == [
        f'{{"by": "marketplace", "seller_order_id": "{part}"}}'
    ]
    letters = await letters_of_cancellation(part, "marketplace")
    assert [(one.kind, one.values["unpaid"], one.values["paid"]) for one in letters] == [
        ("order_cancelled", True, "40.00"), ("order_cancelled", True, "40.00")
    ]  # fmt: skip


async def test_a_payment_and_the_last_day_at_once(database: Database) -> None:
    _, _, operator, part = await waiting()
    late = datetime(2026, 12, 1, 0, 0, 1, tzinfo=UTC)
    paid, cancelled = await asyncio.gather(
        pay(operator, part, "240"), cancel_unpaid(late), return_exceptions=True
    )
    status = (await part_of(part)).status
    if isinstance(paid, OrderNotPayable):
        assert (status, cancelled) == ("cancelled", 1)
    else:
        assert (status, cancelled, isinstance(paid, UUID)) == ("placed", 0, True)
    unbalanced = (
        "SELECT 1 FROM ledger_posting GROUP BY transaction_id HAVING sum(amount_minor) <> 0"
    )
    assert await fetch(unbalanced) == []


async def test_an_invoiced_order_is_marked_paid(database: Database) -> None:
    operator, seller, buyer = await make_operator(), await make_seller(), await make_buyer()
    offer = await make_offer(seller, price="100")
    await carts.add(buyer, offer.id, Decimal(1), clock=CLOCK)
    (order_id,) = await service.place(buyer, clock=CLOCK)
    part = (await queries.seller_orders_of([order_id]))[order_id][0]
    assert (part.status, part.payment, part.payment_due_on) == (
        "placed", "invoice", date(2026, 12, 7)
    )  # fmt: skip
    await service.confirm(seller.actor, part.id, clock=CLOCK)
    await pay(operator, part.id, "120", "r1", date(2026, 11, 23))
    row = await part_of(part.id)
    assert (row.status, row.paid_at) == ("confirmed", datetime(2026, 11, 23, 12, tzinfo=UTC))
    letters = await letters_of_payment(part.id, advance=False)
    assert [one.kind for one in letters] == ["payment_received"]


async def test_the_pro_forma_comes_first_and_the_invoice_after_the_money(
    graphql: GraphQLClient, tmp_path: Path
) -> None:
    buyer, seller, operator, part = await waiting()
    blobs = graphql.resources.blobs
    assert isinstance(blobs, FolderBlobs)
    assert await issue_invoice(part, blobs, CLOCK) is None
    first = await issue_pro_forma(part, blobs, CLOCK)
    assert first is not None
    assert await issue_pro_forma(part, blobs, CLOCK) == first
    events = await fetch_value("SELECT count(*) FROM outbox_event WHERE kind = 'ProFormaIssued'")
    assert events == 1
    assert await fetch_value("SELECT count(*) FROM number_sequence WHERE series = 'INV'") == 0

    mine = """{ orders { edges { node { sellerOrders { id status payment paymentDueOn
        paid { amount } proForma { number url } invoice { number } } } } } }"""
    reply = await graphql.run(mine, actor=buyer, locale="ru")
    (shown,) = reply.data["orders"]["edges"][0]["node"]["sellerOrders"]
    assert shown["status"] == "AWAITING_PAYMENT"
    assert (shown["payment"], shown["paymentDueOn"], shown["invoice"]) == (
        "ADVANCE", "2026-11-30", None
    )  # fmt: skip
    assert shown["proForma"]["number"] == "SO-2026-000001"
    file = await graphql.http.get(shown["proForma"]["url"])
    assert file.status_code == 200, file.text
    text = " ".join(PdfReader(BytesIO(file.content)).pages[0].extract_text().split())
    for expected in (
        "Счёт на оплату", "SO-2026-000001", "Предоплата до 30 ноября 2026 г.",
        "Получатель: Market LLC", "К оплате 240,00 RUB",
    ):  # fmt: skip
        assert expected in text
    theirs = await graphql.run(
        "{ sellerOrders { edges { node { status proForma { number } } } } }", actor=seller.actor
    )
    assert theirs.data["sellerOrders"]["edges"][0]["node"] == {
        "status": "AWAITING_PAYMENT", "proForma": None
    }  # fmt: skip

    await pay(operator, part, "240")
    assert await issue_invoice(part, blobs, CLOCK) is not None
    row = await fetch_one("SELECT number, blob_key_en FROM invoice")
    assert row is not None
    assert row["number"] == "INV-2026-000001"
    with blobs.open(row["blob_key_en"]) as stored:
        text = " ".join(PdfReader(stored).pages[0].extract_text().split())
    assert "Paid in advance on 23 November 2026" in text
    assert "Amount due 0.00 RUB" in text


async def test_letters_of_an_order_paid_in_advance(database: Database) -> None:
    _, _, operator, part = await waiting()
    order_id = await fetch_value("SELECT order_id FROM seller_order")
    (asked,) = await letters_of_order(order_id)  # none to the seller yet
    assert (asked.kind, asked.values["advance"]) == ("order_placed", True)
    await pay(operator, part, "240")
    letters = await letters_of_payment(part, advance=True)
    assert [one.kind for one in letters] == ["payment_received", "order_received"]


async def test_the_operator_lifts_it(graphql: GraphQLClient) -> None:
    buyer, _, operator, _ = await waiting()
    lift = """mutation L($input: SetPaysInAdvanceInput!) { setPaysInAdvance(input: $input) {
        ... on SetPaysInAdvancePayload { companyName paysInAdvance }
        ... on UserError { code } } }"""
    company = {"companyId": encode_id("Company", buyer.company_id), "value": False}
    refused = await graphql.run(lift, actor=buyer, input=company)
    assert refused.data["setPaysInAdvance"] == {"code": "FORBIDDEN"}
    reply = await graphql.run(lift, actor=operator, input=company)
    assert reply.data["setPaysInAdvance"]["paysInAdvance"] is False
    seller = await make_seller(currency="RUB")
    offer = await make_offer(seller)
    await carts.add(buyer, offer.id, Decimal(1), clock=CLOCK)
    (order_id,) = await service.place(buyer, clock=CLOCK)
    part = (await queries.seller_orders_of([order_id]))[order_id][0]
    assert (part.status, part.payment) == ("placed", "invoice")
    with pytest.raises(NotFound):
        await set_pays_in_advance(operator, seller.id, True)
    events = await fetch_value("SELECT count(*) FROM outbox_event WHERE kind='PaysInAdvanceSet'")
    assert events == 1


async def test_paying_through_the_api(graphql: GraphQLClient) -> None:
    _, _, operator, part = await waiting()
    listed = await graphql.run(
        """{ openSellerOrders(number: "SO-2026-000001") { edges { node {
            sellerOrderId number status buyerName open { amount } } } } }""",
        actor=operator,
    )
    (edge,) = listed.data["openSellerOrders"]["edges"]
    assert edge["node"]["sellerOrderId"] == encode_id("SellerOrder", part)
    assert edge["node"]["open"] == {"amount": "240"}
    record = """mutation R($input: RecordPaymentInput!) { recordPayment(input: $input) { __typename
        ... on RecordPaymentPayload { order { status open { amount } } }
        ... on UserError { code path } } }"""
    line = {
        "sellerOrderId": edge["node"]["sellerOrderId"], "amount": "240", "currency": "RUB",
        "reference": "B-1", "receivedOn": "2026-07-01",
    }  # fmt: skip
    too_much = await graphql.run(record, actor=operator, input=line | {"amount": "240.01"})
    assert too_much.data["recordPayment"]["code"] == "PAYMENT_EXCEEDS_OPEN_AMOUNT"
    assert too_much.data["recordPayment"]["path"] == ["input", "amount"]
    for _ in range(2):
        reply = await graphql.run(record, actor=operator, input=line)
        assert reply.data["recordPayment"]["order"] == {"status": "PLACED", "open": {"amount": "0"}}
    empty = await graphql.run("{ openSellerOrders { edges { cursor } } }", actor=operator)
    assert empty.data["openSellerOrders"]["edges"] == []
