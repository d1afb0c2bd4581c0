"""Table of buyers' own article numbers."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from entrepot.platform.catalog.models import Offer, Product
from entrepot.platform.identity.models import Company, User
from entrepot.platform.ids import new_id


class BuyerAlias(Model):
    """A company's own number for a product, with the offer it last chose for it."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    company: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="buyer_aliases", on_delete=fields.CASCADE
    )
    number = fields.CharField(max_length=255, description="as the buyer writes it")
    number_key = fields.CharField(max_length=255, description="without separators, folded")
    product: fields.ForeignKeyRelation[Product] = fields.ForeignKeyField(
        "entrepot.Product", related_name="buyer_aliases", on_delete=fields.CASCADE
    )
    offer: fields.ForeignKeyNullableRelation[Offer] = fields.ForeignKeyField(
        "entrepot.Offer", related_name="buyer_aliases", null=True, on_delete=fields.SET_NULL
    )
    learned_by: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "entrepot.User", related_name="buyer_aliases", null=True, on_delete=fields.SET_NULL
    )
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "buyer_alias"
        constraints = (
            UniqueConstraint(fields=("company_id", "number_key"), name="buyer_alias_once"),
            CheckConstraint(check="number_key <> ''", name="buyer_alias_not_empty"),
        )
        indexes = (Index(fields=("product_id",), name="buyer_alias_product"),)
