"""How the demo's first buyer buys: who must agree, on what, where to, and what every month."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from entrepot.demo.catalogue import DemoOffer, Table
from entrepot.demo.people import APPROVER, Party, inn
from entrepot.platform.catalog.article_numbers import number_key
from entrepot.platform.ids import new_id
from entrepot.platform.orders.standing.calendar import Calendar, next_dates

COST_CENTER = "K-17"
APPROVAL_ABOVE = Decimal(30_000)
ALIAS = "БОЛТ-КРОВЛЯ"
LIST_FAMILIES = ("HB", "NT", "WS", "GL", "CD")


class Buying:
    """The buyer's side of the market, as rows."""

    def __init__(self, buyer: Party, seller: Party, now: datetime) -> None:
        self._buyer = buyer
        self._seller = seller
        self._now = now
        self._approver = buyer.user_ids[APPROVER]
        self._main_address = new_id()

    def second_entity(self) -> tuple[Any, ...]:
        """Return the row of the company's other legal entity: younger, so not the first choice."""
        return (new_id(), self._buyer.id, f"{self._buyer.name} South LLC", "RU", inn(200_001),
                "770101001", "344002 Rostov-on-Don, Portovaya st. 12", "Europe/Moscow", "RUB",
                True, self._now + timedelta(seconds=1))  # fmt: skip

    def tables(self, offers: list[DemoOffer], free: dict[UUID, Decimal]) -> dict[str, Table]:
        """Return all other rows; `free` is the stock that nobody has reserved, by offer."""
        return {
            "delivery_address": self._addresses(),
            **self._approvals(),
            **self._standing_order(_best(offers, free, "PA")),
            **self._shopping_list([_best(offers, free, code) for code in LIST_FAMILIES]),
            "buyer_alias": self._alias(_best(offers, free, "HB", self._seller)),
            "buying_mandate": (
                ["id", "legal_entity_id", "company_id", "granted_by_id", "granted_at"],
                [(new_id(), self._buyer.entity_id, self._seller.id, self._buyer.user_id,
                  self._now)],
            ),
        }  # fmt: skip

    def _addresses(self) -> Table:
        rows = [
            (self._main_address, "Central warehouse", "127299", "Moscow", "Skladskaya st. 8", True),
            (new_id(), "Repair shop", "141006", "Mytishchi", "Remontnaya st. 3", False),
        ]
        return ["id", "legal_entity_id", "country", "name", "postal_code", "city", "street",
                "recipient", "phone", "is_default", "active", "created_at"], [
            (key, self._buyer.entity_id, "RU", name, code, city, street, "Goods receipt",
             "+7 495 000-00-00", default, True, self._now)
            for key, name, code, city, street, default in rows
        ]  # fmt: skip

    def _approvals(self) -> dict[str, Table]:
        above, over = new_id(), new_id()
        rules = [
            (
                above,
                self._buyer.id,
                "Above 30,000 RUB",
                APPROVAL_ABOVE,
                "RUB",
                False,
                False,
                72,
                True,
                self._now,
            ),
            (over, self._buyer.id, "Over budget", None, None, True, False, 72, True, self._now),
        ]
        budget = (new_id(), self._buyer.entity_id, "Repair shop", COST_CENTER, "RUB",
                  Decimal(20_000), "month", self._today().replace(day=1), "ask", True,
                  self._now)  # fmt: skip
        return {
            "approval_rule": (["id", "company_id", "name", "above_amount", "currency",
                               "over_budget", "new_seller", "expires_after_hours", "active",
                               "created_at"], rules),
            "approval_rule_step": (["id", "rule_id", "step", "approver_ids"],
                                   [(new_id(), rule, 1, [self._approver])
                                    for rule in (above, over)]),
            "budget": (["id", "legal_entity_id", "name", "cost_center", "currency", "amount",
                        "period", "starts_on", "mode", "active", "created_at"], [budget]),
        }  # fmt: skip

    def _standing_order(self, paper: DemoOffer) -> dict[str, Table]:
        today = self._today()
        calendar = Calendar("monthly_by_date", today, day_of_month=31, holiday_country="RU",
                            on_holiday="before")  # fmt: skip
        key, quantity = new_id(), Decimal(2 * paper.pack)
        limit = (paper.price * Decimal("1.1")).quantize(Decimal("0.01"))
        standing: tuple[Any, ...] = (key, self._buyer.entity_id, self._buyer.user_id, "Copy paper",
                    calendar.frequency, [], 31, today, "RU", "before", self._main_address,
                    limit * quantity * 2, "RUB", 1, "", "active", self._approver, self._now,
                    next_dates(calendar, today + timedelta(days=1), 1)[0].due_on,
                    self._now)  # fmt: skip
        return {
            "standing_order": (["id", "legal_entity_id", "created_by_id", "name", "frequency",
                                "weekdays", "day_of_month", "starts_on", "holiday_country",
                                "on_holiday", "delivery_address_id", "max_total", "currency",
                                "interval", "cost_center", "status",
                                "approved_by_id", "approved_at", "next_due_on", "created_at"],
                               [standing]),
            "standing_order_line": (["id", "standing_order_id", "offer_id", "quantity",
                                     "max_quantity", "max_unit_price"],
                                    [(new_id(), key, paper.id, quantity, quantity * 2, limit)]),
        }  # fmt: skip

    def _shopping_list(self, chosen: list[DemoOffer]) -> dict[str, Table]:
        key = new_id()
        lines = [
            (new_id(), key, one.id, Decimal(2 * one.pack), "", position)
            for position, one in enumerate(chosen, start=1)
        ]
        return {
            "shopping_list": (["id", "legal_entity_id", "created_by_id", "name", "shared_with_all",
                               "created_at"],
                              [(key, self._buyer.entity_id, self._buyer.user_id,
                                "Workshop, every week", True, self._now)]),
            "shopping_list_line": (["id", "shopping_list_id", "offer_id", "quantity", "note",
                                    "position"], lines),
        }  # fmt: skip

    def _alias(self, offer: DemoOffer) -> Table:
        return ["id", "company_id", "number", "number_key", "product_id", "offer_id",
                "learned_by_id", "updated_at"], [
            (new_id(), self._buyer.id, ALIAS, number_key(ALIAS), offer.product.id, offer.id,
             self._buyer.user_id, self._now)
        ]  # fmt: skip

    def _today(self) -> date:
        return self._now.astimezone(ZoneInfo("Europe/Moscow")).date()


def _best(
    offers: list[DemoOffer], free: dict[UUID, Decimal], family: str, seller: Party | None = None
) -> DemoOffer:
    """Return the family's offer in packs with most in stock, the seller's if one is named."""
    return max(
        (
            one
            for one in offers
            if one.product.family.code == family
            and one.pack == one.product.family.pack
            and (seller is None or one.seller is seller)
        ),
        key=lambda one: free[one.id] / one.pack,
    )
