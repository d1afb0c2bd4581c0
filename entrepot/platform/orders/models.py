"""Tables of orders, their split by seller, lines and numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields.db_defaults import SqlDefault
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from entrepot.platform.catalog.models import Offer
from entrepot.platform.identity.models import Company, DeliveryAddress, LegalEntity, User
from entrepot.platform.ids import new_id


class NumberSequence(Model):
    """The last human number given in a series (`SO`, `INV`) of a legal entity and year."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    legal_entity: fields.ForeignKeyRelation[LegalEntity] = fields.ForeignKeyField(
        "entrepot.LegalEntity", related_name="number_sequences", on_delete=fields.CASCADE
    )
    series = fields.CharField(max_length=10)
    year = fields.IntField()
    last_value = fields.BigIntField(default=0)

    class Meta:
        table = "number_sequence"
        constraints = (
            UniqueConstraint(fields=("legal_entity_id", "series", "year"), name="number_series"),
        )


class Order(Model):
    """The buyer's order: one, however many sellers deliver it."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    number = fields.CharField(max_length=30)
    buyer: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="orders", on_delete=fields.RESTRICT
    )
    legal_entity: fields.ForeignKeyRelation[LegalEntity] = fields.ForeignKeyField(
        "entrepot.LegalEntity", related_name="orders", on_delete=fields.RESTRICT
    )
    placed_by: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "entrepot.User", related_name="orders", on_delete=fields.RESTRICT
    )
    on_behalf_of: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "entrepot.User",
        related_name="orders_on_behalf",
        null=True,
        on_delete=fields.RESTRICT,
        description="the buyer's person, where a representative or operator placed it",
    )
    standing_order_id = fields.UUIDField(null=True)
    approval_ids = ArrayField("UUID", default=list, db_default=SqlDefault("'{}'"))
    po_number = fields.CharField(max_length=50, null=True, description="the buyer's own number")
    note = fields.CharField(max_length=1000, default="", db_default="")
    placed_at = fields.DatetimeField()
    external_id = fields.CharField(max_length=100, null=True)

    class Meta:
        table = "purchase_order"
        constraints = (UniqueConstraint(fields=("legal_entity_id", "number"), name="order_number"),)
        indexes = (Index(fields=("legal_entity_id", "placed_at", "id"), name="order_by_buyer"),)


class OrderCart(Model):
    """A cart that went into an order, once."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField(
        "entrepot.Order", related_name="carts", on_delete=fields.CASCADE
    )
    cart_id = fields.UUIDField(unique=True)

    class Meta:
        table = "order_cart"
        indexes = (Index(fields=("order_id",), name="order_cart_order"),)


