"""Quick orders: a list is read, matched with what can be bought, and kept for its maker's look."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import orjson

from entrepot.platform.carts.quick_order.amounts import Amount
from entrepot.platform.carts.quick_order.errors import NothingToOrder, TooManyLines
from entrepot.platform.carts.quick_order.matching import match
from entrepot.platform.carts.quick_order.outcomes import (
    MAX_SUGGESTIONS,
    MatchedLine,
    Outcome,
    WantedArticle,
)
from entrepot.platform.carts.quick_order.parsing import Reading, parse_text
from entrepot.platform.carts.quick_order.queries import MOST_LINES as MAX_LINES
from entrepot.platform.carts.shopping_lists import queries as shopping_lists
from entrepot.platform.catalog.queries import all_offers_by_ids
from entrepot.platform.database import execute, fetch_value, transaction
from entrepot.platform.errors import NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id

MAX_SUGGESTED_LINES = 50
"""Lines that were not found and get suggestions; each costs a search."""

Suggest = Callable[[Sequence[str]], Awaitable[Sequence[Sequence[UUID]]]]
"""Offers, which the actor may see, that come near to each of some numbers."""

_ENTITY = "SELECT id FROM legal_entity WHERE id = $1 AND company_id = $2 AND active"
_INSERT = """
INSERT INTO quick_order (id, legal_entity_id, created_by_id, source, file_name, created_at)
VALUES ($1, $2, $3, $4, $5, $6)
"""
_INSERT_LINES = """
INSERT INTO quick_order_line (quick_order_id, line_number, text, number, quantity, unit, outcome,
                              matched_by, offer_id, proposed_quantity, details, taken)
SELECT $1, t.*, false FROM unnest($2::int[], $3::text[], $4::text[], $5::numeric[], $6::text[],
       $7::text[], $8::text[], $9::uuid[], $10::numeric[], $11::jsonb[]) AS t
"""


def wanted_of_text(text: str) -> list[WantedArticle]:
    """Return the lines of a pasted text, one more than a quick order takes at most."""
    return [
        WantedArticle(line.line_number, line.text, line.readings, line.problem)
        for line in parse_text(text, MAX_LINES + 1)
    ]


async def wanted_of_list(actor: Actor, shopping_list_id: UUID) -> list[WantedArticle]:
    """Return the lines of a shopping list the actor may use. Raises `NotFound`."""
    actor.require(Permission.CART_MANAGE)
    if await shopping_lists.usable_list(actor, shopping_list_id) is None:
        raise NotFound("shopping list").at("shoppingListId")
    lines = (await shopping_lists.lines_of([shopping_list_id]))[shopping_list_id]
    offers = await all_offers_by_ids(line.offer_id for line in lines)
    return [
        _wanted_of(number, line.offer_id, offers[line.offer_id].article_number, line.quantity)
        for number, line in enumerate(lines, 1)
    ]


def _wanted_of(line_number: int, offer_id: UUID, number: str, quantity: Decimal) -> WantedArticle:
    reading = Reading(number, Amount(quantity))
    return WantedArticle(line_number, number, (reading,), offer_id=offer_id)


async def prepare(
    actor: Actor,
    wanted: Sequence[WantedArticle],
    source: str,
    *,
    now: datetime,
    legal_entity_id: UUID | None = None,
    file_name: str | None = None,
    suggest: Suggest | None = None,
) -> UUID:
    """Match the lines and keep them for a look; nothing is ordered. Returns the quick order's id.

    `source` is paste, file, list or reorder; `legal_entity_id` one of the actor's company, the one
    acted for if left out: its prices decide between sellers. `suggest` looks for near numbers for
    the first lines that were not found. Needs `cart.manage`. Raises `TooManyLines`,
    `NothingToOrder`, `NotFound` (the legal entity).
    """
    actor.require(Permission.CART_MANAGE)
    entity_id = legal_entity_id or actor.legal_entity_id
    if await fetch_value(_ENTITY, entity_id, actor.company_id) is None:
        raise NotFound("legal entity").at("legalEntityId")
    if len(wanted) > MAX_LINES:
        raise TooManyLines(MAX_LINES)
    if not wanted:
        raise NothingToOrder
    lines = await match(entity_id, actor.company_id, wanted, now)
    if suggest is not None:
        lines = await _suggested(lines, suggest)
    quick_order_id = new_id()
    async with transaction():
        await execute(_INSERT, quick_order_id, entity_id, actor.user_id, source, file_name, now)
        await execute(_INSERT_LINES, quick_order_id, *_columns(lines))
    return quick_order_id


async def _suggested(lines: Sequence[MatchedLine], suggest: Suggest) -> list[MatchedLine]:
    numbers = [line.number for line in lines if line.outcome is Outcome.NOT_FOUND]
    asked = list(dict.fromkeys(numbers))[:MAX_SUGGESTED_LINES]
    if not asked:
        return list(lines)
    near = dict(zip(asked, await suggest(asked), strict=True))
    found: list[MatchedLine] = []
    for line in lines:
        offers = near.get(line.number, ()) if line.outcome is Outcome.NOT_FOUND else ()
        if offers:
            shown = [str(one) for one in offers[:MAX_SUGGESTIONS]]
            line = replace(line, details={**line.details, "suggestions": shown})
        found.append(line)
    return found


def _columns(lines: Sequence[MatchedLine]) -> tuple[list[object], ...]:
    return (
        [line.line_number for line in lines],
        [line.text for line in lines],
        [line.number for line in lines],
        [line.quantity for line in lines],
        [line.unit for line in lines],
        [line.outcome.value for line in lines],
        [line.matched_by.value if line.matched_by else None for line in lines],
        [line.offer_id for line in lines],
        [line.proposed_quantity for line in lines],
        [orjson.dumps(dict(line.details)).decode() for line in lines],
    )
