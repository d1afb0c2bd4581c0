"""To whom letters about standing orders go, and what they say."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import orjson

from entrepot.platform.database import Row, fetch, fetch_one
from entrepot.platform.identity.permissions import Permission, permissions_of
from entrepot.platform.notifications.writing import OutgoingLetter
from entrepot.platform.orders.standing.service import who_is_asked

_RUN = """
SELECT r.due_on, r.reason, s.name AS standing, e.name AS entity, e.company_id, s.created_by_id,
       c.name AS cart
  FROM standing_order_run r
  JOIN standing_order s ON s.id = r.standing_order_id
  JOIN legal_entity e ON e.id = s.legal_entity_id
  JOIN cart c ON c.id = r.cart_id
 WHERE r.id = $1 AND c.status IN ('open','submitted')
"""
_ASKS = """
SELECT s.name AS standing, e.name AS entity, e.company_id, u.name AS by
  FROM standing_order s
  JOIN legal_entity e ON e.id = s.legal_entity_id
  JOIN user_account u ON u.id = s.created_by_id
 WHERE s.id = $1 AND s.approved_by_id IS NULL AND s.status <> 'ended'
"""
_STAFF = """
SELECT u.id, u.email, u.name, u.locale, m.roles
  FROM membership m JOIN user_account u ON u.id = m.user_id
 WHERE m.company_id = $1 AND u.disabled_at IS NULL
 ORDER BY u.email
"""


async def _buyers(company_id: UUID) -> list[Row]:
    rows = await fetch(_STAFF, company_id)
    return [row for row in rows if Permission.ORDER_PLACE in permissions_of(row["roles"])]


async def letters_of_held_run(run_id: UUID) -> list[OutgoingLetter]:
    """Return the letters that a date was held: to its maker, else to all who may order.

    None once the cart was ordered or deleted.
    """
    run = await fetch_one(_RUN, run_id)
    if run is None:
        return []
    buyers = await _buyers(run["company_id"])
    maker = [one for one in buyers if one["id"] == run["created_by_id"]]
    reason = orjson.loads(run["reason"])
    values = {name: run[name] for name in ("standing", "entity", "cart")}
    values["due_on"] = run["due_on"].isoformat()
    return [
        OutgoingLetter(
            "standing_order_held",
            one["email"],
            one["locale"],
            one["name"],
            values | {"reason": reason["ru" if one["locale"] == "ru" else "en"]},
        )
        for one in maker or buyers
    ]


async def letters_asking(standing_order_id: UUID, now: datetime) -> list[OutgoingLetter]:
    """Return the letters that ask for agreement, to those who may give it."""
    row = await fetch_one(_ASKS, standing_order_id)
    if row is None:
        return []
    asked = await who_is_asked(standing_order_id, now)
    values = {name: row[name] for name in ("standing", "entity", "by")}
    return [
        OutgoingLetter("standing_order_asks", one["email"], one["locale"], one["name"], values)
        for one in await fetch(_STAFF, row["company_id"])
        if one["id"] in asked
    ]
