"""Setting the prices in a fixed list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from entrepot.platform.catalog.queries import all_offers_by_ids
from entrepot.platform.database import execute, transaction
from entrepot.platform.errors import DomainError, InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id
from entrepot.platform.pricing.errors import CurrencyMismatch, DuplicateOffer, DuplicateTier
from entrepot.platform.pricing.list_changes import lock_own, record_prices_changed
from entrepot.platform.pricing.price_imports.errors import PriceListNotFixed
from entrepot.platform.quantities import check_quantity_range, check_unit_price_range, trimmed

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
    """Replace the tiers of the named offers in a fixed list; other offers keep theirs.

    All lines or none. Locks the list. Records `PricesChanged` for the offers, whose prices in the
    lists that are derived from this one change too. Errors about a line carry the `line_index`.
    Raises `Forbidden`, `NotFound` (a list or offer of another seller), `InvalidInput` (zero,
    negative, too precise; more than 1000 offers), `DuplicateTier`, `DuplicateOffer`,
    `CurrencyMismatch`, `PriceListNotFixed`.
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
        own = await lock_own(actor, price_list_id)
        if own.kind != "fixed":
            raise PriceListNotFixed(own.name).at("priceListId")
        offers = await all_offers_by_ids(seen)
        for index, line in enumerate(lines):
            place = ("lines", str(index), "offerId")
            offer = offers.get(line.offer_id)
            if offer is None or offer.seller_id != actor.company_id:
                raise NotFound("offer").at(*place, line_index=index)
            if offer.currency != own.currency:
                raise CurrencyMismatch(offer.id, own.currency, offer.currency).at(
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
        await record_prices_changed(actor.company_id, seen)
