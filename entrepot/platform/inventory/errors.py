"""Refusals of stock."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from entrepot.platform.errors import DomainError


class OutOfStock(DomainError):
    """Fewer units are free than were asked for; `available` counts what the order had not taken.

    Quantities in the product's unit.
    """

    code = "OUT_OF_STOCK"
    en = "Only {available} available, {requested} requested. Reduce the quantity."
    ru = "В наличии только {available}, запрошено {requested}. Уменьшите количество."
    offer_id: UUID
    requested: Decimal
    available: Decimal


class StockBelowReserved(DomainError):
    """Less would be on hand than orders already hold."""

    code = "STOCK_BELOW_RESERVED"
    en = "{reserved} are reserved by orders; on hand cannot be {on_hand}. Cancel orders first."
    ru = "Заказы держат {reserved}; остаток {on_hand} невозможен. Сначала отмените заказы."
    offer_id: UUID
    on_hand: Decimal
    reserved: Decimal


class WarehouseCodeTaken(DomainError):
    """The seller already has a warehouse with this code."""

    code = "WAREHOUSE_CODE_TAKEN"
    en = "You already have a warehouse with the code {warehouse_code}. Choose another."
    ru = "Склад с кодом {warehouse_code} уже есть. Выберите другой код."
    warehouse_code: str
