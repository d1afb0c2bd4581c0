"""Offers: written by their seller, seen by whom they are meant for."""

from __future__ import annotations

from decimal import Decimal

import pytest

from entrepot.platform.catalog import queries, service
from entrepot.platform.catalog.errors import ExternalIdTaken, NotSelling
from entrepot.platform.catalog.events import OffersChanged
from entrepot.platform.catalog.service import NewOffer, OfferChanges
from entrepot.platform.database import Database, fetch
from entrepot.platform.errors import DomainError, Forbidden, InvalidInput, NotFound
from entrepot.platform.identity.permissions import Role
from entrepot.platform.ids import new_id
from entrepot.platform.outbox import load
from tests.factories import (
    make_actor,
    make_buyer,
    make_company,
    make_offer,
    make_product,
    make_seller,
)

D = Decimal


async def state() -> list[object]:
    return [
        [tuple(row.values()) for row in await fetch(f"SELECT * FROM {table} ORDER BY id")]
        for table in ("offer", "outbox_event")
    ]


async def test_an_offer_is_made_and_changed_by_its_seller(database: Database) -> None:
    seller, product = await make_seller(), await make_product()
    made = await service.create_offer(
        seller.actor, NewOffer(product.id, " AB-1 ", D("12.5"), "RUB", pack_quantity=D(10))
    )
    await service.update_offer(
        seller.actor, made, OfferChanges(list_price=D("13.9999"), active=False, lead_time_days=0)
    )
    row = (await queries.offers_by_ids(seller.actor, [made]))[made]
    assert (row.external_id, row.article_number, row.pack_quantity) == ("AB-1", "AB-1", D(10))
    assert (row.list_price, row.active, row.lead_time_days) == (D("13.9999"), False, 0)
    assert (row.seller_id, row.seller_name) == (seller.id, seller.company.name)
    events = await fetch("SELECT kind, payload FROM outbox_event ORDER BY id")
    assert [load(event["kind"], event["payload"]) for event in events] == [
        OffersChanged((made,)), OffersChanged((made,)),
    ]  # fmt: skip


async def test_what_cannot_be_an_offer_is_refused(database: Database) -> None:
    seller, product = await make_seller(), await make_product()
    made = await service.create_offer(seller.actor, NewOffer(product.id, "AB-1", D(1), "RUB"))
    before = await state()

    def new(**changes: object) -> NewOffer:
        values: dict[str, object] = {
            "product_id": product.id, "article_number": "AB-2", "list_price": D(1),
            "currency": "RUB",
        }  # fmt: skip
        return NewOffer(**(values | changes))  # type: ignore[arg-type]

    refusals: list[tuple[dict[str, object], type[DomainError], str]] = [
        ({"product_id": new_id()}, NotFound, "productId"),
        ({"external_id": "AB-1"}, ExternalIdTaken, "externalId"),
        ({"article_number": " "}, InvalidInput, "articleNumber"),
        ({"currency": "rub"}, InvalidInput, "currency"),
        ({"tax_rate": D("1e400")}, InvalidInput, "taxRate"),
        ({"tax_rate": D("NaN")}, InvalidInput, "taxRate"),
        ({"tax_rate": D("20.001")}, InvalidInput, "taxRate"),
        ({"tax_rate": D(100)}, InvalidInput, "taxRate"),
        ({"lead_time_days": -1}, InvalidInput, "leadTimeDays"),
        ({"lead_time_days": 10**6}, InvalidInput, "leadTimeDays"),
        *(
            ({"list_price": D(price)}, InvalidInput, "listPrice")
            for price in ("0", "-1", "0.00001", "1e400", "NaN", "Infinity")
        ),
        *(
            ({name: D(quantity)}, InvalidInput, field)
            for name, field in (
                ("pack_quantity", "packQuantity"),
                ("min_order_quantity", "minOrderQuantity"),
                ("order_step", "orderStep"),
            )
            for quantity in ("0", "-1", "0.0001", "1e400")
        ),
    ]
    for changes, error, field in refusals:
        with pytest.raises(error) as refusal:
            await service.create_offer(seller.actor, new(**changes))
        assert refusal.value.path == (field,), changes
        if field not in ("productId", "externalId", "currency"):
            with pytest.raises(InvalidInput):
                await service.update_offer(seller.actor, made, OfferChanges(**changes))  # type: ignore[arg-type]
    assert await state() == before


async def test_others_cannot_write_an_offer_and_learn_nothing(database: Database) -> None:
    seller, other, buyer = await make_seller(), await make_seller(), await make_buyer()
    offer = await make_offer(seller)
    clerk = await make_actor(seller.company, seller.entity, Role.WAREHOUSE)
    company, entity = await make_company(buyer=True)
    outsider = await make_actor(company, entity, Role.SELLER_MANAGER)
    before = await state()
    messages = set()
    for offer_id in (offer.id, new_id()):
        with pytest.raises(NotFound) as refusal:
            await service.update_offer(other.actor, offer_id, OfferChanges(list_price=D(1)))
        messages.add(str(refusal.value))
    assert len(messages) == 1
    terms = NewOffer(offer.product_id, "AB-1", D(1), "RUB")
    for actor in (buyer, clerk):
        with pytest.raises(Forbidden):
            await service.update_offer(actor, offer.id, OfferChanges(list_price=D(1)))
        with pytest.raises(Forbidden):
            await service.create_offer(actor, terms)
    with pytest.raises(NotSelling):
        await service.create_offer(outsider, terms)
    assert await state() == before


async def test_who_sees_which_offers(database: Database) -> None:
    seller, other, gone = await make_seller(), await make_seller(), await make_seller()
    buyer = await make_buyer()
    operator = await make_actor(*await make_company(operator=True), Role.OPERATOR)
    product = await make_product()
    shown = await make_offer(seller, product, price="30")
    hidden = await make_offer(seller, product, active=False)
    rival = await make_offer(other, product, price="20")
    closed = await make_offer(gone, product)
    await type(gone.company).filter(id=gone.id).update(active=False)
    every = [shown.id, hidden.id, rival.id, closed.id, new_id()]

    for actor, seen in (
        (buyer, [rival, shown]),
        (operator, [rival, shown]),
        (seller.actor, [shown, hidden]),
        (other.actor, [rival]),
        (gone.actor, [closed]),
    ):
        ids = [offer.id for offer in seen]
        assert set(await queries.offers_by_ids(actor, every)) == set(ids)
        of_product = await queries.offers_by_product_ids(actor, [product.id])
        assert [row.id for row in of_product[product.id]] == ids  # cheapest list price first
    assert len(await queries.all_offers_by_ids(every)) == 4


async def test_own_offers_come_in_pages(database: Database) -> None:
    seller, other = await make_seller(), await make_seller()
    made = [await make_offer(seller, active=number % 2 == 0) for number in range(5)]
    await make_offer(other)
    wanted = sorted((offer.article_number, offer.id) for offer in made)
    seen, after = [], None
    while rows := await queries.own_offers(seller.actor, after=after, limit=2):
        seen += [(row.article_number, row.id) for row in rows]
        after = seen[-1]
    assert seen == wanted
