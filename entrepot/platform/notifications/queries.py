"""What letters about orders say, and to whom they go."""

from __future__ import annotations

from uuid import UUID

from entrepot.platform.database import Row, fetch, fetch_one
from entrepot.platform.identity.permissions import Permission, permissions_of
from entrepot.platform.notifications.writing import OutgoingLetter

CANCELLED = "cancelled"
_ORDER = """
SELECT o.number, o.po_number, b.name AS buyer, u.email, u.name, u.locale, u.disabled_at
  FROM purchase_order o
  JOIN company b ON b.id = o.buyer_id
  JOIN user_account u ON u.id = o.placed_by_id
 WHERE o.id = $1
"""
_PARTS = """
SELECT s.id, s.number, s.seller_id, c.name AS seller, s.gross, s.currency,
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
       i.number AS invoice, b.name AS buyer, c.name AS seller,
       u.email, u.name, u.locale, u.disabled_at
  FROM seller_order s
  JOIN purchase_order o ON o.id = s.order_id
  JOIN company b ON b.id = o.buyer_id
  JOIN company c ON c.id = s.seller_id
  JOIN user_account u ON u.id = o.placed_by_id
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
    values["gross"] = f"{row['gross']:.2f}"
    return [OutgoingLetter("order_confirmed", row["email"], row["locale"], row["name"], values)]


async def letters_of_cancellation(seller_order_id: UUID, by: str) -> list[OutgoingLetter]:
    """Return the letters to the other side: the sellers' managers, or who placed the order.

    `by` is "buyer" or "seller". Nobody disabled is written to.
    """
    row = await fetch_one(_SELLER_ORDER, seller_order_id)
    if row is None:
        return []
    values = {name: row[name] for name in ("number", "purchase", "invoice", "currency")}
    values |= {"by": row[by], "gross": f"{row['gross']:.2f}"}
    if by == "seller":
        people = [row] if row["disabled_at"] is None else []
    else:
        staff = await fetch(_STAFF, [row["seller_id"]])
        people = [one for one in staff if Permission.SALES_MANAGE in permissions_of(one["roles"])]
    return [
        OutgoingLetter("order_cancelled", one["email"], one["locale"], one["name"], values)
        for one in people
    ]


async def letters_of_order(order_id: UUID) -> list[OutgoingLetter]:
    """Return the letters about a new order: to who placed it, and to the sellers' managers.

    A seller's parts (one a currency) are in one letter. Nobody disabled is written to.
    """
    order = await fetch_one(_ORDER, order_id)
    if order is None:
        return []
    parts = await fetch(_PARTS, order_id)
    letters = []
    if order["disabled_at"] is None:
        letters.append(
            OutgoingLetter(
                "order_placed",
                order["email"],
                order["locale"],
                order["name"],
                {
                    "number": order["number"],
                    "po_number": order["po_number"],
                    "parts": [_part(part) for part in parts],
                },
            )
        )
    for person in await fetch(_STAFF, [part["seller_id"] for part in parts]):
        if Permission.SALES_MANAGE in permissions_of(person["roles"]):
            own = [_part(part) for part in parts if part["seller_id"] == person["company_id"]]
            letters.append(
                OutgoingLetter(
                    "order_received",
                    person["email"],
                    person["locale"],
                    person["name"],
                    {"buyer": order["buyer"], "parts": own},
                )
            )
    return letters


def _part(part: Row) -> dict[str, object]:
    return {
        "seller": part["seller"],
        "number": part["number"],
        "gross": f"{part['gross']:.2f}",
        "currency": part["currency"],
        "lines": part["lines"],
    }
