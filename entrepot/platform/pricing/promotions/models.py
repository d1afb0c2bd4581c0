"""Tables of promotions, whom and what they are for, and their uses."""

from __future__ import annotations

from decimal import Decimal

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from entrepot.platform.catalog.models import Category, Offer
from entrepot.platform.identity.models import Company
from entrepot.platform.ids import new_id
from entrepot.platform.pricing.groups.models import CustomerGroup


class Promotion(Model):
    """A discount on a seller's offers (on every seller's where the operator names none).

    `percent` and `amount` take that off each unit; `buy_n_get_m` makes `free_quantity` of every
    `buy_quantity + free_quantity` free; `bundle` takes `percent` or `amount` off each full set of
    its items; `free_shipping` drops the delivery charge.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    owner: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="promotions", on_delete=fields.CASCADE
    )
    seller: fields.ForeignKeyNullableRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company",
        related_name="promotions_on_offers",
        null=True,
        on_delete=fields.CASCADE,
        description="whose offers; empty: every seller's",
    )
    name_en = fields.CharField(max_length=200)
    name_ru = fields.CharField(max_length=200)
    kind = fields.CharField(max_length=20)
    percent = fields.DecimalField(max_digits=7, decimal_places=4, null=True)
    amount = fields.DecimalField(max_digits=18, decimal_places=4, null=True)
    currency = fields.CharField(max_length=3, null=True, description="of amount, min_order_value")
    buy_quantity = fields.DecimalField(max_digits=18, decimal_places=3, null=True)
    free_quantity = fields.DecimalField(max_digits=18, decimal_places=3, null=True)
    category: fields.ForeignKeyNullableRelation[Category] = fields.ForeignKeyField(
        "entrepot.Category",
        related_name="promotions",
        null=True,
        on_delete=fields.CASCADE,
        description="and all below it",
    )
    regions = ArrayField("TEXT", default=list, description="countries of buyers; empty: all")
    first_order_only = fields.BooleanField(default=False)
    min_quantity = fields.DecimalField(max_digits=18, decimal_places=3, null=True)
    min_order_value = fields.DecimalField(max_digits=18, decimal_places=4, null=True)
    exclusive = fields.BooleanField(default=False, description="combines with no other")
    priority = fields.IntField(default=0, description="the higher is tried first")
    below_cost_allowed = fields.BooleanField(default=False)
    max_uses = fields.IntField(null=True, description="orders; empty: any number")
    max_uses_per_company = fields.IntField(null=True)
    used_count = fields.IntField(default=0)
    starts_at = fields.DatetimeField(null=True)
    ends_at = fields.DatetimeField(null=True, description="exclusive")
    active = fields.BooleanField(default=True)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "promotion"
        constraints = (
            CheckConstraint(
                check="kind IN ('percent','amount','buy_n_get_m','bundle','free_shipping')",
                name="promotion_kind",
            ),
            CheckConstraint(check="percent > 0 AND percent <= 100", name="promotion_percent"),
            CheckConstraint(check="amount > 0", name="promotion_amount"),
            CheckConstraint(
                check="buy_quantity > 0 AND free_quantity > 0", name="promotion_buy_and_get"
            ),
            CheckConstraint(check="starts_at < ends_at", name="promotion_schedule"),
            CheckConstraint(
                check="used_count >= 0 AND (max_uses IS NULL OR used_count <= max_uses)",
                name="promotion_not_overused",
            ),
        )
        indexes = (
            Index(fields=("seller_id",), name="promotion_seller"),
            Index(fields=("owner_id", "created_at", "id"), name="promotion_owner"),
        )


class PromotionItem(Model):
    """An offer a promotion is for; in a bundle with the quantity of one set. None: all offers.

    Neither offers nor targets may vanish from below it: it would be for everything, or everyone.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    promotion: fields.ForeignKeyRelation[Promotion] = fields.ForeignKeyField(
        "entrepot.Promotion", related_name="items", on_delete=fields.CASCADE
    )
    offer: fields.ForeignKeyRelation[Offer] = fields.ForeignKeyField(
        "entrepot.Offer", related_name="promotion_items", on_delete=fields.RESTRICT
    )
    quantity = fields.DecimalField(max_digits=18, decimal_places=3, default=Decimal(1))

    class Meta:
        table = "promotion_item"
        constraints = (
            UniqueConstraint(fields=("promotion_id", "offer_id"), name="promotion_item_once"),
            CheckConstraint(check="quantity > 0", name="promotion_item_quantity"),
        )
        indexes = (Index(fields=("offer_id",), name="promotion_item_offer"),)


class PromotionTarget(Model):
    """A company or customer group a promotion is for; none: everyone."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    promotion: fields.ForeignKeyRelation[Promotion] = fields.ForeignKeyField(
        "entrepot.Promotion", related_name="targets", on_delete=fields.CASCADE
    )
    company: fields.ForeignKeyNullableRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="promotion_targets", null=True, on_delete=fields.RESTRICT
    )
    group: fields.ForeignKeyNullableRelation[CustomerGroup] = fields.ForeignKeyField(
        "entrepot.CustomerGroup",
        related_name="promotion_targets",
        null=True,
        on_delete=fields.RESTRICT,
    )

    class Meta:
        table = "promotion_target"
        constraints = (
            CheckConstraint(
                check="(company_id IS NULL) <> (group_id IS NULL)", name="promotion_target_kind"
            ),
            UniqueConstraint(
                fields=("promotion_id", "company_id"), name="promotion_target_company_once"
            ),
            UniqueConstraint(
                fields=("promotion_id", "group_id"), name="promotion_target_group_once"
            ),
        )
        indexes = (Index(fields=("promotion_id",), name="promotion_target_promotion"),)


class PromotionCompanyUse(Model):
    """How often a company used a promotion: the counter behind the limits for one company."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    promotion: fields.ForeignKeyRelation[Promotion] = fields.ForeignKeyField(
        "entrepot.Promotion", related_name="company_uses", on_delete=fields.CASCADE
    )
    company: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="promotion_counters", on_delete=fields.CASCADE
    )
    used_count = fields.IntField(default=0)

    class Meta:
        table = "promotion_company_use"
        constraints = (
            UniqueConstraint(fields=("promotion_id", "company_id"), name="promotion_company_once"),
            CheckConstraint(check="used_count >= 0", name="promotion_company_count"),
        )


class PromotionUse(Model):
    """A promotion in a seller order and what it took off; a cancelled order gives it back."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    promotion: fields.ForeignKeyRelation[Promotion] = fields.ForeignKeyField(
        "entrepot.Promotion", related_name="uses", on_delete=fields.RESTRICT
    )
    company: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="promotion_uses", on_delete=fields.RESTRICT
    )
    order_id = fields.UUIDField()
    seller_order_id = fields.UUIDField()
    amount = fields.DecimalField(max_digits=18, decimal_places=4)
    currency = fields.CharField(max_length=3)
    used_at = fields.DatetimeField()
    returned_at = fields.DatetimeField(null=True)

    class Meta:
        table = "promotion_use"
        constraints = (
            UniqueConstraint(fields=("promotion_id", "seller_order_id"), name="promotion_use_once"),
        )
        indexes = (Index(fields=("seller_order_id",), name="promotion_use_order"),)
