"""Many offers at once, for tests that need an index of some size."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from entrepot.platform.database import execute, fetch
from tests.factories import Seller, make_offer, make_product, make_seller


@dataclass(frozen=True)
class Shop:
    """A seller and all their offers, by id."""

    seller: Seller
    offers: list[UUID]


async def make_shop(count: int) -> Shop:
    """Create a seller with `count` offers of one product, all in stock."""
    seller = await make_seller()
    first = await make_offer(seller, await make_product("KR-4410"))
    await execute(
        "INSERT INTO offer SELECT (jsonb_populate_record(o, jsonb_build_object("
        " 'id', gen_random_uuid(), 'external_id', 'X' || n, 'article_number', 'KR-' || n,"
        " 'number_key', 'kr' || n))).* FROM offer o, generate_series(2, $2::int) n WHERE o.id = $1",
        first.id,
        count,
    )
    await execute(
        "INSERT INTO stock_item SELECT (jsonb_populate_record(s, jsonb_build_object("
        " 'id', gen_random_uuid(), 'offer_id', o.id))).* FROM stock_item s, offer o"
        " WHERE o.id <> $1",
        first.id,
    )
    return Shop(seller, [row["id"] for row in await fetch("SELECT id FROM offer ORDER BY id")])
