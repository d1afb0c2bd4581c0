"""A proposed split as the buyer sees it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts.sourcing.model import CostedSplit
from entrepot.platform.carts.sourcing.queries import Lack, Market, Wanted
from entrepot.platform.carts.sourcing.solving import OPTIMAL, Solved
from entrepot.platform.quantities import plain

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class PlanPart:
    """How much of a line comes from one offer; `net` is without tax, promotions and delivery."""

    offer_id: UUID
    seller_id: UUID
    seller_name: str
    quantity: Decimal
    unit_price: Decimal
    net: Decimal
    lead_time_days: int


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A wanted product, from whom it comes, what is missing and what packs add."""

    product_id: UUID
    wanted: Decimal
    missing: Decimal
    lack: Lack | None
    """Why something is missing."""
    parts: tuple[PlanPart, ...]

    @property
    def excess(self) -> Decimal:
        """How much more than wanted is bought, because of packs and minimums."""
        return max(sum((part.quantity for part in self.parts), ZERO) - self.wanted, ZERO)


@dataclass(frozen=True, slots=True)
class PlanSeller:
    """What one seller gets and when all of it is there."""

    seller_id: UUID
    name: str
    goods: Decimal
    delivery: Decimal
    lead_time_days: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A split that may be ordered; amounts are net, in one currency."""

    currency: str
    lines: tuple[PlanLine, ...]
    sellers: tuple[PlanSeller, ...]
    gap: Decimal | None
    """The share of the total that another split could save at most; None: not known."""

    @property
    def goods(self) -> Decimal:
        """The net value of all goods."""
        return sum((one.goods for one in self.sellers), ZERO)

    @property
    def delivery(self) -> Decimal:
        """All delivery charges, net."""
        return sum((one.delivery for one in self.sellers), ZERO)

    @property
    def total(self) -> Decimal:
        """Goods and delivery."""
        return self.goods + self.delivery

    @property
    def lead_time_days(self) -> int:
        """When the last delivery is there."""
        return max((one.lead_time_days for one in self.sellers), default=0)

    @property
    def short_lines(self) -> int:
        """How many lines lack something."""
        return sum(1 for line in self.lines if line.missing)

    @property
    def optimal(self) -> bool:
        """Whether it is proven that no split with as little missing is cheaper."""
        return self.gap is not None and self.gap <= OPTIMAL

    def reason(self, locale: str) -> str:
        """Say in a sentence or two how good the split is."""
        return _reason_ru(self) if locale == "ru" else _reason_en(self)


def _percent(gap: Decimal) -> str:
    return plain((gap * 100).quantize(Decimal("0.0001")))


def _reason_en(plan: Plan) -> str:
    lines, sellers = len(plan.lines), len(plan.sellers)
    if not sellers:
        return "Nobody can deliver any of it."
    first = f"Lines in full: {lines - plan.short_lines} of {lines}, sellers: {sellers}"
    if plan.gap is None:
        return f"{first}; the time was up before it was known how much a better split might save."
    if plan.optimal:
        return f"{first}; no other split with as little missing is cheaper."
    return f"{first}; no other split with as little missing is over {_percent(plan.gap)} % cheaper."


def _reason_ru(plan: Plan) -> str:
    lines, sellers = len(plan.lines), len(plan.sellers)
    if not sellers:
        return "Поставить не может никто."
    first = f"Строк полностью: {lines - plan.short_lines} из {lines}, продавцов: {sellers}"
    if plan.gap is None:
        return f"{first}; за отведённое время не выяснено, сколько можно ещё сэкономить."
    if plan.optimal:
        return f"{first}; более дешёвого распределения с той же полнотой нет."
    return f"{first}; дешевле более чем на {_percent(plan.gap)} % с той же полнотой не бывает."


def plan_of(market: Market, wanted: list[Wanted], solved: Solved) -> Plan:
    """Show what was solved."""
    problem, split = market.problem, solved.plan
    parts: list[list[PlanPart]] = [[] for _ in wanted]
    lead_times: dict[UUID, int] = {}
    for index, quantity in sorted(split.quantities.items()):
        choice = problem.choices[index]
        held = lead_times.get(choice.seller_id, 0)
        lead_times[choice.seller_id] = max(held, choice.lead_time_days)
        parts[choice.line].append(
            PlanPart(
                offer_id=choice.offer_id,
                seller_id=choice.seller_id,
                seller_name=market.sellers[choice.seller_id],
                quantity=quantity,
                unit_price=choice.unit_price(quantity),
                net=choice.goods(quantity, problem.currency),
                lead_time_days=choice.lead_time_days,
            )
        )
    lines = tuple(
        PlanLine(
            product_id=one.product_id,
            wanted=one.quantity,
            missing=split.missing[line],
            lack=market.lacks[line] if split.missing[line] else None,
            parts=tuple(parts[line]),
        )
        for line, one in enumerate(wanted)
    )
    return Plan(problem.currency, lines, _sellers(market, split, lead_times), solved.gap)


def _sellers(
    market: Market, split: CostedSplit, lead_times: dict[UUID, int]
) -> tuple[PlanSeller, ...]:
    found = [
        PlanSeller(
            seller_id=one.seller_id,
            name=market.sellers[one.seller_id],
            goods=one.goods,
            delivery=one.delivery,
            lead_time_days=lead_times[one.seller_id],
        )
        for one in split.sellers
    ]
    return tuple(sorted(found, key=lambda one: (one.name, one.seller_id)))
