"""Tables of budgets, what was spent in each period, and by which orders."""

from __future__ import annotations

from decimal import Decimal

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from entrepot.platform.identity.models import LegalEntity
from entrepot.platform.ids import new_id


class Budget(Model):
    """An amount for each period, counted net of tax in one currency.

    Periods start on the anchor's day; in a month without that day, on its last.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    legal_entity: fields.ForeignKeyRelation[LegalEntity] = fields.ForeignKeyField(
        "entrepot.LegalEntity", related_name="budgets", on_delete=fields.CASCADE
    )
    name = fields.CharField(max_length=200)
    cost_center = fields.CharField(max_length=50, default="", description="empty: all lines")
    currency = fields.CharField(max_length=3)
    amount = fields.DecimalField(max_digits=18, decimal_places=4)
    period = fields.CharField(max_length=10, description="month | quarter | year")
    starts_on = fields.DateField(description="the anchor: the first day of the first period")
    mode = fields.CharField(max_length=10, description="block | warn | ask")
    active = fields.BooleanField(default=True)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "budget"
        constraints = (
            UniqueConstraint(fields=("legal_entity_id", "name"), name="budget_name"),
            CheckConstraint(
                check="amount >= 0 AND period IN ('month','quarter','year')"
                " AND mode IN ('block','warn','ask')",
                name="budget_ranges",
            ),
        )


class BudgetPeriod(Model):
    """What has been spent of a budget in one of its periods."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    budget: fields.ForeignKeyRelation[Budget] = fields.ForeignKeyField(
        "entrepot.Budget", related_name="periods", on_delete=fields.CASCADE
    )
    starts_on = fields.DateField()
    spent = fields.DecimalField(max_digits=18, decimal_places=4, default=Decimal(0))

    class Meta:
        table = "budget_period"
        constraints = (
            UniqueConstraint(fields=("budget_id", "starts_on"), name="budget_period_once"),
            CheckConstraint(check="spent >= 0", name="budget_period_spent"),
        )


class BudgetEntry(Model):
    """What a seller order took from a period of a budget; negative when it was given back."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    budget: fields.ForeignKeyRelation[Budget] = fields.ForeignKeyField(
        "entrepot.Budget", related_name="entries", on_delete=fields.CASCADE
    )
    period_starts_on = fields.DateField()
    seller_order_id = fields.UUIDField()
    amount = fields.DecimalField(max_digits=18, decimal_places=4)
    entered_at = fields.DatetimeField()

    class Meta:
        table = "budget_entry"
        constraints = (CheckConstraint(check="amount <> 0", name="budget_entry_not_zero"),)
        indexes = (
            Index(fields=("budget_id", "period_starts_on", "id"), name="budget_entry_list"),
            Index(fields=("seller_order_id",), name="budget_entry_order"),
        )
