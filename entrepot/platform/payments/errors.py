"""Why a payment was not recorded."""

from __future__ import annotations

from decimal import Decimal

from entrepot.platform.errors import DomainError


class PaymentExceedsOpenAmount(DomainError):
    """More was to be recorded than is still open; nothing was."""

    code = "PAYMENT_EXCEEDS_OPEN_AMOUNT"
    en = "Only {open_amount} {currency} are open for the order {number}. Record that at most."
    ru = "По заказу {number} не оплачено только {open_amount} {currency}. Больше учесть нельзя."
    number: str
    open_amount: Decimal
    currency: str


class PaymentReferenceUsed(DomainError):
    """The reference stands for another payment of the same order."""

    code = "PAYMENT_REFERENCE_USED"
    en = (
        "The reference {reference} was recorded for this order already,"
        " with {amount} {currency} received on {received_on}."
    )
    ru = "Платёж {reference} по этому заказу уже учтён: {amount} {currency}, получен {received_on}."
    reference: str
    amount: Decimal
    currency: str
    received_on: str


class OrderNotPayable(DomainError):
    """Nothing is to be paid for an order that was called off."""

    code = "ORDER_NOT_PAYABLE"
    en = "Order {number} is {status}: nothing is to be paid for it."
    ru = "Заказ {number} в состоянии «{status}»: оплачивать его не нужно."
    number: str
    status: str
