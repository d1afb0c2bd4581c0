"""Turning carts into orders: the steps of one transaction, in order.

`service.place` is the usual entry; standing orders and representatives come in here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform import outbox
from entrepot.platform.carts.access import ensure_open
from entrepot.platform.carts.approvals.errors import ApprovalRequired
from entrepot.platform.carts.approvals.rules import RequestedCart, RequestedLine
from entrepot.platform.carts.approvals.service import ensure_may_order
from entrepot.platform.carts.budgets.rules import BudgetItem, BudgetWarning
from entrepot.platform.carts.budgets.service import charge
from entrepot.platform.carts.ordering import LockedCart, lock_carts
from entrepot.platform.errors import DomainError, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.inventory import service as inventory
from entrepot.platform.orders.buyer_side import buyer_side_of
from entrepot.platform.orders.checking import CheckedLine, CheckedOrder, check_order
from entrepot.platform.orders.errors import TotalChanged
from entrepot.platform.orders.events import OrderPlaced
from entrepot.platform.orders.writing import Signature, write_orders
from entrepot.platform.pricing.order_pricing import AppliedPromotion, PlacedAlong
from entrepot.platform.pricing.promotions.service import PromotionClaim, claim
from entrepot.platform.quantities import trimmed


@dataclass(frozen=True, slots=True)
class Placed:
    """The orders, in the order in which their legal entities' carts were named."""

    order_ids: tuple[UUID, ...]
    warnings: tuple[BudgetWarning, ...] = ()


async def place_carts(
    actor: Actor,
    cart_ids: Sequence[UUID],
    now: datetime,
    *,
    accept_price_changes: bool,
    po_number: str | None = None,
    standing_order_id: UUID | None = None,
    on_behalf_of: Actor | None = None,
    agreed: bool = False,
) -> list[UUID]:
    """Order carts inside the caller's transaction; see `order_carts`."""
    placed = await order_carts(
        actor,
        cart_ids,
        now,
        accept_price_changes=accept_price_changes,
        po_number=po_number,
        standing_order_id=standing_order_id,
        on_behalf_of=on_behalf_of,
        agreed=agreed,
    )
    return list(placed.order_ids)


async def order_carts(
    actor: Actor,
    cart_ids: Sequence[UUID],
    now: datetime,
    *,
    accept_price_changes: bool,
    po_number: str | None = None,
    expected_totals: Mapping[str, Decimal] | None = None,
    standing_order_id: UUID | None = None,
    on_behalf_of: Actor | None = None,
    named: bool = True,
    agreed: bool = False,
) -> Placed:
    """Order carts, one order for each legal entity; all of them or, by an error, nothing.

    The caller opens the transaction, has checked that the actor may use the carts and order, and
    lets errors roll it back. `on_behalf_of` is the buyer's person as whom prices, visibility,
    approvals and budgets are judged; `actor` is who does it. `expected_totals` are gross by
    currency. `named` says that the caller named the carts, so that paths of refusals do too.
    `agreed` says that an approver agreed to them beforehand (a standing order's envelope): none is
    asked now.

    Locks the carts in the order of their ids, the approvals, the stock, the budgets, the
    counters, the promotions. Records `OrderPlaced` for each order. Raises `NotFound`,
    `CartAlreadyOrdered`, `CartClosed`, `CartEmpty`, `OfferUnavailable`, `QuantityNotOrderable`,
    `PriceChanged`, `BelowMinimumOrderValue`, `TotalChanged`, `ApprovalRequired`,
    `ApprovalOutdated`, `OutOfStock`, `BudgetExceeded`, `PromotionUsedUp`.
    """
    buyer = on_behalf_of or actor
    groups = await _locked(buyer, cart_ids, named=named)
    orders: list[CheckedOrder] = []
    along = PlacedAlong()
    for group in groups:
        order = await check_order(
            group, now, accept_price_changes=accept_price_changes, along=along
        )
        orders.append(order)
        along.add(part.terms for part in order.parts)
    _check_totals(orders, expected_totals)
    approvals: dict[UUID, list[UUID]] = {order.id: [] for order in orders}
    if not agreed:
        paths = {cart.id: path for group in groups for path, cart in group}
        for order in orders:
            try:
                approvals[order.id] = await ensure_may_order(buyer, _requests(order), now)
            except ApprovalRequired as error:
                raise error.at(*paths[error.cart_id] if error.cart_id else ()) from None
    await _reserve(orders)
    warnings: list[BudgetWarning] = []
    for order in sorted(orders, key=lambda one: one.legal_entity_id):
        warnings += await charge(
            order.legal_entity_id,
            _budget_items(order),
            now,
            approved=agreed,
            approvals=approvals[order.id],
        )
    signature = Signature(
        placed_by=actor.user_id,
        on_behalf_of=on_behalf_of.user_id if on_behalf_of is not None else None,
        standing_order_id=standing_order_id,
        po_number=po_number,
    )
    carts = [cart for order in orders for cart in order.carts]
    await write_orders(orders, approvals, await buyer_side_of(carts), signature, now)
    claims = [use for order in orders for use in _claims(order)]
    await claim(claims, now, placed=[order.id for order in orders])
    for order in orders:
        parts = tuple(part.id for part in order.parts)
        await outbox.record(
            OrderPlaced(order.id, parts, signature.placed_by, signature.on_behalf_of)
        )
    return Placed(tuple(order.id for order in orders), tuple(warnings))


