"""The ledger in GraphQL: what a legal entity owes and is owed."""

import strawberry

from entrepot.graphql.context import Info
from entrepot.graphql.fields import field
from entrepot.graphql.money import Money
from entrepot.platform.payments import queries


@strawberry.type(description="The balance of one ledger account of your legal entity.")
class AccountBalance:
    """Positive: you owe it to the marketplace; negative: it is held for you."""

    account: str = strawberry.field(
        description="receivable, payable, escrow, commission, tax or payout_in_transit."
    )
    balance: Money = strawberry.field(
        description="Positive: you owe it to the marketplace; negative: it is held for you."
    )


@strawberry.type
class PaymentsQuery:
    """Reads of the ledger."""

    @field("Ledger balances of the legal entity you act for.")
    async def account_balances(self, info: Info) -> list[AccountBalance]:
        rows = await queries.balances(info.context.require_actor())
        return [
            AccountBalance(
                account=row.account, balance=Money(amount=row.amount, currency=row.currency)
            )
            for row in rows
        ]
