"""Reads of a company's own article numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from entrepot.platform.database import fetch
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission

_ALIASES = """
SELECT a.id, a.number, a.product_id, a.offer_id, u.name AS learned_by, a.updated_at
  FROM buyer_alias a LEFT JOIN user_account u ON u.id = a.learned_by_id
"""


@dataclass(frozen=True, slots=True)
class AliasRow:
    """A number of the company's, the product it means and the offer last chosen for it."""

    id: UUID
    number: str
    product_id: UUID
    offer_id: UUID | None
    learned_by: str | None
    updated_at: datetime


async def aliases(actor: Actor, *, after: tuple[str, UUID] | None, limit: int) -> list[AliasRow]:
    """Return the company's own numbers by (number, id), after that pair. Needs `cart.manage`."""
    actor.require(Permission.CART_MANAGE)
    number, last = after or ("", UUID(int=0))
    rows = await fetch(
        f"{_ALIASES} WHERE a.company_id = $1 AND (a.number, a.id) > ($2, $3)"
        " ORDER BY a.number, a.id LIMIT $4",
        actor.company_id,
        number,
        last,
        limit,
    )
    return [AliasRow(**row) for row in rows]


async def aliases_by_ids(actor: Actor, ids: Iterable[UUID]) -> dict[UUID, AliasRow]:
    """Return those that are the company's, by id; none without `cart.manage`."""
    if not actor.may(Permission.CART_MANAGE):
        return {}
    rows = await fetch(
        f"{_ALIASES} WHERE a.id = ANY($1::uuid[]) AND a.company_id = $2",
        list(ids),
        actor.company_id,
    )
    return {row["id"]: AliasRow(**row) for row in rows}


def products_called(company: str, keys: str) -> str:
    """Return a query of the products that a company calls by one of some keys (`number_key`).

    `company` and `keys` are expressions, such as `$1` and `$2`. What the company may see of the
    products is not decided here.
    """
    return f"""
    SELECT DISTINCT called.product_id FROM buyer_alias called
     WHERE called.company_id = {company} AND called.number_key = ANY({keys}::text[]) ORDER BY 1"""
