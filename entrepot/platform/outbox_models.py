"""Tables of the outbox and of idempotency keys."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from entrepot.platform.ids import new_id


class OutboxEvent(Model):
    """Something that happened, written in the transaction in which it happened."""

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(max_length=60, description="the event's class name")
    version = fields.SmallIntField(default=1)
    payload: dict[str, Any] = fields.JSONField()
    request_id = fields.CharField(max_length=64, null=True)
    recorded_at = fields.DatetimeField(auto_now_add=True)
    relayed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "outbox_event"


class OutboxDelivery(Model):
    """One event on its way to one consumer; attempts are counted before the work."""

    id = fields.BigIntField(primary_key=True)
    event: fields.ForeignKeyRelation[OutboxEvent] = fields.ForeignKeyField(
        "entrepot.OutboxEvent", related_name="deliveries", on_delete=fields.CASCADE
    )
    consumer = fields.CharField(max_length=60)
    attempts = fields.SmallIntField(default=0)
    last_error = fields.TextField(null=True)
    due_at = fields.DatetimeField(null=True, description="not before; set by a failed attempt")
    enqueued_at = fields.DatetimeField(null=True)
    started_at = fields.DatetimeField(null=True)
    done_at = fields.DatetimeField(null=True)
    dead_at = fields.DatetimeField(null=True)

    class Meta:
        table = "outbox_delivery"
        constraints = (UniqueConstraint(fields=("event_id", "consumer"), name="delivery_once"),)
        indexes = (Index(fields=("consumer", "id"), name="delivery_consumer"),)


class JobRun(Model):
    """A scheduled job at one of its times; the row is what makes it happen once."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=60)
    due_at = fields.DatetimeField()
    recorded_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "job_run"
        constraints = (UniqueConstraint(fields=("name", "due_at"), name="job_run_once"),)


class IdempotencyRecord(Model):
    """The answer already given for an idempotency key of an actor."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    scope = fields.CharField(max_length=100, description="operation and legal entity")
    key = fields.CharField(max_length=100)
    request_hash = fields.BinaryField()
    result: dict[str, Any] = fields.JSONField()
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "idempotency_record"
        constraints = (UniqueConstraint(fields=("scope", "key"), name="idempotency_once"),)
