"""Table of mandates: who may order for a legal entity of another company."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from entrepot.platform.identity.models import Company, LegalEntity, User
from entrepot.platform.ids import new_id


class BuyingMandate(Model):
    """A buyer's leave for a company's sales representatives to order for a legal entity."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    legal_entity: fields.ForeignKeyRelation[LegalEntity] = fields.ForeignKeyField(
        "entrepot.LegalEntity", related_name="buying_mandates", on_delete=fields.CASCADE
    )
    company: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="buying_mandates_held", on_delete=fields.CASCADE
    )
    granted_by: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "entrepot.User", related_name="buying_mandates_granted", on_delete=fields.RESTRICT
    )
    granted_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "buying_mandate"
        constraints = (
            UniqueConstraint(
                fields=("legal_entity_id", "company_id"),
                name="buying_mandate_once",
                condition="revoked_at IS NULL",
            ),
        )
        indexes = (Index(fields=("company_id",), name="buying_mandate_company"),)
