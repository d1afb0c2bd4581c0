"""Tables of uploads, invoices and pro formas."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from entrepot.platform.identity.models import Company, LegalEntity, User
from entrepot.platform.ids import new_id
from entrepot.platform.orders.models import SellerOrder


class Upload(Model):
    """A file a user announced (`createUpload`) and then sent."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    token_hash = fields.CharField(max_length=64, unique=True, description="SHA-256, hex")
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "entrepot.User", related_name="uploads", on_delete=fields.CASCADE
    )
    company: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="uploads", on_delete=fields.CASCADE
    )
    file_name = fields.CharField(max_length=255)
    media_type = fields.CharField(max_length=100, default="application/octet-stream")
    size = fields.BigIntField(null=True, description="bytes received; empty until complete")
    blob_key = fields.CharField(max_length=100, null=True)
    created_at = fields.DatetimeField(auto_now_add=True)
    expires_at = fields.DatetimeField()

    class Meta:
        table = "upload"


class Invoice(Model):
    """The seller's invoice for a seller order: its number, content and printed form."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    seller_order: fields.OneToOneRelation[SellerOrder] = fields.OneToOneField(
        "entrepot.SellerOrder", related_name="invoice", on_delete=fields.RESTRICT
    )
    legal_entity: fields.ForeignKeyRelation[LegalEntity] = fields.ForeignKeyField(
        "entrepot.LegalEntity", related_name="invoices", on_delete=fields.RESTRICT
    )
    number = fields.CharField(max_length=30)
    issued_at = fields.DatetimeField()
    content: dict[str, Any] = fields.JSONField()
    blob_key_en = fields.CharField(max_length=100, null=True)
    blob_key_ru = fields.CharField(max_length=100, null=True)

    class Meta:
        table = "invoice"
        constraints = (
            UniqueConstraint(fields=("legal_entity_id", "number"), name="invoice_number"),
        )


class ProForma(Model):
    """What a buyer who pays in advance is asked to pay for a seller order, before any invoice."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    seller_order: fields.OneToOneRelation[SellerOrder] = fields.OneToOneField(
        "entrepot.SellerOrder", related_name="pro_forma", on_delete=fields.RESTRICT
    )
    issued_at = fields.DatetimeField()
    content: dict[str, Any] = fields.JSONField()
    blob_key_en = fields.CharField(max_length=100, null=True)
    blob_key_ru = fields.CharField(max_length=100, null=True)

    class Meta:
        table = "pro_forma"
