"""Assortments: what is in them, who sees them, and that offers are restricted accordingly."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from entrepot.platform.catalog.assortments import queries, service
from entrepot.platform.catalog.assortments.errors import AssortmentNameTaken, OfferNamedTwice
from entrepot.platform.catalog.errors import NotSelling
from entrepot.platform.catalog.models import Offer
from entrepot.platform.database import execute, fetch, fetch_value
from entrepot.platform.errors import Forbidden, InvalidInput, NotFound
from entrepot.platform.identity.permissions import Role
from entrepot.platform.ids import new_id
from entrepot.platform.outbox import load
from entrepot.platform.pricing.groups.models import CustomerGroup
from tests.factories import Seller, make_actor, make_buyer, make_company, make_offer, make_seller

pytestmark = pytest.mark.usefixtures("database")


async def restricted(*offers: Offer) -> list[bool]:
    """The flags as stored, in the order of the offers."""
    rows = await fetch(
        "SELECT id, restricted FROM offer WHERE id = ANY($1::uuid[])", [one.id for one in offers]
    )
    flags = {row["id"]: row["restricted"] for row in rows}
    return [flags[one.id] for one in offers]


async def told() -> list[set[UUID]]:
    """The offers of each `AssortmentChanged` so far; forgets them."""
    rows = await fetch(
        "DELETE FROM outbox_event WHERE kind = 'AssortmentChanged' RETURNING kind, payload"
    )
    return [set(load(row["kind"], row["payload"]).offer_ids) for row in rows]  # type: ignore[attr-defined]


async def state() -> list[object]:
    """Everything that a refusal must leave alone."""
    tables = ("assortment", "assortment_offer", "assortment_audience", "offer", "outbox_event")
    return [
        await fetch_value(f"SELECT array_agg(t::text ORDER BY t::text) FROM {table} t")
        for table in tables
    ]


async def assortment(seller: Seller, name: str, *offers: Offer, to_all: bool = False) -> UUID:
    made = await service.create_assortment(seller.actor, name, shown_to_all=to_all)
    if offers:
        await service.set_offers(seller.actor, made, add=[one.id for one in offers])
    return made


async def test_an_offer_is_restricted_while_all_its_assortments_are() -> None:
    seller = await make_seller()
    one, two, none = [await make_offer(seller) for _ in range(3)]
    secret = await assortment(seller, "Secret", one, two)
    assert await restricted(one, two, none) == [True, True, False]
    public = await assortment(seller, "Public", two, to_all=True)
    assert await restricted(one, two) == [True, False]
    await service.update_assortment(seller.actor, public, shown_to_all=False)
    assert await restricted(one, two) == [True, True]
    await service.update_assortment(seller.actor, secret, shown_to_all=True)
    assert await restricted(one, two) == [False, False]
    await service.update_assortment(seller.actor, secret, shown_to_all=False)
    await service.set_offers(seller.actor, secret, remove=[two.id])
    assert await restricted(one, two) == [True, True]  # two is in the other one still
    await service.delete_assortment(seller.actor, public)
    assert await restricted(one, two, none) == [True, False, False]
    await service.delete_assortment(seller.actor, secret)
    assert await restricted(one, two, none) == [False, False, False]


async def test_events_name_the_offers_whose_documents_change() -> None:
    seller = await make_seller()
    one, two = [await make_offer(seller) for _ in range(2)]
    secret = await assortment(seller, "Secret", one)
    assert await told() == [{one.id}]
    await service.set_offers(seller.actor, secret, add=[two.id], remove=[one.id])
    assert await told() == [{one.id, two.id}]
    await service.update_assortment(seller.actor, secret, name="Quiet", shown_to_all=False)
    assert await told() == []  # nobody sees anything else than before
    await service.update_assortment(seller.actor, secret, shown_to_all=True)
    assert await told() == [{two.id}]
    buyer = await make_buyer()
    await service.set_audience(seller.actor, secret, company_ids=[buyer.company_id])
    assert await told() == []
    await service.delete_assortment(seller.actor, secret)
    assert await told() == [{two.id}]


async def test_events_of_a_large_assortment_are_bounded() -> None:
    seller = await make_seller()
    first = await make_offer(seller)
    await execute(
        "INSERT INTO offer SELECT (o).* FROM (SELECT jsonb_populate_record(o, jsonb_build_object("
        "'id', gen_random_uuid(), 'external_id', 'X' || n)) AS o FROM offer o,"
        " generate_series(1, 1500) n) made"
    )
    every = [row["id"] for row in await fetch("SELECT id FROM offer ORDER BY id")]
    made = await assortment(seller, "Large")
    await service.set_offers(seller.actor, made, add=every[:1000])
    await service.set_offers(seller.actor, made, add=every[1000:])
    await told()
    await service.delete_assortment(seller.actor, made)
    events = await told()
    assert sorted(map(len, events)) == [501, 1000]
    assert set().union(*events) == set(every)
    assert await restricted(first) == [False]


async def test_the_audience_is_replaced_list_by_list() -> None:
    seller = await make_seller()
    one, two = await make_buyer(), await make_buyer()
    group = await CustomerGroup.create(seller=seller.company, name="Gold")
    made = await assortment(seller, "Secret")

    async def audience() -> tuple[set[UUID], set[UUID]]:
        row = (await queries.assortments_by_ids(seller.actor, [made]))[made]
        return set(row.company_ids), set(row.group_ids)

    await service.set_audience(
        seller.actor, made, company_ids=[one.company_id, one.company_id], group_ids=[group.id]
    )
    assert await audience() == ({one.company_id}, {group.id})
    await service.set_audience(seller.actor, made, company_ids=[two.company_id])
    assert await audience() == ({two.company_id}, {group.id})
    await service.set_audience(seller.actor, made, group_ids=[])
    assert await audience() == ({two.company_id}, set())


async def test_refusals_change_nothing() -> None:
    seller, rival = await make_seller(), await make_seller()
    buyer = await make_buyer()
    own, foreign = await make_offer(seller), await make_offer(rival)
    made = await assortment(seller, "Secret", own)
    await assortment(seller, "Other")
    foreign_group = await CustomerGroup.create(seller=rival.company, name="Theirs")
    outsider = await make_actor(*await make_company(buyer=True), Role.SELLER_MANAGER)
    before = await state()

    with pytest.raises(AssortmentNameTaken):
        await service.create_assortment(seller.actor, "Secret")
    with pytest.raises(AssortmentNameTaken):
        await service.update_assortment(seller.actor, made, name="Other", shown_to_all=True)
    with pytest.raises(InvalidInput):
        await service.create_assortment(seller.actor, "  ")
    with pytest.raises(NotSelling):
        await service.create_assortment(outsider, "Mine")
    for actor in (rival.actor, outsider):
        with pytest.raises(NotFound):
            await service.update_assortment(actor, made, shown_to_all=True)
        with pytest.raises(NotFound):
            await service.delete_assortment(actor, made)
        with pytest.raises(NotFound):
            await service.set_offers(actor, made, add=[foreign.id])
        with pytest.raises(NotFound):
            await service.set_audience(actor, made, company_ids=[])
    with pytest.raises(Forbidden):
        await service.set_offers(buyer, made, remove=[own.id])

    for wrong, index in (([own.id, foreign.id], 1), ([new_id(), own.id], 0)):
        with pytest.raises(NotFound) as absent:
            await service.set_offers(seller.actor, made, add=wrong)
        assert absent.value.line_index == index
        assert absent.value.path == ("addOfferIds", str(index))
    with pytest.raises(OfferNamedTwice) as twice:
        await service.set_offers(seller.actor, made, add=[own.id], remove=[own.id])
    assert (twice.value.path, twice.value.line_index) == (("removeOfferIds", "0"), 0)
    for count in (0, 1001):
        with pytest.raises(InvalidInput):
            await service.set_offers(seller.actor, made, add=[new_id() for _ in range(count)])

    for companies in ([seller.id], [buyer.company_id, new_id()]):  # who does not buy, who is not
        with pytest.raises(NotFound) as nobody:
            await service.set_audience(seller.actor, made, company_ids=companies)
        assert nobody.value.line_index == len(companies) - 1
    with pytest.raises(NotFound) as group:
        await service.set_audience(
            seller.actor, made, company_ids=[buyer.company_id], group_ids=[foreign_group.id]
        )
    assert group.value.path == ("groupIds", "0")
    assert await state() == before


async def test_assortments_changed_at_once_leave_the_right_flags() -> None:
    """Each holds half of the truth about the same offers: neither may settle by stale halves."""
    seller = await make_seller()
    offers = [await make_offer(seller) for _ in range(6)]
    ids = [one.id for one in offers]
    secret = await assortment(seller, "Secret")
    public = await assortment(seller, "Public")
    for turn in range(6):
        shown = turn % 2 == 0
        await asyncio.gather(
            service.set_offers(seller.actor, secret, add=ids),
            service.set_offers(seller.actor, public, add=list(reversed(ids))),
            service.update_assortment(seller.actor, public, shown_to_all=shown),
        )
        assert await restricted(*offers) == [not shown] * 6
        await asyncio.gather(
            service.set_offers(seller.actor, secret, remove=ids),
            service.set_offers(seller.actor, public, remove=ids),
        )
        assert await restricted(*offers) == [False] * 6


async def test_own_assortments_and_their_offers_come_in_pages() -> None:
    seller, rival = await make_seller(), await make_seller()
    offers = sorted([await make_offer(seller, active=n > 0) for n in range(5)], key=lambda o: o.id)
    first = await assortment(seller, "A", *offers)
    second = await assortment(seller, "B", to_all=True)
    await assortment(rival, "C", await make_offer(rival))
    page = await queries.own_assortments(seller.actor, after=None, limit=1)
    assert [(row.id, row.offer_count, row.shown_to_all) for row in page] == [(first, 5, False)]
    rest = await queries.own_assortments(seller.actor, after=("A", first), limit=5)
    assert [row.id for row in rest] == [second]
    content = await queries.offers_of(seller.actor, [first, second], after=None, limit=3)
    assert [row.id for row in content[first]] == [one.id for one in offers[:3]]
    content = await queries.offers_of(seller.actor, [first], after=offers[2].id, limit=3)
    assert [row.id for row in content[first]] == [one.id for one in offers[3:]]
    assert await queries.offers_of(rival.actor, [first], after=None, limit=3) == {first: []}
    assert await queries.assortments_by_ids(rival.actor, [first]) == {}