class SellerOrder(Model):
    """One seller's part of an order, in one currency."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField(
        "entrepot.Order", related_name="seller_orders", on_delete=fields.RESTRICT
    )
    seller: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="seller_orders", on_delete=fields.RESTRICT
    )
    legal_entity: fields.ForeignKeyRelation[LegalEntity] = fields.ForeignKeyField(
        "entrepot.LegalEntity",
        related_name="seller_orders",
        on_delete=fields.RESTRICT,
        description="the seller's",
    )
    number = fields.CharField(max_length=30)
    status = fields.CharField(max_length=20, default="placed", description="rules.TRANSITIONS")
    currency = fields.CharField(max_length=3)
    net = fields.DecimalField(max_digits=18, decimal_places=4)
    tax = fields.DecimalField(max_digits=18, decimal_places=4)
    gross = fields.DecimalField(max_digits=18, decimal_places=4)
    delivery_net = fields.DecimalField(
        max_digits=18,
        decimal_places=4,
        default=Decimal(0),
        db_default=Decimal(0),
        description="part of net",
    )
    delivery_tax = fields.DecimalField(
        max_digits=18,
        decimal_places=4,
        default=Decimal(0),
        db_default=Decimal(0),
        description="part of tax",
    )
    delivery_tax_rate = fields.DecimalField(
        max_digits=5, decimal_places=2, default=Decimal(0), db_default=Decimal(0)
    )
    payment = fields.CharField(
        max_length=10, default="invoice", db_default="invoice", description="invoice | advance"
    )
    payment_due_on = fields.DateField(null=True)
    paid_at = fields.DatetimeField(null=True)
    confirmed_at = fields.DatetimeField(null=True)
    cancelled_by = fields.CharField(
        max_length=11, null=True, description="buyer | seller | marketplace"
    )
    placed_at = fields.DatetimeField()

    class Meta:
        table = "seller_order"
        constraints = (
            UniqueConstraint(fields=("legal_entity_id", "number"), name="seller_order_number"),
            CheckConstraint(check="net + tax = gross", name="seller_order_sums"),
            CheckConstraint(
                check="delivery_net >= 0 AND delivery_tax >= 0"
                " AND payment IN ('invoice','advance')",
                name="seller_order_terms",
            ),
        )
        indexes = (
            Index(fields=("order_id",), name="seller_order_order"),
            Index(fields=("seller_id", "placed_at", "id"), name="seller_order_by_seller"),
        )


class OrderLine(Model):
    """One article of a seller order, with everything as it was agreed."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    seller_order: fields.ForeignKeyRelation[SellerOrder] = fields.ForeignKeyField(
        "entrepot.SellerOrder", related_name="lines", on_delete=fields.RESTRICT
    )
    line_number = fields.IntField()
    offer: fields.ForeignKeyRelation[Offer] = fields.ForeignKeyField(
        "entrepot.Offer", related_name="order_lines", on_delete=fields.RESTRICT
    )
    article_number = fields.CharField(max_length=255)
    title_en = fields.CharField(max_length=500)
    title_ru = fields.CharField(max_length=500)
    unit = fields.CharField(max_length=10)
    quantity = fields.DecimalField(max_digits=18, decimal_places=3)
    unit_price = fields.DecimalField(max_digits=18, decimal_places=4)
    price_source = fields.CharField(max_length=20, description="pricing.rules.PriceSource")
    price_list_id = fields.UUIDField(null=True)
    discount = fields.DecimalField(
        max_digits=18,
        decimal_places=4,
        default=Decimal(0),
        db_default=Decimal(0),
        description="off quantity × price",
    )
    promotions: list[Any] = fields.JSONField(
        default=list, db_default=SqlDefault("'[]'"), description="what made the discount"
    )
    cost_center = fields.CharField(max_length=50, default="", db_default="")
    note = fields.CharField(max_length=500, default="", db_default="")
    wanted_on = fields.DateField(null=True)
    tax_rate = fields.DecimalField(max_digits=5, decimal_places=2)
    net = fields.DecimalField(max_digits=18, decimal_places=4)
    tax = fields.DecimalField(max_digits=18, decimal_places=4)
    gross = fields.DecimalField(max_digits=18, decimal_places=4)

    class Meta:
        table = "order_line"
        constraints = (
            UniqueConstraint(fields=("seller_order_id", "line_number"), name="order_line_number"),
            CheckConstraint(check="quantity > 0", name="order_line_quantity"),
            CheckConstraint(check="net + tax = gross", name="order_line_sums"),
            CheckConstraint(check="discount >= 0", name="order_line_discount"),
        )
        indexes = (Index(fields=("offer_id",), name="order_line_offer"),)


class OrderLineDelivery(Model):
    """How much of an order line goes where; the address as it was when ordered."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    order_line: fields.ForeignKeyRelation[OrderLine] = fields.ForeignKeyField(
        "entrepot.OrderLine", related_name="deliveries", on_delete=fields.CASCADE
    )
    address: fields.ForeignKeyNullableRelation[DeliveryAddress] = fields.ForeignKeyField(
        "entrepot.DeliveryAddress",
        related_name="order_lines",
        null=True,
        on_delete=fields.SET_NULL,
    )
    address_text = fields.CharField(max_length=1000, description="printed on the papers")
    quantity = fields.DecimalField(max_digits=18, decimal_places=3)

    class Meta:
        table = "order_line_delivery"
        constraints = (CheckConstraint(check="quantity > 0", name="order_line_delivery_quantity"),)
        indexes = (Index(fields=("order_line_id",), name="order_line_delivery_line"),)


class HistoricSale(Model):
    """A sale made before the marketplace, imported so that forecasts know it."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    offer: fields.ForeignKeyRelation[Offer] = fields.ForeignKeyField(
        "entrepot.Offer", related_name="historic_sales", on_delete=fields.CASCADE
    )
    external_id = fields.CharField(max_length=100, description="the seller's key of the line")
    buyer_name = fields.CharField(max_length=200, default="")
    sold_at = fields.DatetimeField()
    quantity = fields.DecimalField(max_digits=18, decimal_places=3, description="<0: return")
    unit_price = fields.DecimalField(max_digits=18, decimal_places=4)
    currency = fields.CharField(max_length=3)

    class Meta:
        table = "historic_sale"
        constraints = (
            UniqueConstraint(fields=("offer_id", "external_id"), name="historic_sale_once"),
        )
