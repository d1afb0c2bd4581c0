"""What letters about orders say, and to whom they go."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from entrepot.platform.database import Row, fetch, fetch_one
from entrepot.platform.identity.permissions import Permission, permissions_of
from entrepot.platform.money import plain_amount
from entrepot.platform.notifications.writing import OutgoingLetter

CANCELLED = "cancelled"
# whoever orders for others and belongs to several companies does so for one that sells here
_ORDER = """
SELECT o.number, o.po_number, b.name AS buyer, u.email, u.name, u.locale, u.disabled_at,
       p.name AS by, o.on_behalf_of_id IS NOT NULL AS on_behalf,
       (SELECT c.name FROM membership m JOIN company c ON c.id = m.company_id
         WHERE m.user_id = p.id AND c.id <> o.buyer_id
         ORDER BY c.id IN (SELECT s.seller_id FROM seller_order s WHERE s.order_id = o.id) DESC,
                  c.is_operator DESC, m.created_at, m.id LIMIT 1) AS by_company
  FROM purchase_order o
  JOIN company b ON b.id = o.buyer_id
  JOIN user_account p ON p.id = o.placed_by_id
  JOIN user_account u ON u.id = coalesce(o.on_behalf_of_id, o.placed_by_id)
 WHERE o.id = $1
"""
_FILLED = """
SELECT k.name AS cart, p.name AS by, u.email, u.name, u.locale, u.disabled_at,
       (SELECT c.name FROM membership m JOIN company c ON c.id = m.company_id
         WHERE m.user_id = p.id AND c.id <> e.company_id
         ORDER BY c.id IN (SELECT f.seller_id FROM cart_line l JOIN offer f ON f.id = l.offer_id
                            WHERE l.cart_id = k.id) DESC,
                  c.is_operator DESC, m.created_at, m.id LIMIT 1) AS by_company
  FROM cart k
  JOIN legal_entity e ON e.id = k.legal_entity_id
  JOIN user_account p ON p.id = $2
  JOIN user_account u ON u.id = $3
 WHERE k.id = $1
"""
_PARTS = """
SELECT s.id, s.number, s.seller_id, c.name AS seller, s.gross, s.currency, s.payment,
       (SELECT count(*) FROM order_line l WHERE l.seller_order_id = s.id) AS lines
  FROM seller_order s JOIN company c ON c.id = s.seller_id
 WHERE s.order_id = $1 ORDER BY s.number, s.id
"""
_STAFF = """
SELECT m.company_id, m.roles, u.email, u.name, u.locale
  FROM membership m JOIN user_account u ON u.id = m.user_id
 WHERE m.company_id = ANY($1::uuid[]) AND u.disabled_at IS NULL
 ORDER BY u.email
"""
_SELLER_ORDER = """
SELECT s.number, s.status, s.seller_id, s.gross, s.currency, o.number AS purchase,
       (SELECT sum(p.amount) FROM payment p WHERE p.seller_order_id = s.id) AS paid,
       (SELECT count(*) FROM order_line l WHERE l.seller_order_id = s.id) AS lines,
       i.number AS invoice, b.name AS buyer, c.name AS seller,
       u.email, u.name, u.locale, u.disabled_at
  FROM seller_order s
  JOIN purchase_order o ON o.id = s.order_id
  JOIN company b ON b.id = o.buyer_id
  JOIN company c ON c.id = s.seller_id
  JOIN user_account u ON u.id = coalesce(o.on_behalf_of_id, o.placed_by_id)
  LEFT JOIN invoice i ON i.seller_order_id = s.id
 WHERE s.id = $1
