"""Loading the demo market into an empty database, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import asyncpg
import numpy as np
import orjson

from entrepot.demo import catalogue, people, sales
from entrepot.demo.buying import Buying
from entrepot.demo.order_rows import OrderRows
from entrepot.demo.selling import Selling
from entrepot.platform.database import credentials

SEED = 20_240_901
MARK = "demo-1"  # external id of the first company: shows that the demo is loaded
LOAD_ORDER = (
    "company", "legal_entity", "user_account", "membership", "delivery_address", "warehouse",
    "category", "attribute_definition", "product", "cross_reference", "offer", "offer_unit",
    "stock_item", "customer_group", "customer_group_member", "customer_group_move", "price_list",
    "price_list_assignment", "price_tier", "seller_terms", "promotion", "assortment",
    "assortment_offer", "assortment_audience", "buyer_alias", "purchase_order", "seller_order",
    "order_line", "reservation", "ledger_account", "ledger_transaction", "ledger_posting",
    "number_sequence", "approval_rule", "approval_rule_step", "budget", "shopping_list",
    "shopping_list_line", "standing_order", "standing_order_line", "buying_mandate",
)  # fmt: skip
Progress = Callable[[int, int, str], None]


def market(now: datetime, seed: int = SEED) -> tuple[dict[str, catalogue.Table], list[object]]:
    """Return table → (columns, rows) of the whole market, and the newest placed order's ids.

    Names, numbers, prices and demand depend on the seed only; keys are new each time.
    """
    rng = np.random.default_rng(seed)
    parties = people.parties(rng)
    sellers = [party for party in parties if party.kind == "seller"]
    buyers = [party for party in parties if party.kind == "buyer"]
    products = catalogue.products(rng)
    offers = catalogue.offers(rng, products, sellers)
    categories, category_table = catalogue.category_rows()
    rows = OrderRows(buyers, now)
    for order in sales.orders(rng, offers, len(buyers), now):
        rows.add(order)
    selling = Selling(sellers, buyers, now)
    hidden = selling.hidden_offers(offers)
    tables: dict[str, catalogue.Table] = {
        **people.rows(parties, now),
        "category": category_table,
        "attribute_definition": catalogue.attribute_rows(),
        "product": catalogue.product_rows(products, categories, now),
        "cross_reference": catalogue.cross_reference_rows(rng, products),
        "offer": catalogue.offer_rows(
            offers, now, catalogue.replacements(products), frozenset(hidden)
        ),
        "offer_unit": catalogue.unit_rows(offers),
        **selling.price_lists(rng, offers),
        "seller_terms": selling.terms(),
        "promotion": selling.promotions(categories),
        **selling.assortment(hidden),
        **rows.finish(rng, offers),
    }
    tables |= selling.group(tables["seller_order"], tables["purchase_order"])
    buying = Buying(buyers[0], sellers[0], now)
    tables["legal_entity"][1].append(buying.second_entity())
    tables |= buying.tables(offers, rows.free)
    newest = [str(seller_order) for _, seller_order in rows.open_seller_orders[-1:]]
    order_ids = [str(order) for order, _ in rows.open_seller_orders[-1:]]
    return tables, [*order_ids, newest]


async def load(database_url: str, progress: Progress, now: datetime | None = None) -> bool:
    """Fill the database with the demo market; `False` if it is there already.

    One transaction: it is there whole or not at all. The newest open order is announced in the
    outbox, so that the workers issue its invoice and write its e-mails. `progress` gets rows done,
    rows in all and the table.
    """
    connection = await asyncpg.connect(**credentials(database_url))
    try:
        if await connection.fetchval("SELECT 1 FROM company WHERE external_id = $1", MARK):
            return False
        progress(0, 0, "inventing the market")
        tables, announced = market(now or datetime.now(UTC))
        total = sum(len(rows) for _, rows in tables.values())
        done = 0
        async with connection.transaction():
            for name in LOAD_ORDER:
                columns, rows = tables[name]
                progress(done, total, name)
                await connection.copy_records_to_table(name, columns=columns, records=rows)
                done += len(rows)
            await _announce(connection, announced)
        await connection.execute("ANALYZE")
        progress(total, total, "done")
        return True
    finally:
        await connection.close()


async def _announce(connection: asyncpg.Connection, announced: list[object]) -> None:
    order_id, seller_order_ids = announced
    payload = orjson.dumps({"order_id": order_id, "seller_order_ids": seller_order_ids}).decode()
    await connection.execute(
        "INSERT INTO outbox_event (kind, version, payload, recorded_at)"
        " VALUES ('OrderPlaced', 1, $1::jsonb, now())",
        payload,
    )
    await connection.execute(
        "INSERT INTO outbox_event (kind, version, payload, recorded_at)"
        " SELECT 'ForecastRequested', 1, jsonb_build_object('seller_id', id), now()"
        " FROM company WHERE is_seller ORDER BY external_id"
    )
