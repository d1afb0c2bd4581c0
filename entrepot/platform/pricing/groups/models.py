"""Tables of customer groups, their members, and the log of who moved and why."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from entrepot.platform.identity.models import Company, User
from entrepot.platform.ids import new_id


class CustomerGroup(Model):
    """A seller's group of buying companies; a rule group's members come of its conditions.

    A company is in a rule group while it meets every condition that is set, over the last
    `window_days` days of its dealings with this seller.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    seller: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="customer_groups", on_delete=fields.CASCADE
    )
    name = fields.CharField(max_length=200)
    kind = fields.CharField(max_length=10, default="manual", description="manual | rule")
    currency = fields.CharField(max_length=3, null=True, description="of min_turnover")
    min_turnover = fields.DecimalField(max_digits=18, decimal_places=4, null=True)
    min_orders = fields.IntField(null=True, description="orders in the window")
    min_paid_on_time = fields.DecimalField(
        max_digits=5, decimal_places=2, null=True, description="percent of orders due in the window"
    )
    min_years = fields.DecimalField(
        max_digits=5, decimal_places=2, null=True, description="years since the first order"
    )
    window_days = fields.IntField(default=365)
    created_at = fields.DatetimeField(auto_now_add=True)
    recomputed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "customer_group"
        constraints = (
            UniqueConstraint(fields=("seller_id", "name"), name="customer_group_name"),
            CheckConstraint(
                check="kind = 'manual' AND num_nonnulls(min_turnover, min_orders,"
                " min_paid_on_time, min_years) = 0"
                " OR kind = 'rule' AND num_nonnulls(min_turnover, min_orders,"
                " min_paid_on_time, min_years) > 0",
                name="customer_group_kind",
            ),
            CheckConstraint(
                check="(min_turnover IS NULL) = (currency IS NULL) AND window_days > 0",
                name="customer_group_rule",
            ),
        )


class CustomerGroupMember(Model):
    """A company in a group."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    group: fields.ForeignKeyRelation[CustomerGroup] = fields.ForeignKeyField(
        "entrepot.CustomerGroup", related_name="members", on_delete=fields.CASCADE
    )
    company: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="customer_groups_in", on_delete=fields.CASCADE
    )
    since = fields.DatetimeField()

    class Meta:
        table = "customer_group_member"
        constraints = (UniqueConstraint(fields=("group_id", "company_id"), name="member_once"),)
        indexes = (Index(fields=("company_id", "group_id"), name="member_company"),)


class CustomerGroupMove(Model):
    """A line of the log: who joined or left which group, when, by whom, and on which facts."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    group: fields.ForeignKeyRelation[CustomerGroup] = fields.ForeignKeyField(
        "entrepot.CustomerGroup", related_name="moves", on_delete=fields.CASCADE
    )
    company: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="customer_group_moves", on_delete=fields.CASCADE
    )
    joined = fields.BooleanField(description="false: left")
    moved_at = fields.DatetimeField()
    moved_by: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "entrepot.User", related_name="customer_group_moves", null=True, on_delete=fields.SET_NULL
    )
    facts: dict[str, Any] = fields.JSONField(default=dict, description="figures behind the rule")

    class Meta:
        table = "customer_group_move"
        indexes = (Index(fields=("group_id", "moved_at", "id"), name="move_log"),)
