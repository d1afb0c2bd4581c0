"""From orders in the database to stored forecasts, and who may read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import numpy as np
import pytest

from entrepot.analytics.datasets import panel_of_seller
from entrepot.analytics.runs import forecast_seller
from entrepot.platform.catalog.models import Offer
from entrepot.platform.database import Database, execute, fetch_value
from entrepot.platform.errors import Forbidden, NotFound
from entrepot.platform.forecasts import queries
from entrepot.platform.forecasts.errors import NoSalesHistory
from entrepot.platform.forecasts.service import KEPT_RUNS
from entrepot.platform.identity.models import LegalEntity
from entrepot.platform.identity.permissions import Role
from entrepot.platform.ids import new_id
from entrepot.platform.orders.models import HistoricSale, Order, OrderLine, SellerOrder
from tests.factories import Seller, make_actor, make_buyer, make_offer, make_seller

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)  # a Monday
LAST_MONDAY = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)


async def sell(offer: Offer, quantity: str, at: datetime) -> None:
    """Import one sale made before the marketplace."""
    await HistoricSale.create(
        offer=offer,
        external_id=str(new_id()),
        sold_at=at,
        quantity=Decimal(quantity),
        unit_price=Decimal(1),
        currency="RUB",
    )


async def sell_weekly(offer: Offer, weeks: int, *, start: int = 5) -> None:
    """Sell something in each of the last full weeks."""
    for back in range(weeks):
        await sell(offer, str(start + back % 4), LAST_MONDAY - timedelta(days=7 * back))


async def order(seller: Seller, offer: Offer, quantity: str, at: datetime, status: str) -> None:
    """Place an order, as the orders' service leaves it."""
    buyer = await make_buyer(Role.BUYER)
    number = str(new_id())[:30]
    placed = await Order.create(
        number=number,
        buyer_id=buyer.company_id,
        legal_entity_id=buyer.legal_entity_id,
        placed_by_id=buyer.user_id,
        placed_at=at,
    )
    part = await SellerOrder.create(
        order=placed,
        seller=seller.company,
        legal_entity=seller.entity,
        number=number,
        status=status,
        currency="RUB",
        net=1,
        tax=0,
        gross=1,
        placed_at=at,
    )
    await OrderLine.create(
        seller_order=part,
        line_number=1,
        offer=offer,
        article_number=offer.article_number,
        title_en="Bolt",
        title_ru="Болт",
        unit="PCE",
        quantity=Decimal(quantity),
        unit_price=1,
        price_source="list",
        tax_rate=0,
        net=1,
        tax=0,
        gross=1,
    )


async def test_orders_and_imported_sales_make_the_panel(database: Database) -> None:
    seller, other = await make_seller(), await make_seller()
    offer, foreign = await make_offer(seller), await make_offer(other)
    first = LAST_MONDAY - timedelta(days=7 * 9)
    await sell(offer, "3", first)
    await sell(offer, "2.5", first + timedelta(days=1))
    await sell(offer, "-2", first + timedelta(days=2))  # a return
    await order(seller, offer, "7", LAST_MONDAY, "placed")
    await order(seller, offer, "11", LAST_MONDAY, "cancelled")
    await order(seller, offer, "13", NOW - timedelta(hours=1), "placed")  # this week is not over
    await sell_weekly(foreign, 20)
    prepared = await panel_of_seller(seller.id, NOW)
    assert prepared.rejected == ()
    panel = prepared.panel
    assert panel is not None
    assert panel.series == (str(offer.id),)
    assert panel.last_week == LAST_MONDAY.date()
    np.testing.assert_array_equal(panel.values, [[5.5, 0, 0, 0, 0, 0, 0, 0, 0, 7]])


async def test_weeks_are_those_of_the_sellers_time_zone(database: Database) -> None:
    seller = await make_seller()
    await LegalEntity.filter(id=seller.entity.id).update(time_zone="Asia/Vladivostok")
    offer = await make_offer(seller)
    await sell_weekly(offer, 10, start=1)
    # Sunday evening in UTC is Monday morning there: it counts in the week of 16 November.
    await sell(offer, "1000", datetime(2026, 11, 15, 20, 0, tzinfo=UTC))
    panel = (await panel_of_seller(seller.id, NOW)).panel
    assert panel is not None
    assert panel.values[0, -1] == 1001
    history = await queries._history(seller.id, offer.id, LAST_MONDAY.date())
    assert [week.demand for week in history] == panel.values[0].tolist()


