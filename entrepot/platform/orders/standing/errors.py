"""Why a standing order could not be changed, and why a date of it was held."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from entrepot.platform.errors import DomainError


class StandingOrderEnded(DomainError):
    """An ended standing order stays as it is."""

    code = "STANDING_ORDER_ENDED"
    en = "This standing order has ended. Make a new one."
    ru = "Этот регулярный заказ завершён. Создайте новый."


class NoDates(DomainError):
    """The calendar names no date from now on."""

    code = "NO_DATES"
    en = "No date of this calendar is still to come. Change its days or its end."
    ru = "По этому календарю не осталось ни одной даты. Измените дни или срок окончания."


class NotAStandingDate(DomainError):
    """The date is not one of the dates to come."""

    code = "NOT_A_STANDING_DATE"
    en = "{due_on} is not one of the next dates of this standing order."
    ru = "{due_on} не входит в ближайшие даты этого регулярного заказа."
    due_on: date


class AboveEnvelope(DomainError):
    """A date's quantity is above what was agreed for the line."""

    code = "ABOVE_ENVELOPE"
    en = "At most {limit} was agreed for this line; raise the line's largest quantity first."
    ru = (
        "Для этой позиции согласовано не более {limit}; сначала увеличьте её наибольшее количество."
    )
    offer_id: UUID
    limit: Decimal


class OwnStandingOrder(DomainError):
    """Who made a standing order, or changed it last, does not agree to it."""

    code = "OWN_STANDING_ORDER"
    en = "You made this standing order yourself; somebody else must agree to it."
    ru = "Этот регулярный заказ создали вы; согласовать его должен кто-то другой."


class EnvelopeOpen(DomainError):
    """Nothing limits what a run may cost, so nobody can agree to it beforehand."""

    code = "ENVELOPE_OPEN"
    en = "Set the largest total of a run, or the highest price of every line, before it is agreed."
    ru = "Задайте предельную сумму заказа или предельную цену каждой позиции, затем согласуйте."


class StandingOrderChanged(DomainError):
    """Somebody changed the standing order since its approver looked at it."""

    code = "STANDING_ORDER_CHANGED"
    en = "The standing order was changed since you looked at it. Look again, then agree."
    ru = "Регулярный заказ изменили, пока вы его смотрели. Посмотрите ещё раз и согласуйте."


class OutsideEnvelope(DomainError):
    """A run would cost more, or order more, than was agreed beforehand."""

    code = "OUTSIDE_ENVELOPE"
    en = "{what}"
    ru = "{what_ru}"
    what: str
    what_ru: str


class MakerMayNotOrder(DomainError):
    """Who made the standing order left the company, or may not order any more."""

    code = "MAKER_MAY_NOT_ORDER"
    en = "{name} may not order for this company any more. A colleague can order the cart."
    ru = "{name} больше не вправе заказывать для компании. Корзину может оформить коллега."
    name: str


class EntityInactive(DomainError):
    """The legal entity or its company does not trade any more."""

    code = "ENTITY_INACTIVE"
    en = "The legal entity is not active."
    ru = "Юридическое лицо не действует."


class DateMissed(DomainError):
    """The marketplace did not run on that date; a later one was ordered in its place."""

    code = "DATE_MISSED"
    en = "The marketplace was down on this date; the order of {instead} was placed instead."
    ru = "В эту дату площадка не работала; вместо неё оформлен заказ за {instead}."
    instead: date


class DateSkipped(DomainError):
    """The buyer skipped the date."""

    code = "DATE_SKIPPED"
    en = "Skipped by the buyer."
    ru = "Пропущено покупателем."


class DatePaused(DomainError):
    """The standing order was paused on the date."""

    code = "DATE_PAUSED"
    en = "The standing order was paused."
    ru = "Регулярный заказ был приостановлен."
