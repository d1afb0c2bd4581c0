"""Pure rules of carts: what becomes of two lines, of notes, and how changes are worded."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.platform.carts.changes import (
    ChangeKind,
    LineChange,
    no_longer_offered,
    price_changes,
    quantity_changes,
)
from entrepot.platform.carts.errors import CartTooLarge, QuantityNotOrderable
from entrepot.platform.carts.rules import (
    MAX_LINE_NOTE,
    HeldLine,
    LineDelivery,
    added_up,
    check_wanted_on,
    ensure_orderable,
    joined_notes,
)
from entrepot.platform.catalog.rules import check_quantity
from entrepot.platform.errors import InvalidInput
from entrepot.platform.ids import new_id

OFFER = new_id()
ADDRESSES = [new_id() for _ in range(3)]
quantities = st.decimals("0.001", "1000000", places=3)
notes = st.text("ab; …", max_size=20)
deliveries = st.dictionaries(st.sampled_from(ADDRESSES), quantities, max_size=3)
days = st.none() | st.dates(date(2026, 1, 1), date(2027, 1, 1))


@st.composite
def lines(draw: st.DrawFn) -> HeldLine:
    """A line that holds at least what its addresses get."""
    parts = draw(deliveries)
    return HeldLine(
        id=new_id(),
        offer_id=OFFER,
        cost_center="",
        quantity=draw(quantities) + sum(parts.values(), Decimal(0)),
        seen_discount=draw(st.decimals("0", "100", places=4)),
        note=draw(notes),
        wanted_on=draw(days),
        deliveries=tuple(LineDelivery(*part) for part in parts.items()),
    )


def _by_address(line: HeldLine) -> dict[UUID, Decimal]:
    return {part.address_id: part.quantity for part in line.deliveries}


@given(lines(), lines())
def test_two_lines_as_one_lose_nothing(one: HeldLine, two: HeldLine) -> None:
    both = added_up(one, two)
    assert both.id == one.id
    assert both.quantity == one.quantity + two.quantity
    assert both.seen_discount == one.seen_discount + two.seen_discount
    first, second = _by_address(one), _by_address(two)
    for address in ADDRESSES:
        expected = first.get(address, Decimal(0)) + second.get(address, Decimal(0))
        assert _by_address(both).get(address, Decimal(0)) == expected
    assert len(both.deliveries) == len(first | second)
    assert sum(_by_address(both).values()) <= both.quantity
    dates = {one.wanted_on, two.wanted_on} - {None}
    assert both.wanted_on == (min(dates) if dates else None)  # type: ignore[type-var]
    for said in (*one.note.split("; "), *two.note.split("; ")):
        assert said in both.note


def test_notes_are_joined_once_and_cut() -> None:
    assert joined_notes(["red", "", "blue", "red"]) == "red; blue"
    assert joined_notes(["red; blue", "blue"]) == "red; blue"
    assert joined_notes([]) == ""
    long = joined_notes(["a" * 400, "b" * 400])
    assert len(long) == MAX_LINE_NOTE
    assert long.endswith("b…")


def test_wanted_dates() -> None:
    now = datetime(2026, 11, 23, 1, tzinfo=UTC)
    for fine in (None, date(2026, 11, 22), date(2026, 11, 23), date(9999, 12, 31)):
        check_wanted_on(fine, now)  # where it is still the 22nd, the 22nd is today
    for past in (date(2026, 11, 21), date(1, 1, 1)):
        with pytest.raises(InvalidInput):
            check_wanted_on(past, now)


def test_quantities_that_can_be_ordered() -> None:
    terms = {"pack": Decimal(10), "minimum": Decimal(20), "step": Decimal(10)}
    for fine in (20, 30, 100):
        ensure_orderable(OFFER, Decimal(fine), **terms, maximum=Decimal(100))
    for wanted, proposed, outcome in (
        (5, 20, "BELOW_MINIMUM"), (24, 30, "PACK_ROUNDED"), (101, 100, "ABOVE_MAXIMUM"),
    ):  # fmt: skip
        with pytest.raises(QuantityNotOrderable) as refused:
            ensure_orderable(OFFER, Decimal(wanted), **terms, maximum=Decimal(100))
        assert (refused.value.proposed, refused.value.outcome) == (proposed, outcome)
    with pytest.raises(CartTooLarge):
        ensure_orderable(OFFER, Decimal(10**9 + 10), **terms)


def _kinds(changes: list[LineChange]) -> list[ChangeKind]:
    return [change.kind for change in changes]


def test_prices_and_discounts_are_compared() -> None:
    zero, ten, twelve = Decimal(0), Decimal(10), Decimal(12)
    assert price_changes((ten, zero), (Decimal("10.0000"), zero), "RUB") == []
    assert _kinds(price_changes((ten, zero), (twelve, zero), "RUB")) == ["price_up"]
    both = price_changes((twelve, ten), (ten, zero), "RUB")
    assert [(one.kind, one.old, one.new) for one in both] == [
        ("price_down", 12, 10),
        ("discount_changed", 10, 0),
    ]
    assert [one.reason("en") for one in both] == [
        "The price of one fell from 12 to 10 RUB.",
        "The discount on the line was 10 and is now 0 RUB.",
    ]
    assert [one.reason("ru") for one in both] == [
        "Цена за единицу снизилась с 12 до 10 RUB.",
        "Скидка на строку была 10, теперь 0 RUB.",
    ]


def test_stock_and_packs_stand_in_the_way() -> None:
    wanted = check_quantity(Decimal(7), Decimal(5), Decimal(5), Decimal(5))
    found = quantity_changes(wanted, Decimal(-2), "RUB")
    assert [(one.kind, one.old, one.new) for one in found] == [
        ("short", 7, 0),
        ("quantity_not_orderable", 7, 10),
    ]
    assert [one.reason("en") for one in found] == ["7 wanted, 0 available now.",
                                                   "7 → 10: sold by 5."]  # fmt: skip
    assert found[1].reason("ru") == "7 → 10: кратно 5."
    fine = check_quantity(Decimal(10), Decimal(5), Decimal(5), Decimal(5))
    assert quantity_changes(fine, Decimal(10), "RUB") == []
    gone = no_longer_offered(Decimal(3), "RUB")[0]
    assert (gone.kind, gone.old, gone.new) == ("not_offered", 3, 0)
    assert gone.reason("ru").startswith("Больше не продаётся.")
