"""Lists that are computed by rules, their terms and recipients, in the database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from entrepot.platform.catalog.models import Offer
from entrepot.platform.database import Database, fetch, fetch_value
from entrepot.platform.errors import DomainError, Forbidden, InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.models import LegalEntity
from entrepot.platform.ids import new_id
from entrepot.platform.outbox import load
from entrepot.platform.pricing import events, price_lists, queries, service
from entrepot.platform.pricing.errors import (
    BaseListCurrency,
    FixedListHasNoRule,
    PriceListChainTooLong,
    PriceListCycle,
    PriceListNameTaken,
)
from entrepot.platform.pricing.groups.models import CustomerGroup, CustomerGroupMember
from entrepot.platform.pricing.list_rules import MAX_CHAIN
from entrepot.platform.pricing.price_imports.errors import PriceListNotFixed
from entrepot.platform.pricing.service import (
    ListRule,
    NewPriceList,
    OfferTiers,
    PriceListChanges,
    Recipient,
    Tier,
)
from tests.factories import Seller, make_buyer, make_offer, make_price_list, make_seller

D = Decimal
NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)


async def computed(
    seller: Seller, name: str, base: UUID | None, percent: str = "-10", **terms: object
) -> UUID:
    new = NewPriceList(name, "RUB", rule=ListRule(base, D(percent)))
    return await service.create_price_list(seller.actor, replace(new, **terms))  # type: ignore[arg-type]


async def price(buyer: Actor, offer: Offer, quantity: str = "1", at: datetime = NOW) -> Decimal:
    found = await queries.prices_for(buyer.legal_entity_id, [(offer.id, D(quantity))], at)
    return found[offer.id].unit_price


async def rebase(seller: Seller, list_id: UUID, base: UUID | None) -> None:
    changes = PriceListChanges(rule=ListRule(base, D(-10)))
    await service.update_price_list(seller.actor, list_id, changes)


async def told() -> list[tuple[UUID, ...]]:
    rows = await fetch("SELECT kind, payload FROM outbox_event ORDER BY id")
    found = [load(row["kind"], row["payload"]) for row in rows]
    return [one.offer_ids for one in found if isinstance(one, events.PricesChanged)]


async def group_of(seller: Seller, *members: Actor) -> UUID:
    group = await CustomerGroup.create(seller=seller.company, name=f"Group {new_id()}")
    for member in members:
        await CustomerGroupMember.create(group=group, company_id=member.company_id, since=NOW)
    return group.id


async def test_a_chain_of_rules_is_computed_from_its_fixed_list(database: Database) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    bolt, nut = await make_offer(seller, price="100"), await make_offer(seller, price="20")
    base = await make_price_list(seller, seller.id, {bolt.id: {"1": "90", "10": "80"}})
    fives = await computed(seller, "Fives", base.id, "5")
    rule = ListRule(fives, amount=D("-2.50"), rounding="to_99")
    top = await service.create_price_list(seller.actor, NewPriceList("Top", "RUB", rule=rule))
    await service.assign_price_list(seller.actor, top, Recipient(buyer.company_id))
    # 90 + 5 % = 94.50, - 2.50 = 92 -> 91.99; 80 + 5 % = 84, - 2.50 = 81.50 -> 81.99
    assert [await price(buyer, bolt, number) for number in ("9", "10")] == [D("91.99"), D("81.99")]
    assert await price(buyer, nut) == D(20)  # no price at the base, none in the chain
    await service.set_price_tiers(seller.actor, base.id, [OfferTiers(nut.id, (Tier(D(1), D(10)),))])
    assert await price(buyer, nut) == D("7.99")  # 10.50 - 2.50 = 8
    assert (await told())[-1] == (nut.id,)


async def test_a_rule_without_a_base_goes_by_the_list_prices(database: Database) -> None:
    seller, rival, buyer = await make_seller(), await make_seller(), await make_buyer()
    bolt, theirs = await make_offer(seller, price="100"), await make_offer(rival, price="100")
    list_id = await computed(seller, "Off", None, "-12.5")
    await service.assign_price_list(seller.actor, list_id, Recipient(buyer.company_id))
    assert await price(buyer, bolt, "0.001") == D("87.5")
    assert await price(buyer, theirs) == D(100)
    assert await told() == [(bolt.id,)]
    await Offer.filter(id=bolt.id).update(list_price=D(200))
    assert await price(buyer, bolt) == D(175)
    row = (await price_lists.price_lists_by_ids(seller.actor, [list_id]))[list_id]
    assert (row.kind, row.base_list_id, row.percent, row.amount, row.rounding, row.offer_count) == (
        "rule", None, D("-12.5"), None, "none", 1,
    )  # fmt: skip


async def test_a_list_is_given_to_a_company_an_entity_or_a_group(database: Database) -> None:
    seller, rival, buyer, other = (
        await make_seller(), await make_seller(), await make_buyer(), await make_buyer(),
    )  # fmt: skip
    branch = await LegalEntity.create(
        company_id=buyer.company_id, name="Branch", country="RU", tax_id="7700000001",
        registration_reason_code="770001001", currency="RUB",
    )  # fmt: skip
    at_branch = replace(buyer, legal_entity_id=branch.id)
    bolt = await make_offer(seller, price="100")
    group = await group_of(seller, buyer)
    recipients = {
        "90": (Recipient(group_id=group), 9),
        "95": (Recipient(company_id=buyer.company_id), 0),
        "97": (Recipient(legal_entity_id=branch.id), 1),
    }
    seen = []
    for unit_price, (recipient, priority) in recipients.items():
        new = NewPriceList(f"At {unit_price}", "RUB", priority)
        list_id = await service.create_price_list(seller.actor, new)
        tiers = [OfferTiers(bolt.id, (Tier(D(1), D(unit_price)),))]
        await service.set_price_tiers(seller.actor, list_id, tiers)
        for _ in range(2):
            await service.assign_price_list(seller.actor, list_id, recipient)
        seen.append([await price(who, bolt) for who in (buyer, at_branch, other)])
    assert seen == [
        [D(90), D(90), D(100)],  # the group's
        [D(95), D(95), D(100)],  # the company's goes before the group's, whatever its priority
        [D(95), D(97), D(100)],  # the entity's, of the same level, by priority
    ]
    assert await fetch_value("SELECT count(*) FROM price_list_assignment") == 3
    rows = await price_lists.own_price_lists(seller.actor, after=None, limit=10)
    assert [(row.company_ids, row.legal_entity_ids, row.group_ids) for row in rows] == [
        ((), (), (group,)), ((buyer.company_id,), (), ()), ((), (branch.id,), ()),
    ]  # fmt: skip

    foreign = await group_of(rival, buyer)
    refused: list[tuple[Recipient, type[DomainError], tuple[str, ...]]] = [
        (Recipient(), InvalidInput, ("companyId",)),
        (Recipient(buyer.company_id, branch.id), InvalidInput, ("companyId",)),
        (Recipient(buyer.company_id, group_id=group), InvalidInput, ("companyId",)),
        (Recipient(group_id=foreign), NotFound, ("customerGroupId",)),
        (Recipient(legal_entity_id=seller.entity.id), NotFound, ("legalEntityId",)),
        (Recipient(legal_entity_id=new_id()), NotFound, ("legalEntityId",)),
        (Recipient(company_id=branch.id), NotFound, ("companyId",)),
    ]
    for wrong, error, path in refused:
        with pytest.raises(error) as refusal:
            await service.assign_price_list(seller.actor, rows[0].id, wrong)
        assert refusal.value.path == path
    assert await fetch_value("SELECT count(*) FROM price_list_assignment") == 3

    for row, (recipient, _) in zip(rows, recipients.values(), strict=True):
        await service.withdraw_price_list(seller.actor, row.id, recipient)
    assert [await price(who, bolt) for who in (buyer, at_branch)] == [D(100), D(100)]


async def test_regions_validity_least_value_and_rest(database: Database) -> None:
    seller = await make_seller()
    here, abroad = await make_buyer(country="RU"), await make_buyer(country="KZ")
    bolt = await make_offer(seller, price="100")
    list_id = await computed(
        seller, "Off", None, regions=(" kz", "BY", "KZ"), valid_from=NOW, valid_until=NOW + DAY,
        min_order_value=D(500),
    )  # fmt: skip
    for buyer in (here, abroad):
        await service.assign_price_list(seller.actor, list_id, Recipient(buyer.company_id))
    row = (await price_lists.price_lists_by_ids(seller.actor, [list_id]))[list_id]
    assert row.regions == ("BY", "KZ")
    assert await price(here, bolt, "5") == D(100)
    found = [await price(abroad, bolt, number) for number in ("4", "5")]
    assert found == [D(100), D(90)]
    assert await price(abroad, bolt, "5", NOW - DAY) == D(100)
    assert await price(abroad, bolt, "5", NOW + DAY) == D(100)
    sheet = (await queries.price_sheets(abroad.legal_entity_id, [bolt.id]))[bolt.id]
    assert sheet.price(D(1), NOW, order_value=D(500)).unit_price == D(90)

    changes = PriceListChanges(cleared=frozenset({"min_order_value", "valid_until"}), regions=())
    await service.update_price_list(seller.actor, list_id, changes)
    assert await price(here, bolt, "1", NOW + 9 * DAY) == D(90)
    await service.update_price_list(seller.actor, list_id, PriceListChanges(active=False))
    assert await price(here, bolt) == D(100)


async def test_the_terms_of_a_base_do_not_bind_what_is_derived(database: Database) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    bolt = await make_offer(seller, price="100")
    base = await make_price_list(seller, seller.id, {bolt.id: {"1": "80"}})
    changes = PriceListChanges(
        active=False, valid_until=NOW - DAY, regions=("DE",), min_order_value=D(10**6)
    )
    await service.update_price_list(seller.actor, base.id, changes)
    top = await computed(seller, "Top", base.id)
    await service.assign_price_list(seller.actor, top, Recipient(buyer.company_id))
    assert await price(buyer, bolt) == D(72)


async def test_who_changes_a_rule_changes_prices_and_says_so(database: Database) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    bolt, nut = await make_offer(seller, price="100"), await make_offer(seller, price="10")
    base = await make_price_list(seller, seller.id, {bolt.id: {"1": "50"}})
    middle = await computed(seller, "Middle", base.id)
    top = await computed(seller, "Top", middle)
    await fetch("DELETE FROM price_list_assignment")
    await service.update_price_list(seller.actor, middle, PriceListChanges(priority=1))
    assert await told() == []  # nobody has any of them
    await service.assign_price_list(seller.actor, top, Recipient(buyer.company_id))
    assert await price(buyer, bolt) == D("40.5")
    await rebase(seller, middle, None)
    assert [await price(buyer, one) for one in (bolt, nut)] == [D(81), D("8.1")]
    await service.update_price_list(seller.actor, middle, PriceListChanges(name="Renamed"))
    await service.update_price_list(seller.actor, middle, PriceListChanges(name="Renamed"))
    assert await told() == [(bolt.id,), tuple(sorted((bolt.id, nut.id)))]


async def test_a_cycle_is_refused_and_named(database: Database) -> None:
    seller = await make_seller()
    first = await computed(seller, "First", None)
    second = await computed(seller, "Second", first)
    third = await computed(seller, "Third", second)
    for base, chain in (
        (third, ("First", "Third", "Second", "First")),
        (second, ("First", "Second", "First")),
        (first, ("First", "First")),
    ):
        with pytest.raises(PriceListCycle) as refusal:
            await rebase(seller, first, base)
        assert refusal.value.chain == chain
        assert refusal.value.path == ("rule", "baseListId")
        assert " → ".join(chain) in refusal.value.message("en")
        assert " → ".join(chain) in refusal.value.message("ru")
    assert await fetch_value("SELECT base_list_id FROM price_list WHERE id = $1", first) is None
    await rebase(seller, third, None)
    await rebase(seller, first, third)  # the ends may be tied the other way round then


@pytest.mark.parametrize("size", [2, 3, 5])
async def test_changes_at_once_never_close_a_cycle(database: Database, size: int) -> None:
    seller = await make_seller()
    lists = [await computed(seller, f"List {number}", None) for number in range(size)]
    for _ in range(5):
        ring = [rebase(seller, one, lists[(place + 1) % size]) for place, one in enumerate(lists)]
        outcomes = await asyncio.gather(*ring, return_exceptions=True)
        refused = [one for one in outcomes if one is not None]
        assert [type(one) for one in refused] == [PriceListCycle]  # each alone would have done
        bases = {
            row["id"]: row["base_list_id"]
            for row in await fetch("SELECT id, base_list_id FROM price_list")
        }
        assert sum(base is None for base in bases.values()) == 1
        for one in lists:
            await rebase(seller, one, None)


async def test_chains_end(database: Database) -> None:
    seller = await make_seller()
    chain = [await computed(seller, "List 1", None)]
    for number in range(2, MAX_CHAIN + 1):
        chain.append(await computed(seller, f"List {number}", chain[-1]))
    with pytest.raises(PriceListChainTooLong) as refusal:
        await computed(seller, "One too many", chain[-1])
    assert refusal.value.path == ("rule", "baseListId")
    below = await computed(seller, "Below", None)
    with pytest.raises(PriceListChainTooLong):
        await rebase(seller, chain[0], below)  # counted from both ends
    await rebase(seller, chain[1], below)  # in place of the first
    assert await fetch_value("SELECT count(*) FROM price_list") == MAX_CHAIN + 1


async def test_what_cannot_be_changed_is_refused(database: Database) -> None:
    seller, rival, buyer = await make_seller(), await make_seller(), await make_buyer()
    bolt = await make_offer(seller)
    fixed = await make_price_list(seller, buyer.company_id, {bolt.id: {"1": "90"}})
    foreign = await make_price_list(rival, buyer.company_id, {})
    dollars = await service.create_price_list(seller.actor, NewPriceList("Dollars", "USD"))
    rule = await computed(seller, "Rule", fixed.id)
    await service.assign_price_list(seller.actor, rule, Recipient(buyer.company_id))

    async def state() -> list[tuple[object, ...]]:
        rows = await fetch("SELECT l.*, (SELECT count(*) FROM outbox_event) FROM price_list l")
        return sorted((tuple(row.values()) for row in rows), key=repr)

    before = await state()
    ten = D(10)
    cases: list[tuple[UUID, PriceListChanges, type[DomainError], tuple[str, ...]]] = [
        (rule, PriceListChanges(name="Dollars"), PriceListNameTaken, ("name",)),
        (rule, PriceListChanges(name=" "), InvalidInput, ("name",)),
        (rule, PriceListChanges(priority=10**7), InvalidInput, ("priority",)),
        (rule, PriceListChanges(regions=("RUS",)), InvalidInput, ("regions",)),
        (rule, PriceListChanges(min_order_value=D(0)), InvalidInput, ("minOrderValue",)),
        (rule, PriceListChanges(valid_from=NOW, valid_until=NOW), InvalidInput, ("validUntil",)),
        (rule, PriceListChanges(rule=ListRule()), InvalidInput, ("rule", "percent")),
        (rule, PriceListChanges(rule=ListRule(None, ten, ten)), InvalidInput, ("rule", "percent")),
        (rule, PriceListChanges(rule=ListRule(None, D(-100))), InvalidInput, ("rule", "percent")),
        (rule, PriceListChanges(rule=ListRule(None, D(1001))), InvalidInput, ("rule", "percent")),
        (rule, PriceListChanges(rule=ListRule(None, D("NaN"))), InvalidInput, ("rule", "percent")),
        (
            rule,
            PriceListChanges(rule=ListRule(None, amount=D("0.00001"))),
            InvalidInput,
            ("rule", "amount"),
        ),
        (
            rule,
            PriceListChanges(rule=ListRule(foreign.id, ten)),
            NotFound,
            ("rule", "baseListId"),
        ),
        (
            rule,
            PriceListChanges(rule=ListRule(dollars, ten)),
            BaseListCurrency,
            ("rule", "baseListId"),
        ),
        (fixed.id, PriceListChanges(rule=ListRule(None, ten)), FixedListHasNoRule, ("rule",)),
        (foreign.id, PriceListChanges(priority=1), NotFound, ("priceListId",)),
        (new_id(), PriceListChanges(priority=1), NotFound, ("priceListId",)),
    ]
    for list_id, changes, error, path in cases:
        with pytest.raises(error) as refusal:
            await service.update_price_list(seller.actor, list_id, changes)
        assert refusal.value.path == path, changes
        assert refusal.value.message("en") != refusal.value.message("ru")
    with pytest.raises(Forbidden):
        await service.update_price_list(buyer, rule, PriceListChanges(priority=1))
    with pytest.raises(PriceListNotFixed):
        await service.set_price_tiers(
            seller.actor, rule, [OfferTiers(bolt.id, (Tier(D(1), D(1)),))]
        )
    yen = NewPriceList("Yen", "JPY", rule=ListRule(None, ten, rounding="to_99"))
    with pytest.raises(InvalidInput, match="hundredths"):
        await service.create_price_list(seller.actor, yen)
    with pytest.raises(NotFound):
        await computed(seller, "New", foreign.id)
    assert await state() == before
    assert await fetch_value("SELECT count(*) FROM price_tier WHERE price_list_id = $1", rule) == 0
