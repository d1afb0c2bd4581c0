"""Who sees restricted offers and the products that nobody else offers."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from entrepot.platform.catalog import queries
from entrepot.platform.catalog.assortments import service
from entrepot.platform.catalog.models import Offer, Product
from entrepot.platform.catalog.visibility import (
    assortments_seen_by,
    hidden_offer_ids,
    hidden_product_ids,
    product_visible_condition,
    visible_condition,
)
from entrepot.platform.database import execute, fetch
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.models import Company
from entrepot.platform.identity.permissions import Role
from entrepot.platform.ids import new_id
from entrepot.platform.pricing.groups.models import CustomerGroup, CustomerGroupMember
from entrepot.platform.pricing.offer_pages import Part, offers_on_pages
from tests.factories import (
    Seller,
    make_actor,
    make_buyer,
    make_company,
    make_offer,
    make_product,
    make_seller,
)

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime(2026, 11, 23, tzinfo=UTC)
PRODUCTS = f"""
SELECT p.id FROM product p
 WHERE p.id = ANY($1::uuid[]) AND {product_visible_condition("p", "$2")}
"""


async def make_group(seller: Seller, *company_ids: UUID) -> CustomerGroup:
    group = await CustomerGroup.create(seller=seller.company, name=f"Group {new_id().hex}")
    for company_id in company_ids:
        await CustomerGroupMember.create(group=group, company_id=company_id, since=NOW)
    return group


async def restrict(
    seller: Seller, *offers: Offer, companies: tuple[UUID, ...] = (), groups: tuple[UUID, ...] = ()
) -> UUID:
    made = await service.create_assortment(seller.actor, f"Secret {new_id().hex}")
    await service.set_offers(seller.actor, made, add=[one.id for one in offers])
    await service.set_audience(seller.actor, made, company_ids=companies, group_ids=groups)
    return made


async def sees(actor: Actor, offer: Offer) -> tuple[bool, bool]:
    """Whether the actor sees the offer and its product, which all reads must agree about."""
    product_id: UUID = offer.product_id  # type: ignore[attr-defined]
    by_id = offer.id in await queries.offers_by_ids(actor, [offer.id])
    page = (await queries.offers_by_product_ids(actor, [product_id]))[product_id]
    hot = (await offers_on_pages(actor, [product_id], Part.PRICE | Part.PRODUCT))[product_id]
    assert (offer.id in {row.id for row in page}) is by_id
    assert (offer.id in {one.offer.id for one in hot}) is by_id
    assert (await hidden_offer_ids(actor.company_id, [offer.id]) == set()) is by_id
    product = product_id in await queries.visible_products_by_ids(actor, [product_id])
    assert (await hidden_product_ids(actor.company_id, [product_id]) == set()) is product
    return by_id, product


async def test_a_restricted_offer_is_for_its_audience_alone() -> None:
    seller, rival = await make_seller(), await make_seller()
    named, member, other = await make_buyer(), await make_buyer(), await make_buyer()
    operator = await make_actor(*await make_company(operator=True), Role.OPERATOR)
    offer = await make_offer(seller)
    group = await make_group(seller, member.company_id)
    for actor in (named, member, other, operator, seller.actor):
        assert await sees(actor, offer) == (True, True)
    await restrict(seller, offer, companies=(named.company_id,), groups=(group.id,))
    for actor in (named, member, operator, seller.actor):
        assert await sees(actor, offer) == (True, True)
    for actor in (other, rival.actor):
        assert await sees(actor, offer) == (False, False)


async def test_joining_and_leaving_a_group_shows_and_hides_at_once() -> None:
    seller, buyer = await make_seller(), await make_buyer()
    offer = await make_offer(seller)
    group = await make_group(seller)
    assortment = await restrict(seller, offer, groups=(group.id,))
    assert await sees(buyer, offer) == (False, False)
    membership = await CustomerGroupMember.create(
        group=group, company_id=buyer.company_id, since=NOW
    )
    assert await sees(buyer, offer) == (True, True)
    assert await assortments_seen_by(buyer.company_id) == [assortment]
    await membership.delete()
    assert await sees(buyer, offer) == (False, False)
    assert await assortments_seen_by(buyer.company_id) == []


async def test_an_offer_in_several_assortments_is_seen_through_any() -> None:
    seller = await make_seller()
    one, two, neither = await make_buyer(), await make_buyer(), await make_buyer()
    offer = await make_offer(seller)
    await restrict(seller, offer, companies=(one.company_id,))
    second = await restrict(seller, offer, companies=(two.company_id,))
    assert [await sees(actor, offer) for actor in (one, two)] == [(True, True)] * 2
    assert await sees(neither, offer) == (False, False)
    await service.update_assortment(seller.actor, second, shown_to_all=True)
    assert await sees(neither, offer) == (True, True)


async def test_a_product_that_another_sells_openly_stays_with_the_open_offer_only() -> None:
    secretive, open_seller, third = [await make_seller() for _ in range(3)]
    buyer, product = await make_buyer(), await make_product()
    hidden = await make_offer(secretive, product, price="1")
    shown = await make_offer(open_seller, product, price="2")
    await restrict(secretive, hidden)
    assert await sees(buyer, hidden) == (False, True)
    assert await sees(buyer, shown) == (True, True)
    assert await sees(third.actor, shown) == (False, True)  # who only sells sees products
    await Offer.filter(id=shown.id).update(active=False)
    assert await sees(buyer, shown) == (False, False)
    assert await sees(open_seller.actor, hidden) == (False, True)  # offers it too
    await Offer.filter(id=shown.id).update(active=True)
    await Company.filter(id=open_seller.id).update(active=False)
    assert await sees(buyer, shown) == (False, False)


async def test_products_without_offers_or_with_open_inactive_ones_are_seen() -> None:
    seller, buyer = await make_seller(), await make_buyer()
    bare: Product = await make_product()
    assert await hidden_product_ids(buyer.company_id, [bare.id, new_id()]) == set()
    offer = await make_offer(seller, active=False)
    assert await sees(buyer, offer) == (False, True)


async def test_withdrawing_a_secret_offer_does_not_tell_of_its_product() -> None:
    seller = await make_seller()
    named, other = await make_buyer(), await make_buyer()
    offer = await make_offer(seller)
    await restrict(seller, offer, companies=(named.company_id,))
    await Offer.filter(id=offer.id).update(active=False)
    assert await sees(named, offer) == (False, True)
    assert await sees(other, offer) == (False, False)


async def test_the_condition_serves_other_statements_too() -> None:
    seller = await make_seller()
    named, other = await make_buyer(), await make_buyer()
    offer = await make_offer(seller)
    await restrict(seller, offer, companies=(named.company_id,))
    rows = await fetch(
        f"SELECT c.id FROM company c, offer x WHERE c.is_buyer AND {visible_condition('x', 'c.id')}"
    )
    assert [row["id"] for row in rows] == [named.company_id]
    assert await fetch(f"SELECT 1 FROM offer x WHERE {visible_condition('x', 'NULL::uuid')}") == []
    assert (await sees(other, offer))[0] is False


async def test_plans_stay_on_indexes_however_large_the_assortments_are() -> None:
    """50,000 restricted offers in 50 assortments; the page's statement must not read them all."""
    seller, buyer = await make_seller(), await make_buyer()
    shown = await make_offer(seller)
    await execute(
        "INSERT INTO product SELECT (p).* FROM (SELECT jsonb_populate_record(p, jsonb_build_object("
        "'id', gen_random_uuid(), 'number_key', 'x' || n)) AS p FROM product p,"
        " generate_series(1, 50000) n) made"
    )
    await execute(
        "INSERT INTO offer SELECT (o).* FROM (SELECT jsonb_populate_record(o, jsonb_build_object("
        "'id', gen_random_uuid(), 'external_id', p.id, 'product_id', p.id, 'restricted', true))"
        " AS o FROM offer o, product p WHERE p.id <> o.product_id) made"
    )
    await execute(
        "INSERT INTO assortment (id, seller_id, name, shown_to_all, created_at)"
        " SELECT gen_random_uuid(), $1, 'A' || n, false, now() FROM generate_series(1, 50) n",
        seller.id,
    )
    await execute(
        "INSERT INTO assortment_offer (id, assortment_id, offer_id)"
        " SELECT gen_random_uuid(), a.id, o.id FROM ("
        "   SELECT id, row_number() OVER (ORDER BY id) AS n FROM offer WHERE restricted) o"
        " JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM assortment) a"
        "   ON a.n = 1 + o.n % 50"
    )
    await execute(
        "INSERT INTO assortment_audience (id, assortment_id, company_id)"
        " SELECT gen_random_uuid(), id, $1 FROM assortment ORDER BY id LIMIT 25",
        buyer.company_id,
    )
    for table in ("product", "offer", "assortment_offer", "assortment_audience", "company"):
        await execute(f"ANALYZE {table}")
    rows = await fetch("SELECT id, product_id FROM offer WHERE restricted ORDER BY id LIMIT 100")
    product_id: UUID = shown.product_id  # type: ignore[attr-defined]
    for sql, keys in (
        (queries.OFFERS_BY_IDS, [row["id"] for row in rows]),
        (queries.OFFERS_OF_PRODUCTS, [product_id, *(row["product_id"] for row in rows)]),
        (PRODUCTS, [product_id, *(row["product_id"] for row in rows)]),
    ):
        plan = [
            line["QUERY PLAN"]
            for line in await fetch(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", keys, buyer.company_id)
        ]
        scanned = [line for line in plan if "Seq Scan on" in line and "company" not in line]
        assert not [line for line in scanned if "audience" not in line], plan
    found = await queries.offers_by_ids(buyer, [row["id"] for row in rows])
    assert len(found) == 50  # the first 25 of 50 assortments
