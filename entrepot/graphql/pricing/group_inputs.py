"""What mutations of customer groups take, how a rule looks, and the refusals."""

from decimal import Decimal

import strawberry

from entrepot.graphql.errors import UserError, error_type
from entrepot.platform.pricing.groups import errors
from entrepot.platform.pricing.groups.rules import GroupRule


@error_type(errors.CustomerGroupNameTaken, name="The name.")
class CustomerGroupNameTaken(UserError):
    """Your company already has a customer group of this name."""


@error_type(
    errors.CustomerGroupInUse,
    name="The group's name.",
    price_lists="Price lists given to it.",
    assortments="Assortments it sees.",
    promotions="Promotions for it.",
)
class CustomerGroupInUse(UserError):
    """Price lists, assortments or promotions name the group."""


@error_type(errors.CustomerGroupHasRule, name="The group's name.")
class CustomerGroupHasRule(UserError):
    """The group's members come of its rule."""


@error_type(errors.CustomerGroupByHand, name="The group's name.")
class CustomerGroupByHand(UserError):
    """The group is kept by hand and cannot be given a rule."""


@strawberry.type(description="Conditions that a member meets, all of them; null: no condition.")
class CustomerGroupRule:
    window_days: int = strawberry.field(
        description="Calendar days of your time zone that count, today included."
    )
    currency: str | None = strawberry.field(description="Currency of the turnover.")
    min_turnover: Decimal | None = strawberry.field(
        description="Least net value of orders placed in the window, in the currency."
    )
    min_orders: int | None = strawberry.field(description="Least number of orders in the window.")
    min_paid_on_time_percent: Decimal | None = strawberry.field(
        description="Least share of the orders due in the window that were paid by their day."
    )
    min_years: Decimal | None = strawberry.field(
        description="Least time since the first order, in years."
    )

    @classmethod
    def of(cls, rule: GroupRule) -> "CustomerGroupRule":
        """Show a rule."""
        return cls(
            window_days=rule.window_days,
            currency=rule.currency,
            min_turnover=rule.min_turnover,
            min_orders=rule.min_orders,
            min_paid_on_time_percent=rule.min_paid_on_time,
            min_years=rule.min_years,
        )


@strawberry.input(description="Conditions that a member must meet, all of them; at least one.")
class CustomerGroupRuleInput:
    window_days: int = strawberry.field(
        default=365, description="Calendar days of your time zone that count, today included."
    )
    currency: str | None = strawberry.field(
        default=None, description="ISO 4217 code; goes with `minTurnover`."
    )
    min_turnover: Decimal | None = strawberry.field(
        default=None,
        description="Least net value of orders placed in the window; cancelled ones do not count.",
    )
    min_orders: int | None = strawberry.field(
        default=None, description="Least number of orders in the window."
    )
    min_paid_on_time_percent: Decimal | None = strawberry.field(
        default=None,
        description="Least share of the orders due in the window that were paid by their day; "
        "above 0, at most 100. Without any such order it is not met.",
    )
    min_years: Decimal | None = strawberry.field(
        default=None, description="Least time since the first order, in quarters of a year."
    )

    def read(self) -> GroupRule:
        """Return the rule, unchecked."""
        return GroupRule(
            window_days=self.window_days,
            currency=self.currency,
            min_turnover=self.min_turnover,
            min_orders=self.min_orders,
            min_paid_on_time=self.min_paid_on_time_percent,
            min_years=self.min_years,
        )


@strawberry.input(description="A new customer group.")
class CreateCustomerGroupInput:
    name: str = strawberry.field(description="Its name, for you.")
    rule: CustomerGroupRuleInput | None = strawberry.field(
        default=None, description="Its rule; leave it out to keep the group by hand."
    )


@strawberry.input(description="What to change; leave out what stays.")
class UpdateCustomerGroupInput:
    customer_group_id: strawberry.ID = strawberry.field(description="Your group.")
    name: str | None = strawberry.field(default=None, description="Its name.")
    rule: CustomerGroupRuleInput | None = strawberry.field(
        default=None, description="The whole new rule, for a group that has one."
    )


@strawberry.input(description="A group to delete.")
class DeleteCustomerGroupInput:
    customer_group_id: strawberry.ID = strawberry.field(description="Your group.")


@strawberry.input(description="A customer group and a buying company.")
class CustomerGroupCompanyInput:
    customer_group_id: strawberry.ID = strawberry.field(description="Your group, kept by hand.")
    company_id: strawberry.ID = strawberry.field(description="The buying company.")
