"""Tables of assortments, what is in them and who sees them."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from entrepot.platform.catalog.models import Offer
from entrepot.platform.identity.models import Company
from entrepot.platform.ids import new_id
from entrepot.platform.pricing.groups.models import CustomerGroup


class Assortment(Model):
    """Offers a seller shows together: to all, or to the companies and groups it names.

    An offer in no assortment is shown to all; one in several is shown to whoever sees any of them.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    seller: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="assortments", on_delete=fields.CASCADE
    )
    name = fields.CharField(max_length=200)
    shown_to_all = fields.BooleanField(default=False)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "assortment"
        constraints = (UniqueConstraint(fields=("seller_id", "name"), name="assortment_name"),)


class AssortmentOffer(Model):
    """An offer in an assortment."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    assortment: fields.ForeignKeyRelation[Assortment] = fields.ForeignKeyField(
        "entrepot.Assortment", related_name="offers", on_delete=fields.CASCADE
    )
    offer: fields.ForeignKeyRelation[Offer] = fields.ForeignKeyField(
        "entrepot.Offer", related_name="assortments", on_delete=fields.CASCADE
    )

    class Meta:
        table = "assortment_offer"
        constraints = (
            UniqueConstraint(fields=("offer_id", "assortment_id"), name="assortment_offer_once"),
        )
        indexes = (Index(fields=("assortment_id", "offer_id"), name="assortment_offer_list"),)


class AssortmentAudience(Model):
    """A company or a customer group that sees an assortment."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    assortment: fields.ForeignKeyRelation[Assortment] = fields.ForeignKeyField(
        "entrepot.Assortment", related_name="audience", on_delete=fields.CASCADE
    )
    company: fields.ForeignKeyNullableRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="assortments_seen", null=True, on_delete=fields.CASCADE
    )
    group: fields.ForeignKeyNullableRelation[CustomerGroup] = fields.ForeignKeyField(
        "entrepot.CustomerGroup", related_name="assortments", null=True, on_delete=fields.CASCADE
    )

    class Meta:
        table = "assortment_audience"
        constraints = (
            CheckConstraint(
                check="(company_id IS NULL) <> (group_id IS NULL)", name="audience_one_kind"
            ),
            UniqueConstraint(
                fields=("assortment_id", "company_id"),
                name="audience_company_once",
                condition="company_id IS NOT NULL",
            ),
            UniqueConstraint(
                fields=("assortment_id", "group_id"),
                name="audience_group_once",
                condition="group_id IS NOT NULL",
            ),
        )
        indexes = (
            Index(fields=("company_id",), name="audience_company"),
            Index(fields=("group_id",), name="audience_group"),
        )
