"""Tables of price lists, their tiers and to whom they are given."""

from __future__ import annotations

from decimal import Decimal

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from entrepot.platform.catalog.models import Offer
from entrepot.platform.identity.models import Company
from entrepot.platform.ids import new_id


class PriceList(Model):
    """A seller's prices for the companies it is assigned to."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    seller: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="price_lists", on_delete=fields.CASCADE
    )
    name = fields.CharField(max_length=200)
    currency = fields.CharField(max_length=3)
    priority = fields.IntField(default=0, description="the higher wins")
    valid_from = fields.DatetimeField(null=True)
    valid_until = fields.DatetimeField(null=True, description="exclusive")
    active = fields.BooleanField(default=True)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "price_list"
        constraints = (
            UniqueConstraint(fields=("seller_id", "name"), name="price_list_name"),
            CheckConstraint(check="valid_from < valid_until", name="price_list_validity"),
        )


class PriceListAssignment(Model):
    """Gives a price list to a buying company."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    price_list: fields.ForeignKeyRelation[PriceList] = fields.ForeignKeyField(
        "entrepot.PriceList", related_name="assignments", on_delete=fields.CASCADE
    )
    company: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="price_list_assignments", on_delete=fields.CASCADE
    )

    class Meta:
        table = "price_list_assignment"
        constraints = (
            UniqueConstraint(fields=("price_list_id", "company_id"), name="assignment_once"),
        )
        indexes = (Index(fields=("company_id",), name="assignment_company"),)


class PriceTier(Model):
    """The unit price of an offer in a list from a quantity on."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    price_list: fields.ForeignKeyRelation[PriceList] = fields.ForeignKeyField(
        "entrepot.PriceList", related_name="tiers", on_delete=fields.CASCADE
    )
    offer: fields.ForeignKeyRelation[Offer] = fields.ForeignKeyField(
        "entrepot.Offer", related_name="tiers", on_delete=fields.CASCADE
    )
    min_quantity = fields.DecimalField(max_digits=18, decimal_places=3, default=Decimal(1))
    unit_price = fields.DecimalField(max_digits=18, decimal_places=4)

    class Meta:
        table = "price_tier"
        constraints = (
            UniqueConstraint(
                fields=("offer_id", "price_list_id", "min_quantity"), name="price_tier_once"
            ),
            CheckConstraint(check="min_quantity > 0", name="price_tier_quantity"),
            CheckConstraint(check="unit_price >= 0", name="price_tier_price"),
        )
        indexes = (
            Index(fields=("price_list_id", "offer_id", "min_quantity"), name="price_tier_list"),
        )
