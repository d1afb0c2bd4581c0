"""A company's own article numbers in GraphQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from entrepot.graphql.catalog.loading import load_offers, load_products
from entrepot.graphql.catalog.types import Offer, Product
from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.errors import CommonErrors
from entrepot.graphql.fields import argument, field, mutation
from entrepot.graphql.node import Node, decode_id, encode_id, register_node
from entrepot.graphql.once import once
from entrepot.graphql.paging import After, Connection, First, connect, page_of
from entrepot.platform.catalog.aliases import queries, service


@strawberry.type(description="Your company's own number for an article.")
class BuyerAlias(Node):
    number: str = strawberry.field(description="As your company writes it.")
    learned_by: str | None = strawberry.field(description="Name of the person who taught it.")
    updated_at: datetime = strawberry.field(description="When it was last taught.")
    row: strawberry.Private[queries.AliasRow]

    @classmethod
    def from_row(cls, row: queries.AliasRow) -> "BuyerAlias":
        """Show a row."""
        return cls(
            id=encode_id("BuyerAlias", row.id),
            number=row.number,
            learned_by=row.learned_by,
            updated_at=row.updated_at,
            row=row,
        )

    @field("The article it means.")
    async def product(self, info: Info) -> Product | None:
        row = await info.context.load(load_products, self.row.product_id)
        return Product.from_row(row) if row else None

    @field("The offer last chosen for it, if you can still see it.")
    async def offer(self, info: Info) -> Offer | None:
        if self.row.offer_id is None:
            return None
        row = await info.context.load(load_offers, self.row.offer_id)
        return Offer.from_row(row) if row else None


async def load_aliases(
    context: RequestContext, ids: Sequence[UUID]
) -> Mapping[UUID, queries.AliasRow]:
    """The company's own numbers by id."""
    return await queries.aliases_by_ids(context.require_actor(), ids)


async def _alias_node(context: RequestContext, key: UUID) -> BuyerAlias | None:
    row = await context.load(load_aliases, key)
    return BuyerAlias.from_row(row) if row else None


register_node("BuyerAlias", _alias_node)


@strawberry.input(description="A number of yours and what it means.")
class SetBuyerAliasInput:
    number: str = strawberry.field(description="As your company writes it.")
    offer_id: strawberry.ID = strawberry.field(
        description="The offer to choose for it; the number means its product."
    )


@strawberry.input(description="The number to forget.")
class RemoveBuyerAliasInput:
    alias_id: strawberry.ID = strawberry.field(description="A `BuyerAlias`.")


@strawberry.type(description="The number as it is known now.")
class BuyerAliasPayload:
    alias: BuyerAlias = strawberry.field(description="The number.")


@strawberry.type(description="The number is forgotten.")
class RemoveBuyerAliasPayload:
    alias_id: strawberry.ID = strawberry.field(description="What it was.")


SetBuyerAliasResult = Annotated[
    BuyerAliasPayload | CommonErrors,
    strawberry.union("SetBuyerAliasResult", description="The number, or why it was not taken."),
]
RemoveBuyerAliasResult = Annotated[
    RemoveBuyerAliasPayload | CommonErrors,
    strawberry.union("RemoveBuyerAliasResult", description="The id, or why nothing was done."),
]


@strawberry.type
class BuyerAliasQuery:
    """Root fields."""

    @field("Your company's own article numbers, by number (needs `cart.manage`).")
    async def buyer_aliases(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[BuyerAlias]:
        actor = info.context.require_actor()
        page = page_of(first, after, order="aliases", keys=(str, UUID))
        seen = (page.after[0], page.after[1]) if page.after else None
        rows = await queries.aliases(actor, after=seen, limit=page.limit)
        return connect(rows, page, node=BuyerAlias.from_row, key=lambda row: (row.number, row.id))


@strawberry.type
class BuyerAliasMutation:
    """Root fields."""

    @mutation("Teach a number of your own; what it meant before is replaced (`cart.manage`).")
    async def set_buyer_alias(
        self, info: Info, input: Annotated[SetBuyerAliasInput, argument("The number.")]
    ) -> SetBuyerAliasResult:
        actor = info.context.require_actor()
        offer_id = decode_id(input.offer_id, "Offer", "input", "offerId")
        made = await service.set_alias(actor, input.number, offer_id)
        rows = await queries.aliases_by_ids(actor, [made])
        return BuyerAliasPayload(alias=BuyerAlias.from_row(rows[made]))

    @mutation("Forget a number of your own (`cart.manage`).")
    async def remove_buyer_alias(
        self, info: Info, input: Annotated[RemoveBuyerAliasInput, argument("The number.")]
    ) -> RemoveBuyerAliasResult:
        actor = info.context.require_actor()
        key = decode_id(input.alias_id, "BuyerAlias", "input", "aliasId")

        async def remove() -> UUID:
            await service.remove_alias(actor, key)
            return key

        await once(info, input, remove)
        return RemoveBuyerAliasPayload(alias_id=input.alias_id)
