"""Refusals of assortments."""

from __future__ import annotations

from uuid import UUID

from entrepot.platform.errors import DomainError


class AssortmentNameTaken(DomainError):
    """The seller already has an assortment of this name."""

    code = "ASSORTMENT_NAME_TAKEN"
    en = "You already have an assortment “{name}”. Choose another name."
    ru = "Ассортимент «{name}» уже есть. Выберите другое название."
    name: str


class OfferNamedTwice(DomainError):
    """The same offer came twice in one change, so it is unclear what is meant."""

    code = "OFFER_NAMED_TWICE"
    en = "The same offer is named twice in this change. Name it once."
    ru = "Одно предложение указано в этом изменении дважды. Укажите его один раз."
    offer_id: UUID
