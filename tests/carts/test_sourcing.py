"""Proposing a split from real offers, and taking it over into the cart."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from entrepot.platform.carts import service as carts
from entrepot.platform.carts.service import NewCartLine
from entrepot.platform.carts.sourcing import service
from entrepot.platform.carts.sourcing.model import Choice, PriceFrom, Problem
from entrepot.platform.carts.sourcing.running import solved
from entrepot.platform.carts.sourcing.service import NewPart, WantedArticle
from entrepot.platform.carts.sourcing.solving import Solved
from entrepot.platform.catalog.models import Offer, Product
from entrepot.platform.clock import FixedClock
from entrepot.platform.database import Database, execute, fetch
from entrepot.platform.errors import (
    DomainError,
    Forbidden,
    InvalidInput,
    NotFound,
    TooManyAttempts,
)
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.models import DeliveryAddress
from entrepot.platform.identity.permissions import Role
from entrepot.platform.pricing.models import SellerTerms
from tests.factories import (
    Seller,
    make_buyer,
    make_offer,
    make_price_list,
    make_product,
    make_seller,
)

CLOCK = FixedClock(datetime(2026, 11, 23, 12, tzinfo=UTC))
D = Decimal


async def terms(seller: Seller, minimum: str, charge: str, free_from: str | None = None) -> None:
    """Give a seller terms in its currency."""
    await SellerTerms.create(
        seller=seller.company,
        currency=seller.entity.currency,
        min_order_value=D(minimum),
        delivery_charge=D(charge),
        free_delivery_from=None if free_from is None else D(free_from),
    )


def wants(*wanted: tuple[Product, str]) -> list[WantedArticle]:
    """Return lines of products."""
    return [WantedArticle(product.id, None, D(quantity)) for product, quantity in wanted]


async def lines_of(cart_id: UUID) -> list[tuple[UUID, str, Decimal]]:
    """Return offer, cost centre and quantity of each line."""
    rows = await fetch(
        "SELECT offer_id, cost_center, quantity FROM cart_line WHERE cart_id = $1"
        " ORDER BY cost_center, quantity",
        cart_id,
    )
    return [(row["offer_id"], row["cost_center"], row["quantity"]) for row in rows]


class TestPropose:
    async def test_prices_of_this_buyer_delivery_and_one_seller_fewer(
        self, database: Database
    ) -> None:
        """Two sellers at 1200 + 140 beat the one at 1400 who delivers free of charge."""
        buyer = await make_buyer()
        first, second = await make_seller("First"), await make_seller("Second")
        bolt, nut = await make_product(), await make_product()
        cheap = await make_offer(first, bolt, price="100", stock="50")
        await make_price_list(first, buyer.company_id, {cheap.id: {"10": "80"}})
        await make_offer(first, nut, price="60", stock="50")
        await make_offer(second, bolt, price="95", stock="50")
        await make_offer(second, nut, price="40", stock="50")
        await terms(first, "0", "50", "1000")
        await terms(second, "0", "90")

        found = await service.propose(buyer, clock=CLOCK, lines=wants((bolt, "10"), (nut, "10")))

        plan = found.plan
        assert (plan.goods, plan.delivery, plan.total) == (D(1200), D(140), D(1340))
        assert plan.optimal
        assert plan.short_lines == 0
        assert [(one.name, one.goods, one.delivery) for one in plan.sellers] == [
            ("First", D(800), D(50)),
            ("Second", D(400), D(90)),
        ]
        assert [line.parts[0].unit_price for line in plan.lines] == [D(80), D(40)]
        assert found.fewer is not None
        assert found.fewer.plan is not None
        assert found.fewer.plan.total == D(1400)  # 800 + 600 of the first, free of charge
        assert found.fewer.costs_more == D(60)
        assert found.fewer.reason("en") == "With 1 seller, the same would cost 60.00 RUB more."

    async def test_a_line_is_split_where_stock_is_short_and_packs_round_up(
        self, database: Database
    ) -> None:
        buyer = await make_buyer()
        first, second = await make_seller(), await make_seller()
        bolt = await make_product()
        few = await make_offer(first, bolt, price="1", stock="4", pack="2")
        packed = await make_offer(second, bolt, price="2", stock="100", pack="5")

        found = await service.propose(buyer, clock=CLOCK, lines=wants((bolt, "13")))

        (line,) = found.plan.lines
        assert {part.offer_id: part.quantity for part in line.parts} == {
            few.id: D(4),
            packed.id: D(10),
        }
        assert (line.excess, line.missing, line.lack) == (D(1), D(0), None)
        assert found.fewer is not None
        assert found.fewer.plan is not None
        assert found.fewer.costs_more == D(6)  # 15 at 2 instead of 4 + 20

    async def test_every_reason_why_something_is_missing(self, database: Database) -> None:
        buyer = await make_buyer()
        seller, foreign = await make_seller(), await make_seller(currency="EUR")
        slow, dear = await make_seller(), await make_seller()
        names = ("nobody", "euro", "late", "stock", "minimum")
        products = {name: await make_product() for name in names}
        await make_offer(foreign, products["euro"])
        late = await make_offer(slow, products["late"])
        await Offer.filter(id=late.id).update(lead_time_days=9)
        await make_offer(seller, products["stock"], stock="3")
        await make_offer(dear, products["minimum"])
        await terms(dear, "5000", "0")

        found = await service.propose(
            buyer, clock=CLOCK, lines=wants(*((one, "5") for one in products.values())),
            within_days=5,
        )  # fmt: skip

        assert [line.lack for line in found.plan.lines] == [
            "NOT_OFFERED",
            "OTHER_CURRENCY",
            "TOO_LATE",
            "OUT_OF_STOCK",
            "SELLER_TERMS",
        ]
        assert [line.missing for line in found.plan.lines] == [D(5), D(5), D(5), D(2), D(5)]
        assert found.fewer is None
        in_euro = await service.propose(
            buyer, clock=CLOCK, lines=wants((products["euro"], "5")), currency="EUR"
        )
        assert in_euro.plan.currency == "EUR"
        assert in_euro.plan.short_lines == 0

    async def test_one_seller_fewer_may_be_impossible(self, database: Database) -> None:
        buyer = await make_buyer()
        first, second = await make_seller(), await make_seller()
        bolt, nut = await make_product(), await make_product()
        await make_offer(first, bolt)
        await make_offer(second, nut)

        found = await service.propose(buyer, clock=CLOCK, lines=wants((bolt, "1"), (nut, "1")))
        limited = await service.propose(
            buyer, clock=CLOCK, lines=wants((bolt, "1"), (nut, "1")), max_sellers=1
        )

        assert found.fewer is not None
        assert found.fewer.plan is None
        assert found.fewer.short_lines == 1
        assert found.fewer.reason("ru") == (
            "При числе продавцов 1 не хватило бы товара: строк с нехваткой было бы не менее 1."
        )
        assert limited.plan.short_lines == 1
        assert [line.lack for line in limited.plan.lines].count("SELLER_TERMS") == 1

    async def test_offers_that_the_buyer_may_not_see_do_not_take_part(
        self, database: Database
    ) -> None:
        buyer = await make_buyer()
        shown, secret, gone = await make_seller(), await make_seller(), await make_seller()
        bolt = await make_product()
        public = await make_offer(shown, bolt, price="100")
        hidden = await make_offer(secret, bolt, price="1")
        await make_offer(gone, bolt, price="1", active=False)
        await Offer.filter(id=hidden.id).update(restricted=True)

        found = await service.propose(buyer, clock=CLOCK, lines=wants((bolt, "5")))

        assert [part.offer_id for part in found.plan.lines[0].parts] == [public.id]
        with pytest.raises(NotFound):
            wanted = [WantedArticle(None, hidden.id, D(1))]
            await service.propose(buyer, clock=CLOCK, lines=wanted)

    async def test_what_is_refused(self, database: Database) -> None:
        buyer, approver = await make_buyer(), await make_buyer(Role.APPROVER)
        bolt = await make_product()
        lines = wants((bolt, "1"))
        both = [WantedArticle(bolt.id, bolt.id, D(1))]
        wrong: tuple[dict[str, Any], ...] = (
            {"lines": []},
            {"lines": both},
            {"lines": lines, "max_sellers": 0},
            {"lines": lines, "within_days": -1},
            {"lines": lines, "currency": "XXX"},
        )
        for arguments in wrong:
            with pytest.raises(InvalidInput):
                await service.propose(buyer, clock=CLOCK, **arguments)
        with pytest.raises(Forbidden):
            await service.propose(approver, clock=CLOCK, lines=lines)
        with pytest.raises(InvalidInput):
            empty = await carts.create(buyer, "Empty")
            await service.propose(buyer, clock=CLOCK, cart_id=empty)
        theirs = await carts.create(await make_buyer(), "Theirs")
        with pytest.raises(NotFound):
            await service.propose(buyer, clock=CLOCK, cart_id=theirs)

    async def test_the_loop_goes_on_while_a_large_list_is_solved(self, database: Database) -> None:
        """120 lines of four sellers: other tasks ran meanwhile, many times."""
        buyer = await make_buyer()
        sellers = [await make_seller() for _ in range(4)]
        products = [await make_product() for _ in range(120)]
        for number, product in enumerate(products):
            for place, seller in enumerate(sellers):
                price = 100 + (number * 37 + place * 53) % 40
                await make_offer(seller, product, price=str(price), stock="9")
        for seller in sellers:
            await terms(seller, "2000", "700", "9000")
        turns = 0

        async def beat() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0.001)

        beating = asyncio.create_task(beat())
        found = await service.propose(
            buyer, clock=CLOCK, lines=wants(*((one, "5") for one in products))
        )
        beating.cancel()
        assert turns > 20
        assert found.plan.short_lines == 0
        assert sum(len(line.parts) for line in found.plan.lines) >= 120


async def test_only_so_many_wait_for_the_solver() -> None:
    """Of twelve at once eight are solved, one after the other; four are asked to come again."""
    offer = Choice(UUID(int=1), UUID(int=2), 0, (PriceFrom(D(1), D(5)),), D(1), D(1), D(9))
    problem = Problem("RUB", (D(3),), (offer,))
    results = await asyncio.gather(
        *(solved(problem, seconds=5) for _ in range(12)), return_exceptions=True
    )
    refused = [one for one in results if isinstance(one, TooManyAttempts)]
    totals = [one.plan.total for one in results if isinstance(one, Solved)]
    assert (len(refused), totals) == (4, [D(15)] * 8)
    assert (await solved(problem, seconds=5)).plan.total == D(15)


@pytest.fixture
async def buyer(database: Database) -> Actor:
    """A buyer."""
    return await make_buyer()


class TestApply:
    async def test_cost_centres_addresses_and_notes_are_kept(self, buyer: Actor) -> None:
        """Two lines of 6 and 4 (3 of them to a site) become 7 of one offer and 3 of another."""
        first, second = await make_seller(), await make_seller()
        bolt, nut = await make_product(), await make_product()
        old = await make_offer(first, bolt, stock="7")
        new = await make_offer(second, bolt, stock="50")
        other = await make_offer(second, nut)
        cart_id = await carts.create(buyer, "Site", clock=CLOCK)
        await carts.add_lines(
            buyer,
            cart_id,
            [
                NewCartLine(old.id, D(6), "A", note="blue"),
                NewCartLine(old.id, D(4), "B"),
                NewCartLine(other.id, D(2), "A"),
            ],
            clock=CLOCK,
        )
        site = await DeliveryAddress.create(
            company_id=buyer.company_id, legal_entity_id=buyer.legal_entity_id, name="Site",
            country="RU", postal_code="101000", city="Москва", street="Лесная, 5",
        )  # fmt: skip
        await execute(
            "INSERT INTO cart_line_delivery (id, line_id, address_id, quantity)"
            " SELECT gen_random_uuid(), id, $1, 3 FROM cart_line WHERE cost_center = 'B'",
            site.id,
        )

        await service.apply(
            buyer, cart_id, [NewPart(old.id, D(7)), NewPart(new.id, D(3))], clock=CLOCK
        )

        assert await lines_of(cart_id) == [
            (other.id, "A", D(2)),
            (old.id, "A", D(6)),
            (old.id, "B", D(1)),
            (new.id, "B", D(3)),
        ]
        sent = await fetch(
            "SELECT l.offer_id, d.quantity FROM cart_line_delivery d"
            " JOIN cart_line l ON l.id = d.line_id ORDER BY d.quantity"
        )
        assert [(row["offer_id"], row["quantity"]) for row in sent] == [
            (old.id, D(1)),
            (new.id, D(2)),
        ]
        notes = await fetch("SELECT note FROM cart_line WHERE note <> ''")
        assert [row["note"] for row in notes] == ["blue"]

    async def test_a_proposal_fits_its_cart(self, buyer: Actor) -> None:
        first, second = await make_seller(), await make_seller()
        bolt = await make_product()
        dear = await make_offer(first, bolt, price="30")
        cheap = await make_offer(second, bolt, price="5", pack="4")
        cart_id = await carts.add(buyer, dear.id, D(5), clock=CLOCK)

        found = await service.propose(buyer, clock=CLOCK, cart_id=cart_id)
        unnamed = await service.propose(buyer, clock=CLOCK)  # the default cart
        assert unnamed.plan.lines == found.plan.lines
        parts = [NewPart(p.offer_id, p.quantity) for line in found.plan.lines for p in line.parts]
        await service.apply(buyer, cart_id, parts, clock=CLOCK)

        assert await lines_of(cart_id) == [(cheap.id, "", D(8))]

    async def test_what_is_refused_changes_nothing(self, buyer: Actor) -> None:
        seller, other = await make_seller(), await make_seller()
        bolt, nut = await make_product(), await make_product()
        mine = await make_offer(seller, bolt)
        packed = await make_offer(other, bolt, pack="5")
        strange = await make_offer(other, nut)
        cart_id = await carts.add(buyer, mine.id, D(5), clock=CLOCK)
        for parts, code in (
            ([], "INVALID_INPUT"),
            ([NewPart(packed.id, D(5)), NewPart(packed.id, D(5))], "INVALID_INPUT"),
            ([NewPart(strange.id, D(1))], "NOT_FOUND"),
            ([NewPart(mine.id, D(1)), NewPart(packed.id, D(4))], "QUANTITY_NOT_ORDERABLE"),
        ):
            with pytest.raises(DomainError) as refused:
                await service.apply(buyer, cart_id, parts, clock=CLOCK)
            assert refused.value.code == code
        with pytest.raises(NotFound):
            parts = [NewPart(packed.id, D(5))]
            await service.apply(await make_buyer(), cart_id, parts, clock=CLOCK)
        await execute("UPDATE cart SET status = 'submitted'")
        with pytest.raises(DomainError) as submitted:
            await service.apply(buyer, cart_id, [NewPart(packed.id, D(5))], clock=CLOCK)
        assert submitted.value.code == "CART_SUBMITTED"
        assert await lines_of(cart_id) == [(mine.id, "", D(5))]
