"""Tables of shopping lists."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from entrepot.platform.catalog.models import Offer
from entrepot.platform.identity.models import LegalEntity, User
from entrepot.platform.ids import new_id


class ShoppingList(Model):
    """A named list of offers a legal entity buys often: its maker's, or everyone's who buys."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    legal_entity: fields.ForeignKeyRelation[LegalEntity] = fields.ForeignKeyField(
        "entrepot.LegalEntity", related_name="shopping_lists", on_delete=fields.CASCADE
    )
    created_by: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "entrepot.User", related_name="shopping_lists", on_delete=fields.CASCADE
    )
    name = fields.CharField(max_length=100)
    shared_with_all = fields.BooleanField(default=False)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "shopping_list"
        constraints = (
            UniqueConstraint(
                fields=("legal_entity_id", "created_by_id", "name"), name="shopping_list_name"
            ),
        )


class ShoppingListLine(Model):
    """An offer with its usual quantity."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    shopping_list: fields.ForeignKeyRelation[ShoppingList] = fields.ForeignKeyField(
        "entrepot.ShoppingList", related_name="lines", on_delete=fields.CASCADE
    )
    offer: fields.ForeignKeyRelation[Offer] = fields.ForeignKeyField(
        "entrepot.Offer", related_name="shopping_list_lines", on_delete=fields.CASCADE
    )
    quantity = fields.DecimalField(max_digits=18, decimal_places=3)
    note = fields.CharField(max_length=500, default="")
    position = fields.IntField()

    class Meta:
        table = "shopping_list_line"
        constraints = (
            UniqueConstraint(
                fields=("shopping_list_id", "offer_id"), name="shopping_list_line_once"
            ),
            CheckConstraint(check="quantity > 0", name="shopping_list_line_quantity"),
        )
        indexes = (
            Index(fields=("shopping_list_id", "position", "id"), name="shopping_list_order"),
        )
