"""Why a quick order could not be prepared or confirmed."""

from __future__ import annotations

from uuid import UUID

from entrepot.platform.errors import DomainError


class TooManyLines(DomainError):
    """The list has more lines than one quick order takes."""

    code = "TOO_MANY_LINES"
    en = "A quick order takes at most {limit} lines. Split the list."
    ru = "Быстрый заказ принимает не более {limit} строк. Разделите список."
    limit: int


class NothingToOrder(DomainError):
    """No line names an article, or none would go into the cart."""

    code = "NOTHING_TO_ORDER"
    en = "There is no line to order. Name an article in each line, or choose offers for the lines."
    ru = "Заказывать нечего. Укажите артикул в каждой строке или выберите предложения для строк."


class QuickOrderConfirmed(DomainError):
    """The quick order went into a cart before; nothing was added now."""

    code = "QUICK_ORDER_CONFIRMED"
    en = "This quick order was confirmed already; its lines are in the cart."
    ru = "Этот быстрый заказ уже подтверждён, его строки в корзине."
    cart_id: UUID


class LineNotTakeable(DomainError):
    """A line was chosen that has no proposal: it needs an offer or a quantity."""

    code = "LINE_NOT_TAKEABLE"
    en = "Line {line_number} cannot be taken as it is: name an offer and a quantity for it."
    ru = "Строку {line_number} нельзя взять как есть: укажите для неё предложение и количество."
    line_number: int
