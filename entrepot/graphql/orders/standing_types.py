"""Standing orders in GraphQL: what they say, their next dates, what became of the earlier ones."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated
from uuid import UUID

import strawberry

from entrepot.graphql.catalog.loading import load_offers
from entrepot.graphql.catalog.types import Offer
from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.fields import argument, field
from entrepot.graphql.identity.addresses import DeliveryAddress, load_addresses
from entrepot.graphql.money import Money
from entrepot.graphql.node import Node, encode_id, register_node
from entrepot.graphql.orders.order import Order, load_orders
from entrepot.platform.errors import InvalidInput
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.orders.standing import queries
from entrepot.platform.orders.standing.service import StandingLine as LineRow

MAX_DATES = 60
LATEST = 10


async def load_standing(
    context: RequestContext, keys: Sequence[UUID]
) -> Mapping[UUID, queries.StandingRow]:
    """Standing orders that the actor may see."""
    return await queries.by_ids(context.require_actor(), keys)


async def load_lines(
    _context: RequestContext, keys: Sequence[UUID]
) -> Mapping[UUID, list[LineRow]]:
    """Lines of standing orders that were shown."""
    return await queries.lines_of(keys)


async def load_changed(
    _context: RequestContext, keys: Sequence[UUID]
) -> Mapping[UUID, dict[date, queries.ChangedDate]]:
    """Dates that differ, of standing orders that were shown."""
    return await queries.changed_dates(keys)


async def load_runs(
    _context: RequestContext, keys: Sequence[UUID]
) -> Mapping[UUID, list[queries.RunRow]]:
    """The latest runs of standing orders that were shown."""
    return await queries.latest_runs(keys, LATEST)


async def load_names(_context: RequestContext, keys: Sequence[UUID]) -> Mapping[UUID, str]:
    """Names of people behind standing orders that were shown."""
    return await queries.person_names(keys)


@strawberry.enum(description="How the dates of a standing order repeat.")
class StandingFrequency(Enum):
    """Names and values as in the calendar."""

    WEEKLY = strawberry.enum_value("weekly", description="On days of the week.")
    MONTHLY_BY_DATE = strawberry.enum_value(
        "monthly_by_date", description="On a day of the month; a short month's last day."
    )
    MONTHLY_BY_WEEKDAY = strawberry.enum_value(
        "monthly_by_weekday",
        description="On the first … fifth, or the last, of a day of the week; months without a"
        " fifth have none.",
    )


@strawberry.enum(description="What becomes of a date that is a public holiday.")
class OnHoliday(Enum):
    """Names and values as in the calendar."""

    BEFORE = strawberry.enum_value("before", description="The working day before it.")
    AFTER = strawberry.enum_value("after", description="The working day after it.")
    SKIP = strawberry.enum_value("skip", description="Nothing is ordered.")


@strawberry.enum(description="Where a standing order stands.")
class StandingOrderStatus(Enum):
    """Names and values as stored."""

    ACTIVE = strawberry.enum_value("active", description="Its dates are ordered.")
    PAUSED = strawberry.enum_value("paused", description="Nothing is ordered until it is resumed.")
    ENDED = strawberry.enum_value("ended", description="No date is to come.")


@strawberry.enum(description="What became of a date.")
class StandingOrderOutcome(Enum):
    """Names and values as stored."""

    PLACED = strawberry.enum_value("placed", description="It was ordered.")
    SKIPPED = strawberry.enum_value("skipped", description="It was passed over; `reason` says why.")
    REFUSED = strawberry.enum_value("refused", description="The legal entity no longer trades.")
    HELD = strawberry.enum_value(
        "held", description="It was not ordered; an open cart holds it, `reason` says why."
    )


@strawberry.type(description="An offer of a standing order and what was agreed for it.")
class StandingOrderLine:
    """A line."""

    row: strawberry.Private[LineRow]
    currency: strawberry.Private[str]

    @field("Global id of the offer.")
    def offer_id(self) -> strawberry.ID:
        return encode_id("Offer", self.row.offer_id)

    @field("The offer, if you can still see it.")
    async def offer(self, info: Info) -> Offer | None:
        row = await info.context.load(load_offers, self.row.offer_id)
        return Offer.from_row(row) if row else None

    @field("How much is ordered on each date.")
    def quantity(self) -> Decimal:
        return self.row.quantity

    @field("How much may be ordered on a changed date without asking again.")
    def max_quantity(self) -> Decimal:
        return self.row.most

    @field("The highest unit price that is ordered without a person; null: any.")
    def max_unit_price(self) -> Money | None:
        amount = self.row.max_unit_price
        return None if amount is None else Money(amount=amount, currency=self.currency)


@strawberry.type(description="Other than usual quantity of an offer on one date.")
class StandingOrderQuantity:
    """A quantity of one date."""

    offer_id: strawberry.ID = strawberry.field(description="Global id of the offer.")
    quantity: Decimal = strawberry.field(description="How much is ordered on the date.")


@strawberry.type(description="A date to come.")
class StandingOrderDate:
    """A date to come."""

    due_on: date = strawberry.field(description="When it is ordered, in the entity's time zone.")
    planned_on: list[date] = strawberry.field(
        description="The dates of the calendar behind it: more than one where holidays joined them."
    )
    skipped: bool = strawberry.field(description="Whether you skipped it.")
    quantities: list[StandingOrderQuantity] = strawberry.field(
        description="Quantities that differ on this date."
    )

    @classmethod
    def from_row(cls, row: queries.NextDate) -> "StandingOrderDate":
        """Show a date."""
        changed = row.changed
        quantities = changed.quantities if changed else {}
        return cls(
            due_on=row.due.due_on,
            planned_on=list(row.due.planned),
            skipped=changed is not None and changed.skipped,
            quantities=[
                StandingOrderQuantity(offer_id=encode_id("Offer", key), quantity=quantity)
                for key, quantity in quantities.items()
            ],
        )


@strawberry.type(description="What became of a date.")
class StandingOrderRun:
    """A row of the log."""

    row: strawberry.Private[queries.RunRow]

    @field("The date.")
    def due_on(self) -> date:
        return self.row.due_on

    @field("What became of it.")
    def outcome(self) -> StandingOrderOutcome:
        return StandingOrderOutcome(self.row.outcome)

    @field("When that was.")
    def ran_at(self) -> datetime:
        return self.row.ran_at

    @field("Why it was not ordered: the code of a refusal; null where it was.")
    def code(self) -> str | None:
        return self.row.code

    @field("Why it was not ordered, in a sentence; empty where it was.")
    def reason(self, info: Info) -> str:
        return self.row.reason_ru if info.context.locale == "ru" else self.row.reason_en

    @field("Global id of the cart that waits for a person.")
    def cart_id(self) -> strawberry.ID | None:
        return encode_id("Cart", self.row.cart_id) if self.row.cart_id else None

    @field("The order, if you act for its legal entity.")
    async def order(self, info: Info) -> Order | None:
        if self.row.order_id is None:
            return None
        row = await info.context.load(load_orders, self.row.order_id)
        return Order.from_row(row) if row else None


@strawberry.type(description="An order that repeats on a calendar within agreed limits.")
class StandingOrder(Node):
    """A standing order of a legal entity of your company."""

    row: strawberry.Private[queries.StandingRow]

    @classmethod
    def from_row(cls, row: queries.StandingRow) -> "StandingOrder":
        """Show a standing order to somebody of its company."""
        return cls(id=encode_id("StandingOrder", row.id), row=row)

    @field("Its name.")
    def name(self) -> str:
        return self.row.name

    @field("Where it stands.")
    def status(self) -> StandingOrderStatus:
        return StandingOrderStatus(self.row.status)

    @field("Global id of the legal entity that it orders for.")
    def legal_entity_id(self) -> strawberry.ID:
        return encode_id("LegalEntity", self.row.legal_entity_id)

    @field("Who made it or changed it last: it orders in their name.")
    async def made_by(self, info: Info) -> str | None:
        return await info.context.load(load_names, self.row.created_by_id)

    @field("Who agreed to its limits; null: nobody.")
    async def approved_by(self, info: Info) -> str | None:
        if self.row.approved_by_id is None:
            return None
        return await info.context.load(load_names, self.row.approved_by_id)

    @field("When that was.")
    def approved_at(self) -> datetime | None:
        return self.row.approved_at

    @field("Differs once anything differs that is to be agreed; `approveStandingOrder` takes it.")
    async def terms_version(self, info: Info) -> str:
        rows = await info.context.load(load_lines, self.row.id)
        return queries.whole_terms(self.row, rows or []).version

    @field("How its dates repeat.")
    def frequency(self) -> StandingFrequency:
        return StandingFrequency(self.row.calendar.frequency)

    @field("Every so many weeks or months.")
    def interval(self) -> int:
        return self.row.calendar.interval

    @field("Days of the week: 1 Monday … 7 Sunday.")
    def weekdays(self) -> list[int]:
        return list(self.row.calendar.weekdays)

    @field("The day of the month, by date.")
    def day_of_month(self) -> int | None:
        return self.row.calendar.day_of_month

    @field("Which of the weekdays of a month, by weekday; -1: the last.")
    def week_of_month(self) -> int | None:
        return self.row.calendar.week_of_month

    @field("The first day that may be a date.")
    def starts_on(self) -> date:
        return self.row.calendar.starts_on

    @field("The last day that may be a date of the calendar; null: it does not end.")
    def ends_on(self) -> date | None:
        return self.row.calendar.ends_on

    @field("Country whose public holidays count; null: none do.")
    def holiday_country(self) -> str | None:
        return self.row.calendar.holiday_country

    @field("What becomes of a date that is a public holiday.")
    def on_holiday(self) -> OnHoliday:
        return OnHoliday(self.row.calendar.on_holiday)

    @field("Your own number, on every order.")
    def po_number(self) -> str | None:
        return self.row.po_number

    @field("The cost centre of its lines; may be empty.")
    def cost_center(self) -> str:
        return self.row.cost_center

    @field("Where it is delivered; null: the default address.")
    async def delivery_address(self, info: Info) -> DeliveryAddress | None:
        if self.row.delivery_address_id is None:
            return None
        row = await info.context.load(load_addresses, self.row.delivery_address_id)
        return DeliveryAddress.from_row(row) if row else None

    @field("The most a date may cost without a person, net, delivery included; null: no limit.")
    def max_total(self) -> Money | None:
        amount = self.row.max_total
        return None if amount is None else Money(amount=amount, currency=self.row.currency)

    @field("What it orders.")
    async def lines(self, info: Info) -> list[StandingOrderLine]:
        rows = await info.context.load(load_lines, self.row.id)
        return [StandingOrderLine(row=one, currency=self.row.currency) for one in rows or []]

    @field("Its next dates, skipped ones too.")
    async def next_dates(
        self, info: Info, count: Annotated[int, argument("How many, 1 to 60.")] = 5
    ) -> list[StandingOrderDate]:
        if not 1 <= count <= MAX_DATES:
            raise InvalidInput("count", f"1–{MAX_DATES}", f"от 1 до {MAX_DATES}")
        changed = await info.context.load(load_changed, self.row.id)
        now = info.context.resources.clock.now()
        found = queries.dates_of(self.row, changed or {}, count, now)
        return [StandingOrderDate.from_row(one) for one in found]

    @field("What became of the last ten dates, latest first; `standingOrderRuns` has all.")
    async def latest_runs(self, info: Info) -> list[StandingOrderRun]:
        rows = await info.context.load(load_runs, self.row.id)
        return [StandingOrderRun(row=one) for one in rows or []]


async def _node(context: RequestContext, key: UUID) -> StandingOrder | None:
    if context.actor is None or not context.actor.may(Permission.ORDER_VIEW):
        return None
    row = await context.load(load_standing, key)
    return StandingOrder.from_row(row) if row else None


register_node("StandingOrder", _node)
