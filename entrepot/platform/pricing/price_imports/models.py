"""Tables of price list imports and of the lines they could not take."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from entrepot.platform.identity.models import Company, User
from entrepot.platform.ids import new_id
from entrepot.platform.pricing.models import PriceList


class PriceImport(Model):
    """One uploaded file of prices on its way into a fixed price list."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    seller: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="price_imports", on_delete=fields.CASCADE
    )
    price_list: fields.ForeignKeyRelation[PriceList] = fields.ForeignKeyField(
        "entrepot.PriceList", related_name="imports", on_delete=fields.CASCADE
    )
    created_by: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "entrepot.User", related_name="price_imports", null=True, on_delete=fields.SET_NULL
    )
    file_name = fields.CharField(max_length=255)
    blob_key = fields.CharField(max_length=100)
    mode = fields.CharField(max_length=10, default="merge", description="merge | replace")
    status = fields.CharField(max_length=20, description="as of a catalogue import")
    options: dict[str, Any] = fields.JSONField(default=dict, description="how to read, layout")
    lines_read = fields.IntField(default=0)
    counts: dict[str, int] = fields.JSONField(default=dict, description="lines by outcome")
    error: dict[str, Any] | None = fields.JSONField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "price_import"


class PriceImportLine(Model):
    """A line that was refused, with the reason."""

    id = fields.BigIntField(primary_key=True)
    price_import: fields.ForeignKeyRelation[PriceImport] = fields.ForeignKeyField(
        "entrepot.PriceImport", related_name="lines", on_delete=fields.CASCADE
    )
    line_number = fields.IntField()
    outcome = fields.CharField(max_length=20)
    values: dict[str, Any] = fields.JSONField(default=dict, description="cells and problem")

    class Meta:
        table = "price_import_line"
        constraints = (
            UniqueConstraint(
                fields=("price_import_id", "line_number"), name="price_import_line_once"
            ),
        )
