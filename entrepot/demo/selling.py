"""Price lists, customer groups, promotions, terms and assortments of the demo's sellers."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import orjson

from entrepot.demo.catalogue import DemoOffer, Table
from entrepot.demo.people import Party
from entrepot.platform.ids import new_id
from entrepot.platform.pricing.groups.rules import Dealings, GroupRule, belongs, facts_of, judge

CONTRACTS_SINCE = datetime(2024, 1, 1, tzinfo=UTC)
CATALOGUE_FROM = Decimal(100)  # the rule list rounds to .99: too coarse for washers
GROUP_RULE = GroupRule(
    window_days=365, currency="RUB", min_turnover=Decimal(300_000), min_orders=50
)
WHOLESALE_STEPS = ((1, "0.95"), (10, "0.90"), (50, "0.84"))
AGREED_STEPS = ((1, "0.90"), (10, "0.86"), (50, "0.80"))
TERMS = (  # seller, least order value, delivery charge, free from, days to pay
    (0, 300, 350, 10_000, 14),
    (1, 1_000, 490, 15_000, 30),
    (3, 500, 290, 5_000, 14),
)
LIST_COLUMNS = ["id", "seller_id", "name", "currency", "kind", "base_list_id", "percent",
                "rounding", "priority", "valid_until", "active", "created_at"]  # fmt: skip
PROMOTION_COLUMNS = ["id", "owner_id", "seller_id", "name_en", "name_ru", "kind", "percent",
                     "buy_quantity", "free_quantity", "category_id", "priority", "used_count",
                     "regions", "first_order_only", "exclusive", "below_cost_allowed", "starts_at",
                     "active", "created_at"]  # fmt: skip


class Selling:
    """Collects what the sellers agreed with their customers; `tables` when all is added."""

    def __init__(self, sellers: list[Party], buyers: list[Party], now: datetime) -> None:
        self.group_id = new_id()
        self._sellers = sellers
        self._buyers = buyers
        self._now = now
        self._lists: list[tuple[Any, ...]] = []
        self._given: list[tuple[Any, ...]] = []
        self._tiers: list[tuple[Any, ...]] = []

    def price_lists(self, rng: np.random.Generator, made: list[DemoOffer]) -> dict[str, Table]:
        """Return a contract list a seller, for half of the buyers, and three more of the first.

        These are agreed prices of the demo buyer, a base list, and the customer group's rule on
        it. The second seller's oil by the barrel is an assortment's (`hidden_offers`).
        """
        wholesale = {
            seller.id: self._list(seller, "Wholesale A", priority=10) for seller in self._sellers
        }
        for seller in self._sellers:
            order = rng.permutation(len(self._buyers))[: len(self._buyers) // 2]
            for index in sorted({0, *(int(i) for i in order)}):
                self._give(wholesale[seller.id], company=self._buyers[index])
        for one in made:
            if rng.random() < 0.3:
                self._tier(wholesale[one.seller.id], one, WHOLESALE_STEPS)
        self._first_seller([one for one in made if one.seller is self._sellers[0]])
        return {
            "price_list": (LIST_COLUMNS, self._lists),
            "price_list_assignment": (
                ["id", "price_list_id", "company_id", "group_id"],
                self._given,
            ),
            "price_tier": (
                ["id", "price_list_id", "offer_id", "min_quantity", "unit_price"],
                self._tiers,
            ),
        }

    def _first_seller(self, made: list[DemoOffer]) -> None:
        first, buyer = self._sellers[0], self._buyers[0]
        until = self._now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=366)
        agreed = self._list(first, f"Agreed with {buyer.name}", priority=20, until=until)
        self._give(agreed, company=buyer)
        for one in [one for one in made if one.product.family.code == "HB"][:60]:
            self._tier(agreed, one, AGREED_STEPS)
        base = self._list(first, "Catalogue", priority=0)
        for one in made:
            if one.price >= CATALOGUE_FROM:
                self._tier(base, one, ((1, "1"), (10, "0.97")))
        self._give(
            self._list(first, "Regular customers", priority=5, base=base, percent=Decimal(-7)),
            group=self.group_id,
        )

    def _list(
        self,
        seller: Party,
        name: str,
        *,
        priority: int,
        until: datetime | None = None,
        base: UUID | None = None,
        percent: Decimal | None = None,
    ) -> UUID:
        key = new_id()
        kind, rounding = ("fixed", "none") if percent is None else ("rule", "to_99")
        self._lists.append((key, seller.id, name, "RUB", kind, base, percent, rounding, priority,
                            until, True, CONTRACTS_SINCE))  # fmt: skip
        return key

    def _give(self, key: UUID, company: Party | None = None, group: UUID | None = None) -> None:
        self._given.append((new_id(), key, company and company.id, group))

    def _tier(self, key: UUID, offer: DemoOffer, steps: tuple[tuple[int, str], ...]) -> None:
        for multiple, share in steps:
            price = (offer.price * Decimal(share)).quantize(Decimal("0.01"))
            self._tiers.append((new_id(), key, offer.id, Decimal(offer.pack * multiple), price))

    def group(self, seller_orders: Table, orders: Table) -> dict[str, Table]:
        """Return the first seller's rule group with the members that its orders make."""
        dealings = self._dealings(seller_orders, orders)
        today = self._now.astimezone(ZoneInfo("Europe/Moscow")).date()
        members, moves = [], []
        for buyer in self._buyers:
            checks = judge(GROUP_RULE, dealings.get(buyer.id, Dealings()), today)
            if belongs(checks):
                facts = orjson.dumps(facts_of(GROUP_RULE, checks)).decode()
                members.append((new_id(), self.group_id, buyer.id, self._now))
                moves.append((new_id(), self.group_id, buyer.id, True, self._now, facts))
        rule = (self.group_id, self._sellers[0].id, "Regular customers", "rule",
                GROUP_RULE.currency, GROUP_RULE.min_turnover, GROUP_RULE.min_orders,
                GROUP_RULE.window_days, self._now, self._now)  # fmt: skip
        return {
            "customer_group": (["id", "seller_id", "name", "kind", "currency", "min_turnover",
                                "min_orders", "window_days", "created_at", "recomputed_at"],
                               [rule]),
            "customer_group_member": (["id", "group_id", "company_id", "since"], members),
            "customer_group_move": (["id", "group_id", "company_id", "joined", "moved_at",
                                     "facts"], moves),
        }  # fmt: skip

    def _dealings(self, seller_orders: Table, orders: Table) -> dict[UUID, Dealings]:
        zone = ZoneInfo("Europe/Moscow")
        since = GROUP_RULE.since(self._now.astimezone(zone).date())
        buyer_of = dict(_columns(orders, "id", "buyer_id"))
        found: dict[UUID, list[Decimal]] = defaultdict(list)
        for order_id, seller_id, net, at in _columns(
            seller_orders, "order_id", "seller_id", "net", "placed_at"
        ):
            if seller_id == self._sellers[0].id and at.astimezone(zone).date() >= since:
                found[buyer_of[order_id]].append(net)
        return {key: Dealings(sum(nets, Decimal(0)), len(nets)) for key, nets in found.items()}

    def hidden_offers(self, made: list[DemoOffer]) -> list[UUID]:
        """Return the second seller's oil by the barrel: nobody sees it but its assortment's."""
        return [
            one.id
            for one in made
            if one.seller is self._sellers[1] and one.product.title_en.split(",")[0][-5:] == "208 l"
        ]

    def assortment(self, hidden: list[UUID]) -> dict[str, Table]:
        """Return the assortment of the hidden offers, for the first two buyers."""
        key = new_id()
        return {
            "assortment": (["id", "seller_id", "name", "shown_to_all", "created_at"],
                           [(key, self._sellers[1].id, "Oil by the barrel", False, self._now)]),
            "assortment_offer": (["id", "assortment_id", "offer_id"],
                                 [(new_id(), key, offer) for offer in hidden]),
            "assortment_audience": (["id", "assortment_id", "company_id"],
                                    [(new_id(), key, one.id) for one in self._buyers[:2]]),
        }  # fmt: skip

    def promotions(self, categories: dict[str, UUID]) -> Table:
        """Return two promotions: a tenth off bolts, and of eleven cutting discs one free."""
        bolts = (new_id(), self._sellers[2].id, self._sellers[2].id, "Bolts week: 10% off",
                 "Неделя болтов: скидка 10 %", "percent", Decimal(10), None, None,
                 categories["fasteners/bolts"], 5)  # fmt: skip
        discs = (new_id(), self._sellers[3].id, self._sellers[3].id, "Cutting discs: buy 10, get 1",
                 "Отрезные круги: 10 + 1 в подарок", "buy_n_get_m", None, Decimal(10), Decimal(1),
                 categories["tools/discs"], 0)  # fmt: skip
        return PROMOTION_COLUMNS, [
            (*one, 0, [], False, False, False, self._now, True, self._now) for one in (bolts, discs)
        ]

    def terms(self) -> Table:
        """Return what three of the sellers ask of an order beside the prices."""
        rows = [
            (new_id(), self._sellers[index].id, "RUB", *map(Decimal, amounts), Decimal(20), days)
            for index, *amounts, days in TERMS
        ]
        return ["id", "seller_id", "currency", "min_order_value", "delivery_charge",
                "free_delivery_from", "delivery_tax_rate", "payment_days"], rows  # fmt: skip


def _columns(table: Table, *names: str) -> list[tuple[Any, ...]]:
    columns, rows = table
    indexes = [columns.index(name) for name in names]
    return [tuple(row[index] for index in indexes) for row in rows]
