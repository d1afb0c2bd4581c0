"""Standing orders: what is agreed beforehand is ordered on its dates, everything else is held."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from entrepot.platform.catalog.models import Offer
from entrepot.platform.database import Database, execute, fetch, fetch_value
from entrepot.platform.errors import DomainError, Forbidden, InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.models import Company, LegalEntity
from entrepot.platform.identity.permissions import Role
from entrepot.platform.orders.standing import queries, service
from entrepot.platform.orders.standing.calendar import Calendar
from entrepot.platform.orders.standing.service import StandingLine
from tests.factories import make_actor, make_buyer, make_offer, make_seller
from tests.orders.standing_orders import Run, at, in_moscow, make_standing, runs, terms

D = Decimal


@pytest.fixture
async def buyer(database: Database) -> Actor:
    """A buyer in Moscow."""
    return await in_moscow(await make_buyer())


@pytest.fixture
async def offer(database: Database) -> Offer:
    """An offer at 100 with plenty of stock."""
    return await make_offer(await make_seller(), price="100", stock="1000")


async def colleague(actor: Actor, *roles: Role) -> Actor:
    """Somebody else of the actor's company."""
    company = await Company.get(id=actor.company_id)
    return await make_actor(company, await LegalEntity.get(id=actor.legal_entity_id), *roles)


async def reserved(offer: Offer) -> Decimal:
    """Return how much of the offer is reserved."""
    found: Decimal = await fetch_value(
        "SELECT reserved FROM stock_item WHERE offer_id = $1", offer.id
    )
    return found


class TestRunning:
    async def test_it_orders_on_its_dates_in_the_entitys_time_zone(
        self, buyer: Actor, offer: Offer
    ) -> None:
        """At 20:59 UTC on the 30th it is still the 30th in Moscow, a minute later the 31st."""
        key = await make_standing(buyer, terms(offer, po_number="PO-7", cost_center="LAB"))
        assert await service.run_due(at("2026-01-30", "20:59")) == 0
        assert await service.run_due(at("2026-01-30", "21:00")) == 1
        assert await service.run_due(at("2026-01-30", "21:00")) == 0
        assert await service.run_due(at("2026-02-28")) == 1

        assert await runs(key) == [
            Run("2026-01-31", "placed", None),
            Run("2026-02-28", "placed", None),
        ]
        orders = await fetch(
            "SELECT o.po_number, o.standing_order_id, o.placed_by_id, l.quantity, l.cost_center"
            "  FROM purchase_order o JOIN seller_order s ON s.order_id = o.id"
            "  JOIN order_line l ON l.seller_order_id = s.id"
        )
        assert [tuple(row.values()) for row in orders] == [
            ("PO-7", key, buyer.user_id, D(10), "LAB")
        ] * 2
        assert await reserved(offer) == D(20)

    async def test_missed_dates_are_made_up_for_once(self, buyer: Actor, offer: Offer) -> None:
        key = await make_standing(buyer, terms(offer))
        assert await service.run_due(at("2026-04-15")) == 1
        assert await runs(key) == [
            Run("2026-01-31", "skipped", "DATE_MISSED"),
            Run("2026-02-28", "skipped", "DATE_MISSED"),
            Run("2026-03-31", "placed", None),
        ]
        assert await reserved(offer) == D(10)
        assert await fetch_value("SELECT next_due_on FROM standing_order") == date(2026, 4, 30)

    async def test_the_last_date_ends_it(self, buyer: Actor, offer: Offer) -> None:
        calendar = Calendar(
            "monthly_by_date", date(2026, 1, 31), day_of_month=31, ends_on=date(2026, 2, 28)
        )
        key = await make_standing(buyer, terms(offer, calendar=calendar))
        await service.run_due(at("2026-01-31"))
        await service.run_due(at("2026-02-28"))
        status = await fetch_value("SELECT status FROM standing_order WHERE id = $1", key)
        assert status == "ended"
        assert await service.run_due(at("2026-03-31")) == 0
        with pytest.raises(DomainError) as refused:
            await service.pause(buyer, key)
        assert refused.value.code == "STANDING_ORDER_ENDED"

    @pytest.mark.parametrize(
        ("values", "change", "code"),
        [
            (
                {"line_max_unit_price": D(110)},
                "UPDATE offer SET list_price = 110.0001",
                "OUTSIDE_ENVELOPE",
            ),
            ({"max_total": D(1000)}, "UPDATE offer SET list_price = 100.01", "OUTSIDE_ENVELOPE"),
            ({}, "UPDATE stock_item SET on_hand = 9", "OUT_OF_STOCK"),
            ({}, "UPDATE offer SET active = false", "OFFER_UNAVAILABLE"),
            ({}, "UPDATE offer SET pack_quantity = 3", "QUANTITY_NOT_ORDERABLE"),
            ({}, "UPDATE membership SET roles = '{accountant}'", "MAKER_MAY_NOT_ORDER"),
        ],
    )
    async def test_what_cannot_be_ordered_is_held(
        self, buyer: Actor, offer: Offer, values: dict[str, Decimal], change: str, code: str
    ) -> None:
        """Nothing is ordered; the cart is there, with its name, for whoever buys."""
        key = await make_standing(buyer, terms(offer, **values))
        await execute(change)
        assert await service.run_due(at("2026-01-31")) == 1

        assert await runs(key) == [Run("2026-01-31", "held", code)]
        assert await fetch_value("SELECT count(*) FROM purchase_order") == 0
        assert await reserved(offer) == 0
        cart = await fetch(
            "SELECT c.name, c.status, c.shared_with_all, l.quantity FROM cart c"
            "  JOIN cart_line l ON l.cart_id = c.id"
            "  JOIN standing_order_run r ON r.cart_id = c.id"
        )
        assert [tuple(row.values()) for row in cart] == [("Paper 2026-01-31", "open", True, D(10))]
        events = await fetch_value(
            "SELECT count(*) FROM outbox_event WHERE kind = 'StandingOrderHeld'"
        )
        assert events == 1

    async def test_at_the_limit_is_within(self, buyer: Actor, offer: Offer) -> None:
        key = await make_standing(
            buyer, terms(offer, line_max_unit_price=D(100), max_total=D(1000))
        )
        await service.run_due(at("2026-01-31"))
        assert await runs(key) == [Run("2026-01-31", "placed", None)]

    async def test_one_that_fails_holds_up_no_other(self, buyer: Actor, offer: Offer) -> None:
        """A country without a calendar stands for a fault that nobody foresaw."""
        broken = await make_standing(buyer, terms(offer, name="Broken"))
        fine = await make_standing(buyer, terms(offer, name="Fine"))
        await execute("UPDATE standing_order SET holiday_country = 'XX' WHERE id = $1", broken)
        assert await service.run_due(at("2026-01-31")) == 1
        assert await runs(broken) == []
        assert await runs(fine) == [Run("2026-01-31", "placed", None)]


