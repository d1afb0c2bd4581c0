"""Proposing from whom to buy a list, and putting the proposal into the cart."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts.access import usable_cart
from entrepot.platform.carts.errors import CartFull
from entrepot.platform.carts.lines import held_lines
from entrepot.platform.carts.rules import MAX_LINES
from entrepot.platform.carts.sourcing.applying import NewPart, apply
from entrepot.platform.carts.sourcing.plans import Plan, plan_of
from entrepot.platform.carts.sourcing.queries import Market, Wanted, market
from entrepot.platform.carts.sourcing.running import solved
from entrepot.platform.carts.sourcing.seller_sets import (
    best_sets,
    lacking,
    restricted,
    shortage_of,
)
from entrepot.platform.catalog.queries import all_offers_by_ids, offers_by_ids
from entrepot.platform.catalog.queries import visible_products_by_ids as visible_products
from entrepot.platform.clock import Clock
from entrepot.platform.database import fetch_value
from entrepot.platform.errors import InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.money import UnknownCurrency, minor_digits

__all__ = ["Fewer", "NewPart", "Proposal", "WantedArticle", "apply", "propose"]

MAX_LEAD_TIME = 3650
SOLVE_SECONDS = 8.0
FEWER_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class WantedArticle:
    """A product, or the product of an offer, and how much of it; exactly one id."""

    product_id: UUID | None
    offer_id: UUID | None
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Fewer:
    """The best split with one seller fewer; without a plan more would be missing."""

    sellers: int
    plan: Plan | None
    costs_more: Decimal
    currency: str
    short_lines: int
    """How many lines would not be had in full, where there is no plan."""

    def reason(self, locale: str) -> str:
        """Say in a sentence what one seller fewer would mean."""
        more = f"{self.costs_more} {self.currency}"
        sellers = "1 seller" if self.sellers == 1 else f"{self.sellers} sellers"
        if self.plan is None and locale == "ru":
            return (
                f"При числе продавцов {self.sellers} не хватило бы товара: строк с нехваткой"
                f" было бы не менее {self.short_lines}."
            )
        if self.plan is None:
            lines = "1 line" if self.short_lines == 1 else f"{self.short_lines} lines"
            return f"With {sellers}, at least {lines} would lack something."
        if locale == "ru":
            return f"При числе продавцов {self.sellers} всё то же дороже на {more}."
        return f"With {sellers}, the same would cost {more} more."


@dataclass(frozen=True, slots=True)
class Proposal:
    """The best split, and what one seller fewer would mean (None with a single seller)."""

    plan: Plan
    fewer: Fewer | None


async def propose(
    actor: Actor,
    *,
    clock: Clock,
    cart_id: UUID | None = None,
    lines: Sequence[WantedArticle] = (),
    max_sellers: int | None = None,
    within_days: int | None = None,
    currency: str | None = None,
) -> Proposal:
    """Return the best split of a cart, or of a list, over the sellers that offer the products.

    Without either, of the default cart. The same product wanted twice adds up. Only offers that
    the actor may see, at the prices of the cart's legal entity (of a list: the one acted for)
    without promotions, in one currency (without one, the legal entity's). Changes nothing.
    Needs `cart.manage`. Raises `NotFound`, `InvalidInput`, `CartFull`, `TooManyAttempts`.
    """
    actor.require(Permission.CART_MANAGE)
    _check(max_sellers, within_days)
    if cart_id is not None or not lines:
        legal_entity_id, wanted = await _in_cart(actor, cart_id)
    else:
        legal_entity_id = actor.legal_entity_id
        wanted = await _in_list(actor, lines)
    found = await market(
        actor, legal_entity_id, wanted, clock.now(),
        currency=await _currency(currency, legal_entity_id),
        max_sellers=max_sellers, within_days=within_days,
    )  # fmt: skip
    best = await solved(found.problem, seconds=SOLVE_SECONDS)
    plan = plan_of(found, wanted, best)
    while True:
        fewer = await _one_fewer(found, wanted, plan)
        if fewer is None or fewer.plan is None or fewer.costs_more >= 0:
            return Proposal(plan, fewer)
        plan = fewer.plan  # the first search ran out of time


async def _one_fewer(found: Market, wanted: list[Wanted], plan: Plan) -> Fewer | None:
    count = len(plan.sellers) - 1
    if count < 1:
        return None
    problem = replace(found.problem, max_sellers=count)
    known = await asyncio.to_thread(best_sets, problem)
    shortage = shortage_of(problem, [line.missing for line in plan.lines])
    if known is not None and known.shortage > shortage:
        missing = lacking(restricted(problem, known.sets[0]))
        return Fewer(count, None, Decimal(0), plan.currency, sum(1 for one in missing if one))
    narrowed = replace(found, problem=problem)
    other = plan_of(narrowed, wanted, await solved(problem, seconds=FEWER_SECONDS))
    if shortage_of(problem, [line.missing for line in other.lines]) > shortage:
        return Fewer(count, None, Decimal(0), plan.currency, other.short_lines)
    return Fewer(count, other, other.total - plan.total, plan.currency, other.short_lines)


def _check(max_sellers: int | None, within_days: int | None) -> None:
    if max_sellers is not None and not 1 <= max_sellers <= MAX_LINES:
        raise InvalidInput("maxSellers", f"must be 1–{MAX_LINES}", f"от 1 до {MAX_LINES}")
    if within_days is not None and not 0 <= within_days <= MAX_LEAD_TIME:
        raise InvalidInput(
            "deliverWithinDays", f"must be 0–{MAX_LEAD_TIME}", f"от 0 до {MAX_LEAD_TIME}"
        )


async def _currency(given: str | None, legal_entity_id: UUID) -> str:
    if given is None:
        own: str = await fetch_value(
            "SELECT currency FROM legal_entity WHERE id = $1", legal_entity_id
        )
        return own
    try:
        minor_digits(given)
    except UnknownCurrency:
        raise InvalidInput("currency", "is not a known currency", "неизвестная валюта") from None
    return given


def _added_up(wanted: Sequence[tuple[UUID, Decimal]]) -> list[Wanted]:
    totals: dict[UUID, Decimal] = {}
    for product_id, quantity in wanted:
        totals[product_id] = totals.get(product_id, Decimal(0)) + quantity
    return [Wanted(product_id, quantity) for product_id, quantity in totals.items()]


async def _in_cart(actor: Actor, cart_id: UUID | None) -> tuple[UUID, list[Wanted]]:
    """Return the cart's legal entity and what is wanted; None: the default cart."""
    empty = InvalidInput("cartId", "the cart is empty", "корзина пуста")
    try:
        cart = await usable_cart(actor, cart_id)
    except NotFound:
        if cart_id is None:  # nobody has put anything in yet
            raise empty from None
        raise
    lines = (await held_lines([cart.id]))[cart.id]
    if not lines:
        raise empty
    offers = await all_offers_by_ids({line.offer_id for line in lines})
    wanted = _added_up([(offers[line.offer_id].product_id, line.quantity) for line in lines])
    return cart.legal_entity_id, wanted


async def _in_list(actor: Actor, lines: Sequence[WantedArticle]) -> list[Wanted]:
    if len(lines) > MAX_LINES:
        raise CartFull(MAX_LINES)
    offers = await offers_by_ids(actor, [one.offer_id for one in lines if one.offer_id])
    products = await visible_products(actor, [one.product_id for one in lines if one.product_id])
    wanted: list[tuple[UUID, Decimal]] = []
    for index, line in enumerate(lines):
        here = ("lines", str(index))
        if (line.product_id is None) == (line.offer_id is None):
            error = InvalidInput("lines", "name a product or an offer", "товар или предложение")
            raise error.at(*here, line_index=index)
        if line.product_id is not None:
            if line.product_id not in products:
                raise NotFound("product").at(*here, "productId", line_index=index)
            wanted.append((line.product_id, line.quantity))
        elif line.offer_id is not None:
            if line.offer_id not in offers:
                raise NotFound("offer").at(*here, "offerId", line_index=index)
            wanted.append((offers[line.offer_id].product_id, line.quantity))
    return _added_up(wanted)
