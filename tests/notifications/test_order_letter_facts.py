"""What letters about orders state: sums as their currency writes them, the company that acted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from entrepot.platform.carts import service as carts
from entrepot.platform.clock import FixedClock
from entrepot.platform.database import Database, execute, fetch_value
from entrepot.platform.identity.models import Company, LegalEntity, Membership
from entrepot.platform.identity.permissions import Role
from entrepot.platform.notifications.queries import (
    letters_of_cancellation,
    letters_of_confirmation,
    letters_of_filled_cart,
    letters_of_order,
)
from entrepot.platform.orders import service as orders
from entrepot.platform.orders.behalf import mandates
from entrepot.platform.orders.behalf.service import BehalfLine, order_on_behalf
from tests.factories import make_actor, make_buyer, make_company, make_offer, make_seller

CLOCK = FixedClock(datetime(2026, 11, 23, 12, tzinfo=UTC))


@pytest.mark.parametrize(
    ("currency", "price", "gross"),
    [("JPY", "1000", "1200"), ("KWD", "1.005", "1.206"), ("EUR", "1.5", "1.80")],
)
async def test_sums_have_the_places_of_their_currency(
    database: Database, currency: str, price: str, gross: str
) -> None:
    buyer, seller = await make_buyer(), await make_seller(currency=currency)
    await make_actor(seller.company, seller.entity, Role.SELLER_MANAGER)
    offer = await make_offer(seller, price=price, stock="10")
    await carts.add_lines(buyer, None, [carts.NewCartLine(offer.id, Decimal(1))], clock=CLOCK)
    (order_id,) = await orders.place(buyer, clock=CLOCK)
    part = await fetch_value("SELECT id FROM seller_order")
    letters = await letters_of_order(order_id)
    assert {one.kind for one in letters} == {"order_placed", "order_received"}
    for letter in letters:
        assert [one["gross"] for one in letter.values["parts"]] == [gross]
    letters = await letters_of_confirmation(part) + await letters_of_cancellation(part, "seller")
    assert [one.values["gross"] for one in letters] == [gross, gross]


async def test_a_representative_of_two_companies_writes_for_the_one_that_sells(
    database: Database,
) -> None:
    """The buyer does not learn where else the representative works."""
    seller, (other, _) = await make_seller("Nord"), await make_company("Elsewhere", seller=True)
    representative = await make_actor(seller.company, seller.entity, Role.SALES_REPRESENTATIVE)
    await Membership.create(
        user_id=representative.user_id, company_id=other.id, roles=[Role.SELLER_MANAGER.value]
    )
    await execute(
        "UPDATE membership SET created_at = $2 WHERE company_id = $1",
        other.id,
        CLOCK.now() - timedelta(days=3650),
    )
    person = await make_buyer()
    company = await Company.get(id=person.company_id)
    entity = await LegalEntity.get(id=person.legal_entity_id)
    boss = await make_actor(company, entity, Role.ADMINISTRATOR)
    await mandates.grant(boss, seller.id, clock=CLOCK)
    offer = await make_offer(seller, price="100", stock="50")
    cart_id = await order_on_behalf(
        b"k" * 32,
        representative,
        entity.id,
        person.user_id,
        [BehalfLine(offer.id, Decimal(2))],
        clock=CLOCK,
    )
    told = await letters_of_order(await fetch_value("SELECT id FROM purchase_order"))
    told += await letters_of_filled_cart(cart_id, representative.user_id, person.user_id)
    companies = [one.values["by_company"] for one in told if "by_company" in one.values]
    assert companies == ["Nord", "Nord"]
