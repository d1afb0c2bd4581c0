"""People and carts for tests of carts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts import queries
from entrepot.platform.clock import FixedClock
from entrepot.platform.database import fetch
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.models import Company, LegalEntity
from entrepot.platform.identity.permissions import Role
from tests.factories import make_actor, make_company

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CLOCK = FixedClock(NOW)


@dataclass(frozen=True)
class Buyers:
    """A company with two legal entities: two people act for the first, one for the second."""

    company: Company
    entity: LegalEntity
    second: LegalEntity
    anna: Actor
    boris: Actor
    vera: Actor


async def make_buyers() -> Buyers:
    """Create the company, its legal entities and three buyers."""
    company, entity = await make_company(buyer=True)
    second = await LegalEntity.create(
        company=company, name="Second LLC", country="RU", tax_id="7707083893", currency="RUB"
    )
    people = [await make_actor(company, entity, Role.BUYER) for _ in range(2)]
    vera = await make_actor(company, second, Role.BUYER)
    return Buyers(company, entity, second, people[0], people[1], vera)


async def view(actor: Actor, cart_id: UUID | None) -> queries.CartView:
    """Return a cart that must be there."""
    found = await queries.cart_view(actor, cart_id, NOW)
    assert found is not None
    return found


async def held(cart_id: UUID) -> list[tuple[str, Decimal, str, str]]:
    """Return (article number, quantity, cost centre, note) of a cart's lines, sorted."""
    rows = await fetch(
        "SELECT o.article_number, l.quantity, l.cost_center, l.note FROM cart_line l"
        " JOIN offer o ON o.id = l.offer_id WHERE l.cart_id = $1 ORDER BY 1, 3",
        cart_id,
    )
    return [
        (row["article_number"], row["quantity"], row["cost_center"], row["note"]) for row in rows
    ]


async def statuses() -> list[str]:
    """Return the states of all carts, oldest first."""
    return [row["status"] for row in await fetch("SELECT status FROM cart ORDER BY created_at, id")]


async def everything() -> list[str]:
    """Return every cart, line, delivery and share as text: equal means nothing changed."""
    found = []
    for table in ("cart", "cart_line", "cart_line_delivery", "cart_share"):
        rows = await fetch(f"SELECT t::text AS row FROM {table} t ORDER BY 1")
        found += [f"{table}: {row['row']}" for row in rows]
    return found
