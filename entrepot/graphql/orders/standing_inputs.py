"""What standing orders are made from in GraphQL."""

from datetime import date
from decimal import Decimal
from typing import cast

import strawberry

from entrepot.graphql.node import decode_id
from entrepot.graphql.orders.standing_types import OnHoliday, StandingFrequency
from entrepot.graphql.scalars import Quantity
from entrepot.platform.orders.standing import service
from entrepot.platform.orders.standing.calendar import Calendar, Frequency
from entrepot.platform.orders.standing.calendar import OnHoliday as OnHolidayValue


@strawberry.input(description="When to order; weekly, by date or by weekday.")
class StandingCalendarInput:
    """Each frequency takes the fields that it needs."""

    frequency: StandingFrequency = strawberry.field(description="How the dates repeat.")
    starts_on: date = strawberry.field(description="The first day that may be a date.")
    ends_on: date | None = strawberry.field(default=None, description="The last, inclusive.")
    interval: int = strawberry.field(default=1, description="Every so many weeks or months.")
    weekdays: list[int] = strawberry.field(
        default_factory=list,
        description="1 Monday … 7 Sunday: weekly any, by weekday exactly one, by date none.",
    )
    day_of_month: int | None = strawberry.field(default=None, description="1–31, by date only.")
    week_of_month: int | None = strawberry.field(
        default=None, description="1–5, or -1 for the last, by weekday only."
    )
    holiday_country: str | None = strawberry.field(
        default=None, description="ISO 3166-1 alpha-2 code of the country whose holidays count."
    )
    on_holiday: OnHoliday = strawberry.field(
        default=OnHoliday.AFTER, description="What becomes of a date that is a public holiday."
    )


@strawberry.input(description="What to order on each date, and the limits of a date.")
class StandingLineInput:
    """A line."""

    offer_id: strawberry.ID = strawberry.field(description="The offer, once.")
    quantity: Quantity = strawberry.field(description="How much on each date.")
    max_quantity: Quantity | None = strawberry.field(
        default=None, description="How much on a changed date at most; the quantity if not given."
    )
    max_unit_price: Decimal | None = strawberry.field(
        default=None, description="The highest unit price that is ordered without a person."
    )


@strawberry.input(description="All that a standing order says.")
class StandingTermsInput:
    """What it orders, when, and within which limits."""

    name: str = strawberry.field(description="Its name, up to 85 characters.")
    calendar: StandingCalendarInput = strawberry.field(description="When to order.")
    lines: list[StandingLineInput] = strawberry.field(
        description="What to order, in one currency; up to 1,000 lines."
    )
    max_total: Decimal | None = strawberry.field(
        default=None,
        description="The most a date may cost without a person: net, delivery included, in the"
        " currency of the lines.",
    )
    po_number: str | None = strawberry.field(default=None, description="Your own number.")
    cost_center: str = strawberry.field(default="", description="The cost centre of its lines.")
    delivery_address_id: strawberry.ID | None = strawberry.field(
        default=None, description="Where to deliver; the default address if not given."
    )

    def read(self) -> service.StandingTerms:
        """Return it with its ids decoded."""
        here = ("input", "terms")
        calendar = self.calendar
        address = self.delivery_address_id
        return service.StandingTerms(
            name=self.name,
            calendar=Calendar(
                frequency=cast(Frequency, calendar.frequency.value),
                starts_on=calendar.starts_on,
                interval=calendar.interval,
                weekdays=tuple(calendar.weekdays),
                day_of_month=calendar.day_of_month,
                week_of_month=calendar.week_of_month,
                ends_on=calendar.ends_on,
                holiday_country=calendar.holiday_country,
                on_holiday=cast(OnHolidayValue, calendar.on_holiday.value),
            ),
            lines=tuple(
                service.StandingLine(
                    decode_id(one.offer_id, "Offer", *here, "lines", str(index), "offerId"),
                    one.quantity,
                    one.max_quantity,
                    one.max_unit_price,
                )
                for index, one in enumerate(self.lines)
            ),
            max_total=self.max_total,
            po_number=self.po_number,
            cost_center=self.cost_center,
            delivery_address_id=decode_id(address, "DeliveryAddress", *here, "deliveryAddressId")
            if address
            else None,
        )


@strawberry.input(description="A new standing order of the legal entity you act for.")
class CreateStandingOrderInput:
    """What it says."""

    terms: StandingTermsInput = strawberry.field(description="What it says.")


@strawberry.input(description="What a standing order says from now on, in place of all it said.")
class UpdateStandingOrderInput:
    """Which, and what it says."""

    standing_order_id: strawberry.ID = strawberry.field(description="The standing order.")
    terms: StandingTermsInput = strawberry.field(description="What it says from now on.")


@strawberry.input(description="Names a standing order.")
class StandingOrderInput:
    """A standing order."""

    standing_order_id: strawberry.ID = strawberry.field(description="The standing order.")


@strawberry.input(description="Agreement to what a standing order says.")
class ApproveStandingOrderInput:
    """A standing order, and which of its terms were looked at."""

    standing_order_id: strawberry.ID = strawberry.field(description="The standing order.")
    terms_version: str | None = strawberry.field(
        default=None,
        description="Its `termsVersion` as you were shown it: other terms are not agreed to.",
    )


@strawberry.input(description="A date to skip, or not to skip after all.")
class SkipStandingOrderDateInput:
    """A date."""

    standing_order_id: strawberry.ID = strawberry.field(description="The standing order.")
    due_on: date = strawberry.field(description="One of its `nextDates`.")
    skipped: bool = strawberry.field(default=True, description="False: order on it after all.")


@strawberry.input(description="How much of an offer to order on one date.")
class StandingQuantityInput:
    """A quantity."""

    offer_id: strawberry.ID = strawberry.field(description="An offer of the standing order.")
    quantity: Quantity = strawberry.field(description="How much on that date.")


@strawberry.input(description="Other quantities on one date.")
class ChangeStandingOrderDateInput:
    """A date and its quantities."""

    standing_order_id: strawberry.ID = strawberry.field(description="The standing order.")
    due_on: date = strawberry.field(description="One of its `nextDates`.")
    quantities: list[StandingQuantityInput] = strawberry.field(
        description="Lines not named keep theirs; none: the date is as all others."
    )
