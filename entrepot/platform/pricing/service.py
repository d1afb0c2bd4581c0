"""Writes of price lists: a seller's own lists, own offers, and whom they are given to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.catalog.errors import NotSelling
from entrepot.platform.catalog.queries import all_offers_by_ids, is_selling
from entrepot.platform.catalog.rules import clean_text
from entrepot.platform.database import execute, fetch, fetch_one, fetch_value, transaction
from entrepot.platform.errors import DomainError, InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id
from entrepot.platform.money import MINOR_DIGITS
from entrepot.platform.outbox import record
from entrepot.platform.pricing.errors import (
    CurrencyMismatch,
    DuplicateOffer,
    DuplicateTier,
    PriceListNameTaken,
)
from entrepot.platform.pricing.events import OFFERS_PER_EVENT, PricesChanged
from entrepot.platform.quantities import (
    check_quantity_range,
    check_unit_price_range,
    trimmed,
)

NAME_LENGTH = 200
MAX_PRIORITY = 1_000_000
MAX_OFFERS = 1000
MAX_TIERS = 20


@dataclass(frozen=True, slots=True)
class Tier:
    """A unit price from a quantity on."""

    min_quantity: Decimal
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class OfferTiers:
    """All tiers of one offer in a list; none takes the offer out of the list."""

    offer_id: UUID
    tiers: tuple[Tier, ...]


@dataclass(frozen=True, slots=True)
class NewPriceList:
    """A list: the higher priority wins; in force from `valid_from` until before `valid_until`."""

    name: str
    currency: str
    priority: int = 0
    valid_from: datetime | None = None
    valid_until: datetime | None = None


async def create_price_list(actor: Actor, new: NewPriceList) -> UUID:
    """Start an empty price list of the actor's company; returns its id.

    Raises `Forbidden`, `NotSelling`, `InvalidInput`, `PriceListNameTaken`.
    """
    actor.require(Permission.PRICES_MANAGE)
    if not await is_selling(actor.company_id):
        raise NotSelling()
    name = clean_text("name", new.name, NAME_LENGTH)
    if new.currency not in MINOR_DIGITS:
        raise InvalidInput(
            "currency", "must be a known ISO 4217 code", "нужен известный код ISO 4217"
        )
    if abs(new.priority) > MAX_PRIORITY:
        raise InvalidInput(
            "priority",
            f"must be within ±{MAX_PRIORITY}",
            f"должен быть в пределах ±{MAX_PRIORITY}",
        )
    if new.valid_from and new.valid_until and new.valid_from >= new.valid_until:
        raise InvalidInput(
            "validUntil", "must be later than validFrom", "должно быть позже validFrom"
        )
    row = await fetch_one(
        "INSERT INTO price_list (id, seller_id, name, currency, priority, valid_from,"
        " valid_until, active, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, true, now())"
        " ON CONFLICT (seller_id, name) DO NOTHING RETURNING id",
        new_id(),
        actor.company_id,
        name,
        new.currency,
        new.priority,
        new.valid_from,
        new.valid_until,
    )
    if row is None:
        raise PriceListNameTaken(name).at("name")
    created: UUID = row["id"]
    return created


async def _lock_own(actor: Actor, price_list_id: UUID) -> str:
    """Lock the actor's company's list; returns its currency. Raises `NotFound`."""
    row = await fetch_one(
        "SELECT currency FROM price_list WHERE id = $1 AND seller_id = $2 FOR UPDATE",
        price_list_id,
        actor.company_id,
    )
    if row is None:
        raise NotFound("price list").at("priceListId")
    return str(row["currency"])


async def _record_changed(seller_id: UUID, offer_ids: Iterable[UUID]) -> None:
    ordered = sorted(offer_ids)
    for start in range(0, len(ordered), OFFERS_PER_EVENT):
        await record(PricesChanged(seller_id, tuple(ordered[start : start + OFFERS_PER_EVENT])))


async def _record_list_changed(seller_id: UUID, price_list_id: UUID) -> None:
    rows = await fetch(
        "SELECT DISTINCT offer_id FROM price_tier WHERE price_list_id = $1", price_list_id
    )
    await _record_changed(seller_id, (row["offer_id"] for row in rows))


async def assign_price_list(actor: Actor, price_list_id: UUID, company_id: UUID) -> None:
    """Give the list to a buying company; giving it again changes nothing.

    Locks the list. Records `PricesChanged` for every offer in it. Raises `Forbidden`, `NotFound`
    (a list of another seller, a company that is not an active buyer).
    """
    actor.require(Permission.PRICES_MANAGE)
    async with transaction():
        await _lock_own(actor, price_list_id)
        if not await fetch_value(
            "SELECT true FROM company WHERE id = $1 AND is_buyer AND active", company_id
        ):
            raise NotFound("company").at("companyId")
        touched = await execute(
            "INSERT INTO price_list_assignment (id, price_list_id, company_id)"
            " VALUES ($1, $2, $3) ON CONFLICT (price_list_id, company_id) DO NOTHING",
            new_id(),
            price_list_id,
            company_id,
        )
        if touched:
            await _record_list_changed(actor.company_id, price_list_id)


async def withdraw_price_list(actor: Actor, price_list_id: UUID, company_id: UUID) -> None:
    """Take the list away from a company; where it has none, nothing changes.

    Locks the list. Records `PricesChanged`. Raises `Forbidden`, `NotFound`.
    """
    actor.require(Permission.PRICES_MANAGE)
    async with transaction():
        await _lock_own(actor, price_list_id)
        touched = await execute(
            "DELETE FROM price_list_assignment WHERE price_list_id = $1 AND company_id = $2",
            price_list_id,
            company_id,
        )
        if touched:
            await _record_list_changed(actor.company_id, price_list_id)


def _check_line(index: int, line: OfferTiers) -> None:
    if len(line.tiers) > MAX_TIERS:
        raise InvalidInput(
            f"lines.{index}.tiers", f"at most {MAX_TIERS} tiers", f"не более {MAX_TIERS} порогов"
        )
    starts: set[Decimal] = set()
    for number, tier in enumerate(line.tiers):
        place = f"lines.{index}.tiers.{number}"
        check_quantity_range(f"{place}.minQuantity", tier.min_quantity)
        check_unit_price_range(f"{place}.unitPrice", tier.unit_price)
        if tier.min_quantity in starts:
            raise DuplicateTier(line.offer_id, trimmed(tier.min_quantity)).at(
                *place.split("."), "minQuantity"
            )
        starts.add(tier.min_quantity)


async def set_price_tiers(actor: Actor, price_list_id: UUID, lines: Sequence[OfferTiers]) -> None:
    """Replace the tiers of the named offers in a list; other offers keep theirs.

    All lines or none. Locks the list. Records `PricesChanged`. Every error carries the
    `line_index`. Raises `Forbidden`, `NotFound` (a list or offer of another seller),
    `InvalidInput` (zero, negative, too precise; more than 1000 offers), `DuplicateTier`,
    `DuplicateOffer`, `CurrencyMismatch`.
    """
    actor.require(Permission.PRICES_MANAGE)
    if not 1 <= len(lines) <= MAX_OFFERS:
        raise InvalidInput("lines", f"take 1–{MAX_OFFERS} lines", f"от 1 до {MAX_OFFERS} строк")
    seen: set[UUID] = set()
    for index, line in enumerate(lines):
        try:
            _check_line(index, line)
            if line.offer_id in seen:
                raise DuplicateOffer(line.offer_id).at("lines", str(index), "offerId")
        except DomainError as error:
            error.line_index = index
            raise
        seen.add(line.offer_id)
    async with transaction():
        currency = await _lock_own(actor, price_list_id)
        offers = await all_offers_by_ids(seen)
        for index, line in enumerate(lines):
            place = ("lines", str(index), "offerId")
            offer = offers.get(line.offer_id)
            if offer is None or offer.seller_id != actor.company_id:
                raise NotFound("offer").at(*place, line_index=index)
            if offer.currency != currency:
                raise CurrencyMismatch(offer.id, currency, offer.currency).at(
                    *place, line_index=index
                )
        await execute(
            "DELETE FROM price_tier WHERE price_list_id = $1 AND offer_id = ANY($2::uuid[])",
            price_list_id,
            list(seen),
        )
        rows = [(line.offer_id, tier) for line in lines for tier in line.tiers]
        await execute(
            "INSERT INTO price_tier (id, price_list_id, offer_id, min_quantity, unit_price)"
            " SELECT t.id, $1, t.offer_id, t.min_quantity, t.unit_price"
            "  FROM unnest($2::uuid[], $3::uuid[], $4::numeric[], $5::numeric[])"
            "    AS t(id, offer_id, min_quantity, unit_price)",
            price_list_id,
            [new_id() for _ in rows],
            [offer_id for offer_id, _ in rows],
            [tier.min_quantity for _, tier in rows],
            [tier.unit_price for _, tier in rows],
        )
        await _record_changed(actor.company_id, seen)
