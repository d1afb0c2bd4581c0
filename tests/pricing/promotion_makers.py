"""Makes promotions for tests, straight through the models."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from entrepot.platform.pricing.promotions.models import Promotion, PromotionItem, PromotionTarget
from tests.factories import Seller

_DECIMALS = (
    *("percent", "amount", "buy_quantity", "free_quantity", "min_quantity", "min_order_value"),
)


async def make_promotion(
    seller: Seller,
    kind: str = "percent",
    *,
    items: dict[UUID, str] | None = None,
    companies: Iterable[UUID] = (),
    groups: Iterable[UUID] = (),
    **values: Any,
) -> Promotion:
    """Create a promotion on the seller's offers; 10 percent off where nothing else is said."""
    if kind == "percent":
        values.setdefault("percent", "10")
    for name in _DECIMALS:
        if values.get(name) is not None:
            values[name] = Decimal(values[name])
    for name, usual in (("owner_id", seller.id), ("seller_id", seller.id), ("name_en", "Sale")):
        values.setdefault(name, usual)
    made = await Promotion.create(kind=kind, name_ru="Распродажа", **values)
    for offer_id, quantity in (items or {}).items():
        await PromotionItem.create(promotion=made, offer_id=offer_id, quantity=Decimal(quantity))
    for company_id in companies:
        await PromotionTarget.create(promotion=made, company_id=company_id)
    for group_id in groups:
        await PromotionTarget.create(promotion=made, group_id=group_id)
    return made
