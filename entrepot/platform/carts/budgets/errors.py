"""Why a budget refused."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from entrepot.platform.errors import DomainError


class BudgetExceeded(DomainError):
    """The order takes more than a blocking budget has left in this period."""

    code = "BUDGET_EXCEEDED"
    en = (
        "The budget “{name}” has {left} {currency} left in this period;"
        " the order takes {wanted} {currency}."
    )
    ru = (
        "В бюджете «{name}» на этот период осталось {left} {currency};"
        " заказу нужно {wanted} {currency}."
    )
    budget_id: UUID
    name: str
    currency: str
    left: Decimal
    wanted: Decimal


class BudgetNameTaken(DomainError):
    """The legal entity has a budget of that name already."""

    code = "BUDGET_NAME_TAKEN"
    en = "There is a budget named “{name}” already. Choose another name."
    ru = "Бюджет с названием «{name}» уже есть. Выберите другое название."
    name: str


class BudgetClosed(DomainError):
    """A closed budget stays as it was."""

    code = "BUDGET_CLOSED"
    en = "The budget “{name}” is closed. Create a new one."
    ru = "Бюджет «{name}» закрыт. Создайте новый."
    name: str
