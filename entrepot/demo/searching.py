"""What the demo market's search knows beside its offers: demand, what is missing, its words."""

from __future__ import annotations

from datetime import datetime, timedelta

from entrepot.platform.catalog.unmet_demand.service import keep
from entrepot.platform.catalog.vocabulary import service as vocabulary
from entrepot.platform.catalog.vocabulary.rules import SearchWordKind
from entrepot.platform.clock import FixedClock
from entrepot.platform.database import fetch
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Role, permissions_of
from entrepot.platform.orders.signals import service as signals
from entrepot.platform.orders.signals.purchases import count_purchases

_PEOPLE = """
SELECT DISTINCT ON (c.external_id) m.user_id, m.company_id, e.id AS legal_entity_id, m.roles
  FROM membership m JOIN company c ON c.id = m.company_id
  JOIN legal_entity e ON e.company_id = c.id
 WHERE $1 = ANY(m.roles) ORDER BY c.external_id, m.id, e.id
"""
# (what, by how many of the buyers, how often each, weeks ago): nobody of the market sells these.
_MISSING = (
    ("манометр МП-160", 9, 2, 1),
    ("ATV-320", 6, 3, 2),
    ("тепловизор", 4, 1, 0),
    ("LC1D25", 3, 4, 5),
    ("pressure transmitter", 2, 1, 3),
)
_WORDS = (
    (SearchWordKind.SYNONYM, ("каска", "шлем"), ()),
    (SearchWordKind.SYNONYM, ("шланг", "рукав"), ()),
    (SearchWordKind.REPLACEMENT, ("автомат",), ("автоматический выключатель",)),
    (SearchWordKind.STOP_WORD, ("купить", "цена"), ()),
)


async def prepare_search(now: datetime) -> None:
    """Compute what the loaded orders tell search; add unmet searches and the market's words.

    Call it once, after `load` and before the index is built.
    """
    await count_purchases([row["id"] for row in await fetch("SELECT id FROM seller_order")])
    await signals.recompute(now)
    buyers = await _people(Role.BUYER)
    for text, companies, times, weeks in _MISSING:
        for place, buyer in enumerate(buyers[:companies]):
            for again in range(times):
                asked = now - timedelta(weeks=weeks, hours=3 * place + again)
                await keep(buyer, text, clock=FixedClock(asked))
    for operator in (await _people(Role.OPERATOR))[:1]:
        for kind, words, means in _WORDS:
            await vocabulary.save(operator, None, kind, words, means)


async def _people(role: Role) -> list[Actor]:
    """One person with the role of each company that has any."""
    return [
        Actor(
            user_id=row["user_id"],
            company_id=row["company_id"],
            legal_entity_id=row["legal_entity_id"],
            permissions=permissions_of(list(row["roles"])),
            via="system",
        )
        for row in await fetch(_PEOPLE, role.value)
    ]