class TestDates:
    async def test_a_date_is_skipped_changed_and_taken_back(
        self, buyer: Actor, offer: Offer
    ) -> None:
        key = await make_standing(buyer, terms(offer, line_max_quantity=D(40)))
        now = at("2026-01-10")
        await service.skip(buyer, key, date(2026, 1, 31), clock=now)
        await service.change(buyer, key, date(2026, 2, 28), {offer.id: D(40)}, clock=now)
        await service.skip(buyer, key, date(2026, 3, 31), clock=now)
        await service.skip(buyer, key, date(2026, 3, 31), clock=now, skipped=False)
        shown = await queries.by_ids(buyer, [key])
        changed = await queries.changed_dates([key])
        dates = queries.dates_of(shown[key], changed[key], 3, now.now())
        assert [one.changed and one.changed.skipped for one in dates] == [True, False, None]
        for day in ("2026-01-31", "2026-02-28", "2026-03-31"):
            assert await service.run_due(at(day)) == 1
        assert await runs(key) == [
            Run("2026-01-31", "skipped", "DATE_SKIPPED"),
            Run("2026-02-28", "placed", None),
            Run("2026-03-31", "placed", None),
        ]
        assert await reserved(offer) == D(50)

    async def test_what_is_refused(self, buyer: Actor, offer: Offer) -> None:
        key = await make_standing(buyer, terms(offer))
        other = await make_offer(await make_seller())
        now = at("2026-02-10")
        await service.run_due(now)

        async def code_of(day: date, quantities: dict[object, Decimal] | None = None) -> str:
            with pytest.raises(DomainError) as refused:
                if quantities is None:
                    await service.skip(buyer, key, day, clock=now)
                else:
                    await service.change(buyer, key, day, quantities, clock=now)  # type: ignore[arg-type]
            return refused.value.code

        assert await code_of(date(2026, 1, 31)) == "NOT_A_STANDING_DATE"  # ordered
        assert await code_of(date(2026, 2, 27)) == "NOT_A_STANDING_DATE"
        assert await code_of(date(2126, 2, 28)) == "NOT_A_STANDING_DATE"
        assert await code_of(date(2026, 2, 28), {offer.id: D(11)}) == "ABOVE_ENVELOPE"
        assert await code_of(date(2026, 2, 28), {other.id: D(1)}) == "NOT_FOUND"
        stranger = await make_buyer()
        with pytest.raises(NotFound):
            await service.skip(stranger, key, date(2026, 2, 28), clock=now)
        assert await queries.by_ids(stranger, [key]) == {}

    async def test_a_pause_is_not_made_up_for(self, buyer: Actor, offer: Offer) -> None:
        key = await make_standing(buyer, terms(offer))
        await service.pause(buyer, key)
        assert await service.run_due(at("2026-03-01")) == 0
        await service.resume(buyer, key, clock=at("2026-03-15"))
        await service.resume(buyer, key, clock=at("2026-03-15"))
        assert await service.run_due(at("2026-03-31")) == 1
        assert await runs(key) == [
            Run("2026-01-31", "skipped", "DATE_PAUSED"),
            Run("2026-02-28", "skipped", "DATE_PAUSED"),
            Run("2026-03-31", "placed", None),
        ]
        await service.end(buyer, key)
        await service.end(buyer, key)
        assert await service.run_due(at("2026-04-30")) == 0


