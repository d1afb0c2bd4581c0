"""Refusals of pricing."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from entrepot.platform.errors import DomainError


class PriceListNameTaken(DomainError):
    """The seller already has a price list of this name."""

    code = "PRICE_LIST_NAME_TAKEN"
    en = "You already have a price list “{name}”. Choose another name."
    ru = "Прайс-лист «{name}» уже есть. Выберите другое название."
    name: str


class DuplicateTier(DomainError):
    """Two tiers of one offer start at the same quantity, so neither could win."""

    code = "DUPLICATE_TIER"
    en = "Two tiers of this offer start at {min_quantity}. Keep one of them."
    ru = "Два порога этого предложения начинаются с {min_quantity}. Оставьте один."
    offer_id: UUID
    min_quantity: Decimal


class DuplicateOffer(DomainError):
    """The same offer came twice in one change, so it is unclear which tiers are meant."""

    code = "DUPLICATE_OFFER"
    en = "The same offer is named twice. Put all its tiers into one line."
    ru = "Одно предложение указано дважды. Соберите все его пороги в одной строке."
    offer_id: UUID


class CurrencyMismatch(DomainError):
    """The list's currency is not the offer's, so its prices could never apply."""

    code = "CURRENCY_MISMATCH"
    en = (
        "The list is in {list_currency}, the offer in {offer_currency}. Use a list in its currency."
    )
    ru = "Валюта списка {list_currency}, предложения {offer_currency}. Нужен список в этой валюте."
    offer_id: UUID
    list_currency: str
    offer_currency: str
