"""Refusals of the catalogue."""

from __future__ import annotations

from uuid import UUID

from entrepot.platform.catalog.unit_names import unit_name
from entrepot.platform.errors import DomainError


class ProductExists(DomainError):
    """The brand already has a product with this number; offer that one."""

    code = "PRODUCT_EXISTS"
    en = "{brand} {number} is already in the catalogue. Make your offer for that product."
    ru = "{brand} {number} уже есть в каталоге. Создайте предложение на этот товар."
    product_id: UUID
    brand: str
    number: str


class ProductShared(DomainError):
    """Other sellers offer the product, so only the operator may change it."""

    code = "PRODUCT_SHARED"
    en = "Other sellers offer this product too. Ask the operator of the marketplace to change it."
    ru = "Этот товар продают и другие. Попросите оператора площадки изменить его."
    product_id: UUID


class ExternalIdTaken(DomainError):
    """Another offer of the seller has this external id."""

    code = "EXTERNAL_ID_TAKEN"
    en = "You already have an offer with the external id “{external_id}”. Change that one."
    ru = "У вас уже есть предложение с внешним кодом «{external_id}». Измените его."
    external_id: str
    offer_id: UUID


class CategoryExists(DomainError):
    """The parent already has a category with this slug."""

    code = "CATEGORY_EXISTS"
    en = "There is already a category “{category_path}”. Choose another slug."
    ru = "Категория «{category_path}» уже есть. Выберите другой код."
    category_path: str


class AttributeExists(DomainError):
    """The attribute code is defined already."""

    code = "ATTRIBUTE_EXISTS"
    en = "The attribute “{attribute_code}” is already defined. Choose another code."
    ru = "Характеристика «{attribute_code}» уже определена. Выберите другой код."
    attribute_code: str


class ReplacementCycle(DomainError):
    """A product cannot be replaced by itself, nor by what it replaces in the end."""

    code = "REPLACEMENT_CYCLE"
    en = "That product is replaced by this one already. Name another replacement."
    ru = "Тот товар сам заменяется этим. Укажите другую замену."
    product_id: UUID
    replaced_by_id: UUID


class NotSelling(DomainError):
    """The actor's company does not sell here (yet, or any more)."""

    code = "NOT_SELLING"
    en = "Your company does not sell on this marketplace. Ask its operator."
    ru = "Ваша компания не продаёт на этой площадке. Обратитесь к оператору."


class UnitNotSold(DomainError):
    """A quantity in this unit says nothing about how much of the article it is.

    `units` are those that the seller has defined beside the product's own.
    """

    code = "UNIT_NOT_SOLD"
    en = "This article is not sold by “{unit}”; it is counted in “{product_unit}”."
    ru = "Этот товар не продаётся в единицах «{unit}»; он считается в «{product_unit}»."
    unit: str
    product_unit: str
    units: tuple[str, ...]

    def message(self, locale: str) -> str:
        """Return the sentence with the units as people write them in that language."""
        template = self.ru if locale == "ru" else self.en
        return template.format(
            unit=unit_name(self.unit, locale), product_unit=unit_name(self.product_unit, locale)
        )
