"""Tables of standing orders, their lines, the dates that differ, and their runs."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from entrepot.platform.catalog.models import Offer
from entrepot.platform.identity.models import DeliveryAddress, LegalEntity, User
from entrepot.platform.ids import new_id


class StandingOrder(Model):
    """What is ordered on which dates, within which envelope of price and quantity."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    legal_entity: fields.ForeignKeyRelation[LegalEntity] = fields.ForeignKeyField(
        "entrepot.LegalEntity", related_name="standing_orders", on_delete=fields.CASCADE
    )
    created_by: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "entrepot.User", related_name="standing_orders", on_delete=fields.CASCADE
    )
    name = fields.CharField(max_length=200)
    frequency = fields.CharField(
        max_length=20, description="weekly | monthly_by_date | monthly_by_weekday"
    )
    interval = fields.IntField(default=1, description="every so many weeks or months")
    weekdays = ArrayField("INT", default=list, description="1 Monday … 7 Sunday")
    day_of_month = fields.IntField(null=True, description="1–31; a short month's last day")
    week_of_month = fields.IntField(null=True, description="1–5, or -1: the last")
    starts_on = fields.DateField()
    ends_on = fields.DateField(null=True, description="inclusive")
    holiday_country = fields.CharField(max_length=2, null=True)
    on_holiday = fields.CharField(max_length=10, default="after", description="before|after|skip")
    po_number = fields.CharField(max_length=50, null=True)
    cost_center = fields.CharField(max_length=50, default="")
    delivery_address: fields.ForeignKeyNullableRelation[DeliveryAddress] = fields.ForeignKeyField(
        "entrepot.DeliveryAddress",
        related_name="standing_orders",
        null=True,
        on_delete=fields.RESTRICT,
    )
    max_total = fields.DecimalField(
        max_digits=18, decimal_places=4, null=True, description="net, of one run, in `currency`"
    )
    currency = fields.CharField(max_length=3)
    approved_by_id = fields.UUIDField(null=True, description="who agreed to the envelope")
    approved_at = fields.DatetimeField(null=True)
    status = fields.CharField(max_length=10, default="active", description="active|paused|ended")
    next_due_on = fields.DateField(null=True, description="the next run; empty: none to come")
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "standing_order"
        constraints = (
            CheckConstraint(
                check="frequency = 'weekly' AND cardinality(weekdays) > 0"
                " OR frequency = 'monthly_by_date' AND day_of_month BETWEEN 1 AND 31"
                " OR frequency = 'monthly_by_weekday' AND cardinality(weekdays) = 1"
                " AND (week_of_month BETWEEN 1 AND 5 OR week_of_month = -1)",
                name="standing_order_calendar",
            ),
            CheckConstraint(
                check="interval > 0 AND (ends_on IS NULL OR ends_on >= starts_on)"
                " AND on_holiday IN ('before','after','skip')"
                " AND status IN ('active','paused','ended') AND max_total > 0",
                name="standing_order_ranges",
            ),
        )
        indexes = (
            Index(fields=("status", "next_due_on"), name="standing_order_due"),
            Index(fields=("legal_entity_id", "created_at", "id"), name="standing_order_of_entity"),
        )


class StandingOrderLine(Model):
    """An offer with its quantity and the highest price that was agreed beforehand."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    standing_order: fields.ForeignKeyRelation[StandingOrder] = fields.ForeignKeyField(
        "entrepot.StandingOrder", related_name="lines", on_delete=fields.CASCADE
    )
    offer: fields.ForeignKeyRelation[Offer] = fields.ForeignKeyField(
        "entrepot.Offer", related_name="standing_order_lines", on_delete=fields.CASCADE
    )
    quantity = fields.DecimalField(max_digits=18, decimal_places=3)
    max_quantity = fields.DecimalField(
        max_digits=18, decimal_places=3, null=True, description="a changed run may ask for"
    )
    max_unit_price = fields.DecimalField(max_digits=18, decimal_places=4, null=True)

    class Meta:
        table = "standing_order_line"
        constraints = (
            UniqueConstraint(
                fields=("standing_order_id", "offer_id"), name="standing_order_line_once"
            ),
            CheckConstraint(
                check="quantity > 0 AND (max_quantity IS NULL OR max_quantity >= quantity)",
                name="standing_order_line_quantity",
            ),
        )


class StandingOrderException(Model):
    """A date that is skipped, or ordered with other quantities (offer id → quantity)."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    standing_order: fields.ForeignKeyRelation[StandingOrder] = fields.ForeignKeyField(
        "entrepot.StandingOrder", related_name="exceptions", on_delete=fields.CASCADE
    )
    due_on = fields.DateField()
    skipped = fields.BooleanField(default=False)
    quantities: dict[str, Any] = fields.JSONField(default=dict)

    class Meta:
        table = "standing_order_exception"
        constraints = (
            UniqueConstraint(
                fields=("standing_order_id", "due_on"), name="standing_order_exception_once"
            ),
        )


class StandingOrderRun(Model):
    """What became of a date: one row, whoever ran it."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    standing_order: fields.ForeignKeyRelation[StandingOrder] = fields.ForeignKeyField(
        "entrepot.StandingOrder", related_name="runs", on_delete=fields.CASCADE
    )
    due_on = fields.DateField()
    outcome = fields.CharField(max_length=20, description="placed|skipped|refused|held")
    order_id = fields.UUIDField(null=True)
    cart_id = fields.UUIDField(null=True, description="held: the cart that waits for a person")
    reason: dict[str, Any] = fields.JSONField(default=dict, description="an error's code and texts")
    ran_at = fields.DatetimeField()

    class Meta:
        table = "standing_order_run"
        constraints = (
            UniqueConstraint(
                fields=("standing_order_id", "due_on"), name="standing_order_run_once"
            ),
        )
