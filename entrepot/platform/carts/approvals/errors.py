"""Why a cart may not be ordered yet, and why an approval could not be asked for or decided."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from entrepot.platform.errors import DomainError


class Person(NamedTuple):
    """Somebody of the company, by name."""

    id: UUID
    name: str


class ApprovalRequired(DomainError):
    """The cart may be ordered only after somebody agreed.

    `pending_approval_id` is set where it has been handed in already and waits; `approvers` are
    those whom the present (or first) step would ask.
    """

    code = "APPROVAL_REQUIRED"
    en = "The cart needs agreement first. {summary}"
    ru = "Заказ нужно сначала согласовать. {summary_ru}"
    cart_id: UUID | None
    summary: str
    summary_ru: str
    reasons: tuple[str, ...] = ()
    reasons_ru: tuple[str, ...] = ()
    approvers: tuple[Person, ...] = ()
    pending_approval_id: UUID | None = None


class ApprovalOutdated(DomainError):
    """What was agreed is not what would be ordered: other lines, a higher total, a new reason."""

    code = "APPROVAL_OUTDATED"
    en = "The agreement no longer fits: {why}. Withdraw it and hand the cart in again."
    ru = "Согласование устарело: {why_ru}. Отзовите его и отправьте корзину снова."
    approval_id: UUID
    why: str
    why_ru: str


class ApprovalNotNeeded(DomainError):
    """Nothing asks for agreement: the cart can be ordered by itself as it is.

    Together with other carts it may be too much for a limit or budget that it fits alone.
    """

    code = "APPROVAL_NOT_NEEDED"
    en = "By itself this cart needs no agreement. Order it alone, not with other carts."
    ru = "Сама по себе эта корзина не требует согласования. Оформите её отдельно от других."


class NoApproverLeft(DomainError):
    """Nobody could decide a step: all its approvers left or are the requester, and no one else."""

    code = "NO_APPROVER_LEFT"
    en = "Nobody can decide step {step}. Ask an administrator to change the approval rules."
    ru = "Шаг {step} некому согласовать. Попросите администратора изменить правила согласования."
    step: int


class OwnApproval(DomainError):
    """Nobody decides on what they asked for themselves."""

    code = "OWN_APPROVAL"
    en = "You asked for this approval yourself; somebody else must decide."
    ru = "Вы сами запросили это согласование; решить должен кто-то другой."


class NotAsked(DomainError):
    """The actor may see the approval and is not among those asked now."""

    code = "NOT_ASKED"
    en = "You are not among those asked at step {step}."
    ru = "На шаге {step} решение принимаете не вы."
    step: int


class AlreadyDecided(DomainError):
    """The approval, or the step the actor decided on, has been decided or closed."""

    code = "ALREADY_DECIDED"
    en = "This has been decided already: the approval is {status}."
    ru = "Решение уже принято, состояние согласования: {status_ru}."
    status: str
    status_ru: str


class ApprovalExpired(DomainError):
    """Nobody decided in time."""

    code = "APPROVAL_EXPIRED"
    en = "The approval expired at {expired_at:%Y-%m-%d %H:%M} UTC. Ask for it again."
    ru = "Срок согласования истёк {expired_at:%Y-%m-%d %H:%M} (UTC). Запросите его снова."
    expired_at: datetime


class PriceDrift(DomainError):
    """The cart costs more than when it was handed in; the approver must accept that."""

    code = "PRICE_DRIFT"
    en = (
        "The cart now costs {now} {currency} instead of {then} {currency}, net."
        " Look at the new prices and approve with acceptPriceChanges."
    )
    ru = (
        "Корзина теперь стоит {now} {currency} вместо {then} {currency} без налога."
        " Проверьте новые цены и согласуйте с acceptPriceChanges."
    )
    approval_id: UUID
    currency: str
    then: Decimal
    now: Decimal


class ApprovalRuleNameTaken(DomainError):
    """The company has a rule of that name already."""

    code = "APPROVAL_RULE_NAME_TAKEN"
    en = "There is an approval rule named “{name}” already. Choose another name."
    ru = "Правило согласования «{name}» уже есть. Выберите другое название."
    name: str


class NotAnApprover(DomainError):
    """The person is no member of the company who may approve orders."""

    code = "NOT_AN_APPROVER"
    en = "This person may not approve orders. Give them the role APPROVER first."
    ru = "Этот сотрудник не вправе согласовывать заказы. Сначала дайте ему роль APPROVER."
    user_id: UUID
