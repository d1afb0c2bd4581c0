"""Tables of the cart."""

from __future__ import annotations

from decimal import Decimal

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from entrepot.platform.catalog.models import Offer
from entrepot.platform.identity.models import DeliveryAddress, LegalEntity, User
from entrepot.platform.ids import new_id


class Cart(Model):
    """What a legal entity is about to order; placed carts stay for the record.

    The default cart is the one of everyone who buys for the legal entity; others are their maker's
    until shared.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    legal_entity: fields.ForeignKeyRelation[LegalEntity] = fields.ForeignKeyField(
        "entrepot.LegalEntity", related_name="carts", on_delete=fields.CASCADE
    )
    created_by: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "entrepot.User", related_name="carts", on_delete=fields.CASCADE
    )
    name = fields.CharField(max_length=100, default="", db_default="")
    is_default = fields.BooleanField(default=True, db_default=True)
    shared_with_all = fields.BooleanField(
        default=True, db_default=True, description="who buys for the entity"
    )
    status = fields.CharField(max_length=10, default="open", description="see carts.rules")
    po_number = fields.CharField(max_length=50, null=True)
    cost_center = fields.CharField(
        max_length=50, default="", db_default="", description="of lines without one"
    )
    wanted_on = fields.DateField(null=True, description="for lines without a date")
    delivery_address: fields.ForeignKeyNullableRelation[DeliveryAddress] = fields.ForeignKeyField(
        "entrepot.DeliveryAddress", related_name="carts", null=True, on_delete=fields.RESTRICT
    )
    note = fields.CharField(max_length=1000, default="", db_default="")
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "cart"
        constraints = (
            UniqueConstraint(
                fields=("legal_entity_id",),
                name="cart_one_default",
                condition="is_default AND status IN ('open','submitted')",
            ),
            CheckConstraint(
                check="status IN ('open','submitted','placed','merged','deleted')",
                name="cart_status",
            ),
        )
        indexes = (Index(fields=("legal_entity_id", "status"), name="cart_of_entity"),)


class CartShare(Model):
    """A colleague who may use a cart of somebody else's."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    cart: fields.ForeignKeyRelation[Cart] = fields.ForeignKeyField(
        "entrepot.Cart", related_name="shares", on_delete=fields.CASCADE
    )
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "entrepot.User", related_name="cart_shares", on_delete=fields.CASCADE
    )

    class Meta:
        table = "cart_share"
        constraints = (UniqueConstraint(fields=("cart_id", "user_id"), name="cart_share_once"),)


class CartLine(Model):
    """A wanted quantity of an offer for a cost centre, with what was shown when it was added."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    cart: fields.ForeignKeyRelation[Cart] = fields.ForeignKeyField(
        "entrepot.Cart", related_name="lines", on_delete=fields.CASCADE
    )
    offer: fields.ForeignKeyRelation[Offer] = fields.ForeignKeyField(
        "entrepot.Offer", related_name="cart_lines", on_delete=fields.CASCADE
    )
    quantity = fields.DecimalField(max_digits=18, decimal_places=3)
    seen_unit_price = fields.DecimalField(max_digits=18, decimal_places=4)
    seen_discount = fields.DecimalField(
        max_digits=18,
        decimal_places=4,
        default=Decimal(0),
        db_default=Decimal(0),
        description="off the whole line",
    )
    cost_center = fields.CharField(max_length=50, default="", db_default="")
    note = fields.CharField(max_length=500, default="", db_default="")
    wanted_on = fields.DateField(null=True)
    added_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "cart_line"
        constraints = (
            UniqueConstraint(fields=("cart_id", "offer_id", "cost_center"), name="cart_line_once"),
            CheckConstraint(check="quantity > 0", name="cart_line_quantity"),
            CheckConstraint(check="seen_discount >= 0", name="cart_line_discount"),
        )


class CartLineDelivery(Model):
    """How much of a line goes to an address other than the cart's; the rest goes to the cart's."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    line: fields.ForeignKeyRelation[CartLine] = fields.ForeignKeyField(
        "entrepot.CartLine", related_name="deliveries", on_delete=fields.CASCADE
    )
    address: fields.ForeignKeyRelation[DeliveryAddress] = fields.ForeignKeyField(
        "entrepot.DeliveryAddress", related_name="cart_lines", on_delete=fields.RESTRICT
    )
    quantity = fields.DecimalField(max_digits=18, decimal_places=3)

    class Meta:
        table = "cart_line_delivery"
        constraints = (
            UniqueConstraint(fields=("line_id", "address_id"), name="cart_line_delivery_once"),
            CheckConstraint(check="quantity > 0", name="cart_line_delivery_quantity"),
        )
