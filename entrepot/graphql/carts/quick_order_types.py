"""Quick orders and their lines in GraphQL; the offers of a page of lines are loaded with it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from entrepot.graphql.carts.quick_order_enums import (
    QuickOrderMatch,
    QuickOrderOutcome,
    QuickOrderSource,
)
from entrepot.graphql.carts.types import Cart, load_carts
from entrepot.graphql.catalog.loading import wanted_parts
from entrepot.graphql.catalog.types import Offer
from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.fields import argument, field
from entrepot.graphql.node import Node, encode_id, register_node
from entrepot.graphql.paging import After, Connection, First, connect, page_of
from entrepot.graphql.selection import names_below
from entrepot.interchange.quick_order import remaining_csv
from entrepot.platform.carts.quick_order import queries
from entrepot.platform.carts.quick_order.wording import reason_of
from entrepot.platform.errors import DomainError
from entrepot.platform.pricing import offer_pages

_OFFERS = frozenset({"offer", "candidates", "alternatives", "suggestions"})


Offers = Mapping[UUID, Offer]


@strawberry.type(description="A line as it came, what it means and what is proposed.")
class QuickOrderLine:
    row: strawberry.Private[queries.QuickOrderLineRow]
    offers: strawberry.Private[Offers]

    @field("Its place in the list, from 1; blank lines count.")
    def line_number(self) -> int:
        return self.row.line.line_number

    @field("The line as it came.")
    def text(self) -> str:
        return self.row.line.text

    @field("The article as it was written.")
    def number(self) -> str:
        return self.row.line.number

    @field("The quantity as it was written, in `unit`; null where none can be read.")
    def quantity(self) -> Decimal | None:
        return self.row.line.quantity

    @field("UN/ECE Rec 20 code of the unit written; null for the product's own.")
    def unit(self) -> str | None:
        return self.row.line.unit

    @field("What became of it.")
    def outcome(self) -> QuickOrderOutcome:
        return QuickOrderOutcome(self.row.line.outcome.value)

    @field("How its article was found.")
    def matched_by(self) -> QuickOrderMatch | None:
        found = self.row.line.matched_by
        return QuickOrderMatch(found.value) if found else None

    @field("What is to be said of it, in your language.")
    def reason(self, info: Info) -> str:
        return reason_of(self.row.line, info.context.locale)

    @field("The offer that is proposed, if you can still see it.")
    def offer(self) -> Offer | None:
        found = self.row.line.offer_id
        return self.offers.get(found) if found else None

    @field(
        "How much is proposed, in the product's unit, for this line and those counted in it. Of "
        "an INVALID line: what was probably meant."
    )
    def proposed_quantity(self) -> Decimal | None:
        return self.row.line.proposed_quantity

    @field("UN/ECE Rec 20 code of the unit that was probably meant, where none is known so.")
    def proposed_unit(self) -> str | None:
        found: str | None = self.row.line.details.get("meant_unit")
        return found

    @field("How much is in stock, where that is less than wanted.")
    def available(self) -> Decimal | None:
        found = self.row.line.details.get("available")
        return None if found is None else Decimal(found)

    @field("Of an AMBIGUOUS line: an offer of each article meant, at most 10.")
    def candidates(self) -> list[Offer]:
        return self._named("candidates")

    @field("Other sellers' offers of the same article, the likeliest first, at most 10.")
    def alternatives(self) -> list[Offer]:
        return self._named("alternatives")

    @field("Of a line that was not found: up to 3 offers that come near.")
    def suggestions(self) -> list[Offer]:
        return self._named("suggestions")

    @field("The line that this one's quantity is counted in; it does nothing of its own then.")
    def merged_into(self) -> int | None:
        return self.row.line.merged_into

    @field("The later lines with the same article, whose quantities are counted here.")
    def merged_lines(self) -> list[int]:
        return list(self.row.line.details.get("merged", ()))

    @field("Whether it went into the cart, by itself or counted in another line.")
    def taken(self) -> bool:
        return self.row.taken

    def _named(self, name: str) -> list[Offer]:
        ids = self.row.line.ids(name)
        return [self.offers[one] for one in ids if one in self.offers]


@strawberry.type(description="How many lines have an outcome; lines counted in others left out.")
class QuickOrderCount:
    outcome: QuickOrderOutcome = strawberry.field(description="The outcome.")
    count: int = strawberry.field(description="How many lines.")


@strawberry.type(description="A file as text.")
class QuickOrderFile:
    file_name: str = strawberry.field(description="What to call it.")
    media_type: str = strawberry.field(description="What it is.")
    content: str = strawberry.field(description="Its text, to be saved as UTF-8.")


async def load_counts(
    _context: RequestContext, ids: Sequence[UUID]
) -> Mapping[UUID, queries.QuickOrderCounts]:
    """Counts by quick order; load own ones only."""
    return await queries.counts_of(ids)


@strawberry.type(description="A list that was read and matched, to be looked at and confirmed.")
class QuickOrder(Node):
    source: QuickOrderSource = strawberry.field(description="Where its lines came from.")
    file_name: str | None = strawberry.field(description="Name of the file, where it was one.")
    created_at: datetime = strawberry.field(description="When it was prepared.")
    confirmed_at: datetime | None = strawberry.field(description="When it went into a cart.")
    row: strawberry.Private[queries.QuickOrderRow]

    @classmethod
    def from_row(cls, row: queries.QuickOrderRow) -> "QuickOrder":
        """Show a row of the actor's own."""
        return cls(
            id=encode_id("QuickOrder", row.id),
            source=QuickOrderSource(row.source),
            file_name=row.file_name,
            created_at=row.created_at,
            confirmed_at=row.confirmed_at,
            row=row,
        )

    @field("The cart it went into, if it still is one.")
    async def cart(self, info: Info) -> Cart | None:
        if self.row.cart_id is None:
            return None
        found = await info.context.load(load_carts, self.row.cart_id)
        return Cart.of(found.id) if found else None

    @field("How many lines have each outcome.")
    async def counts(self, info: Info) -> list[QuickOrderCount]:
        found = await info.context.load(load_counts, self.row.id)
        return [
            QuickOrderCount(outcome=QuickOrderOutcome(outcome.value), count=count)
            for outcome, count in (found.by_outcome.items() if found else ())
        ]

    @field("How many lines are counted in others, which name the same article.")
    async def merged_count(self, info: Info) -> int:
        found = await info.context.load(load_counts, self.row.id)
        return found.merged if found else 0

    @field("How many lines went into the cart.")
    async def taken_count(self, info: Info) -> int:
        found = await info.context.load(load_counts, self.row.id)
        return found.taken if found else 0

    @field("A page of its lines, in their order.")
    async def lines(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        outcomes: Annotated[
            list[QuickOrderOutcome] | None, argument("Only lines with these outcomes.")
        ] = None,
    ) -> Connection[QuickOrderLine]:
        page = page_of(first, after, order="quick_order.lines", keys=(int,))
        rows = await queries.lines_page(
            self.row.id,
            after=page.after[0] if page.after else 0,
            limit=page.limit,
            outcomes=_values(outcomes),
        )
        offers = await _offers(info, self.row, rows)
        return connect(
            rows,
            page,
            node=lambda row: QuickOrderLine(row=row, offers=offers),
            key=lambda row: (row.line.line_number,),
        )

    @field("All its lines at once, at most 1,000, in their order.")
    async def all_lines(
        self,
        info: Info,
        outcomes: Annotated[
            list[QuickOrderOutcome] | None, argument("Only lines with these outcomes.")
        ] = None,
    ) -> list[QuickOrderLine]:
        rows = await queries.lines_page(
            self.row.id, after=0, limit=queries.MOST_LINES, outcomes=_values(outcomes)
        )
        offers = await _offers(info, self.row, rows)
        return [QuickOrderLine(row=row, offers=offers) for row in rows]

    @field(
        "The lines that were not taken (before the confirmation: that need a choice) with the "
        "reasons, in your language, as a CSV file that can be mended and sent again."
    )
    async def remaining_lines_file(self, info: Info) -> QuickOrderFile:
        confirmed = self.row.confirmed_at is not None
        lines = await queries.remaining_lines(self.row.id, confirmed=confirmed)
        return QuickOrderFile(
            file_name="remaining-lines.csv",
            media_type="text/csv; charset=utf-8",
            content=remaining_csv(lines, info.context.locale),
        )


def _values(outcomes: Iterable[QuickOrderOutcome] | None) -> list[str] | None:
    return None if outcomes is None else [str(one.value) for one in outcomes]


async def _offers(
    info: Info, quick_order: queries.QuickOrderRow, rows: Sequence[queries.QuickOrderLineRow]
) -> Offers:
    """The offers that the operation asks of the lines and the actor may see; one statement.

    Priced for the quick order's legal entity.
    """
    asked = names_below(info) & _OFFERS
    wanted: set[UUID] = set()
    for row in rows:
        if "offer" in asked and row.line.offer_id is not None:
            wanted.add(row.line.offer_id)
        for name in asked - {"offer"}:
            wanted.update(row.line.ids(name))
    if not wanted:
        return {}
    buyer = replace(info.context.require_actor(), legal_entity_id=quick_order.legal_entity_id)
    pages = await offer_pages.offers_by_ids(buyer, wanted, wanted_parts(info))
    return {key: Offer.from_page(page) for key, page in pages.items()}


async def _quick_order_node(context: RequestContext, key: UUID) -> QuickOrder | None:
    try:
        return QuickOrder.from_row(await queries.quick_order_of(context.require_actor(), key))
    except DomainError:
        return None


register_node("QuickOrder", _quick_order_node)