async def _locked(
    buyer: Actor, cart_ids: Sequence[UUID], *, named: bool
) -> list[list[tuple[tuple[str, ...], LockedCart]]]:
    """Return the carts by legal entity, in the order named, each with its path."""
    wanted = list(dict.fromkeys(cart_ids))
    found = {cart.id: cart for cart in await lock_carts(wanted)}
    groups: dict[UUID, list[tuple[tuple[str, ...], LockedCart]]] = defaultdict(list)
    for index, cart_id in enumerate(wanted):
        path = ("cartIds", str(index)) if named else ()
        cart = found.get(cart_id)
        if cart is None or cart.cart.company_id != buyer.company_id:
            raise NotFound("cart").at(*path)
        try:
            if cart.cart.status != "submitted":  # approvals decide about these
                await ensure_open(cart.cart)
        except DomainError as error:
            raise error.at(*path) from None
        groups[cart.cart.legal_entity_id].append((path, cart))
    return list(groups.values())


def _check_totals(orders: Sequence[CheckedOrder], expected: Mapping[str, Decimal] | None) -> None:
    if expected is None:
        return
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for order in orders:
        for currency, gross in order.totals.items():
            totals[currency] += gross
    for currency in sorted(totals.keys() | expected.keys()):
        wanted, total = expected.get(currency, Decimal(0)), totals.get(currency, Decimal(0))
        if wanted != total:
            raise TotalChanged(currency, trimmed(wanted), trimmed(total)).at("expectedTotals")


def _requests(order: CheckedOrder) -> list[RequestedCart]:
    """The carts as approvals see them; a delivery counts to the first cart that needs it."""
    delivery: dict[UUID, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    lines: dict[UUID, list[RequestedLine]] = defaultdict(list)
    for part in order.parts:
        delivery[part.lines[0].cart.id][part.terms.currency] += part.terms.delivery.net
        for one in part.lines:
            lines[one.cart.id].append(
                RequestedLine(
                    line_id=one.line.id,
                    offer_id=one.line.offer_id,
                    seller_id=one.price.seller_id,
                    cost_center=one.line.cost_center,
                    quantity=one.line.quantity,
                    unit_price=one.price.price.unit_price,
                    discount=one.price.discount,
                    net=one.price.amounts.net,
                    currency=one.price.currency,
                )
            )
    return [
        RequestedCart(
            cart_id=cart.id,
            company_id=order.company_id,
            legal_entity_id=order.legal_entity_id,
            lines=tuple(lines[cart.id]),
            delivery_net_by_currency=dict(delivery[cart.id]),
        )
        for cart in order.carts
    ]


async def _reserve(orders: Sequence[CheckedOrder]) -> None:
    """Hold the stock of all orders in one go, so that its locks are sorted over all of them."""
    lines = [line for order in orders for cart in order.carts for line in _of_cart(order, cart)]
    try:
        await inventory.reserve(
            [(line.id, line.line.offer_id, line.line.quantity) for line in lines]
        )
    except DomainError as error:
        if error.line_index is None:
            raise
        raise lines[error.line_index].place.tell(error, "quantity") from None


def _of_cart(order: CheckedOrder, cart: LockedCart) -> list[CheckedLine]:
    own = [line for line in order.lines if line.cart.id == cart.id]
    return sorted(own, key=lambda line: line.place.line_index)


def _budget_items(order: CheckedOrder) -> list[BudgetItem]:
    items = []
    for part in order.parts:
        nets: dict[str, Decimal] = defaultdict(Decimal)
        for line in part.lines:
            nets[line.line.cost_center] += line.price.amounts.net
        nets[""] += part.terms.delivery.net
        items += [
            BudgetItem(part.id, cost_center, part.terms.currency, net)
            for cost_center, net in nets.items()
            if net
        ]
    return items


def _claims(order: CheckedOrder) -> list[PromotionClaim]:
    """What each promotion took off each seller order, the delivery it spared included."""
    claims = []
    for part in order.parts:
        amounts: dict[UUID, Decimal] = defaultdict(Decimal)
        applied: list[AppliedPromotion] = [
            one for line in part.lines for one in line.price.promotions
        ]
        if part.terms.free_delivery_promotion is not None:
            applied.append(part.terms.free_delivery_promotion)
        for one in applied:
            amounts[one.id] += one.amount
        claims += [
            PromotionClaim(
                promotion_id=promotion_id,
                company_id=order.company_id,
                order_id=order.id,
                seller_order_id=part.id,
                amount=amount,
                currency=part.terms.currency,
            )
            for promotion_id, amount in amounts.items()
        ]
    return claims