"""


async def letters_of_confirmation(seller_order_id: UUID) -> list[OutgoingLetter]:
    """Return the letter to who placed the order, that a seller took its part on.

    None to the disabled, nor of an order that was cancelled before the letter could go.
    """
    row = await fetch_one(_SELLER_ORDER, seller_order_id)
    if row is None or row["disabled_at"] is not None or row["status"] == CANCELLED:
        return []
    values = {name: row[name] for name in ("number", "purchase", "seller", "currency")}
    values["gross"] = plain_amount(row["gross"], row["currency"])
    return [OutgoingLetter("order_confirmed", row["email"], row["locale"], row["name"], values)]


async def letters_of_filled_cart(
    cart_id: UUID, placed_by: UUID, on_behalf_of: UUID
) -> list[OutgoingLetter]:
    """Return the letter to a person for whom a cart was filled that waits for an approval."""
    row = await fetch_one(_FILLED, cart_id, placed_by, on_behalf_of)
    if row is None or row["disabled_at"] is not None:
        return []
    values = {name: row[name] for name in ("cart", "by", "by_company")}
    return [
        OutgoingLetter("approval_asked_for_you", row["email"], row["locale"], row["name"], values)
    ]


async def letters_of_cancellation(seller_order_id: UUID, by: str) -> list[OutgoingLetter]:
    """Return the letters to the other side: the sellers' managers, or who placed the order.

    `by` is "buyer", "seller" or "marketplace" (unpaid in time: both sides are told). Nobody
    disabled is written to.
    """
    row = await fetch_one(_SELLER_ORDER, seller_order_id)
    if row is None:
        return []
    unpaid = by == "marketplace"
    values = {name: row[name] for name in ("number", "purchase", "invoice", "currency")}
    values |= {
        "by": "" if unpaid else row[by],
        "unpaid": unpaid,
        "paid": plain_amount(row["paid"], row["currency"]) if row["paid"] else "",
        "gross": plain_amount(row["gross"], row["currency"]),
    }
    people = [row] if by != "buyer" and row["disabled_at"] is None else []
    if by != "seller":
        people += await _managers([row["seller_id"]])
    return [
        OutgoingLetter("order_cancelled", one["email"], one["locale"], one["name"], values)
        for one in people
    ]


async def letters_of_payment(seller_order_id: UUID, *, advance: bool) -> list[OutgoingLetter]:
    """Return the letters about a complete payment: to who ordered, and, in advance, the seller.

    The seller's managers learn with it of the new order. None of a cancelled order.
    """
    row = await fetch_one(_SELLER_ORDER, seller_order_id)
    if row is None or row["status"] == CANCELLED:
        return []
    values = {name: row[name] for name in ("number", "seller", "currency")}
    values |= {"gross": plain_amount(row["gross"], row["currency"]), "advance": advance}
    letters = []
    if row["disabled_at"] is None:
        letters.append(
            OutgoingLetter("payment_received", row["email"], row["locale"], row["name"], values)
        )
    if advance:
        letters += [
            _received(one, row["buyer"], [row]) for one in await _managers([row["seller_id"]])
        ]
    return letters


async def _managers(seller_ids: list[UUID]) -> list[Row]:
    staff = await fetch(_STAFF, seller_ids)
    return [one for one in staff if Permission.SALES_MANAGE in permissions_of(one["roles"])]


async def letters_of_order(order_id: UUID) -> list[OutgoingLetter]:
    """Return the letters about a new order: to whose it is, and to the sellers' managers.

    A seller's parts (one a currency) are in one letter; parts paid in advance are told when
    the money is here. Nobody disabled is written to.
    """
    order = await fetch_one(_ORDER, order_id)
    if order is None:
        return []
    parts = await fetch(_PARTS, order_id)
    letters = []
    if order["disabled_at"] is None:
        values = {name: order[name] for name in ("number", "po_number", "by", "by_company")}
        values |= {
            "parts": [_part(part) for part in parts],
            "advance": any(part["payment"] == "advance" for part in parts),
        }
        kind = "order_placed_for_you" if order["on_behalf"] else "order_placed"
        letters.append(OutgoingLetter(kind, order["email"], order["locale"], order["name"], values))
    for person in await _managers([part["seller_id"] for part in parts]):
        own = [
            part
            for part in parts
            if part["seller_id"] == person["company_id"]
            and not (part["payment"] == "advance" and part["gross"])
        ]
        if own:
            letters.append(_received(person, order["buyer"], own))
    return letters


def _received(person: Row, buyer: str, parts: Sequence[Row]) -> OutgoingLetter:
    return OutgoingLetter(
        "order_received",
        person["email"],
        person["locale"],
        person["name"],
        {"buyer": buyer, "parts": [_part(part) for part in parts]},
    )


def _part(part: Row) -> dict[str, object]:
    return {
        "seller": part["seller"],
        "number": part["number"],
        "gross": plain_amount(part["gross"], part["currency"]),
        "currency": part["currency"],
        "lines": part["lines"],
    }
