"""Tables of the ledger. Triggers of the first migration forbid updates, deletes and imbalance."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from entrepot.platform.identity.models import Company, LegalEntity, User
from entrepot.platform.ids import new_id


class LedgerAccount(Model):
    """An account of a legal entity in one currency."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    legal_entity: fields.ForeignKeyRelation[LegalEntity] = fields.ForeignKeyField(
        "entrepot.LegalEntity", related_name="ledger_accounts", on_delete=fields.RESTRICT
    )
    kind = fields.CharField(max_length=20)
    currency = fields.CharField(max_length=3)

    class Meta:
        table = "ledger_account"
        constraints = (
            UniqueConstraint(
                fields=("legal_entity_id", "kind", "currency"), name="ledger_account_once"
            ),
            CheckConstraint(
                check="kind IN ('receivable','payable','escrow','commission','tax',"
                "'payout_in_transit','bank')",
                name="ledger_account_kind",
            ),
        )


class LedgerTransaction(Model):
    """Postings that belong together and sum to zero in their currency."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    kind = fields.CharField(max_length=30, description="order_placed | order_cancelled | …")
    subject_id = fields.UUIDField(description="what it is about, e.g. a seller order")
    currency = fields.CharField(max_length=3)
    reverses: fields.OneToOneNullableRelation[Any] = fields.OneToOneField(
        "entrepot.LedgerTransaction",
        related_name="reversed_by",
        null=True,
        on_delete=fields.RESTRICT,
    )
    posted_at = fields.DatetimeField()

    class Meta:
        table = "ledger_transaction"
        constraints = (UniqueConstraint(fields=("kind", "subject_id"), name="ledger_once"),)


class LedgerPosting(Model):
    """A signed amount on an account: positive debits, negative credits, in minor units."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    transaction: fields.ForeignKeyRelation[LedgerTransaction] = fields.ForeignKeyField(
        "entrepot.LedgerTransaction", related_name="postings", on_delete=fields.RESTRICT
    )
    account: fields.ForeignKeyRelation[LedgerAccount] = fields.ForeignKeyField(
        "entrepot.LedgerAccount", related_name="postings", on_delete=fields.RESTRICT
    )
    amount_minor = fields.BigIntField()

    class Meta:
        table = "ledger_posting"
        constraints = (CheckConstraint(check="amount_minor <> 0", name="posting_not_zero"),)
        indexes = (
            Index(fields=("account_id",), name="posting_account"),
            Index(fields=("transaction_id",), name="posting_transaction"),
        )


class Payment(Model):
    """Money a buyer sent, as the operator's bank statement shows it, for one seller order."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    seller_order_id = fields.UUIDField()
    amount = fields.DecimalField(max_digits=18, decimal_places=4)
    currency = fields.CharField(max_length=3)
    reference = fields.CharField(max_length=100, description="the statement's own key of the line")
    received_on = fields.DateField()
    recorded_by: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "entrepot.User", related_name="payments_recorded", on_delete=fields.RESTRICT
    )
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "payment"
        constraints = (
            UniqueConstraint(fields=("reference", "seller_order_id"), name="payment_once"),
            CheckConstraint(check="amount > 0", name="payment_positive"),
        )
        indexes = (Index(fields=("seller_order_id",), name="payment_seller_order"),)


class CommissionRule(Model):
    """The operator's share of a seller's net sales."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    seller: fields.OneToOneRelation[Company] = fields.OneToOneField(
        "entrepot.Company", related_name="commission_rule", on_delete=fields.CASCADE
    )
    percent = fields.DecimalField(max_digits=5, decimal_places=2)

    class Meta:
        table = "commission_rule"
        constraints = (
            CheckConstraint(check="percent >= 0 AND percent < 100", name="commission_percent"),
        )
