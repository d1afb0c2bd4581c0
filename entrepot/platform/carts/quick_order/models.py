"""Tables of quick orders: the lines as they came and what became of each."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from entrepot.platform.identity.models import LegalEntity, User
from entrepot.platform.ids import new_id


class QuickOrder(Model):
    """A pasted, uploaded or chosen list, read and matched, that its maker has yet to confirm."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    legal_entity: fields.ForeignKeyRelation[LegalEntity] = fields.ForeignKeyField(
        "entrepot.LegalEntity", related_name="quick_orders", on_delete=fields.CASCADE
    )
    created_by: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "entrepot.User", related_name="quick_orders", on_delete=fields.CASCADE
    )
    source = fields.CharField(max_length=10, description="paste | file | list | reorder")
    file_name = fields.CharField(max_length=255, null=True)
    created_at = fields.DatetimeField(auto_now_add=True)
    confirmed_at = fields.DatetimeField(null=True)
    cart_id = fields.UUIDField(null=True, description="where the confirmed lines went")

    class Meta:
        table = "quick_order"
        constraints = (
            CheckConstraint(
                check="source IN ('paste','file','list','reorder')", name="quick_order_source"
            ),
        )
        indexes = (
            Index(fields=("legal_entity_id", "created_at", "id"), name="quick_order_of_entity"),
        )


class QuickOrderLine(Model):
    """A line as it came, how it was read, what it was matched with and what is proposed."""

    id = fields.BigIntField(primary_key=True)
    quick_order: fields.ForeignKeyRelation[QuickOrder] = fields.ForeignKeyField(
        "entrepot.QuickOrder", related_name="lines", on_delete=fields.CASCADE
    )
    line_number = fields.IntField(description="in the list, counted from 1")
    text = fields.CharField(max_length=1000, description="as it came")
    number = fields.CharField(max_length=255, default="", description="the article as written")
    quantity = fields.DecimalField(max_digits=18, decimal_places=3, null=True)
    unit = fields.CharField(max_length=10, null=True, description="UN/ECE Rec 20 code")
    outcome = fields.CharField(max_length=20)
    matched_by = fields.CharField(max_length=20, null=True)
    offer_id = fields.UUIDField(null=True, description="proposed")
    proposed_quantity = fields.DecimalField(
        max_digits=18, decimal_places=3, null=True, description="in the product's unit"
    )
    details: dict[str, Any] = fields.JSONField(default=dict, description="see rules")
    taken = fields.BooleanField(default=False, description="went into the cart")

    class Meta:
        table = "quick_order_line"
        constraints = (
            UniqueConstraint(
                fields=("quick_order_id", "line_number"), name="quick_order_line_once"
            ),
        )
