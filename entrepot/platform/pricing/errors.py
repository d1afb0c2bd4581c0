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


class FixedListHasNoRule(DomainError):
    """The list has prices of its own; a rule would leave them without use."""

    code = "FIXED_LIST_HAS_NO_RULE"
    en = "“{name}” has fixed prices. Make a new list for the rule."
    ru = "В «{name}» фиксированные цены. Для правила создайте новый прайс-лист."
    name: str


class BaseListCurrency(DomainError):
    """The base list's currency is another: its prices mean nothing in the list's."""

    code = "BASE_LIST_CURRENCY"
    en = "The list is in {list_currency}, its base in {base_currency}. Take a base in one currency."
    ru = "Валюта списка {list_currency}, исходного {base_currency}. Нужна одна валюта."
    list_currency: str
    base_currency: str


class PriceListCycle(DomainError):
    """The lists would be computed from each other; `chain` begins and ends with the same one."""

    code = "PRICE_LIST_CYCLE"
    en = "The lists would be computed in a circle: {chain}. Choose another base."
    ru = "Прайс-листы вычислялись бы по кругу: {chain}. Выберите другой исходный."
    chain: tuple[str, ...]

    def message(self, locale: str) -> str:
        """Return the sentence with the lists' names in a row, each computed from the next."""
        return (self.ru if locale == "ru" else self.en).format(chain=" → ".join(self.chain))


class PriceListChainTooLong(DomainError):
    """Too many lists would be computed one from another."""

    code = "PRICE_LIST_CHAIN_TOO_LONG"
    en = "More than {limit} lists would be computed one from another. Take a base nearer the start."
    ru = (
        "Друг из друга вычислялись бы более {limit} прайс-листов. Возьмите исходный ближе к началу."
    )
    limit: int
