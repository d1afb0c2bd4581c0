"""Everything that writes price lists, in one place to import from."""

from __future__ import annotations

from entrepot.platform.pricing.assignments import (
    Recipient,
    assign_price_list,
    withdraw_price_list,
)
from entrepot.platform.pricing.list_writes import (
    Clearable,
    ListRule,
    NewPriceList,
    PriceListChanges,
    create_price_list,
    update_price_list,
)
from entrepot.platform.pricing.tier_writes import OfferTiers, Tier, set_price_tiers

__all__ = [
    "Clearable",
    "ListRule",
    "NewPriceList",
    "OfferTiers",
    "PriceListChanges",
    "Recipient",
    "Tier",
    "assign_price_list",
    "create_price_list",
    "set_price_tiers",
    "update_price_list",
    "withdraw_price_list",
]
