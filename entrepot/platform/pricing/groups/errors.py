"""Refusals of customer groups."""

from __future__ import annotations

from entrepot.platform.errors import DomainError


class CustomerGroupNameTaken(DomainError):
    """The seller already has a customer group of this name."""

    code = "CUSTOMER_GROUP_NAME_TAKEN"
    en = "You already have a customer group “{name}”. Choose another name."
    ru = "Группа покупателей «{name}» уже есть. Выберите другое название."
    name: str


class CustomerGroupInUse(DomainError):
    """Price lists, assortments or promotions name the group: without it they would mean others."""

    code = "CUSTOMER_GROUP_IN_USE"
    en = (
        "The group “{name}” is named by {price_lists} price lists, {assortments} assortments and"
        " {promotions} promotions. Take it out of these first."
    )
    ru = (
        "Группа «{name}» указана: прайс-листов — {price_lists}, ассортиментов — {assortments},"
        " акций — {promotions}. Сначала уберите её оттуда."
    )
    name: str
    price_lists: int
    assortments: int
    promotions: int


class CustomerGroupHasRule(DomainError):
    """Its members come of its rule, so nobody can be added or removed by hand."""

    code = "CUSTOMER_GROUP_HAS_RULE"
    en = "The members of “{name}” come of its rule. Change the rule, or use a group kept by hand."
    ru = "Состав «{name}» определяет правило. Измените правило или заведите группу вручную."
    name: str


class CustomerGroupByHand(DomainError):
    """The group is kept by hand and cannot be given a rule."""

    code = "CUSTOMER_GROUP_BY_HAND"
    en = "“{name}” is kept by hand. Create another group for the rule."
    ru = "Группа «{name}» ведётся вручную. Для правила создайте другую группу."
    name: str
