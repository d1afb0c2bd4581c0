"""Why an order was refused."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from entrepot.platform.errors import DomainError


class CartEmpty(DomainError):
    """There is nothing to order."""

    code = "CART_EMPTY"
    en = "The cart is empty. Add a line before you place the order."
    ru = "Корзина пуста. Добавьте позицию, прежде чем оформить заказ."


class OfferUnavailable(DomainError):
    """A line's offer can no longer be bought."""

    code = "OFFER_UNAVAILABLE"
    en = "{article_number} is no longer offered. Remove the line or choose another offer."
    ru = "{article_number} больше не продаётся. Удалите строку или выберите другое предложение."
    offer_id: UUID
    article_number: str


class PriceChanged(DomainError):
    """A unit price rose since the buyer saw it; nothing was ordered."""

    code = "PRICE_CHANGED"
    en = (
        "{article_number} now costs {price} instead of {seen_price}."
        " Look at the cart and place the order with acceptPriceChanges."
    )
    ru = (
        "{article_number} теперь стоит {price} вместо {seen_price}."
        " Проверьте корзину и оформите заказ с acceptPriceChanges."
    )
    offer_id: UUID
    article_number: str
    seen_price: Decimal
    price: Decimal


class OrderNotCancellable(DomainError):
    """The seller's part has gone too far to be cancelled."""

    code = "ORDER_NOT_CANCELLABLE"
    en = "Order {number} is {status} and can no longer be cancelled."
    ru = "Заказ {number} в состоянии «{status}», отменить его уже нельзя."
    number: str
    status: str


class OrderNotConfirmable(DomainError):
    """Only a freshly placed order can be confirmed."""

    code = "ORDER_NOT_CONFIRMABLE"
    en = "Order {number} is {status}; only a placed order can be confirmed."
    ru = "Заказ {number} в состоянии «{status}»; подтвердить можно только новый заказ."
    number: str
    status: str
