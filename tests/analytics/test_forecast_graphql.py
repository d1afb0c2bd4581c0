"""`demandForecast` over the whole web application."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from entrepot.analytics.runs import forecast_seller
from entrepot.graphql.node import encode_id
from entrepot.platform.catalog.models import Offer
from entrepot.platform.identity.permissions import Role
from entrepot.platform.ids import new_id
from entrepot.platform.orders.models import HistoricSale
from tests.factories import make_actor, make_buyer, make_offer, make_seller
from tests.graphql_client import GraphQLClient
from tests.sql_counter import counted_sql

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
QUERY = """
query ($offer: ID!, $weeks: Int! = 13) {
  demandForecast(offerId: $offer, weeks: $weeks) {
    offerId problem reason method beatsNaive modelVersion trainedAt dataFrom dataTo
    accuracy { origins rmsse rmsseSeasonalNaive rmsseNaive wape wapeSeasonalNaive }
    history { week demand }
    weeks { week mean low median high }
  }
}
"""


async def sell(offer: Offer, weeks: int) -> None:
    """Ten a week over the last full weeks."""
    await HistoricSale.bulk_create(
        HistoricSale(
            offer=offer,
            external_id=str(back),
            sold_at=NOW - timedelta(days=7 * (back + 1)),
            quantity=Decimal(10),
            unit_price=Decimal(1),
            currency="RUB",
        )
        for back in range(weeks)
    )


async def test_the_owner_sees_number_range_reason_and_check(graphql: GraphQLClient) -> None:
    seller = await make_seller()
    offer = await make_offer(seller)
    await sell(offer, 60)
    await forecast_seller(seller.id, NOW)
    offer_id = encode_id("Offer", offer.id)
    async with counted_sql() as statements:
        reply = await graphql.run(QUERY, actor=seller.actor, offer=offer_id, weeks=2)
    assert reply.data["demandForecast"] == {
        "offerId": offer_id,
        "problem": None,
        "reason": "About 10 a week; 8 weeks in 10 should lie between 10 and 10. Each week repeats "
        "the same week a year ago (60 weeks known, up to that of 2026-11-16). "
        "It could not be checked against the past: the history is too short or never changed.",
        "method": "SEASONAL_NAIVE",
        "beatsNaive": None,
        "modelVersion": "seasonal_naive/2",
        "trainedAt": "2026-11-23T18:00:00Z",
        "dataFrom": "2025-09-29",
        "dataTo": "2026-11-16",
        "accuracy": {
            "origins": 2,
            "rmsse": None,
            "rmsseSeasonalNaive": None,
            "rmsseNaive": None,
            "wape": 0.0,
            "wapeSeasonalNaive": 0.0,
        },
        "history": [
            {"week": str(NOW.date() - timedelta(days=7 * back)), "demand": 10.0}
            for back in range(60, 0, -1)
        ],
        "weeks": [
            {"week": week, "mean": 10.0, "low": 10.0, "median": 10.0, "high": 10.0}
            for week in ("2026-11-23", "2026-11-30")
        ],
    }
    assert len(statements) <= 7, statements
    reader = await make_actor(seller.company, seller.entity, Role.SELLER_MANAGER, locale="ru")
    russian = await graphql.run(QUERY, actor=reader, offer=offer_id)
    assert russian.data["demandForecast"]["reason"].startswith("Около 10 в неделю; 8 недель из 10")
    assert len(russian.data["demandForecast"]["weeks"]) == 13


async def test_what_has_no_forecast_says_why(graphql: GraphQLClient) -> None:
    seller = await make_seller()
    offer, short = await make_offer(seller), await make_offer(seller)
    reply = await graphql.run(QUERY, actor=seller.actor, offer=encode_id("Offer", offer.id))
    none = reply.data["demandForecast"]
    assert (none["problem"], none["method"], none["trainedAt"]) == ("NOT_COMPUTED", None, None)
    assert (none["weeks"], none["history"], none["accuracy"]) == ([], [], None)
    assert none["reason"].startswith("No forecast has been computed")
    await sell(short, 3)
    await forecast_seller(seller.id, NOW)
    reply = await graphql.run(QUERY, actor=seller.actor, offer=encode_id("Offer", short.id))
    young = reply.data["demandForecast"]
    assert (young["problem"], young["weeks"]) == ("TOO_SHORT", [])
    assert young["reason"] == "Too little history: 3 of at least 8 weeks since the first sale."
    assert len(young["history"]) == 3
    reply = await graphql.run(QUERY, actor=seller.actor, offer=encode_id("Offer", offer.id))
    unsold = reply.data["demandForecast"]
    assert (unsold["problem"], unsold["weeks"], unsold["history"]) == ("NO_SALES", [], [])
    assert unsold["reason"].startswith("This offer has never been sold")


async def test_nobody_else_learns_that_the_offer_exists(graphql: GraphQLClient) -> None:
    seller, other = await make_seller(), await make_seller()
    offer = await make_offer(seller)
    await sell(offer, 20)
    await forecast_seller(seller.id, NOW)
    mine, absent = encode_id("Offer", offer.id), encode_id("Offer", new_id())
    hidden = await graphql.run(QUERY, actor=other.actor, offer=mine)
    unknown = await graphql.run(QUERY, actor=other.actor, offer=absent)
    assert hidden.codes == unknown.codes == ["NOT_FOUND"]
    assert hidden.body["errors"][0]["message"] == unknown.body["errors"][0]["message"]
    assert (await graphql.run(QUERY, offer=mine)).codes == ["UNAUTHENTICATED"]
    buyer = await make_buyer(Role.BUYER)
    warehouse = await make_actor(seller.company, seller.entity, Role.WAREHOUSE)
    for actor in (buyer, warehouse):
        assert (await graphql.run(QUERY, actor=actor, offer=mine)).codes == ["FORBIDDEN"]


async def test_bad_input_is_a_typed_error(graphql: GraphQLClient) -> None:
    seller = await make_seller()
    offer = await make_offer(seller)
    offer_id = encode_id("Offer", offer.id)
    for weeks in (0, -1, 53):
        reply = await graphql.run(QUERY, actor=seller.actor, offer=offer_id, weeks=weeks)
        assert reply.codes == ["INVALID_INPUT"]
    for wrong in ("nonsense", encode_id("Product", offer.id)):
        assert (await graphql.run(QUERY, actor=seller.actor, offer=wrong)).codes == ["INVALID_ID"]
