"""Why nothing was ordered on a buyer's behalf."""

from __future__ import annotations

from uuid import UUID

from entrepot.platform.errors import DomainError


class MandateRequired(DomainError):
    """The buyer has given the representative's company no leave, or has withdrawn it.

    Said as well of legal entities that do not exist: who has no leave learns nothing of them.
    """

    code = "MANDATE_REQUIRED"
    en = "The buyer has not allowed your company to order for it. Ask for a buying mandate."
    ru = "Покупатель не разрешил вашей компании заказывать за него. Попросите доверенность."
    legal_entity_id: UUID


class BuyerRefuses(DomainError):
    """The buyer's own rules do not let the order pass; whoever is not of the buyer learns no more.

    A budget blocks it, or nobody could approve it.
    """

    code = "BUYER_REFUSES"
    en = "The rules of the buyer do not let this order pass. Talk to {person}."
    ru = "Правила покупателя не пропускают этот заказ. Обратитесь к сотруднику: {person}."
    person: str
