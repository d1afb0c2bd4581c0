"""Reading the catalogue in GraphQL: products, offers, categories."""

from typing import Annotated
from uuid import UUID

import strawberry

from entrepot.graphql.catalog.loading import load_offers, load_products, viewer, wanted_parts
from entrepot.graphql.catalog.parts import Category
from entrepot.graphql.catalog.types import Offer, Product
from entrepot.graphql.context import Info
from entrepot.graphql.fields import argument, field
from entrepot.graphql.node import decode_id
from entrepot.graphql.paging import After, Connection, First, connect, page_of
from entrepot.platform.catalog import queries
from entrepot.platform.errors import NotFound
from entrepot.platform.pricing import offer_pages


@strawberry.type
class CatalogQuery:
    """Root fields."""

    @field("A product; NOT_FOUND where there is none.")
    async def product(
        self, info: Info, id: Annotated[strawberry.ID, argument("Global id of the product.")]
    ) -> Product:
        viewer(info.context)
        row = await info.context.load(load_products, decode_id(id, "Product", "id"))
        if row is None:
            raise NotFound("product").at("id")
        return Product.from_row(row)

    @field("An offer; NOT_FOUND where there is none or you may not see it.")
    async def offer(
        self, info: Info, id: Annotated[strawberry.ID, argument("Global id of the offer.")]
    ) -> Offer:
        viewer(info.context)
        row = await info.context.load(load_offers, decode_id(id, "Offer", "id"))
        if row is None:
            raise NotFound("offer").at("id")
        return Offer.from_row(row)

    @field("The categories at the top of the tree, by path.")
    async def categories(self, info: Info) -> list[Category]:
        viewer(info.context)
        return [Category.from_row(row) for row in await queries.root_categories()]

    @field("Your company's own offers, inactive ones too, by article number.")
    async def my_offers(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[Offer]:
        actor = viewer(info.context)
        page = page_of(first, after, order="offers.own", keys=(str, UUID))
        seen = (page.after[0], page.after[1]) if page.after else None
        rows = await offer_pages.own_offers(
            actor, after=seen, limit=page.limit, wanted=wanted_parts(info)
        )
        return connect(
            rows,
            page,
            node=Offer.from_page,
            key=lambda row: (row.offer.article_number, row.offer.id),
        )
