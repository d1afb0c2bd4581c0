"""Why a shopping list could not be changed."""

from __future__ import annotations

from entrepot.platform.errors import DomainError


class ShoppingListNameTaken(DomainError):
    """The actor has a list of that name for the legal entity already."""

    code = "SHOPPING_LIST_NAME_TAKEN"
    en = 'You have a list "{name}" already. Choose another name.'
    ru = "У вас уже есть список «{name}». Выберите другое название."
    name: str


class ShoppingListFull(DomainError):
    """The list holds as many lines as it may."""

    code = "SHOPPING_LIST_FULL"
    en = "The list holds {limit} lines, the most it may. Start another one."
    ru = "В списке {limit} строк — это предел. Начните другой список."
    limit: int


class ShoppingListNotYours(DomainError):
    """Only who made a shared list may make it private."""

    code = "SHOPPING_LIST_NOT_YOURS"
    en = "Only who made the list may make it private."
    ru = "Сделать список личным может только тот, кто его создал."
