"""Invoices of placed orders: numbered without gaps, printed, shown to both sides only."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from pypdf import PdfReader

from entrepot.platform.blobs import FolderBlobs
from entrepot.platform.carts import service as carts
from entrepot.platform.clock import FixedClock
from entrepot.platform.database import Database, execute, fetch, fetch_value
from entrepot.platform.documents.errors import LinkExpired
from entrepot.platform.documents.file_links import FileLink, opened, sign
from entrepot.platform.documents.invoice_storage import dump_content, load_content
from entrepot.platform.documents.service import issue_invoice
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.models import LegalEntity
from entrepot.platform.identity.permissions import Role
from entrepot.platform.ids import new_id
from entrepot.platform.orders import service as orders
from tests.factories import Seller, make_actor, make_buyer, make_offer, make_seller
from tests.graphql_client import GraphQLClient

CLOCK = FixedClock(datetime(2026, 12, 31, 22, 30, tzinfo=UTC))
ORDERS = """
{ orders { edges { node { sellerOrders { id invoice { id number issuedAt url } } } } } }
"""
SALES = "{ sellerOrders { edges { node { id invoice { number url } } } } }"


async def seller_orders(buyer: Actor, seller: Seller, count: int) -> list[UUID]:
    offer = await make_offer(seller, stock="1000", price="10.0050")
    for _ in range(count):
        await carts.add(buyer, offer.id, Decimal(3), clock=CLOCK)
        await orders.place(buyer, clock=CLOCK)
    rows = await fetch("SELECT id FROM seller_order ORDER BY placed_at, id")
    return [row["id"] for row in rows]


async def test_numbers_have_no_gaps_whoever_issues_how_often(
    database: Database, tmp_path: Path
) -> None:
    blobs = FolderBlobs(tmp_path)
    seller, buyer = await make_seller(), await make_buyer()
    await LegalEntity.filter(id=seller.entity.id).update(time_zone="Asia/Vladivostok")
    ids = await seller_orders(buyer, seller, 12)
    issued = await asyncio.gather(
        *(issue_invoice(one, blobs, CLOCK) for one in [*ids, *reversed(ids)])
    )
    assert issued[:12] == list(reversed(issued[12:]))
    rows = await fetch("SELECT number, content, blob_key_ru FROM invoice ORDER BY number")
    assert [row["number"] for row in rows] == [f"INV-2027-{n:06d}" for n in range(1, 13)]
    content = load_content(rows[0]["content"])
    assert content.issued_on.isoformat() == "2027-01-01"  # already New Year in Vladivostok
    assert (content.net, content.tax, content.gross) == (
        Decimal("30.02"),
        Decimal("6.00"),
        Decimal("36.02"),
    )
    assert load_content(dump_content(content)) == content
    events = await fetch("SELECT payload FROM outbox_event WHERE kind = 'InvoiceIssued'")
    assert len(events) == 12
    with blobs.open(rows[0]["blob_key_ru"]) as file:
        text = PdfReader(file).pages[0].extract_text()
    assert "INV-2027-000001" in text
    assert "К оплате" in text


async def test_a_printing_that_broke_off_is_made_up_for(database: Database, tmp_path: Path) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    (order_id,) = await seller_orders(buyer, seller, 1)
    broken = tmp_path / "broken"
    broken.write_text("a file where a folder should be")
    with pytest.raises(OSError, match="broken"):
        await issue_invoice(order_id, FolderBlobs(broken), CLOCK)
    assert await fetch_value("SELECT count(*) FROM invoice") == 1
    assert await fetch_value("SELECT count(*) FROM outbox_event WHERE kind='InvoiceIssued'") == 0
    await issue_invoice(order_id, FolderBlobs(tmp_path / "blobs"), CLOCK)
    assert await fetch_value("SELECT number FROM invoice") == "INV-2026-000001"
    assert await fetch_value("SELECT count(*) FROM outbox_event WHERE kind='InvoiceIssued'") == 1


async def test_a_cancelled_or_unknown_order_takes_no_number(
    database: Database, tmp_path: Path
) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    (order_id,) = await seller_orders(buyer, seller, 1)
    await execute("UPDATE seller_order SET status = 'cancelled'")
    assert await issue_invoice(order_id, FolderBlobs(tmp_path), CLOCK) is None
    assert await issue_invoice(new_id(), FolderBlobs(tmp_path), CLOCK) is None
    assert await fetch_value("SELECT count(*) FROM invoice") == 0
    assert await fetch_value("SELECT count(*) FROM number_sequence WHERE series = 'INV'") == 0


async def test_both_sides_fetch_the_pdf_and_nobody_else(graphql: GraphQLClient) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    (order_id,) = await seller_orders(buyer, seller, 1)

    async def invoice(actor: Actor, query: str, locale: str = "en") -> dict[str, str] | None:
        data = (await graphql.run(query, actor=actor, locale=locale)).data
        (edge,) = next(iter(data.values()))["edges"]
        node = edge["node"]
        part: dict[str, str] | None = (node.get("sellerOrders") or [node])[0]["invoice"]
        return part

    assert await invoice(buyer, ORDERS) is None
    await issue_invoice(order_id, graphql.resources.blobs, CLOCK)
    bought, sold = await invoice(buyer, ORDERS), await invoice(seller.actor, SALES)
    assert bought is not None
    assert sold is not None
    assert bought["number"] == sold["number"] == "INV-2026-000001"
    file = await graphql.http.get(bought["url"])
    assert (file.status_code, file.headers["content-type"]) == (200, "application/pdf")
    assert file.headers["content-disposition"] == "attachment; filename*=UTF-8''INV-2026-000001.pdf"
    assert file.headers["cache-control"] == "private, no-store"
    assert "Amount due 36.02 RUB" in " ".join(
        PdfReader(BytesIO(file.content)).pages[0].extract_text().split()
    )

    stranger, other = await make_buyer(), await make_seller()
    low = await make_actor(seller.company, seller.entity, Role.WAREHOUSE)
    node = "query N($id: ID!) { node(id: $id) { ... on Invoice { number url } } }"
    for actor in (stranger, other.actor, low):
        reply = await graphql.run(node, actor=actor, id=bought["id"])
        assert reply.data == {"node": None}
    assert await invoice(low, SALES) is None
    reply = await graphql.run(node, actor=buyer, id=bought["id"])
    assert reply.data["node"]["number"] == "INV-2026-000001"
    for path in (bought["url"][:-4] + "AAAA", "/files/x", "/files/%00", "/files/" + "A" * 999):
        refused = await graphql.http.get(path)
        assert refused.status_code == 404
        assert refused.json()["errors"][0]["extensions"]["code"] == "LINK_EXPIRED"


def test_a_link_opens_one_thing_for_a_while() -> None:
    key, link = b"k" * 32, FileLink("invoice", new_id(), "ru")
    now = CLOCK.now()
    token = sign(key, link, now)
    assert opened(key, token, now + timedelta(minutes=15)) == link
    for wrong_key, wrong_token, moment in (
        (b"x" * 32, token, now),
        (key, token, now + timedelta(minutes=15, seconds=1)),
        (key, token[:-1], now),
        (key, "", now),
        (key, "é", now),
    ):
        with pytest.raises(LinkExpired):
            opened(wrong_key, wrong_token, moment)