async def add_rule(actor: Actor, approver: Actor, above: str) -> None:
    """Let the company ask above an amount."""
    rule = await fetch_value(
        "INSERT INTO approval_rule (id, company_id, name, above_amount, currency, new_seller,"
        " over_budget, expires_after_hours, active, created_at)"
        " VALUES (gen_random_uuid(), $1, 'Large', $2, 'RUB', false, false, 72, true, now())"
        " RETURNING id",
        actor.company_id,
        D(above),
    )
    await execute(
        "INSERT INTO approval_rule_step (id, rule_id, step, approver_ids)"
        " VALUES (gen_random_uuid(), $1, 1, $2)",
        rule,
        [approver.user_id],
    )


class TestAgreement:
    async def test_what_rules_ask_about_must_be_agreed_first(
        self, buyer: Actor, offer: Offer
    ) -> None:
        """Held until agreed; agreed to, its runs ask nobody; changed, they are held again."""
        approver = await colleague(buyer, Role.APPROVER, Role.BUYER)
        await add_rule(buyer, approver, "900")
        given = terms(offer, line_max_unit_price=D(120))
        key = await make_standing(buyer, given)
        asked = "SELECT count(*) FROM outbox_event WHERE kind = 'StandingOrderAsks'"
        assert await fetch_value(asked) == 1
        await service.run_due(at("2026-01-31"))
        await service.approve(approver, key, clock=at("2026-02-01"))
        await service.run_due(at("2026-02-28"))
        await service.update(buyer, key, replace(given, name="Other"), clock=at("2026-03-01"))
        await service.run_due(at("2026-03-31"))
        more = replace(given, lines=(StandingLine(offer.id, D(11), None, D(120)),))
        await service.update(buyer, key, more, clock=at("2026-04-01"))
        await service.run_due(at("2026-04-30"))

        assert await runs(key) == [
            Run("2026-01-31", "held", "APPROVAL_REQUIRED"),
            Run("2026-02-28", "placed", None),
            Run("2026-03-31", "placed", None),
            Run("2026-04-30", "held", "APPROVAL_REQUIRED"),
        ]
        assert await fetch_value(asked) == 2

    async def test_small_ones_ask_nobody(self, buyer: Actor, offer: Offer) -> None:
        approver = await colleague(buyer, Role.APPROVER)
        await add_rule(buyer, approver, "1000")
        key = await make_standing(buyer, terms(offer))
        await service.run_due(at("2026-01-31"))
        assert await runs(key) == [Run("2026-01-31", "placed", None)]
        assert (
            await fetch_value("SELECT count(*) FROM outbox_event WHERE kind = 'StandingOrderAsks'")
            == 0
        )

    async def test_who_may_agree_and_to_what(self, buyer: Actor, offer: Offer) -> None:
        open_end = await make_standing(buyer, terms(offer))
        bounded = await make_standing(buyer, terms(offer, max_total=D(2000)))
        approver = await colleague(buyer, Role.APPROVER)
        itself = replace(buyer, permissions=buyer.permissions | approver.permissions)
        now = at("2026-01-10")
        with pytest.raises(Forbidden):
            await service.approve(buyer, bounded, clock=now)
        with pytest.raises(DomainError) as own:
            await service.approve(itself, bounded, clock=now)
        with pytest.raises(DomainError) as unlimited:
            await service.approve(approver, open_end, clock=now)
        with pytest.raises(NotFound):
            await service.approve(await make_buyer(Role.APPROVER), bounded, clock=now)
        assert (own.value.code, unlimited.value.code) == ("OWN_STANDING_ORDER", "ENVELOPE_OPEN")
        assert await fetch_value("SELECT count(approved_by_id) FROM standing_order") == 0


