"""What a standing order says, checked, and what of it was agreed beforehand. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from hashlib import sha256
from uuid import UUID

from entrepot.platform.catalog.rules import clean_text
from entrepot.platform.errors import InvalidInput
from entrepot.platform.identity.countries import check_country
from entrepot.platform.orders.standing.calendar import FREQUENCIES, Calendar, knows_holidays
from entrepot.platform.orders.standing.errors import OutsideEnvelope
from entrepot.platform.quantities import plain

MAX_NAME = 85  # leaves room for the date in a cart's name
MAX_PO_NUMBER = 50
MAX_COST_CENTER = 50
MAX_LINES = 1000
MAX_INTERVAL = 60
MAX_MONEY = Decimal(10) ** 14


@dataclass(frozen=True, slots=True)
class StandingLine:
    """An offer, how much of it, and what a run may ask and pay at most without a person.

    Without `max_quantity` it is the quantity; without `max_unit_price` any price is within, as
    long as the total is.
    """

    offer_id: UUID
    quantity: Decimal
    max_quantity: Decimal | None = None
    max_unit_price: Decimal | None = None

    @property
    def most(self) -> Decimal:
        """The largest quantity of a run."""
        return self.max_quantity or self.quantity


@dataclass(frozen=True, slots=True)
class StandingTerms:
    """All that a buyer says of a standing order; `max_total` is net, delivery included."""

    name: str
    calendar: Calendar
    lines: tuple[StandingLine, ...] = field(default=())
    max_total: Decimal | None = None
    po_number: str | None = None
    cost_center: str = ""
    delivery_address_id: UUID | None = None

    def checked(self) -> StandingTerms:
        """Return it with its texts trimmed. Raises `InvalidInput`."""
        if not 1 <= len(self.lines) <= MAX_LINES:
            raise InvalidInput("lines", f"from 1 to {MAX_LINES}", f"от 1 до {MAX_LINES} позиций")
        seen: set[UUID] = set()
        for index, line in enumerate(self.lines):
            _check_line(index, line, seen)
            seen.add(line.offer_id)
        _check_money("maxTotal", self.max_total)
        po_number = clean_text("poNumber", self.po_number or "", MAX_PO_NUMBER, empty=True)
        return replace(
            self,
            name=clean_text("name", self.name, MAX_NAME),
            calendar=_checked_calendar(self.calendar),
            po_number=po_number or None,
            cost_center=clean_text("costCenter", self.cost_center, MAX_COST_CENTER, empty=True),
        )

    @property
    def bounded(self) -> bool:
        """Whether the envelope limits what a run may cost."""
        if self.max_total is not None:
            return True
        return all(line.max_unit_price is not None for line in self.lines)

    @property
    def version(self) -> str:
        """A short text that differs as soon as `within` would say no."""
        said = [
            repr(self.calendar),
            self.cost_center,
            str(self.delivery_address_id),
            _written(self.max_total),
            *(
                f"{line.offer_id} {plain(line.quantity)} {_written(line.max_quantity)}"
                f" {_written(line.max_unit_price)}"
                for line in self.lines
            ),
        ]
        return sha256("\n".join(said).encode()).hexdigest()[:16]

    def within(self, agreed: StandingTerms) -> bool:
        """Say whether nothing but the name and the buyer's number differs from what was agreed."""
        named = replace(self, name=agreed.name, po_number=agreed.po_number)
        return named == agreed


def _written(amount: Decimal | None) -> str:
    return "" if amount is None else plain(amount)


def _check_line(index: int, line: StandingLine, seen: set[UUID]) -> None:
    problem: tuple[str, str, str] | None = None
    if line.offer_id in seen:
        problem = ("offerId", "the offer is named twice", "предложение названо дважды")
    elif line.max_quantity is not None and line.max_quantity < line.quantity:
        problem = ("maxQuantity", "must not be below the quantity", "не меньше количества")
    elif line.max_unit_price is not None and not 0 < line.max_unit_price < MAX_MONEY:
        problem = ("maxUnitPrice", "must be above 0", "должна быть больше 0")
    if problem is not None:
        name, english, russian = problem
        error = InvalidInput(name, english, russian)
        raise error.at("lines", str(index), name, line_index=index)


def _check_money(name: str, amount: Decimal | None) -> None:
    if amount is not None and not 0 < amount < MAX_MONEY:
        raise InvalidInput(name, "must be above 0", "должно быть больше 0")


