"""Approvals in GraphQL: the types, made of what was handed in and of today's prices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID

import strawberry

from entrepot.graphql.carts.approval_errors import ApprovalPerson, people
from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.fields import field
from entrepot.graphql.money import Money
from entrepot.graphql.node import Node, encode_id
from entrepot.platform.carts.approvals.drift import present_lines
from entrepot.platform.carts.approvals.rules import ApprovalStatus as Status
from entrepot.platform.carts.approvals.snapshots import SnapshotLine
from entrepot.platform.carts.approvals.views import ApprovalView, DecisionView, StepView
from entrepot.platform.quantities import trimmed


@strawberry.enum(description="Where an approval stands.")
class ApprovalStatus(Enum):
    """The states of an approval."""

    PENDING = strawberry.enum_value("pending", description="Somebody is asked to decide.")
    APPROVED = strawberry.enum_value("approved", description="Agreed: the cart can be ordered.")
    REFUSED = strawberry.enum_value("refused", description="Refused with a reason.")
    EXPIRED = strawberry.enum_value("expired", description="Nobody decided in time.")
    WITHDRAWN = strawberry.enum_value("withdrawn", description="Taken back.")
    ORDERED = strawberry.enum_value("ordered", description="Agreed, and the cart was ordered.")


@dataclass(frozen=True, slots=True)
class Present:
    """What a waiting cart costs now: lines that can still be bought by their id, and delivery."""

    lines: Mapping[UUID, SnapshotLine]
    delivery: Mapping[str, Decimal]


async def load_present(
    context: RequestContext, keys: Sequence[ApprovalView]
) -> Mapping[ApprovalView, Present]:
    """Price the carts that wait or are agreed; each as the order of its own that it would be."""
    found: dict[ApprovalView, Present] = {}
    for view in keys:
        if view.status in (Status.PENDING, Status.APPROVED):
            now = context.resources.clock.now()
            found[view] = Present(*await present_lines(view, view.snapshot, now))
    return found


@strawberry.type(description="A line that was handed in, with its price then and now.")
class ApprovalLine:
    """A line of the cart as it was handed in or last agreed."""

    then: strawberry.Private[SnapshotLine]
    now: strawberry.Private[SnapshotLine | None]
    live: strawberry.Private[bool]

    def _money(self, amount: Decimal) -> Money:
        return Money(amount=amount, currency=self.then.currency)

    @field("Global id of the cart's line; approvers name it to change the quantity.")
    def line_id(self) -> strawberry.ID:
        return encode_id("CartLine", self.then.line_id)

    @field("Global id of the offer.")
    def offer_id(self) -> strawberry.ID:
        return encode_id("Offer", self.then.offer_id)

    @field("The seller's number of the article.")
    def article_number(self) -> str:
        return self.then.article_number

    @field("What the article is called, in your language.")
    def title(self, info: Info) -> str:
        return self.then.title(info.context.locale)

    @field("Unit of the quantity, UN/ECE Recommendation 20.")
    def unit(self) -> str:
        return self.then.unit

    @field("Name of the selling company.")
    def seller_name(self) -> str:
        return self.then.seller_name

    @field("Cost centre; empty where none is named.")
    def cost_center(self) -> str:
        return self.then.cost_center

    @field("How much is wanted.")
    def quantity(self) -> Decimal:
        return self.then.quantity

    @field("Price of one unit as handed in or last agreed.")
    def unit_price(self) -> Money:
        return self._money(self.then.unit_price)

    @field("Discount off the line as handed in or last agreed.")
    def discount(self) -> Money:
        return self._money(self.then.discount)

    @field("Net amount as handed in or last agreed.")
    def net(self) -> Money:
        return self._money(self.then.net)

    @field("Price of one unit now; null once decided against, or where it is not sold any more.")
    def unit_price_now(self) -> Money | None:
        return None if self.now is None else self._money(self.now.unit_price)

    @field("Net amount now; null once decided against, or where it is not sold any more.")
    def net_now(self) -> Money | None:
        return None if self.now is None else self._money(self.now.net)

    @field("Whether the net amount now differs.")
    def price_changed(self) -> bool:
        return self.now is not None and self.now.net != self.then.net

    @field("Whether it can still be bought; true once the approval is closed.")
    def offered(self) -> bool:
        return not self.live or self.now is not None


@strawberry.type(description="The sum of one currency, delivery included, without tax.")
class ApprovalTotal:
    """A sum then and now."""

    net: Money = strawberry.field(description="As handed in or last agreed.")
    delivery: Money = strawberry.field(description="Delivery in it.")
    net_now: Money | None = strawberry.field(
        description="Now; lines that are not sold any more count as they did. Null once closed."
    )
    risen: bool = strawberry.field(
        description="Whether it costs more now, so that approving needs `acceptPriceChanges`."
    )


@strawberry.type(description="A step of an approval: any one of those asked decides it.")
class ApprovalStep:
    """A step."""

    number: int = strawberry.field(description="Its number, from 1.")
    approvers: list[ApprovalPerson] = strawberry.field(description="Whom the rules name.")
    asked: list[ApprovalPerson] = strawberry.field(
        description="Whom it asks at present: alternates of those away, or who is left."
    )

    @classmethod
    def of(cls, step: StepView) -> "ApprovalStep":
        """Show a step."""
        return cls(number=step.number, approvers=people(step.approvers), asked=people(step.asked))


@strawberry.type(description="A quantity that an approver changed.")
class ApprovalChange:
    """A change of a line."""

    line_id: strawberry.ID = strawberry.field(description="Global id of the cart's line.")
    article_number: str = strawberry.field(description="The seller's number of the article.")
    before: Decimal = strawberry.field(description="The quantity before.")
    after: Decimal = strawberry.field(description="The quantity agreed to.")


@strawberry.type(description="What somebody decided on a step.")
class ApprovalDecision:
    """A decision."""

    step: int = strawberry.field(description="The step, from 1.")
    decided_by: ApprovalPerson = strawberry.field(description="Who decided.")
    stands_in_for: ApprovalPerson | None = strawberry.field(
        description="The approver who was away or had left, if they stood in."
    )
    approved: bool = strawberry.field(description="Whether they agreed.")
    reason: str = strawberry.field(description="What they said; refusals always say why.")
    by_link: bool = strawberry.field(description="Whether by the link of the letter.")
    changes: list[ApprovalChange] = strawberry.field(description="Quantities they changed.")
    decided_at: datetime = strawberry.field(description="When.")

    @classmethod
    def of(cls, row: DecisionView, numbers: Mapping[UUID, str]) -> "ApprovalDecision":
        """Show a decision; article numbers by line."""
        return cls(
            step=row.step,
            decided_by=ApprovalPerson.of(row.decided_by),
            stands_in_for=ApprovalPerson.of(row.stands_in_for) if row.stands_in_for else None,
            approved=row.approved,
            reason=row.reason,
            by_link=row.by_link,
            changes=[
                ApprovalChange(
                    line_id=encode_id("CartLine", line_id),
                    article_number=numbers.get(line_id, ""),
                    before=trimmed(before),
                    after=trimmed(after),
                )
                for line_id, before, after in row.changes
            ],
            decided_at=row.decided_at,
        )


@strawberry.type(description="A cart handed in for agreement, as it was then.")
class Approval(Node):
    """A request to agree to a cart."""

    view: strawberry.Private[ApprovalView]

    @classmethod
    def of(cls, view: ApprovalView) -> "Approval":
        """Show an approval."""
        return cls(id=encode_id("Approval", view.id), view=view)

    @field("Where it stands.")
    def status(self) -> ApprovalStatus:
        return ApprovalStatus(self.view.status.value)

    @field("Global id of the cart.")
    def cart_id(self) -> strawberry.ID:
        return encode_id("Cart", self.view.cart_id)

    @field("Name of the cart when it was handed in.")
    def cart_name(self) -> str:
        return self.view.snapshot.cart_name

    @field("Name of the legal entity that orders.")
    def legal_entity_name(self) -> str:
        return self.view.legal_entity_name

    @field("Who asked.")
    def requested_by(self) -> ApprovalPerson:
        return ApprovalPerson.of(self.view.requested_by)

    @field("What they said to it.")
    def note(self) -> str:
        return self.view.note

    @field("Why it is needed, one sentence a rule or budget.")
    def reasons(self, info: Info) -> list[str]:
        return [f"{one.sentence(info.context.locale)}." for one in self.view.reasons]

    @field("The steps, asked one after another.")
    def steps(self) -> list[ApprovalStep]:
        return [ApprovalStep.of(step) for step in self.view.steps]

    @field("The step that is asked now, or was last, from 1.")
    def current_step(self) -> int:
        return self.view.current_step

    @field("What was decided so far.")
    def decisions(self) -> list[ApprovalDecision]:
        numbers = {line.line_id: line.article_number for line in self.view.snapshot.lines}
        return [ApprovalDecision.of(row, numbers) for row in self.view.decisions]

    @field("Whether you are among those who may decide now.")
    def may_decide(self) -> bool:
        return self.view.may_decide

    @field("Whether nobody is left to decide: it can only be withdrawn, or expires.")
    def stuck(self) -> bool:
        return self.view.stuck

    @field("When it was asked for.")
    def requested_at(self) -> datetime:
        return self.view.requested_at

    @field("Until when somebody must decide.")
    def expires_at(self) -> datetime:
        return self.view.expires_at

    @field("When it was closed or the last step agreed.")
    def decided_at(self) -> datetime | None:
        return self.view.decided_at

    @field("What is to be ordered, with prices then and now.")
    async def lines(self, info: Info) -> list[ApprovalLine]:
        present = await info.context.load(load_present, self.view)
        return [
            ApprovalLine(
                then=line,
                now=present.lines.get(line.line_id) if present else None,
                live=present is not None,
            )
            for line in self.view.snapshot.lines
        ]

    @field("The sums by currency, with prices then and now.")
    async def totals(self, info: Info) -> list[ApprovalTotal]:
        present = await info.context.load(load_present, self.view)
        then = self.view.snapshot.totals()
        now = _sums_now(self.view, present) if present else {}
        return [
            ApprovalTotal(
                net=Money(amount=then.get(currency, Decimal(0)), currency=currency),
                delivery=Money(
                    amount=self.view.snapshot.delivery.get(currency, Decimal(0)),
                    currency=currency,
                ),
                net_now=Money(amount=now.get(currency, Decimal(0)), currency=currency)
                if present
                else None,
                risen=now.get(currency, Decimal(0)) > then.get(currency, Decimal(0)),
            )
            for currency in sorted({*then, *now})
        ]


def _sums_now(view: ApprovalView, present: Present) -> dict[str, Decimal]:
    sums = dict(present.delivery)
    for line in view.snapshot.lines:
        counted = present.lines.get(line.line_id, line)
        sums[line.currency] = sums.get(line.currency, Decimal(0)) + counted.net
    return sums
