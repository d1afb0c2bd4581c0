"""Table of searches that found nothing."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from entrepot.platform.identity.models import Company, User
from entrepot.platform.ids import new_id


class UnmetQuery(Model):
    """What a company looked for and did not find, counted; a row a question, company and week."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    key = fields.CharField(max_length=256, description="the question folded, to count it")
    text = fields.CharField(max_length=256, description="as it was last written")
    company: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="unmet_queries", on_delete=fields.CASCADE
    )
    week = fields.DateField(description="its Monday, UTC")
    searches = fields.IntField(default=1)
    first_at = fields.DatetimeField()
    last_at = fields.DatetimeField()

    class Meta:
        table = "unmet_query"
        constraints = (
            UniqueConstraint(fields=("key", "company_id", "week"), name="unmet_query_once"),
            CheckConstraint(check="key <> '' AND searches > 0", name="unmet_query_counted"),
        )
        indexes = (
            Index(fields=("company_id", "first_at"), name="unmet_query_company"),
            Index(fields=("last_at",), name="unmet_query_last"),
        )


class UnmetDismissal(Model):
    """What an operator said of a question: `done` until it is asked again, `spam` for good."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    key = fields.CharField(max_length=256, unique=True, description="as `UnmetQuery.key`")
    verdict = fields.CharField(max_length=10, description="done | spam")
    dismissed_by: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "entrepot.User",
        related_name="unmet_dismissals",
        null=True,
        on_delete=fields.SET_NULL,
    )
    dismissed_at = fields.DatetimeField()

    class Meta:
        table = "unmet_dismissal"
        constraints = (
            CheckConstraint(check="verdict IN ('done','spam')", name="unmet_dismissal_verdict"),
        )