def _checked_calendar(given: Calendar) -> Calendar:
    _check_days(given)
    if not 1 <= given.interval <= MAX_INTERVAL:
        raise InvalidInput("calendar.interval", f"1–{MAX_INTERVAL}", f"от 1 до {MAX_INTERVAL}")
    if given.starts_on.year > 2100 or given.starts_on.year < 2000:
        raise InvalidInput("calendar.startsOn", "in this century", "в пределах этого века")
    if given.ends_on is not None and given.ends_on < given.starts_on:
        raise InvalidInput("calendar.endsOn", "must not be before startsOn", "не раньше начала")
    given = replace(given, weekdays=tuple(sorted(given.weekdays)))
    if given.holiday_country is None:
        return given
    country = check_country(given.holiday_country, "calendar.holidayCountry")
    if not knows_holidays(country):
        raise InvalidInput(
            "calendar.holidayCountry",
            "the holidays of this country are not known",
            "праздники этой страны неизвестны",
        )
    return replace(given, holiday_country=country)


def _check_days(given: Calendar) -> None:
    """Each frequency takes exactly the fields that it needs."""
    if given.frequency not in FREQUENCIES:  # pragma: no cover - the type says so
        raise InvalidInput("calendar.frequency", "unknown", "неизвестно")
    by_date = given.frequency == "monthly_by_date"
    by_weekday = given.frequency == "monthly_by_weekday"
    count = len(given.weekdays)
    good_weekdays = (
        all(1 <= one <= 7 for one in given.weekdays) and len(set(given.weekdays)) == count
    )
    if (
        not good_weekdays
        or (by_weekday and count != 1)
        or (not by_date and count == 0)
        or (by_date and count)
    ):
        raise InvalidInput(
            "calendar.weekdays",
            "weekly: at least one of 1 (Monday) to 7; monthly by weekday: exactly one; by date:"
            " none",
            "еженедельно: дни от 1 (понедельник) до 7; по дню недели: ровно один; по числу: пусто",
        )
    if by_date != (given.day_of_month is not None) or not 1 <= (given.day_of_month or 1) <= 31:
        raise InvalidInput(
            "calendar.dayOfMonth", "1–31, by date only", "от 1 до 31, только для «по числу»"
        )
    week = given.week_of_month
    if by_weekday != (week is not None) or (week is not None and week not in (1, 2, 3, 4, 5, -1)):
        raise InvalidInput(
            "calendar.weekOfMonth",
            "1–5, or -1 for the last, by weekday only",
            "от 1 до 5 или -1 (последний), только для «по дню недели»",
        )


def ensure_within(
    lines: Sequence[StandingLine],
    unit_prices: Mapping[UUID, Decimal],
    names: Mapping[UUID, str],
    max_total: Decimal | None,
    totals: Mapping[str, Decimal],
    currency: str,
) -> None:
    """Raise `OutsideEnvelope` where a run would pass what was agreed.

    `lines` hold the quantities of the run, `unit_prices` are by offer, `totals` the net of goods
    and delivery by currency.
    """
    for line in lines:
        name = names.get(line.offer_id, "?")
        if line.quantity > line.most:
            asked, most = plain(line.quantity), plain(line.most)
            raise OutsideEnvelope(
                f"{name}: {asked} is wanted and at most {most} was agreed.",
                f"{name}: нужно {asked}, согласовано не более {most}.",
            )
        unit_price = unit_prices.get(line.offer_id)
        limit = line.max_unit_price
        if limit is not None and unit_price is not None and unit_price > limit:
            price, most = plain(unit_price), plain(limit)
            raise OutsideEnvelope(
                f"{name} costs {price} {currency} and at most {most} was agreed.",
                f"{name} стоит {price} {currency}, согласовано не более {most}.",
            )
    if max_total is None:
        return
    others = [name for name, net in totals.items() if name != currency and net > 0]
    if others or totals.get(currency, Decimal(0)) > max_total:
        sums = ", ".join(f"{plain(net)} {name}" for name, net in sorted(totals.items()))
        most = f"{plain(max_total)} {currency}"
        raise OutsideEnvelope(
            f"The order would cost {sums} without tax and at most {most} was agreed.",
            f"Заказ стоил бы {sums} без налога, согласовано не более {most}.",
        )
