"""Tables of approval rules and steps, absences, approvals, their decisions and links."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from entrepot.platform.catalog.models import Category
from entrepot.platform.identity.models import Company, LegalEntity, User
from entrepot.platform.ids import new_id


class ApprovalRule(Model):
    """When a cart needs agreement: if every condition that is set holds, its steps are asked."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    company: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="approval_rules", on_delete=fields.CASCADE
    )
    legal_entity: fields.ForeignKeyNullableRelation[LegalEntity] = fields.ForeignKeyField(
        "entrepot.LegalEntity",
        related_name="approval_rules",
        null=True,
        on_delete=fields.CASCADE,
        description="empty: every one of the company",
    )
    name = fields.CharField(max_length=200)
    above_amount = fields.DecimalField(
        max_digits=18, decimal_places=4, null=True, description="net; another currency is above it"
    )
    currency = fields.CharField(max_length=3, null=True)
    category: fields.ForeignKeyNullableRelation[Category] = fields.ForeignKeyField(
        "entrepot.Category",
        related_name="approval_rules",
        null=True,
        on_delete=fields.CASCADE,
        description="a line in it or below",
    )
    cost_center = fields.CharField(max_length=50, null=True)
    requester: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "entrepot.User", related_name="approval_rules", null=True, on_delete=fields.CASCADE
    )
    new_seller = fields.BooleanField(default=False, description="never bought from before")
    over_budget = fields.BooleanField(default=False, description="a budget that asks is exceeded")
    expires_after_hours = fields.IntField(default=72)
    active = fields.BooleanField(default=True)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "approval_rule"
        constraints = (
            UniqueConstraint(fields=("company_id", "name"), name="approval_rule_name"),
            CheckConstraint(
                check="(above_amount IS NULL) = (currency IS NULL) AND above_amount >= 0"
                " AND expires_after_hours > 0",
                name="approval_rule_ranges",
            ),
        )


class ApprovalRuleStep(Model):
    """A step of a rule: any one of its approvers decides; steps are asked one after another."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    rule: fields.ForeignKeyRelation[ApprovalRule] = fields.ForeignKeyField(
        "entrepot.ApprovalRule", related_name="steps", on_delete=fields.CASCADE
    )
    step = fields.IntField(description="from 1")
    approver_ids = ArrayField("UUID", default=list)

    class Meta:
        table = "approval_rule_step"
        constraints = (
            UniqueConstraint(fields=("rule_id", "step"), name="approval_rule_step_once"),
            CheckConstraint(
                check="step > 0 AND cardinality(approver_ids) > 0", name="approval_rule_step_range"
            ),
        )


class ApproverAbsence(Model):
    """While an approver is away, the alternate is asked instead."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    company: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="approver_absences", on_delete=fields.CASCADE
    )
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "entrepot.User", related_name="approver_absences", on_delete=fields.CASCADE
    )
    alternate: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "entrepot.User", related_name="stands_in", on_delete=fields.CASCADE
    )
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField(description="exclusive")

    class Meta:
        table = "approver_absence"
        constraints = (
            CheckConstraint(
                check="starts_at < ends_at AND user_id <> alternate_id",
                name="approver_absence_range",
            ),
        )
        indexes = (Index(fields=("company_id", "user_id"), name="approver_absence_user"),)


class Approval(Model):
    """A cart handed in for agreement, with what it held and cost at that moment."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    cart_id = fields.UUIDField()
    legal_entity: fields.ForeignKeyRelation[LegalEntity] = fields.ForeignKeyField(
        "entrepot.LegalEntity", related_name="approvals", on_delete=fields.CASCADE
    )
    requested_by: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "entrepot.User", related_name="approvals_requested", on_delete=fields.CASCADE
    )
    note = fields.CharField(max_length=1000, default="")
    status = fields.CharField(max_length=10, default="pending", description="see rules.STATUSES")
    reasons: list[Any] = fields.JSONField(default=list, description="why it is needed")
    steps: list[Any] = fields.JSONField(default=list, description="approver ids, step by step")
    current_step = fields.IntField(default=1)
    snapshot: dict[str, Any] = fields.JSONField(default=dict, description="lines and totals")
    requested_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)

    class Meta:
        table = "approval"
        constraints = (
            UniqueConstraint(
                fields=("cart_id",),
                name="approval_one_live",
                condition="status IN ('pending','approved')",
            ),
            CheckConstraint(
                check="status IN ('pending','approved','refused','expired','withdrawn','ordered')",
                name="approval_status",
            ),
        )
        indexes = (
            Index(fields=("legal_entity_id", "requested_at", "id"), name="approval_of_entity"),
            Index(fields=("status", "expires_at"), name="approval_expiry"),
        )


class ApprovalDecision(Model):
    """What somebody decided on a step, for whom and by which way."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    approval: fields.ForeignKeyRelation[Approval] = fields.ForeignKeyField(
        "entrepot.Approval", related_name="decisions", on_delete=fields.CASCADE
    )
    step = fields.IntField()
    decided_by: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "entrepot.User", related_name="approval_decisions", on_delete=fields.RESTRICT
    )
    stands_in_for_id = fields.UUIDField(null=True, description="the approver who is away or left")
    approved = fields.BooleanField()
    reason = fields.CharField(max_length=1000, default="")
    by_link = fields.BooleanField(default=False)
    changes: list[Any] = fields.JSONField(default=list, description="quantities before and after")
    decided_at = fields.DatetimeField()

    class Meta:
        table = "approval_decision"
        constraints = (
            UniqueConstraint(fields=("approval_id", "step"), name="approval_decision_once"),
        )


class ApprovalLink(Model):
    """A one-time link in an approver's e-mail."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    token_hash = fields.CharField(max_length=64, unique=True, description="SHA-256, hex")
    approval: fields.ForeignKeyRelation[Approval] = fields.ForeignKeyField(
        "entrepot.Approval", related_name="links", on_delete=fields.CASCADE
    )
    step = fields.IntField()
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "entrepot.User", related_name="approval_links", on_delete=fields.CASCADE
    )
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "approval_link"
        indexes = (Index(fields=("approval_id",), name="approval_link_approval"),)
