"""Table of searches that found nothing."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from entrepot.platform.identity.models import Company
from entrepot.platform.ids import new_id


class UnmetQuery(Model):
    """What a company looked for and did not find, counted; one row a question and company."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    key = fields.CharField(max_length=256, description="the question folded, to count it")
    text = fields.CharField(max_length=256, description="as it was last written")
    company: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="unmet_queries", on_delete=fields.CASCADE
    )
    searches = fields.IntField(default=1)
    first_at = fields.DatetimeField()
    last_at = fields.DatetimeField()

    class Meta:
        table = "unmet_query"
        constraints = (
            UniqueConstraint(fields=("key", "company_id"), name="unmet_query_once"),
            CheckConstraint(check="key <> '' AND searches > 0", name="unmet_query_counted"),
        )
        indexes = (
            Index(fields=("company_id", "last_at"), name="unmet_query_company"),
            Index(fields=("last_at",), name="unmet_query_last"),
        )
