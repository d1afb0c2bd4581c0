"""What is given to hand carts in and to decide on them, in GraphQL."""

from decimal import Decimal

import strawberry

from entrepot.graphql.scalars import Quantity
from entrepot.platform.errors import InvalidInput


@strawberry.input(description="Which cart to hand in.")
class SubmitCartInput:
    """A cart and a word to its approvers."""

    cart_id: strawberry.ID | None = strawberry.field(
        default=None, description="The cart; without it the default cart."
    )
    note: str = strawberry.field(
        default="", description="What the approvers should know, up to 1000 characters."
    )


@strawberry.input(description="Names an approval.")
class WithdrawApprovalInput:
    """An approval."""

    approval_id: strawberry.ID = strawberry.field(description="The approval.")


@strawberry.input(description="Another quantity of a line.")
class ApprovalChangeInput:
    """A quantity that the approver wants instead."""

    line_id: strawberry.ID = strawberry.field(description="The line, by its `lineId`.")
    quantity: Quantity = strawberry.field(description="The quantity to agree to.")


@strawberry.input(description="A sum that you were shown.")
class ExpectedNetInput:
    """The sum of an approval in one currency."""

    currency: str = strawberry.field(description="ISO 4217 code.")
    net: Decimal = strawberry.field(description="Goods and delivery without tax.")


@strawberry.input(description="Agreement to the present step of an approval.")
class ApproveCartInput:
    """Agreement."""

    approval_id: strawberry.ID = strawberry.field(description="The approval.")
    accept_price_changes: bool = strawberry.field(
        default=False, description="Agree even if it costs more than when it was asked for."
    )
    expected_totals: list[ExpectedNetInput] | None = strawberry.field(
        default=None,
        description="What you were shown (`netNow` of `totals`), one for each currency and before"
        " any `changes`: if it comes to anything else, nothing is agreed to.",
    )
    changes: list[ApprovalChangeInput] = strawberry.field(
        default_factory=list, description="Quantities to agree to instead, up to one a line."
    )
    reason: str = strawberry.field(
        default="", description="A word to who asked, up to 1000 characters."
    )
    step: int | None = strawberry.field(
        default=None,
        description="The step you were shown: if it was decided since, nothing is decided.",
    )


@strawberry.input(description="Refusal of an approval.")
class RefuseCartInput:
    """Refusal."""

    approval_id: strawberry.ID = strawberry.field(description="The approval.")
    reason: str = strawberry.field(description="Why, up to 1000 characters; who asked reads it.")
    step: int | None = strawberry.field(
        default=None,
        description="The step you were shown: if it was decided since, nothing is decided.",
    )


@strawberry.input(description="A decision by the link of a letter.")
class DecideApprovalByLinkInput:
    """What to decide."""

    token: str = strawberry.field(description="The link's code.")
    approve: bool = strawberry.field(description="True agrees, false refuses.")
    reason: str = strawberry.field(
        default="", description="Up to 1000 characters; refusals need one."
    )
    accept_price_changes: bool = strawberry.field(
        default=False, description="Agree even if it costs more than when it was asked for."
    )
    expected_totals: list[ExpectedNetInput] | None = strawberry.field(
        default=None,
        description="What you were shown (`netNow` of `totals`), one for each currency: if it comes"
        " to anything else, nothing is agreed to. A refusal does not need it.",
    )


def expected_totals(given: list[ExpectedNetInput] | None) -> dict[str, Decimal] | None:
    """Return the sums by currency. Raises `InvalidInput` where a currency comes twice."""
    if given is None:
        return None
    totals: dict[str, Decimal] = {}
    for index, one in enumerate(given):
        if totals.setdefault(one.currency, one.net) is not one.net:
            raise InvalidInput(
                f"expectedTotals.{index}.currency", "each currency once", "каждая валюта один раз"
            )
    return totals
