"""Price lists are changed by their owner only, all or nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from entrepot.platform.catalog.errors import NotSelling
from entrepot.platform.database import Database, fetch, fetch_value
from entrepot.platform.errors import DomainError, Forbidden, InvalidInput, NotFound
from entrepot.platform.identity.permissions import Role
from entrepot.platform.ids import new_id
from entrepot.platform.outbox import load
from entrepot.platform.pricing import price_lists, queries, service
from entrepot.platform.pricing.errors import (
    CurrencyMismatch,
    DuplicateOffer,
    DuplicateTier,
    PriceListNameTaken,
)
from entrepot.platform.pricing.events import PricesChanged
from entrepot.platform.pricing.service import NewPriceList, OfferTiers, Recipient, Tier
from tests.factories import (
    make_actor,
    make_buyer,
    make_company,
    make_offer,
    make_price_list,
    make_seller,
)

D = Decimal
NOW = datetime(2026, 6, 1, tzinfo=UTC)


async def state() -> tuple[list[tuple[object, ...]], int]:
    rows = await fetch(
        "SELECT l.name, t.offer_id, t.min_quantity, t.unit_price, a.company_id FROM price_list l"
        " LEFT JOIN price_tier t ON t.price_list_id = l.id"
        " LEFT JOIN price_list_assignment a ON a.price_list_id = l.id ORDER BY 1, 2, 3, 5"
    )
    return [tuple(row.values()) for row in rows], await fetch_value(
        "SELECT count(*) FROM outbox_event"
    )


async def prices_changed() -> list[PricesChanged]:
    rows = await fetch("SELECT kind, payload FROM outbox_event ORDER BY id")
    events = [load(row["kind"], row["payload"]) for row in rows]
    return [event for event in events if isinstance(event, PricesChanged)]


def line(offer_id: UUID, *tiers: tuple[str, str]) -> OfferTiers:
    return OfferTiers(offer_id, tuple(Tier(D(quantity), D(price)) for quantity, price in tiers))


async def test_a_list_is_made_filled_given_and_withdrawn(database: Database) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    bolt, nut = await make_offer(seller), await make_offer(seller, price="20")
    list_id = await service.create_price_list(seller.actor, NewPriceList(" Gold ", "RUB", 3))
    await service.set_price_tiers(
        seller.actor,
        list_id,
        [line(bolt.id, ("1", "90"), ("10", "80.5")), line(nut.id, ("1", "9"))],
    )
    await service.assign_price_list(seller.actor, list_id, Recipient(buyer.company_id))
    await service.assign_price_list(seller.actor, list_id, Recipient(buyer.company_id))

    wanted = [(bolt.id, D(10)), (nut.id, D(1))]
    found = await queries.prices_for(buyer.legal_entity_id, wanted, NOW)
    assert [found[offer_id].unit_price for offer_id, _ in wanted] == [D("80.5"), D(9)]
    row = (await price_lists.price_lists_by_ids(seller.actor, [list_id]))[list_id]
    assert (row.name, row.priority, row.offer_count, row.company_ids) == (
        "Gold", 3, 2, (buyer.company_id,),
    )  # fmt: skip

    await service.set_price_tiers(seller.actor, list_id, [line(nut.id)])  # takes the nut out
    await service.withdraw_price_list(seller.actor, list_id, Recipient(buyer.company_id))
    await service.withdraw_price_list(seller.actor, list_id, Recipient(buyer.company_id))
    found = await queries.prices_for(buyer.legal_entity_id, wanted, NOW)
    assert [found[offer_id].source for offer_id, _ in wanted] == ["list", "list"]

    both = tuple(sorted((bolt.id, nut.id)))
    assert await prices_changed() == [
        PricesChanged(seller.id, both),  # filled
        PricesChanged(seller.id, both),  # given, once
        PricesChanged(seller.id, (nut.id,)),
        PricesChanged(seller.id, (bolt.id,)),  # withdrawn, once
    ]


async def test_what_cannot_be_a_list_is_refused(database: Database) -> None:
    seller = await make_seller()
    await service.create_price_list(seller.actor, NewPriceList("Gold", "RUB"))
    before = await state()
    refusals: list[tuple[NewPriceList, type[DomainError], tuple[str, ...]]] = [
        (NewPriceList("Gold", "RUB"), PriceListNameTaken, ("name",)),
        (NewPriceList("  ", "RUB"), InvalidInput, ("name",)),
        (NewPriceList("New", "XXX"), InvalidInput, ("currency",)),
        (NewPriceList("New", "RUB", 10**7), InvalidInput, ("priority",)),
        (NewPriceList("New", "RUB", 0, NOW, NOW), InvalidInput, ("validUntil",)),
        (NewPriceList("New", "RUB", 0, NOW, NOW - timedelta(1)), InvalidInput, ("validUntil",)),
    ]
    for new, error, path in refusals:
        with pytest.raises(error) as refusal:
            await service.create_price_list(seller.actor, new)
        assert refusal.value.path == path
        assert refusal.value.message("ru") != refusal.value.message("en")
    assert await state() == before


async def test_tiers_are_checked_line_by_line_and_changed_all_or_nothing(
    database: Database,
) -> None:
    seller, other = await make_seller(), await make_seller()
    bolt, foreign = await make_offer(seller), await make_offer(other)
    nut = await make_offer(seller)
    await type(nut).filter(id=nut.id).update(currency="USD")
    list_id = await service.create_price_list(seller.actor, NewPriceList("Gold", "RUB"))
    await service.set_price_tiers(seller.actor, list_id, [line(bolt.id, ("1", "90"))])
    before = await state()

    good = line(bolt.id, ("1", "1"))
    tier = ("lines", "1", "tiers", "0")
    refusals: list[tuple[list[OfferTiers], type[DomainError], tuple[str, ...]]] = [
        ([good, line(nut.id, ("0", "5"))], InvalidInput, (*tier, "minQuantity")),
        ([good, line(nut.id, ("-1", "5"))], InvalidInput, (*tier, "minQuantity")),
        ([good, line(nut.id, ("1e400", "5"))], InvalidInput, (*tier, "minQuantity")),
        ([good, line(nut.id, ("1", "0"))], InvalidInput, (*tier, "unitPrice")),
        ([good, line(nut.id, ("1", "-5"))], InvalidInput, (*tier, "unitPrice")),
        ([good, line(nut.id, ("1", "NaN"))], InvalidInput, (*tier, "unitPrice")),
        ([good, line(nut.id, ("1", "0.00001"))], InvalidInput, (*tier, "unitPrice")),
        (
            [good, line(nut.id, ("1", "5"), ("1.000", "4"))],
            DuplicateTier,
            ("lines", "1", "tiers", "1", "minQuantity"),
        ),
        ([good, good], DuplicateOffer, ("lines", "1", "offerId")),
        ([good, line(nut.id, ("1", "5"))], CurrencyMismatch, ("lines", "1", "offerId")),
        ([good, line(foreign.id, ("1", "5"))], NotFound, ("lines", "1", "offerId")),
        ([good, line(new_id(), ("1", "5"))], NotFound, ("lines", "1", "offerId")),
        (
            [good, line(nut.id, *((str(n), "5") for n in range(1, 22)))],
            InvalidInput,
            ("lines", "1", "tiers"),
        ),
    ]
    for lines, error, path in refusals:
        with pytest.raises(error) as refusal:
            await service.set_price_tiers(seller.actor, list_id, lines)
        assert (refusal.value.path, refusal.value.line_index) == (path, 1), lines
    with pytest.raises(InvalidInput):
        await service.set_price_tiers(seller.actor, list_id, [])
    assert await state() == before


async def test_others_cannot_touch_a_list_and_learn_nothing(database: Database) -> None:
    seller, other, buyer = await make_seller(), await make_seller(), await make_buyer()
    bolt = await make_offer(seller)
    gold = await make_price_list(seller, buyer.company_id, {bolt.id: {"1": "90"}})
    clerk = await make_actor(seller.company, seller.entity, Role.WAREHOUSE)
    before = await state()
    tiers = [line(bolt.id, ("1", "1"))]

    messages = set()
    for list_id in (gold.id, new_id()):  # another's list and none at all answer alike
        with pytest.raises(NotFound) as refusal:
            await service.set_price_tiers(other.actor, list_id, tiers)
        messages.add(str(refusal.value))
        with pytest.raises(NotFound):
            await service.assign_price_list(other.actor, list_id, Recipient(buyer.company_id))
        with pytest.raises(NotFound):
            await service.withdraw_price_list(other.actor, list_id, Recipient(buyer.company_id))
    assert len(messages) == 1
    assert await price_lists.price_lists_by_ids(other.actor, [gold.id]) == {}
    assert await price_lists.own_price_lists(other.actor, after=None, limit=10) == []

    for actor in (buyer, clerk):
        for act in (
            service.create_price_list(actor, NewPriceList("New", "RUB")),
            service.set_price_tiers(actor, gold.id, tiers),
            service.assign_price_list(actor, gold.id, Recipient(buyer.company_id)),
            service.withdraw_price_list(actor, gold.id, Recipient(buyer.company_id)),
        ):
            with pytest.raises(Forbidden):
                await act
    for company_id in (other.id, new_id()):  # not a buyer, not there
        with pytest.raises(NotFound, match="no company"):
            await service.assign_price_list(seller.actor, gold.id, Recipient(company_id))
    company, entity = await make_company(buyer=True)
    manager = await make_actor(company, entity, Role.SELLER_MANAGER)
    with pytest.raises(NotSelling):
        await service.create_price_list(manager, NewPriceList("New", "RUB"))
    assert await state() == before
