"""Refusals of approvals and budgets in GraphQL."""

from collections.abc import Iterable

import strawberry

from entrepot.graphql.errors import UserError, as_id, as_type, error_type
from entrepot.graphql.node import encode_id
from entrepot.platform.carts.approvals import errors as approval_errors
from entrepot.platform.carts.approvals.errors import Person
from entrepot.platform.carts.budgets import errors as budget_errors


@strawberry.type(description="Somebody of your company who takes part in an approval.")
class ApprovalPerson:
    """A person by name."""

    id: strawberry.ID = strawberry.field(description="Global id of the person.")
    name: str = strawberry.field(description="Their name.")

    @classmethod
    def of(cls, person: Person) -> "ApprovalPerson":
        """Show a person."""
        return cls(id=encode_id("User", person.id), name=person.name)


def people(given: Iterable[Person]) -> list[ApprovalPerson]:
    """Show people in their order."""
    return [ApprovalPerson.of(person) for person in given]


def _texts(given: Iterable[str]) -> list[str]:
    return list(given)


@error_type(
    approval_errors.ApprovalRequired,
    cart_id=as_id("Cart", "The cart; null where several need it only together."),
    reasons=as_type(list[str], "Why, one sentence a rule or budget.", _texts),
    approvers=as_type(list[ApprovalPerson], "Who would be asked, or is asked, first.", people),
    pending_approval_id=as_id("Approval", "The approval that is waiting, if it was asked for."),
)
class ApprovalRequired(UserError):
    """Somebody must agree before this is ordered: hand the cart in with `submitCart`."""


@error_type(
    approval_errors.ApprovalOutdated,
    approval_id=as_id("Approval", "The approval that no longer fits."),
)
class ApprovalOutdated(UserError):
    """Other lines or more money than agreed: withdraw the approval and submit the cart again."""


@error_type(approval_errors.ApprovalNotNeeded)
class ApprovalNotNeeded(UserError):
    """Nothing asks for agreement: place the order."""


@error_type(approval_errors.NoApproverLeft, step="The step that nobody can decide, from 1.")
class NoApproverLeft(UserError):
    """Everybody who could decide left, lost the role, or is you."""


@error_type(approval_errors.OwnApproval)
class OwnApproval(UserError):
    """You asked for it yourself, so somebody else decides."""


@error_type(approval_errors.NotAsked, step="The present step, from 1.")
class NotAsked(UserError):
    """The present step asks other people."""


@error_type(approval_errors.AlreadyDecided, status="Where the approval stands.")
class AlreadyDecided(UserError):
    """Somebody decided before you, or the request was withdrawn, has expired or was ordered."""


@error_type(approval_errors.ApprovalExpired, expired_at="Until when it could be decided.")
class ApprovalExpired(UserError):
    """Nobody decided in time."""


@error_type(
    approval_errors.PriceDrift,
    approval_id=as_id("Approval", "The approval."),
    currency="ISO 4217 code of the sums.",
    then="Net sum when it was asked for.",
    now="Net sum now.",
)
class PriceDrift(UserError):
    """It costs more than when it was asked for: `acceptPriceChanges` if that is fine."""


@error_type(approval_errors.ApprovalRuleNameTaken, name="The name.")
class ApprovalRuleNameTaken(UserError):
    """Your company has a rule of this name already."""


@error_type(approval_errors.NotAnApprover, user_id=as_id("User", "The person."))
class NotAnApprover(UserError):
    """The person is no member of your company with the role APPROVER."""


@error_type(
    budget_errors.BudgetExceeded,
    budget_id=as_id("Budget", "The budget."),
    name="Its name.",
    currency="Its currency.",
    left="What it has left in this period, net.",
    wanted="What the order takes from it, net.",
)
class BudgetExceeded(UserError):
    """A blocking budget has too little left in this period."""


@error_type(budget_errors.BudgetNameTaken, name="The name.")
class BudgetNameTaken(UserError):
    """The legal entity has a budget of this name already."""


@error_type(budget_errors.BudgetClosed, name="Name of the budget.")
class BudgetClosed(UserError):
    """A closed budget cannot be changed."""
