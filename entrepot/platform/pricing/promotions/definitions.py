"""What a promotion may be: its values, and which go together. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.errors import InvalidInput
from entrepot.platform.pricing.definition_checks import check_currency, check_priority
from entrepot.platform.pricing.promotions.terms import PromotionKind
from entrepot.platform.quantities import (
    PRICE_PLACES,
    check_quantity_range,
    check_unit_price_range,
)

MAX_ITEMS = 1000
MAX_TARGETS = 1000
MAX_USES = 1_000_000_000
_VALUES = {"percent": "percent", "amount": "amount", "buy_quantity": "buyQuantity",
           "free_quantity": "freeQuantity"}  # fmt: skip
_NEEDED: dict[PromotionKind, frozenset[str]] = {
    PromotionKind.PERCENT: frozenset({"percent"}),
    PromotionKind.AMOUNT: frozenset({"amount"}),
    PromotionKind.BUY_N_GET_M: frozenset({"buy_quantity", "free_quantity"}),
    PromotionKind.BUNDLE: frozenset(),
    PromotionKind.FREE_SHIPPING: frozenset(),
}


@dataclass(frozen=True, slots=True)
class NewItem:
    """An offer that a promotion is for; `quantity` is that of one set of a bundle."""

    offer_id: UUID
    quantity: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class NewPromotion:
    """A promotion to make; the table says what its values mean.

    `seller_id` is for operators: whose offers, or every seller's.
    """

    name_en: str
    kind: PromotionKind
    name_ru: str | None = None
    seller_id: UUID | None = None
    percent: Decimal | None = None
    amount: Decimal | None = None
    currency: str | None = None
    buy_quantity: Decimal | None = None
    free_quantity: Decimal | None = None
    category_id: UUID | None = None
    items: tuple[NewItem, ...] = ()
    company_ids: tuple[UUID, ...] = ()
    group_ids: tuple[UUID, ...] = ()
    regions: tuple[str, ...] = ()
    first_order_only: bool = False
    min_quantity: Decimal | None = None
    min_order_value: Decimal | None = None
    exclusive: bool = False
    priority: int = 0
    below_cost_allowed: bool = False
    max_uses: int | None = None
    max_uses_per_company: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


def check(new: NewPromotion) -> None:
    """Raise `InvalidInput`, naming the field, unless the values make a promotion together."""
    _check_values(new)
    _check_scope(new)
    if (new.amount is None and new.min_order_value is None) != (new.currency is None):
        raise InvalidInput(
            "currency",
            "goes with amount or minOrderValue, and only with them",
            "нужна вместе с amount или minOrderValue и только с ними",
        )
    if new.currency is not None:
        check_currency(new.currency)
    if new.min_order_value is not None:
        check_unit_price_range("minOrderValue", new.min_order_value)
    check_priority(new.priority)
    check_limit("maxUses", new.max_uses)
    check_limit("maxUsesPerCompany", new.max_uses_per_company)
    check_schedule(new.starts_at, new.ends_at)


def _check_values(new: NewPromotion) -> None:
    needed = _NEEDED[new.kind]
    if new.kind is PromotionKind.BUNDLE:
        if (new.percent is None) == (new.amount is None):
            raise InvalidInput(
                "percent",
                "a bundle takes exactly one of percent and amount",
                "для набора укажите ровно одно из percent и amount",
            )
        needed = frozenset({"percent" if new.amount is None else "amount"})
    for name, field in _VALUES.items():
        value = getattr(new, name)
        if name in needed and value is None:
            raise InvalidInput(
                field, f"is needed for {new.kind}", f"нужно для акции вида {new.kind}"
            )
        if name not in needed and value is not None:
            raise InvalidInput(
                field, f"does not go with {new.kind}", f"не бывает у акции вида {new.kind}"
            )
    if new.percent is not None:
        exact = new.percent.is_finite() and new.percent == round(new.percent, PRICE_PLACES)
        if not exact or not 0 < new.percent <= 100:
            raise InvalidInput(
                "percent",
                f"must be above 0 and at most 100, with {PRICE_PLACES} decimal places",
                f"больше 0 и не более 100, до {PRICE_PLACES} знаков после запятой",
            )
    if new.amount is not None:
        check_unit_price_range("amount", new.amount)
    for field, quantity in (
        ("buyQuantity", new.buy_quantity),
        ("freeQuantity", new.free_quantity),
        ("minQuantity", new.min_quantity),
    ):
        if quantity is not None:
            check_quantity_range(field, quantity)


def _check_scope(new: NewPromotion) -> None:
    bundle = new.kind is PromotionKind.BUNDLE
    if bundle and len(new.items) < 2:
        raise InvalidInput("items", "a bundle has at least two", "в наборе не меньше двух товаров")
    if len(new.items) > MAX_ITEMS:
        raise InvalidInput("items", f"at most {MAX_ITEMS}", f"не более {MAX_ITEMS}")
    if new.items and new.category_id is not None:
        raise InvalidInput(
            "categoryId", "does not go with items", "не указывается вместе с товарами"
        )
    if bundle and new.min_quantity is not None:
        raise InvalidInput(
            "minQuantity",
            "does not go with a bundle: its items have quantities",
            "не указывается для набора: количества есть у его товаров",
        )
    seen: set[UUID] = set()
    for index, item in enumerate(new.items):
        check_quantity_range(f"items.{index}.quantity", item.quantity)
        if item.quantity != 1 and not bundle:
            raise InvalidInput(
                f"items.{index}.quantity", "is for bundles only", "указывается только для набора"
            )
        if item.offer_id in seen:
            raise InvalidInput(
                f"items.{index}.offerId", "is named twice", "предложение указано дважды"
            )
        seen.add(item.offer_id)
    for field, targets in (("companyIds", new.company_ids), ("customerGroupIds", new.group_ids)):
        if len(targets) > MAX_TARGETS:
            raise InvalidInput(field, f"at most {MAX_TARGETS}", f"не более {MAX_TARGETS}")


def check_limit(field: str, uses: int | None) -> None:
    """Raise `InvalidInput` unless a limit of uses is one, or none."""
    if uses is not None and not 1 <= uses <= MAX_USES:
        raise InvalidInput(field, f"must be from 1 to {MAX_USES}", f"от 1 до {MAX_USES}")


def check_schedule(starts_at: datetime | None, ends_at: datetime | None) -> None:
    """Raise `InvalidInput` unless the promotion ends after it starts."""
    if starts_at and ends_at and starts_at >= ends_at:
        raise InvalidInput("endsAt", "must be later than startsAt", "должно быть позже startsAt")
