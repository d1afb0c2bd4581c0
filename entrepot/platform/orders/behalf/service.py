"""Ordering for a buyer: a seller's representative under a mandate, or the operator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from entrepot.platform import outbox
from entrepot.platform.carts import service as carts
from entrepot.platform.carts.approvals import service as approvals
from entrepot.platform.carts.approvals.errors import ApprovalRequired, NoApproverLeft
from entrepot.platform.carts.budgets.errors import BudgetExceeded
from entrepot.platform.carts.rules import MAX_LINES, MAX_NAME
from entrepot.platform.clock import Clock
from entrepot.platform.database import fetch, fetch_one, fetch_value, transaction
from entrepot.platform.errors import InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission, permissions_of
from entrepot.platform.orders.behalf.errors import BuyerRefuses, MandateRequired
from entrepot.platform.orders.behalf.events import CartFilledOnBehalf
from entrepot.platform.orders.behalf.mandates import NEEDED, grant, hold_mandate, revoke
from entrepot.platform.orders.placement import place_carts
from entrepot.platform.orders.queries import SellerOrderRow, seller_orders_of
from entrepot.platform.orders.service import checked_po_number

__all__ = ["grant", "order_on_behalf", "outcome", "revoke"]

PERSON = """
SELECT u.id, u.name, u.locale, m.roles, e.company_id
  FROM legal_entity e
  JOIN company c ON c.id = e.company_id AND c.active AND c.is_buyer
  JOIN membership m ON m.company_id = c.id
  JOIN user_account u ON u.id = m.user_id AND u.disabled_at IS NULL
 WHERE e.id = $1 AND e.active AND u.id = $2
"""
ACTING = """
SELECT u.name, c.name AS company, c.is_operator FROM user_account u, company c
 WHERE u.id = $1 AND c.id = $2
"""


@dataclass(frozen=True, slots=True)
class BehalfLine:
    """What to order: a quantity of an offer, in the product's unit."""

    offer_id: UUID
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a cart filled for a buyer, as far as the actor may know."""

    seller_orders: tuple[SellerOrderRow, ...]
    waits_for_approval: bool


async def order_on_behalf(
    secret_key: bytes,
    actor: Actor,
    legal_entity_id: UUID,
    person_id: UUID,
    lines: Sequence[BehalfLine],
    *,
    clock: Clock,
    po_number: str | None = None,
    note: str = "",
) -> UUID:
    """Order for a person of a buying company, and return the id of the cart that it went through.

    Prices, visibility, approvals, budgets and payment are the person's, as if they had ordered;
    the order keeps both names, and its events and letters tell the person. Where an approval is
    needed, the cart waits for it in the buyer's company instead, and `CartFilledOnBehalf` is
    recorded. A seller's representative needs a live mandate of the legal entity and may order
    their own company's offers only; the operator needs none. Needs `order.on_behalf`. Locks the
    mandate (shared), then what `order_carts` says. Raises what that does, save for the buyer's
    own affairs: `BuyerRefuses`; and `MandateRequired`, `NotFound`, `InvalidInput`.
    """
    actor.require(Permission.ORDER_ON_BEHALF)
    po_number = checked_po_number(po_number)
    if not 1 <= len(lines) <= MAX_LINES:
        raise InvalidInput("lines", f"from 1 to {MAX_LINES} lines", f"от 1 до {MAX_LINES} строк")
    async with transaction():
        acting = await fetch_one(ACTING, actor.user_id, actor.company_id)
        if acting is None:
            raise NotFound("User")
        if not acting["is_operator"]:
            if not await hold_mandate(actor.company_id, legal_entity_id):
                raise MandateRequired(legal_entity_id).at("legalEntityId")
            await _check_own(actor, lines)
        person, name = await _person(legal_entity_id, person_id)
        title = f"{acting['name']}, {acting['company']}"[:MAX_NAME]
        cart_id = await carts.create(person, title, clock=clock)
        await carts.update(
            person, cart_id, carts.CartTerms(note=note, po_number=po_number), clock=clock
        )
        wanted = [carts.NewCartLine(line.offer_id, line.quantity) for line in lines]
        await carts.add_lines(person, cart_id, wanted, clock=clock)
        try:
            await _place_or_ask(secret_key, actor, person, cart_id, note, clock)
        except (BudgetExceeded, NoApproverLeft):
            raise BuyerRefuses(name) from None
    return cart_id


async def _place_or_ask(
    secret_key: bytes, actor: Actor, person: Actor, cart_id: UUID, note: str, clock: Clock
) -> None:
    try:
        async with transaction():  # undone by itself where somebody must be asked first
            await place_carts(
                actor, [cart_id], clock.now(), accept_price_changes=True, on_behalf_of=person
            )
    except ApprovalRequired:
        approval_id = await approvals.submit(secret_key, person, cart_id, note, clock=clock)
        await outbox.record(CartFilledOnBehalf(cart_id, approval_id, actor.user_id, person.user_id))


async def _check_own(actor: Actor, lines: Sequence[BehalfLine]) -> None:
    rows = await fetch(
        "SELECT id FROM offer WHERE id = ANY($1::uuid[]) AND seller_id = $2",
        [line.offer_id for line in lines],
        actor.company_id,
    )
    own = {row["id"] for row in rows}
    for index, line in enumerate(lines):
        if line.offer_id not in own:
            raise NotFound("offer").at("lines", str(index), "offerId", line_index=index)


async def _person(legal_entity_id: UUID, person_id: UUID) -> tuple[Actor, str]:
    """The person as an actor of the legal entity, and their name."""
    row = await fetch_one(PERSON, legal_entity_id, person_id)
    permissions = permissions_of(row["roles"]) if row is not None else frozenset()
    if row is None or not permissions >= NEEDED:
        raise NotFound("User").at("personId")
    person = Actor(
        user_id=row["id"],
        company_id=row["company_id"],
        legal_entity_id=legal_entity_id,
        permissions=permissions,
        via="system",
        locale=row["locale"],
    )
    return person, row["name"]


async def outcome(actor: Actor, cart_id: UUID) -> Outcome:
    """Return what became of a cart that the actor has just filled for a buyer.

    A representative is shown the seller orders of their own company only.
    """
    actor.require(Permission.ORDER_ON_BEHALF)
    order_id = await fetch_value("SELECT order_id FROM order_cart WHERE cart_id = $1", cart_id)
    if order_id is None:
        return Outcome((), True)
    is_operator = await fetch_value(
        "SELECT is_operator FROM company WHERE id = $1", actor.company_id
    )
    parts = (await seller_orders_of([order_id]))[order_id]
    shown = [part for part in parts if is_operator or part.seller_id == actor.company_id]
    return Outcome(tuple(shown), False)
