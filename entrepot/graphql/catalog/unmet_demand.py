"""Searches that found nothing, for operators."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry

from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.errors import CommonErrors
from entrepot.graphql.fields import argument, field, mutation
from entrepot.graphql.node import encode_id
from entrepot.graphql.paging import After, Connection, First, connect, page_of
from entrepot.platform.catalog.unmet_demand import queries, service
from entrepot.search.found_now import found_now


async def load_askers(
    context: RequestContext, keys: Sequence[str]
) -> Mapping[str, list[queries.AskerRow]]:
    """Who asked, by question."""
    return await queries.askers(context.require_actor(), keys)


async def load_found(context: RequestContext, texts: Sequence[str]) -> Mapping[str, int]:
    """How many offers the operator finds by each text today."""
    return await found_now(context.resources.search, context.require_actor(), texts)


@strawberry.type(description="A company that looked for something in vain.")
class UnmetDemandAsker:
    """One company of a question."""

    company_id: strawberry.ID = strawberry.field(description="The company.")
    name: str = strawberry.field(description="Its name.")
    searches: int = strawberry.field(description="How often it asked.")
    first_at: datetime = strawberry.field(description="When it first asked.")
    last_at: datetime = strawberry.field(description="When it last asked.")


@strawberry.type(description="What buyers look for and nobody supplies.")
class UnmetDemand:
    """One question; its spellings count together."""

    query: str = strawberry.field(description="As it was last written.")
    companies: int = strawberry.field(description="How many companies asked.")
    searches: int = strawberry.field(description="How often they asked in all.")
    first_at: datetime = strawberry.field(description="When it was first asked.")
    last_at: datetime = strawberry.field(description="When it was last asked.")
    row: strawberry.Private[queries.UnmetRow]

    @classmethod
    def from_row(cls, row: queries.UnmetRow) -> "UnmetDemand":
        """Show a row."""
        return cls(
            query=row.text,
            companies=row.companies,
            searches=row.searches,
            first_at=row.first_at,
            last_at=row.last_at,
            row=row,
        )

    @field("Offers that it finds today among all offers, also those shown to some buyers only.")
    async def now_found(self, info: Info) -> int:
        return await info.context.load(load_found, self.row.text) or 0

    @field("Who asked, the most frequent first; at most 50.")
    async def asked_by(self, info: Info) -> list[UnmetDemandAsker]:
        rows = await info.context.load(load_askers, self.row.key) or []
        return [
            UnmetDemandAsker(
                company_id=strawberry.ID(encode_id("Company", one.company_id)),
                name=one.name,
                searches=one.searches,
                first_at=one.first_at,
                last_at=one.last_at,
            )
            for one in rows
        ]


@strawberry.enum(description="What an operator says of a question.")
class UnmetDemandVerdict(Enum):
    """Verdicts of the service."""

    DONE = strawberry.enum_value("done", description="Seen to: listed again when asked again.")
    SPAM = strawberry.enum_value("spam", description="No demand: never listed again.")

    @property
    def verdict(self) -> service.Verdict:
        """What the service calls it."""
        return service.Verdict[self.name]


@strawberry.input(description="The question to take off the list.")
class DismissUnmetDemandInput:
    """A question in any spelling."""

    query: str = strawberry.field(description="As `UnmetDemand.query` has it, or spelt otherwise.")
    verdict: UnmetDemandVerdict = strawberry.field(description="Why it goes.")


@strawberry.type(description="The question is off the list.")
class DismissUnmetDemandPayload:
    """What was dismissed."""

    query: str = strawberry.field(description="As it was given.")


DismissUnmetDemandResult = Annotated[
    DismissUnmetDemandPayload | CommonErrors,
    strawberry.union("DismissUnmetDemandResult", description="Done, or why nothing was done."),
]


@strawberry.type
class UnmetDemandQuery:
    """Root fields."""

    @field(
        "Searches of buyers that found nothing, of most companies first, of the last 13 months"
        " (needs `marketplace.operate`)."
    )
    async def unmet_demand(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[UnmetDemand]:
        actor = info.context.require_actor()
        page = page_of(first, after, order="unmetDemand", keys=(int, int, str))
        seen = (page.after[0], page.after[1], page.after[2]) if page.after else None
        rows = await queries.unmet_demand(actor, after=seen, limit=page.limit)
        return connect(
            rows,
            page,
            node=UnmetDemand.from_row,
            key=lambda row: (row.companies, row.searches, row.key),
        )


@strawberry.type
class UnmetDemandMutation:
    """Root fields."""

    @mutation("Take a search that found nothing off the list (`marketplace.operate`).")
    async def dismiss_unmet_demand(
        self,
        info: Info,
        input: Annotated[DismissUnmetDemandInput, argument("Which one, and why.")],
    ) -> DismissUnmetDemandResult:
        actor = info.context.require_actor()
        verdict = input.verdict.verdict
        await service.dismiss(actor, input.query, verdict, clock=info.context.resources.clock)
        return DismissUnmetDemandPayload(query=input.query)
