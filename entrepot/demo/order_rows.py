"""Demo orders as rows of the orders, payments and inventory tables."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np

from entrepot.demo.catalogue import DemoOffer, Table
from entrepot.demo.people import Party
from entrepot.demo.sales import DemoOrder
from entrepot.platform.ids import new_id
from entrepot.platform.money import to_minor
from entrepot.platform.numbering import format_number
from entrepot.platform.orders.rules import line_amounts

TAX = Decimal(20)
CURRENCY = "RUB"
OPEN_FOR = timedelta(days=7)

COLUMNS: dict[str, list[str]] = {
    "purchase_order": ["id", "number", "buyer_id", "legal_entity_id", "placed_by_id", "placed_at"],
    "seller_order": ["id", "order_id", "seller_id", "legal_entity_id", "number", "status",
                     "currency", "net", "tax", "gross", "placed_at"],
    "order_line": ["id", "seller_order_id", "line_number", "offer_id", "article_number", "title_en",
                   "title_ru", "unit", "quantity", "unit_price", "price_source", "tax_rate", "net",
                   "tax", "gross"],
    "ledger_account": ["id", "legal_entity_id", "kind", "currency"],
    "ledger_transaction": ["id", "kind", "subject_id", "currency", "posted_at"],
    "ledger_posting": ["id", "transaction_id", "account_id", "amount_minor"],
    "number_sequence": ["id", "legal_entity_id", "series", "year", "last_value"],
    "reservation": ["id", "stock_item_id", "order_line_id", "quantity"],
    "stock_item": ["id", "offer_id", "warehouse_id", "on_hand", "reserved", "incoming",
                   "updated_at"],
}  # fmt: skip


class OrderRows:
    """Collects rows; `tables` holds them by table name when all orders are added.

    `free` is the stock beyond what these orders hold, by offer.
    """

    def __init__(self, buyers: list[Party], now: datetime) -> None:
        self.tables: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        self.open_seller_orders: list[tuple[UUID, UUID]] = []
        self.free: dict[UUID, Decimal] = {}
        self._buyers = buyers
        self._now = now
        self._counters: Counter[tuple[UUID, str, int]] = Counter()
        self._accounts: dict[tuple[UUID, str], UUID] = {}
        self._held: dict[UUID, list[tuple[UUID, Decimal]]] = defaultdict(list)

    def add(self, order: DemoOrder) -> None:
        """Write one order, its seller orders, lines and postings."""
        buyer = self._buyers[order.buyer_index]
        order_id = new_id()
        number = self._number(buyer.entity_id, "PO", order.placed_at.year)
        self.tables["purchase_order"].append(
            (order_id, number, buyer.id, buyer.entity_id, buyer.user_id, order.placed_at)
        )
        parts: dict[UUID, list[Any]] = defaultdict(list)
        for line in order.lines:
            parts[line.offer.seller.id].append(line)
        for lines in parts.values():
            self._add_seller_order(order, order_id, buyer, lines)

    def _add_seller_order(
        self, order: DemoOrder, order_id: UUID, buyer: Party, lines: list[Any]
    ) -> None:
        seller: Party = lines[0].offer.seller
        seller_order_id = new_id()
        is_open = self._now - order.placed_at < OPEN_FOR
        net = tax = Decimal(0)
        for position, line in enumerate(lines, start=1):
            offer: DemoOffer = line.offer
            amounts = line_amounts(line.quantity, offer.price, offer_rate=TAX, charged_rate=TAX,
                                   tax_included=False, currency=CURRENCY)  # fmt: skip
            line_id = new_id()
            unit = "MTR" if offer.product.family.code == "CW" else "PCE"
            self.tables["order_line"].append(
                (line_id, seller_order_id, position, offer.id, offer.article_number,
                 offer.product.title_en, offer.product.title_ru, unit, line.quantity, offer.price,
                 "list", TAX, amounts.net, amounts.tax, amounts.gross)
            )  # fmt: skip
            net, tax = net + amounts.net, tax + amounts.tax
            if is_open:
                self._held[offer.id].append((line_id, line.quantity))
        status = "placed" if is_open else "delivered"
        number = self._number(seller.entity_id, "SO", order.placed_at.year)
        self.tables["seller_order"].append(
            (seller_order_id, order_id, seller.id, seller.entity_id, number, status, CURRENCY, net,
             tax, net + tax, order.placed_at)
        )  # fmt: skip
        self._post(seller_order_id, buyer, seller, net, tax, order.placed_at)
        if is_open:
            self.open_seller_orders.append((order_id, seller_order_id))

    def _number(self, entity_id: UUID, series: str, year: int) -> str:
        self._counters[entity_id, series, year] += 1
        return format_number(series, year, self._counters[entity_id, series, year])

    def _account(self, entity_id: UUID, kind: str) -> UUID:
        return self._accounts.setdefault((entity_id, kind), new_id())

    def _post(
        self, subject: UUID, buyer: Party, seller: Party, net: Decimal, tax: Decimal, at: datetime
    ) -> None:
        transaction_id = new_id()
        self.tables["ledger_transaction"].append(
            (transaction_id, "order_placed", subject, CURRENCY, at)
        )
        net_minor, tax_minor = to_minor(net, CURRENCY), to_minor(tax, CURRENCY)
        for account, amount in (
            (self._account(buyer.entity_id, "receivable"), net_minor + tax_minor),
            (self._account(seller.entity_id, "escrow"), -net_minor),
            (self._account(seller.entity_id, "tax"), -tax_minor),
        ):
            if amount:
                self.tables["ledger_posting"].append((new_id(), transaction_id, account, amount))

    def finish(self, rng: np.random.Generator, offers: list[DemoOffer]) -> dict[str, Table]:
        """Add stock, reservations, accounts and counters; return all tables."""
        for offer in offers:
            self._add_stock(rng, offer)
        for (entity_id, kind), account in self._accounts.items():
            self.tables["ledger_account"].append((account, entity_id, kind, CURRENCY))
        for (entity_id, series, year), value in self._counters.items():
            self.tables["number_sequence"].append((new_id(), entity_id, series, year, value))
        return {name: (COLUMNS[name], self.tables[name]) for name in COLUMNS}

    def _add_stock(self, rng: np.random.Generator, offer: DemoOffer) -> None:
        stock_item_id = new_id()
        held = self._held.get(offer.id, [])
        reserved = sum((quantity for _, quantity in held), Decimal(0))
        spare = int(rng.negative_binomial(1, 0.04)) if rng.random() < 0.92 else 0
        self.free[offer.id] = Decimal(spare * offer.pack)
        on_hand = reserved + self.free[offer.id]
        self.tables["stock_item"].append(
            (stock_item_id, offer.id, offer.seller.warehouse_id, on_hand, reserved, Decimal(0),
             self._now)
        )  # fmt: skip
        for line_id, quantity in held:
            self.tables["reservation"].append((new_id(), stock_item_id, line_id, quantity))
