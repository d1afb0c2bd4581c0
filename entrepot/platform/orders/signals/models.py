"""Tables of what past orders say about offers, sellers and buyers, for ranking."""

from __future__ import annotations

from decimal import Decimal

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from entrepot.platform.catalog.models import Offer, Product
from entrepot.platform.identity.models import Company
from entrepot.platform.ids import new_id


class OfferSignal(Model):
    """How sought-after an offer is; a row only for offers that anybody ordered lately."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    offer: fields.OneToOneRelation[Offer] = fields.OneToOneField(
        "entrepot.Offer", related_name="signal", on_delete=fields.CASCADE
    )
    popularity = fields.SmallIntField(description="0 (hardly anybody) to 100, in steps of 5")
    computed_at = fields.DatetimeField()

    class Meta:
        table = "offer_signal"
        constraints = (
            CheckConstraint(check="popularity BETWEEN 0 AND 100", name="offer_signal_popularity"),
        )


class SellerRating(Model):
    """How reliably a seller delivers what is ordered: 0 to 5."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    seller: fields.OneToOneRelation[Company] = fields.OneToOneField(
        "entrepot.Company", related_name="rating", on_delete=fields.CASCADE
    )
    rating = fields.DecimalField(max_digits=3, decimal_places=2, default=Decimal(0))
    companies = fields.IntField(description="buying companies that it comes of")
    computed_at = fields.DatetimeField()

    class Meta:
        table = "seller_rating"
        constraints = (CheckConstraint(check="rating BETWEEN 0 AND 5", name="seller_rating_range"),)


class CompanyPurchase(Model):
    """How often a company has ordered a product, and when last."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    company: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="purchases", on_delete=fields.CASCADE
    )
    product: fields.ForeignKeyRelation[Product] = fields.ForeignKeyField(
        "entrepot.Product", related_name="purchases", on_delete=fields.CASCADE
    )
    times = fields.IntField(description="seller orders with it")
    last_at = fields.DatetimeField()

    class Meta:
        table = "company_purchase"
        constraints = (
            UniqueConstraint(fields=("company_id", "product_id"), name="company_purchase_once"),
            CheckConstraint(check="times > 0", name="company_purchase_times"),
        )
