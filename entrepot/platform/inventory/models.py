"""Tables of stock: on hand, reserved and incoming by warehouse."""

from __future__ import annotations

from decimal import Decimal

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from entrepot.platform.catalog.models import Offer
from entrepot.platform.identity.models import Company
from entrepot.platform.ids import new_id


class Warehouse(Model):
    """A place where a seller keeps stock."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    seller: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="warehouses", on_delete=fields.CASCADE
    )
    code = fields.CharField(max_length=20)
    name = fields.CharField(max_length=200)

    class Meta:
        table = "warehouse"
        constraints = (UniqueConstraint(fields=("seller_id", "code"), name="warehouse_code"),)


class StockItem(Model):
    """Quantities of one offer in one warehouse; available = on hand − reserved, never negative."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    offer: fields.ForeignKeyRelation[Offer] = fields.ForeignKeyField(
        "entrepot.Offer", related_name="stock", on_delete=fields.CASCADE
    )
    warehouse: fields.ForeignKeyRelation[Warehouse] = fields.ForeignKeyField(
        "entrepot.Warehouse", related_name="stock", on_delete=fields.CASCADE
    )
    on_hand = fields.DecimalField(max_digits=18, decimal_places=3, default=Decimal(0))
    reserved = fields.DecimalField(max_digits=18, decimal_places=3, default=Decimal(0))
    incoming = fields.DecimalField(max_digits=18, decimal_places=3, default=Decimal(0))
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "stock_item"
        constraints = (
            UniqueConstraint(fields=("offer_id", "warehouse_id"), name="stock_item_once"),
            CheckConstraint(
                check="reserved >= 0 AND on_hand >= reserved AND incoming >= 0",
                name="stock_not_oversold",
            ),
        )


class Reservation(Model):
    """Stock held for an order line until it ships or is cancelled."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    stock_item: fields.ForeignKeyRelation[StockItem] = fields.ForeignKeyField(
        "entrepot.StockItem", related_name="reservations", on_delete=fields.RESTRICT
    )
    order_line_id = fields.UUIDField()
    quantity = fields.DecimalField(max_digits=18, decimal_places=3)
    released_at = fields.DatetimeField(null=True)

    class Meta:
        table = "reservation"
        constraints = (CheckConstraint(check="quantity > 0", name="reservation_positive"),)
        indexes = (Index(fields=("order_line_id",), name="reservation_order_line"),)
