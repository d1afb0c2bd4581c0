"""Writes of offers: a seller's own terms."""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal
from uuid import UUID

from entrepot.platform.catalog.article_numbers import article_key
from entrepot.platform.catalog.errors import ExternalIdTaken, NotSelling
from entrepot.platform.catalog.events import OffersChanged
from entrepot.platform.catalog.queries import is_selling
from entrepot.platform.catalog.rules import check_quantity, clean_text
from entrepot.platform.database import fetch_one, fetch_value, transaction
from entrepot.platform.errors import InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id
from entrepot.platform.money import MINOR_DIGITS
from entrepot.platform.outbox import record
from entrepot.platform.quantities import check_quantity_range, check_unit_price_range, plain

NUMBER_LENGTH = 255
MAX_LEAD_TIME_DAYS = 730
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class NewOffer:
    """A seller's terms. Without an external id the article number is it; tax rate in percent."""

    product_id: UUID
    article_number: str
    list_price: Decimal
    currency: str
    external_id: str | None = None
    tax_included: bool = False
    tax_rate: Decimal = Decimal(20)
    pack_quantity: Decimal = _ONE
    min_order_quantity: Decimal = _ONE
    order_step: Decimal = _ONE
    lead_time_days: int = 3
    active: bool = True
    max_order_quantity: Decimal | None = None
    cost_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OfferChanges:
    """What to change; None leaves it. The currency stays: price lists are bound to it.

    `without_maximum` lifts the limit on a line's quantity.
    """

    article_number: str | None = None
    list_price: Decimal | None = None
    tax_included: bool | None = None
    tax_rate: Decimal | None = None
    pack_quantity: Decimal | None = None
    min_order_quantity: Decimal | None = None
    order_step: Decimal | None = None
    lead_time_days: int | None = None
    active: bool | None = None
    max_order_quantity: Decimal | None = None
    cost_price: Decimal | None = None
    without_maximum: bool = False


def _check(terms: NewOffer | OfferChanges) -> None:
    """Raise `InvalidInput` about the first number that cannot be."""
    if terms.list_price is not None:
        check_unit_price_range("listPrice", terms.list_price)
    if terms.cost_price is not None:
        check_unit_price_range("costPrice", terms.cost_price)
    for name, quantity in (
        ("packQuantity", terms.pack_quantity),
        ("minOrderQuantity", terms.min_order_quantity),
        ("orderStep", terms.order_step),
        ("maxOrderQuantity", terms.max_order_quantity),
    ):
        if quantity is not None:
            check_quantity_range(name, quantity)
    rate = terms.tax_rate
    if rate is not None and not (rate.is_finite() and 0 <= rate < 100 and rate == round(rate, 2)):
        raise InvalidInput(
            "taxRate",
            "must be from 0 to 99.99 percent with 2 decimal places",
            "от 0 до 99,99 процента, два знака после запятой",
        )
    days = terms.lead_time_days
    if days is not None and not 0 <= days <= MAX_LEAD_TIME_DAYS:
        raise InvalidInput(
            "leadTimeDays",
            f"must be from 0 to {MAX_LEAD_TIME_DAYS}",
            f"от 0 до {MAX_LEAD_TIME_DAYS}",
        )


def _check_reachable(
    pack: Decimal, minimum: Decimal, step: Decimal, maximum: Decimal | None
) -> None:
    """Raise `InvalidInput` where the maximum leaves no quantity that could be ordered."""
    if maximum is None:
        return
    smallest = check_quantity(minimum, pack, minimum, step).smallest
    if maximum < smallest:
        least = plain(smallest)
        raise InvalidInput(
            "maxOrderQuantity",
            f"must be at least {least}, the least that can be ordered",
            f"не меньше {least}: меньше заказать нельзя",
        )


async def create_offer(actor: Actor, new: NewOffer) -> UUID:
    """Offer a product at the actor's company's terms; returns the offer's id.

    Records `OffersChanged`. Raises `Forbidden`, `NotSelling`, `InvalidInput`, `NotFound` (the
    product), `ExternalIdTaken`.
    """
    actor.require(Permission.CATALOG_MANAGE)
    if not await is_selling(actor.company_id):
        raise NotSelling()
    article_number = clean_text("articleNumber", new.article_number, NUMBER_LENGTH)
    external_id = clean_text("externalId", new.external_id or article_number, NUMBER_LENGTH)
    if new.currency not in MINOR_DIGITS:
        raise InvalidInput(
            "currency", "must be a known ISO 4217 code", "нужен известный код ISO 4217"
        )
    _check(new)
    _check_reachable(
        new.pack_quantity, new.min_order_quantity, new.order_step, new.max_order_quantity
    )
    async with transaction():
        if not await fetch_value(
            "SELECT true FROM product WHERE id = $1 FOR KEY SHARE", new.product_id
        ):
            raise NotFound("product").at("productId")
        row = await fetch_one(
            "INSERT INTO offer (id, product_id, seller_id, external_id, article_number,"
            " number_key, list_price, currency, cost_price, tax_included, tax_rate, pack_quantity,"
            " min_order_quantity, order_step, max_order_quantity, lead_time_days, active,"
            " created_at, updated_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,"
            " now(), now())"
            " ON CONFLICT (seller_id, external_id) DO NOTHING RETURNING id",
            new_id(),
            new.product_id,
            actor.company_id,
            external_id,
            article_number,
            article_key(article_number)[:NUMBER_LENGTH],
            new.list_price,
            new.currency,
            new.cost_price,
            new.tax_included,
            new.tax_rate,
            new.pack_quantity,
            new.min_order_quantity,
            new.order_step,
            new.max_order_quantity,
            new.lead_time_days,
            new.active,
        )
        if row is None:
            known: UUID = await fetch_value(
                "SELECT id FROM offer WHERE seller_id = $1 AND external_id = $2",
                actor.company_id,
                external_id,
            )
            raise ExternalIdTaken(external_id, known).at("externalId")
        created: UUID = row["id"]
        await record(OffersChanged((created,)))
    return created


async def update_offer(actor: Actor, offer_id: UUID, changes: OfferChanges) -> None:
    """Change the terms of the actor's company's own offer.

    Records `OffersChanged`. Raises `Forbidden`, `InvalidInput`, `NotFound` (another seller's offer
    looks absent).
    """
    actor.require(Permission.CATALOG_MANAGE)
    _check(changes)
    values = {
        field.name: getattr(changes, field.name)
        for field in fields(changes)
        if field.name != "without_maximum" and getattr(changes, field.name) is not None
    }
    if changes.without_maximum:
        values["max_order_quantity"] = None
    if changes.article_number is not None:
        values["article_number"] = clean_text(
            "articleNumber", changes.article_number, NUMBER_LENGTH
        )
        values["number_key"] = article_key(values["article_number"])[:NUMBER_LENGTH]
    settings = "".join(f"{column} = ${i}, " for i, column in enumerate(values, start=3))
    async with transaction():
        row = await fetch_one(
            f"UPDATE offer SET {settings}updated_at = now() WHERE id = $1 AND seller_id = $2"
            " RETURNING pack_quantity, min_order_quantity, order_step, max_order_quantity",
            offer_id,
            actor.company_id,
            *values.values(),
        )
        if row is None:
            raise NotFound("offer").at("offerId")
        _check_reachable(*row.values())
        await record(OffersChanged((offer_id,)))
