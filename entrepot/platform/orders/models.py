"""Tables of orders, their split by seller, lines and numbers."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from entrepot.platform.catalog.models import Offer
from entrepot.platform.identity.models import Company, LegalEntity, User
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
    cart_id = fields.UUIDField(null=True)
    po_number = fields.CharField(max_length=50, null=True, description="the buyer's own number")
    placed_at = fields.DatetimeField()
    external_id = fields.CharField(max_length=100, null=True)

    class Meta:
        table = "purchase_order"
        constraints = (
            UniqueConstraint(fields=("legal_entity_id", "number"), name="order_number"),
            UniqueConstraint(fields=("cart_id",), name="order_cart_once"),
        )
        indexes = (Index(fields=("legal_entity_id", "placed_at", "id"), name="order_by_buyer"),)


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
    placed_at = fields.DatetimeField()

    class Meta:
        table = "seller_order"
        constraints = (
            UniqueConstraint(fields=("legal_entity_id", "number"), name="seller_order_number"),
            CheckConstraint(check="net + tax = gross", name="seller_order_sums"),
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
    price_source = fields.CharField(max_length=20, description="list | price_list")
    price_list_id = fields.UUIDField(null=True)
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
        )
        indexes = (Index(fields=("offer_id",), name="order_line_offer"),)


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