async def test_a_run_is_stored_and_read_by_its_seller_only(database: Database) -> None:
    seller, other = await make_seller(), await make_seller()
    offer, short, never = [await make_offer(seller) for _ in range(3)]
    await sell_weekly(offer, 60)
    await sell_weekly(short, 3)
    outcome = await forecast_seller(seller.id, NOW)
    assert (outcome.forecast, outcome.rejected) == (1, 1)

    found = await queries.demand_forecast(seller.actor, offer.id, 13)
    assert found.run is not None
    assert found.article is not None
    assert (found.run.data_to, found.run.horizon, found.run.trained_at) == (
        LAST_MONDAY.date(),
        13,
        NOW,
    )
    assert found.article.problem is None
    assert found.article.folds == 2
    assert [point.week for point in found.points] == [
        LAST_MONDAY.date() + timedelta(days=7 * (i + 1)) for i in range(13)
    ]
    assert all(0 <= p.low <= p.median <= p.high for p in found.points)
    assert len(found.history) == 60
    assert len((await queries.demand_forecast(seller.actor, offer.id, 4)).points) == 4

    too_short = await queries.demand_forecast(seller.actor, short.id, 13)
    assert too_short.article is not None
    assert (too_short.article.problem, too_short.article.history_weeks) == ("TOO_SHORT", 3)
    assert too_short.points == ()
    unsold = await queries.demand_forecast(seller.actor, never.id, 13)
    assert (unsold.article, unsold.history, unsold.points) == (None, (), ())

    for stranger in (other.actor, await make_buyer(Role.BUYER)):
        with pytest.raises((NotFound, Forbidden)):
            await queries.demand_forecast(stranger, offer.id, 13)
    warehouse = await make_actor(seller.company, seller.entity, Role.WAREHOUSE)
    with pytest.raises(Forbidden):
        await queries.demand_forecast(warehouse, offer.id, 13)
    with pytest.raises(NotFound):
        await queries.demand_forecast(seller.actor, new_id(), 13)


async def test_the_same_weeks_are_not_forecast_twice_unless_asked(database: Database) -> None:
    seller = await make_seller()
    await sell_weekly(await make_offer(seller), 12)
    first = await forecast_seller(seller.id, NOW, again=False)
    second = await forecast_seller(seller.id, NOW + timedelta(hours=3), again=False)
    assert first.run_id is not None
    assert second.run_id is None
    assert await fetch_value("SELECT count(*) FROM forecast_run") == 1
    third = await forecast_seller(seller.id, NOW + timedelta(days=7), again=False)
    assert third.run_id is not None
    for hour in range(KEPT_RUNS + 1):
        await forecast_seller(seller.id, NOW + timedelta(days=7, hours=hour))
    assert await fetch_value("SELECT count(*) FROM forecast_run") == KEPT_RUNS
    latest = await queries.latest_run(seller.id)
    assert latest is not None
    assert latest.trained_at == NOW + timedelta(days=7, hours=KEPT_RUNS)


async def test_only_bad_articles_give_a_run_that_says_why(database: Database) -> None:
    seller = await make_seller()
    offer = await make_offer(seller)
    await sell_weekly(offer, 2)
    outcome = await forecast_seller(seller.id, NOW)
    assert (outcome.forecast, outcome.rejected, outcome.served) == (0, 1, None)
    found = await queries.demand_forecast(seller.actor, offer.id, 13)
    assert found.article is not None
    assert found.article.problem == "TOO_SHORT"


async def test_no_sales_and_no_seller_are_typed_errors(database: Database) -> None:
    seller = await make_seller()
    await make_offer(seller)
    with pytest.raises(NoSalesHistory):
        await forecast_seller(seller.id, NOW)
    with pytest.raises(NoSalesHistory):
        await forecast_seller(UUID(int=1), NOW)
    assert await fetch_value("SELECT count(*) FROM forecast_run") == 0


async def test_a_run_that_cannot_be_stored_leaves_nothing(database: Database) -> None:
    seller = await make_seller()
    offer = await make_offer(seller)
    await sell_weekly(offer, 12)
    await execute("UPDATE company SET is_seller = false WHERE id = $1", seller.id)
    with pytest.raises(NotFound):
        await forecast_seller(seller.id, NOW)
    for table in ("forecast_run", "forecast_article", "forecast_point"):
        assert await fetch_value(f"SELECT count(*) FROM {table}") == 0
