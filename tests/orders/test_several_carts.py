"""Several carts at once: merged by legal entity, split by seller and address, all or nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from pypdf import PdfReader

from entrepot.platform.blobs import FolderBlobs
from entrepot.platform.carts import service as carts
from entrepot.platform.carts.approvals import service as approvals
from entrepot.platform.carts.approvals.errors import ApprovalRequired
from entrepot.platform.carts.approvals.models import ApprovalRule, ApprovalRuleStep
from entrepot.platform.carts.budgets.models import Budget
from entrepot.platform.carts.errors import CartAlreadyOrdered
from entrepot.platform.carts.models import Cart, CartLine, CartLineDelivery
from entrepot.platform.catalog.models import Offer
from entrepot.platform.clock import FixedClock
from entrepot.platform.database import Database, execute, fetch, fetch_one, fetch_value
from entrepot.platform.documents.invoice_storage import load_content
from entrepot.platform.documents.service import issue_invoice
from entrepot.platform.errors import DomainError, InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.models import Company, DeliveryAddress, LegalEntity
from entrepot.platform.identity.permissions import Role
from entrepot.platform.ids import new_id
from entrepot.platform.inventory.errors import OutOfStock
from entrepot.platform.orders import queries, service
from entrepot.platform.orders.errors import (
    BelowMinimumOrderValue,
    CartEmpty,
    OfferUnavailable,
    PriceChanged,
    TotalChanged,
)
from entrepot.platform.pricing.models import SellerTerms
from entrepot.platform.pricing.promotions.models import Promotion
from tests.factories import (
    Seller,
    make_actor,
    make_company,
    make_offer,
    make_price_list,
    make_seller,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CLOCK = FixedClock(NOW)
TRACES = ("purchase_order", "order_cart", "seller_order", "order_line", "order_line_delivery",
          "reservation", "ledger_posting", "number_sequence", "outbox_event", "promotion_use",
          "budget_entry", "idempotency_record")  # fmt: skip


async def two_entities() -> tuple[Actor, Actor]:
    """A buyer of a company, acting for its first legal entity and for its second."""
    company, entity = await make_company("Kauf", buyer=True)
    buyer = await make_actor(company, entity, Role.BUYER)
    second = await LegalEntity.create(
        company=company, name="Kauf Süd", country="RU", currency="RUB",
        tax_id=f"2{entity.tax_id[1:]}",
        address="Sochi, Gagarina 1",
    )  # fmt: skip
    return buyer, replace(buyer, legal_entity_id=second.id)


async def cart(actor: Actor, *lines: tuple[Offer, str], **terms: object) -> UUID:
    cart_id = await carts.create(actor, "cart", clock=CLOCK)
    wanted = [carts.NewCartLine(offer.id, Decimal(quantity)) for offer, quantity in lines]
    await carts.add_lines(actor, cart_id, wanted, clock=CLOCK)
    if terms:
        await carts.update(actor, cart_id, carts.CartTerms(**terms), clock=CLOCK)  # type: ignore[typeddict-item]
    return cart_id


async def traces() -> list[int]:
    return [await fetch_value(f"SELECT count(*) FROM {table}") for table in TRACES]


async def refuse(
    error: type[DomainError], actor: Actor, cart_ids: list[UUID] | None, **given: object
) -> DomainError:
    before = await traces()
    with pytest.raises(error) as refused:
        await service.place(actor, clock=CLOCK, cart_ids=cart_ids, **given)  # type: ignore[arg-type]
    assert await traces() == before
    assert await fetch_value("SELECT coalesce(sum(reserved), 0) FROM stock_item") == 0
    assert await fetch_value("SELECT count(*) FROM cart WHERE status = 'placed'") == 0
    return refused.value


async def parts_of(order_id: UUID) -> list[queries.SellerOrderRow]:
    return (await queries.seller_orders_of([order_id]))[order_id]


async def balances() -> dict[tuple[str, UUID], int]:
    rows = await fetch(
        "SELECT a.kind, a.legal_entity_id, sum(p.amount_minor)::int AS amount FROM ledger_posting p"
        " JOIN ledger_account a ON a.id = p.account_id GROUP BY 1, 2"
        " HAVING sum(p.amount_minor) <> 0"
    )
    return {(row["kind"], row["legal_entity_id"]): row["amount"] for row in rows}


async def test_three_carts_of_two_entities(database: Database) -> None:
    north, south = await two_entities()
    one, two = await make_seller("One"), await make_seller("Two")
    bolt = await make_offer(one, price="10", stock="100")
    nut = await make_offer(two, price="2", stock="100")
    first = await cart(
        north, (bolt, "3"), (nut, "5"), po_number="A", note="gate 3", cost_center="K1"
    )
    second = await cart(south, (bolt, "4"))
    third = await cart(north, (bolt, "2"), po_number="B", note="ring twice", cost_center="K2")

    placed = await service.place(north, clock=CLOCK, cart_ids=[first, second, third])

    orders = await queries.placed_orders(north, placed)
    assert [orders[key].legal_entity_id for key in placed] == [
        north.legal_entity_id, south.legal_entity_id
    ]  # fmt: skip
    ours, theirs = (orders[key] for key in placed)
    assert (ours.number, ours.po_number, ours.note) == (
        "PO-2026-000001", "A, B", "gate 3; ring twice"
    )  # fmt: skip
    assert (theirs.number, theirs.po_number, theirs.note) == ("PO-2026-000001", None, "")
    assert (set(ours.cart_ids), set(theirs.cart_ids)) == ({first, third}, {second})
    assert [(part.seller_name, part.net) for part in await parts_of(ours.id)] == [
        ("One", 50), ("Two", 10)
    ]  # fmt: skip
    (merged, _) = await parts_of(ours.id)
    lines = (await queries.lines_of([merged.id]))[merged.id]
    assert [(line.quantity, line.cost_center, line.line_number) for line in lines] == [
        (3, "K1", 1), (2, "K2", 2)
    ]  # fmt: skip
    assert [part.net for part in await parts_of(theirs.id)] == [40]
    assert await balances() == {
        ("receivable", north.legal_entity_id): 7200,
        ("receivable", south.legal_entity_id): 4800,
        ("escrow", one.entity.id): -9000,
        ("tax", one.entity.id): -1800,
        ("escrow", two.entity.id): -1000,
        ("tax", two.entity.id): -200,
    }
    statuses = await fetch("SELECT DISTINCT status FROM cart")
    assert [row["status"] for row in statuses] == ["placed"]
    # by the other entity the order is its own affair
    assert set(await queries.orders_by_ids(south, placed)) == {theirs.id}


async def test_tiers_and_packs_go_by_the_whole_order(database: Database) -> None:
    north, _ = await two_entities()
    seller = await make_seller()
    packed = await make_offer(seller, price="10", stock="100", pack="10", minimum="10", step="10")
    await make_price_list(seller, north.company_id, {packed.id: {"1": "9", "20": "7"}})
    first, second = await cart(north, (packed, "10")), await cart(north, (packed, "10"))
    (order_id,) = await service.place(north, clock=CLOCK, cart_ids=[first, second])
    assert [part.net for part in await parts_of(order_id)] == [140]


async def test_a_refusal_names_cart_and_line_and_changes_nothing(database: Database) -> None:
    north, south = await two_entities()
    seller = await make_seller("One")
    plenty, scarce = await make_offer(seller, stock="50"), await make_offer(seller, stock="3")
    first, second = (
        await cart(north, (plenty, "1")),
        await cart(south, (plenty, "1"), (scarce, "4")),
    )
    error = await refuse(OutOfStock, north, [first, second])
    assert (error.path, error.line_index) == (("cartIds", "1", "lines", "1", "quantity"), 1)
    assert isinstance(error, OutOfStock)
    assert (error.requested, error.available) == (4, 3)

    await execute("UPDATE offer SET active = false WHERE id = $1", scarce.id)
    error = await refuse(OfferUnavailable, north, [first, second])
    assert (error.path, error.line_index) == (("cartIds", "1", "lines", "1"), 1)
    empty = await carts.create(north, "empty", clock=CLOCK)
    assert (await refuse(CartEmpty, north, [first, empty])).path == ("cartIds", "1")
    await refuse(InvalidInput, north, [])
    await refuse(NotFound, north, [first, new_id()])

    company = await Company.get(id=north.company_id)
    colleague = await make_actor(
        company, await LegalEntity.get(id=north.legal_entity_id), Role.BUYER
    )
    assert (await refuse(NotFound, colleague, [first])).path == ("cartIds", "0")  # not shared
    stranger, _ = await two_entities()
    assert (await refuse(NotFound, stranger, [first])).path == ("cartIds", "0")


async def test_expected_totals(database: Database) -> None:
    north, south = await two_entities()
    roubles, euros = await make_seller(), await make_seller(currency="EUR")
    bolt, nut = await make_offer(roubles, price="10"), await make_offer(euros, price="1")
    both = [await cart(north, (bolt, "1")), await cart(south, (bolt, "1"), (nut, "1"))]
    for expected, currency, total in (
        ({"RUB": "24"}, "EUR", "1.2"),
        ({"RUB": "23.99", "EUR": "1.2"}, "RUB", "24"),
        ({"RUB": "24", "EUR": "1.2", "USD": "1"}, "USD", "0"),
    ):
        given = {name: Decimal(value) for name, value in expected.items()}
        error = await refuse(TotalChanged, north, both, expected_totals=given)
        assert isinstance(error, TotalChanged)
        assert (error.currency, error.total) == (currency, Decimal(total))
    placed = await service.place(
        north, clock=CLOCK, cart_ids=both,
        expected_totals={"RUB": Decimal("24.00"), "EUR": Decimal("1.20")},
    )  # fmt: skip
    assert len(placed) == 2


async def terms(seller: Seller, **values: str) -> None:
    given = {name: Decimal(value) for name, value in values.items()}
    days = given.pop("payment_days", Decimal(30))
    await SellerTerms.create(seller=seller.company, currency="RUB", payment_days=int(days), **given)


async def test_a_sellers_terms(database: Database) -> None:
    north, _ = await two_entities()
    seller = await make_seller("One")
    await LegalEntity.filter(id=seller.entity.id).update(time_zone="Asia/Vladivostok")
    await terms(seller, min_order_value="100", delivery_charge="15", delivery_tax_rate="10")
    bolt = await make_offer(seller, price="10", stock="50")
    small, more = await cart(north, (bolt, "4")), await cart(north, (bolt, "6"))
    error = await refuse(BelowMinimumOrderValue, north, [small])
    assert isinstance(error, BelowMinimumOrderValue)
    assert (error.seller, error.currency, error.value, error.minimum) == ("One", "RUB", 40, 100)
    assert str(error) == "One takes orders from 100 RUB on; this one is 40 RUB."

    late = FixedClock(datetime(2026, 11, 23, 20, tzinfo=UTC))  # the 24th where the seller is
    (order_id,) = await service.place(north, clock=late, cart_ids=[small, more])
    (part,) = await parts_of(order_id)
    assert (part.net, part.tax, part.gross) == (115, Decimal("21.5"), Decimal("136.5"))
    assert (part.delivery_net, part.delivery_tax) == (15, Decimal("1.5"))
    assert (part.payment, part.payment_due_on) == ("invoice", date(2026, 12, 24))
    assert await balances() == {
        ("receivable", north.legal_entity_id): 13650,
        ("escrow", seller.entity.id): -11500,
        ("tax", seller.entity.id): -2150,
    }


async def test_twenty_attempts_at_one_cart(database: Database) -> None:
    north, _ = await two_entities()
    offer = await make_offer(await make_seller(), stock="100")
    company = await Company.get(id=north.company_id)
    entity = await LegalEntity.get(id=north.legal_entity_id)
    colleague = await make_actor(company, entity, Role.BUYER)
    shared = await cart(north, (offer, "2"))
    await carts.share(north, shared, [colleague.user_id])
    answers = await asyncio.gather(
        *(
            service.place(actor, clock=CLOCK, cart_ids=[shared])
            for actor in (north, colleague)
            for _ in range(10)
        ),
        return_exceptions=True,
    )
    won = [one for one in answers if isinstance(one, list)]
    lost = [one for one in answers if isinstance(one, CartAlreadyOrdered)]
    assert (len(won), len(lost)) == (1, 19)
    assert {(one.number, one.path) for one in lost} == {("PO-2026-000001", ("cartIds", "0"))}
    assert await fetch_value("SELECT sum(reserved) FROM stock_item") == 2
    assert await fetch_value("SELECT count(*) FROM purchase_order") == 1


async def test_crossing_orders_do_not_block_each_other(database: Database) -> None:
    sellers = [await make_seller() for _ in range(3)]
    offers = [await make_offer(seller, stock="1000") for seller in sellers]
    wanted = []
    for turn in range(8):
        north, south = await two_entities()
        first, second = offers[turn % 3], offers[(turn + 1 + turn % 2) % 3]
        pair = [await cart(north, (first, "1")), await cart(south, (second, "1"))]
        wanted.append((north, pair if turn % 2 else pair[::-1]))
    placed = await asyncio.gather(
        *(service.place(actor, clock=CLOCK, cart_ids=pair) for actor, pair in wanted)
    )
    assert [len(one) for one in placed] == [2] * 8
    numbers = await fetch("SELECT last_value FROM number_sequence WHERE series = 'SO'")
    assert sum(row["last_value"] for row in numbers) == 16


async def test_the_same_key_gives_the_same_orders(database: Database) -> None:
    north, south = await two_entities()
    offer = await make_offer(await make_seller(), stock="100", price="100")
    await Budget.create(
        legal_entity_id=north.legal_entity_id, name="plan", currency="RUB", amount=Decimal(50),
        period="month", starts_on=date(2026, 11, 1), mode="warn",
    )  # fmt: skip
    both = [await cart(north, (offer, "1")), await cart(south, (offer, "1"))]
    answers = await asyncio.gather(
        *(
            service.place_orders(north, clock=CLOCK, cart_ids=both, idempotency_key="k")
            for _ in range(4)
        )
    )
    assert all(answer == answers[0] for answer in answers)
    assert len(answers[0].order_ids) == 2
    (warning,) = answers[0].warnings
    assert (warning.name, warning.amount, warning.spent, warning.wanted) == ("plan", 50, 0, 100)
    assert await fetch_value("SELECT count(*) FROM purchase_order") == 2


async def test_discounts_and_giving_back(database: Database) -> None:
    north, _ = await two_entities()
    seller = await make_seller("One")
    bolt = await make_offer(seller, price="10", stock="50")
    sale = await Promotion.create(
        owner=seller.company, seller=seller.company, name_en="Sale", name_ru="Скидки",
        kind="percent", percent=Decimal(10), max_uses=1,
    )  # fmt: skip
    await Budget.create(
        legal_entity_id=north.legal_entity_id, name="plan", currency="RUB", amount=Decimal(500),
        period="month", starts_on=date(2026, 11, 1), mode="block",
    )  # fmt: skip
    wanted = await cart(north, (bolt, "5"))
    (order_id,) = await service.place(north, clock=CLOCK, cart_ids=[wanted])
    (part,) = await parts_of(order_id)
    assert (part.net, part.tax) == (45, 9)
    (line,) = (await queries.lines_of([part.id]))[part.id]
    assert (line.unit_price, line.discount, line.net) == (10, 5, 45)
    assert [(one.name_ru, one.amount) for one in line.promotions] == [("Скидки", 5)]
    assert await fetch_value("SELECT used_count FROM promotion") == 1
    assert await fetch_value("SELECT spent FROM budget_period") == 45

    await service.cancel(north, part.id, clock=CLOCK)
    assert await fetch_value("SELECT used_count FROM promotion") == 0
    assert await fetch_value("SELECT spent FROM budget_period") == 0
    assert await fetch_value("SELECT sum(reserved) FROM stock_item") == 0
    assert await balances() == {}

    again = await cart(north, (bolt, "5"))  # seen with its discount, which then ends
    await Promotion.filter(id=sale.id).update(active=False)
    with pytest.raises(PriceChanged) as changed:
        await service.place(north, clock=CLOCK, cart_ids=[again])
    assert (changed.value.seen_discount, changed.value.discount) == (5, 0)
    assert "discount" in str(changed.value)
    (order_id,) = await service.place(
        north, clock=CLOCK, cart_ids=[again], accept_price_changes=True
    )
    assert [one.net for one in await parts_of(order_id)] == [50]


async def address(entity_id: UUID, name: str, *, main: bool = False) -> DeliveryAddress:
    return await DeliveryAddress.create(
        legal_entity_id=entity_id, name=name, country="RU", postal_code="190000", city="Piter",
        street=f"{name} 1", is_default=main,
    )  # fmt: skip


async def test_several_addresses_in_one_order(database: Database) -> None:
    north, south = await two_entities()
    seller = await make_seller("One")
    bolt, nut = await make_offer(seller, stock="50"), await make_offer(seller, stock="50")
    main = await address(north.legal_entity_id, "Main", main=True)
    hall = await address(north.legal_entity_id, "Hall B")
    gate = await address(north.legal_entity_id, "Gate B")
    split = await cart(north, (bolt, "10"), (nut, "2"))
    to_gate = await cart(north, (nut, "3"), delivery_address_id=gate.id)
    line = await CartLine.get(cart_id=split, offer_id=bolt.id)
    await CartLineDelivery.create(line=line, address=hall, quantity=Decimal(4))
    await CartLineDelivery.create(line=line, address=gate, quantity=Decimal(1))
    registered = await cart(south, (nut, "1"))

    placed = await service.place(north, clock=CLOCK, cart_ids=[split, to_gate, registered])
    (part,) = await parts_of(placed[0])
    lines = (await queries.lines_of([part.id]))[part.id]
    found = [
        sorted((one.address.splitlines()[0], int(one.quantity)) for one in line.deliveries)
        for line in lines
    ]
    assert found == [[("Gate B", 1), ("Hall B", 4), ("Main", 5)], [("Main", 2)], [("Gate B", 3)]]
    assert lines[1].deliveries[0].address == "Main\nMain 1\n190000 Piter\nRU"
    (other,) = await parts_of(placed[1])
    (line_south,) = (await queries.lines_of([other.id]))[other.id]
    assert [one.address for one in line_south.deliveries] == ["Sochi, Gagarina 1"]

    await DeliveryAddress.filter(id=main.id).update(street="Elsewhere 9", active=False)
    lines = (await queries.lines_of([part.id]))[part.id]
    assert lines[1].deliveries[0].address == "Main\nMain 1\n190000 Piter\nRU"  # as it was


async def test_one_invoice_a_seller_says_all_of_it(database: Database, tmp_path: Path) -> None:
    north, _ = await two_entities()
    seller = await make_seller("One")
    await terms(seller, delivery_charge="15", delivery_tax_rate="20", payment_days="30")
    bolt = await make_offer(seller, price="10", stock="50")
    await Promotion.create(
        owner=seller.company, seller=seller.company, name_en="Autumn sale",
        name_ru="Осенние скидки", kind="percent", percent=Decimal(10),
    )  # fmt: skip
    gate = await address(north.legal_entity_id, "Gate")
    hall = await address(north.legal_entity_id, "Hall")
    both = [
        await cart(north, (bolt, "5"), cost_center="K1", delivery_address_id=gate.id),
        await cart(north, (bolt, "2"), cost_center="K2", delivery_address_id=hall.id,
                   po_number="4711"),
    ]  # fmt: skip
    (order_id,) = await service.place(north, clock=CLOCK, cart_ids=both)
    (part,) = await parts_of(order_id)
    blobs = FolderBlobs(tmp_path)
    assert await issue_invoice(part.id, blobs, CLOCK) is not None
    assert await fetch_value("SELECT count(*) FROM invoice") == 1
    row = await fetch_one("SELECT content, blob_key_en, blob_key_ru FROM invoice")
    assert row is not None
    content = load_content(row["content"])
    assert (content.net, content.tax, content.gross) == (78, Decimal("15.60"), Decimal("93.60"))
    assert content.net == sum(line.net for line in content.lines) + content.delivery_net
    assert content.due_on == date(2026, 12, 23)
    with blobs.open(row["blob_key_en"]) as file:
        english = " ".join(PdfReader(BytesIO(file.read())).pages[0].extract_text().split())
    for expected in (
        "Discount −5.00: Autumn sale", "Cost centre K1", "5 pcs to address 1",
        "2 pcs to address 2", "1. Gate, Gate 1, 190000 Piter, RU", "Delivery 20 % 15.00",
        "VAT 20 % of 78.00 15.60", "23 December 2026", "4711", "Amount due 93.60 RUB",
    ):  # fmt: skip
        assert expected in english
    with blobs.open(row["blob_key_ru"]) as file:
        russian = " ".join(PdfReader(BytesIO(file.read())).pages[0].extract_text().split())
    for expected in ("Скидка −2,00: Осенние скидки", "Центр затрат K2", "2 шт по адресу 2"):
        assert expected in russian
    assert await Cart.filter(status="placed").count() == 2


async def test_one_cart_of_two_needs_agreement(database: Database) -> None:
    north, _ = await two_entities()
    offer = await make_offer(await make_seller(), price="100", stock="50")
    company = await Company.get(id=north.company_id)
    entity = await LegalEntity.get(id=north.legal_entity_id)
    approver = await make_actor(company, entity, Role.APPROVER)
    rule = await ApprovalRule.create(
        company=company, name="limit", above_amount=Decimal(150), currency="RUB"
    )
    await ApprovalRuleStep.create(rule=rule, step=1, approver_ids=[approver.user_id])
    small, large = await cart(north, (offer, "1")), await cart(north, (offer, "2"))
    error = await refuse(ApprovalRequired, north, [small, large])
    assert isinstance(error, ApprovalRequired)
    assert (error.cart_id, error.path) == (large, ("cartIds", "1"))

    approval_id = await approvals.submit(b"k" * 32, north, large, clock=CLOCK)
    await refuse(ApprovalRequired, north, [small, large])
    await approvals.decide(
        b"k" * 32, approver, approval_id, approvals.Verdict(approved=True), clock=CLOCK
    )
    (order_id,) = await service.place(north, clock=CLOCK, cart_ids=[small, large])
    order = (await queries.orders_by_ids(north, [order_id]))[order_id]
    assert order.approval_ids == (approval_id,)
    assert [part.net for part in await parts_of(order_id)] == [300]
    assert await fetch_value("SELECT status FROM approval") == "ordered"
