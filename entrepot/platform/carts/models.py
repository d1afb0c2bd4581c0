"""Tables of the cart."""

from __future__ import annotations

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from entrepot.platform.catalog.models import Offer
from entrepot.platform.identity.models import LegalEntity, User
from entrepot.platform.ids import new_id


class Cart(Model):
    """What a legal entity is about to order; placed carts stay for the record."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    legal_entity: fields.ForeignKeyRelation[LegalEntity] = fields.ForeignKeyField(
        "entrepot.LegalEntity", related_name="carts", on_delete=fields.CASCADE
    )
    created_by: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "entrepot.User", related_name="carts", on_delete=fields.CASCADE
    )
    status = fields.CharField(max_length=10, default="open", description="open | placed")
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "cart"
        constraints = (
            UniqueConstraint(
                fields=("legal_entity_id",), name="cart_one_open", condition="status = 'open'"
            ),
            CheckConstraint(check="status IN ('open','placed')", name="cart_status"),
        )


class CartLine(Model):
    """A wanted quantity of an offer, with the price that was shown when it was added."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    cart: fields.ForeignKeyRelation[Cart] = fields.ForeignKeyField(
        "entrepot.Cart", related_name="lines", on_delete=fields.CASCADE
    )
    offer: fields.ForeignKeyRelation[Offer] = fields.ForeignKeyField(
        "entrepot.Offer", related_name="cart_lines", on_delete=fields.CASCADE
    )
    quantity = fields.DecimalField(max_digits=18, decimal_places=3)
    seen_unit_price = fields.DecimalField(max_digits=18, decimal_places=4)
    added_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "cart_line"
        constraints = (
            UniqueConstraint(fields=("cart_id", "offer_id"), name="cart_line_once"),
            CheckConstraint(check="quantity > 0", name="cart_line_quantity"),
        )
