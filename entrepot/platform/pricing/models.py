"""Tables of price lists, their tiers, to whom they are given, and of a seller's terms."""

from __future__ import annotations

from decimal import Decimal

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields.db_defaults import SqlDefault
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from entrepot.platform.catalog.models import Offer
from entrepot.platform.identity.models import Company, LegalEntity
from entrepot.platform.ids import new_id
from entrepot.platform.pricing.groups.models import CustomerGroup


class PriceList(Model):
    """A seller's prices for those it is assigned to: fixed tiers, or a rule on another list.

    A rule list takes every price of its base list (of the offers' list prices where it has none),
    changes it by `percent` or `amount` and rounds it. Chains end at a fixed list or at the list
    prices; `pricing.rules` says how.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    seller: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="price_lists", on_delete=fields.CASCADE
    )
    name = fields.CharField(max_length=200)
    currency = fields.CharField(max_length=3)
    kind = fields.CharField(
        max_length=10, default="fixed", db_default="fixed", description="fixed | rule"
    )
    base_list: fields.ForeignKeyNullableRelation[PriceList] = fields.ForeignKeyField(
        "entrepot.PriceList", related_name="derived", null=True, on_delete=fields.RESTRICT
    )
    percent = fields.DecimalField(
        max_digits=9, decimal_places=4, null=True, description="added, in percent; negative: off"
    )
    amount = fields.DecimalField(
        max_digits=18, decimal_places=4, null=True, description="added to each unit price"
    )
    rounding = fields.CharField(
        max_length=20,
        default="none",
        db_default="none",
        description="none | to_99 | to_05 | to_whole",
    )
    priority = fields.IntField(default=0, description="the higher wins")
    regions = ArrayField(
        "TEXT",
        default=list,
        db_default=SqlDefault("'{}'"),
        description="countries of the buyer's legal entity; empty: all",
    )
    min_order_value = fields.DecimalField(
        max_digits=18, decimal_places=4, null=True, description="of the seller's part of the order"
    )
    valid_from = fields.DatetimeField(null=True)
    valid_until = fields.DatetimeField(null=True, description="exclusive")
    active = fields.BooleanField(default=True)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "price_list"
        constraints = (
            UniqueConstraint(fields=("seller_id", "name"), name="price_list_name"),
            CheckConstraint(check="valid_from < valid_until", name="price_list_validity"),
            CheckConstraint(
                check="kind = 'fixed' AND base_list_id IS NULL AND percent IS NULL"
                " AND amount IS NULL AND rounding = 'none'"
                " OR kind = 'rule' AND (percent IS NULL) <> (amount IS NULL)",
                name="price_list_kind",
            ),
            CheckConstraint(
                check="rounding IN ('none','to_99','to_05','to_whole')", name="price_list_rounding"
            ),
            CheckConstraint(check="base_list_id <> id", name="price_list_base_is_another"),
            CheckConstraint(check="percent > -100", name="price_list_percent"),
            CheckConstraint(check="min_order_value > 0", name="price_list_min_order_value"),
        )
        indexes = (Index(fields=("base_list_id",), name="price_list_derived"),)


class PriceListAssignment(Model):
    """Gives a price list to a buying company, to one of its legal entities, or to a group."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    price_list: fields.ForeignKeyRelation[PriceList] = fields.ForeignKeyField(
        "entrepot.PriceList", related_name="assignments", on_delete=fields.CASCADE
    )
    company: fields.ForeignKeyNullableRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company",
        related_name="price_list_assignments",
        null=True,
        on_delete=fields.CASCADE,
    )
    legal_entity: fields.ForeignKeyNullableRelation[LegalEntity] = fields.ForeignKeyField(
        "entrepot.LegalEntity",
        related_name="price_list_assignments",
        null=True,
        on_delete=fields.CASCADE,
    )
    group: fields.ForeignKeyNullableRelation[CustomerGroup] = fields.ForeignKeyField(
        "entrepot.CustomerGroup",
        related_name="price_list_assignments",
        null=True,
        on_delete=fields.CASCADE,
    )

    class Meta:
        table = "price_list_assignment"
        constraints = (
            UniqueConstraint(fields=("price_list_id", "company_id"), name="assignment_once"),
            UniqueConstraint(
                fields=("price_list_id", "legal_entity_id"), name="assignment_entity_once"
            ),
            UniqueConstraint(fields=("price_list_id", "group_id"), name="assignment_group_once"),
            CheckConstraint(
                check="num_nonnulls(company_id, legal_entity_id, group_id) = 1",
                name="assignment_one_kind",
            ),
        )
        indexes = (
            Index(fields=("company_id",), name="assignment_company"),
            Index(fields=("legal_entity_id",), name="assignment_entity"),
            Index(fields=("group_id",), name="assignment_group"),
        )


class SellerTerms(Model):
    """What a seller asks of an order in one currency beside the prices."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    seller: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="terms", on_delete=fields.CASCADE
    )
    currency = fields.CharField(max_length=3)
    min_order_value = fields.DecimalField(
        max_digits=18, decimal_places=4, default=Decimal(0), description="net, without delivery"
    )
    delivery_charge = fields.DecimalField(
        max_digits=18, decimal_places=4, default=Decimal(0), description="net, for each order"
    )
    free_delivery_from = fields.DecimalField(
        max_digits=18, decimal_places=4, null=True, description="net value of the goods"
    )
    delivery_tax_rate = fields.DecimalField(max_digits=5, decimal_places=2, default=Decimal(20))
    payment_days = fields.IntField(default=14, description="from the order to the due date")

    class Meta:
        table = "seller_terms"
        constraints = (
            UniqueConstraint(fields=("seller_id", "currency"), name="seller_terms_once"),
            CheckConstraint(
                check="min_order_value >= 0 AND delivery_charge >= 0"
                " AND (free_delivery_from IS NULL OR free_delivery_from > 0)"
                " AND delivery_tax_rate >= 0 AND delivery_tax_rate < 100 AND payment_days >= 0",
                name="seller_terms_ranges",
            ),
        )


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
