"""Table of the e-mails handed over, so that none is sent twice."""

from __future__ import annotations

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from entrepot.platform.ids import new_id


class EmailMessage(Model):
    """One e-mail: written down before it is sent, marked when the relay took it."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    delivery_id = fields.BigIntField(description="the outbox delivery that caused it")
    recipient = fields.CharField(max_length=254)
    template = fields.CharField(max_length=50)
    subject = fields.CharField(max_length=300)
    created_at = fields.DatetimeField(auto_now_add=True)
    sent_at = fields.DatetimeField(null=True)

    class Meta:
        table = "email_message"
        constraints = (
            UniqueConstraint(fields=("delivery_id", "recipient"), name="email_message_once"),
        )