class TestTerms:
    @pytest.mark.parametrize(
        "calendar",
        [
            Calendar("weekly", date(2026, 1, 1)),
            Calendar("weekly", date(2026, 1, 1), weekdays=(0,)),
            Calendar("weekly", date(2026, 1, 1), weekdays=(1, 1)),
            Calendar("weekly", date(2026, 1, 1), 0, weekdays=(1,)),
            Calendar("weekly", date(2026, 1, 1), weekdays=(1,), day_of_month=3),
            Calendar("monthly_by_date", date(2026, 1, 1)),
            Calendar("monthly_by_date", date(2026, 1, 1), day_of_month=32),
            Calendar("monthly_by_weekday", date(2026, 1, 1), weekdays=(1, 2), week_of_month=1),
            Calendar("monthly_by_weekday", date(2026, 1, 1), weekdays=(1,), week_of_month=6),
            Calendar("monthly_by_weekday", date(2026, 1, 1), weekdays=(1,)),
            Calendar("weekly", date(2026, 1, 2), weekdays=(1,), ends_on=date(2026, 1, 1)),
            Calendar("weekly", date(2026, 1, 2), weekdays=(1,), holiday_country="XX"),
        ],
    )
    async def test_calendars_that_say_nothing(
        self, buyer: Actor, offer: Offer, calendar: Calendar
    ) -> None:
        with pytest.raises(InvalidInput) as refused:
            await make_standing(buyer, terms(offer, calendar=calendar))
        assert refused.value.path[0] == "calendar"

    async def test_what_else_is_refused(self, buyer: Actor, offer: Offer) -> None:
        seller = await make_seller(currency="EUR")
        euro, packed = await make_offer(seller), await make_offer(await make_seller(), pack="6")
        hidden = await make_offer(await make_seller())
        await Offer.filter(id=hidden.id).update(restricted=True)
        past = Calendar("weekly", date(2025, 1, 1), weekdays=(1,), ends_on=date(2025, 12, 31))
        good = terms(offer)
        line = good.lines[0]
        cases = [
            (replace(good, lines=()), "INVALID_INPUT"),
            (replace(good, lines=(line, line)), "INVALID_INPUT"),
            (replace(good, lines=(line, StandingLine(euro.id, D(1)))), "INVALID_INPUT"),
            (replace(good, lines=(replace(line, max_quantity=D(9)),)), "INVALID_INPUT"),
            (replace(good, max_total=D(0)), "INVALID_INPUT"),
            (replace(good, name=" "), "INVALID_INPUT"),
            (terms(packed), "QUANTITY_NOT_ORDERABLE"),
            (terms(hidden), "NOT_FOUND"),
            (replace(good, delivery_address_id=offer.id), "NOT_FOUND"),
            (replace(good, calendar=past), "NO_DATES"),
        ]
        for given, code in cases:
            with pytest.raises(DomainError) as refused:
                await make_standing(buyer, given)
            assert refused.value.code == code, given
        with pytest.raises(Forbidden):
            await make_standing(await colleague(buyer, Role.APPROVER), good)
        assert await fetch_value("SELECT count(*) FROM standing_order") == 0
