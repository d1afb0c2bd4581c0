"""Searching offers in GraphQL: hits with their reason and the actor's price, facets, pages."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import Enum
from typing import Annotated
from uuid import UUID

import strawberry

from entrepot.graphql.catalog.loading import load_categories, viewer, wanted_parts
from entrepot.graphql.catalog.parts import Category
from entrepot.graphql.catalog.types import Offer
from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.fields import argument, field
from entrepot.graphql.node import decode_id
from entrepot.graphql.paging import After, First, PageInfo, encode_cursor, page_of
from entrepot.graphql.pricing.types import ResolvedPrice
from entrepot.platform.errors import InvalidInput
from entrepot.search.find import (
    FoundOffers,
    count_facets,
    search_offers,
    understand,
    visible_tokens,
)
from entrepot.search.query import AnalysedQuery, SearchFilters, SearchQuery

MAX_BRANDS = 50


async def load_tokens(
    _context: RequestContext, company_ids: Sequence[UUID]
) -> Mapping[UUID, tuple[str, ...]]:
    """What the actor's company may see, as tokens of the index: read once a request."""
    return {company_id: await visible_tokens(company_id) for company_id in company_ids}


@strawberry.enum(description="Why an offer was found; better reasons stand first.")
class SearchMatchReason(Enum):
    """The engine's reasons, in the order of ranking."""

    EXACT = strawberry.enum_value(
        "EXACT", description="The article number as it is printed, or a GTIN in any width."
    )
    NORMALIZED = strawberry.enum_value(
        "NORMALIZED", description="The number with other separators or look-alike letters."
    )
    CROSS_REFERENCE = strawberry.enum_value(
        "CROSS_REFERENCE", description="It can stand in for the number (an analog)."
    )
    FUZZY = strawberry.enum_value("FUZZY", description="The number but for one character.")
    TEXT = strawberry.enum_value("TEXT", description="The words.")


@strawberry.input(description="Conditions that all must hold; leave out what does not matter.")
class OfferFilter:
    """Filters of a search."""

    category_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only this category and those below it."
    )
    brands: list[str] | None = strawberry.field(
        default=None, description="Any of these brands, as the facets name them; at most 50."
    )
    seller_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only offers of this company."
    )
    in_stock: bool = strawberry.field(
        default=False, description="Only offers with something to order now."
    )
    currency: str | None = strawberry.field(
        default=None, description="Only offers in this currency; required with a price."
    )
    price_from: Decimal | None = strawberry.field(
        default=None, description="Least list price of one unit."
    )
    price_to: Decimal | None = strawberry.field(
        default=None, description="Greatest list price of one unit."
    )

    def checked(self) -> SearchFilters:
        """Return the filters of the search. Raises `InvalidInput` and `InvalidId`."""
        if self.currency is None and (self.price_from is not None or self.price_to is not None):
            raise InvalidInput(
                "filter.currency",
                "name the currency of the prices",
                "укажите валюту, в которой заданы цены",
            )
        brands = tuple(self.brands or ())
        if len(brands) > MAX_BRANDS:
            raise InvalidInput("filter.brands", f"at most {MAX_BRANDS}", f"не больше {MAX_BRANDS}")
        category, seller = self.category_id, self.seller_id
        return SearchFilters(
            category_id=decode_id(category, "Category", "filter", "categoryId")
            if category is not None
            else None,
            brands=brands,
            seller_id=decode_id(seller, "Company", "filter", "sellerId")
            if seller is not None
            else None,
            in_stock=self.in_stock,
            currency=self.currency,
            price_from=self.price_from,
            price_to=self.price_to,
        )


@strawberry.type(description="How many of the offers found are of a brand.")
class BrandFacet:
    """One value of the facet."""

    value: str = strawberry.field(description="The brand: pass it in `filter.brands`.")
    count: int = strawberry.field(description="Offers found.")


@strawberry.type(description="How many of the offers found are in a category or below it.")
class CategoryFacet:
    """One value of the facet."""

    key: strawberry.Private[UUID]
    count: int = strawberry.field(description="Offers found.")

    @field("The category; null where it was removed a moment ago.")
    async def category(self, info: Info) -> Category | None:
        row = await info.context.load(load_categories, self.key)
        return Category.from_row(row) if row else None


@strawberry.type(description="Counts over all offers found, the most frequent first.")
class OfferSearchFacets:
    """Facets of a search."""

    brands: list[BrandFacet] = strawberry.field(description="By brand, at most 50.")
    categories: list[CategoryFacet] = strawberry.field(description="By category, at most 200.")


@strawberry.type(description="An offer found.")
class OfferSearchEdge:
    """One hit."""

    node: Offer = strawberry.field(description="The offer.")
    cursor: str = strawberry.field(description="Its place: pass it as `after` to go on from here.")
    matched_by: SearchMatchReason = strawberry.field(description="Why it was found.")

    @field("Your company's price of one unit at the least quantity one can order.")
    def price(self, info: Info) -> ResolvedPrice | None:
        return self.node.price(info)


@strawberry.type(description="One page of offers found, best first.")
class OfferSearchConnection:
    """A page of a search; fetch the next one with `after: pageInfo.endCursor`."""

    edges: list[OfferSearchEdge] = strawberry.field(description="The offers of this page.")
    page_info: PageInfo = strawberry.field(description="Whether and where to go on.")
    total_count: int = strawberry.field(
        description="Offers found in all; pages end at the 10,000th."
    )
    query: strawberry.Private[AnalysedQuery]

    @field("Counts by brand and category over all offers found.")
    async def facets(self, info: Info) -> OfferSearchFacets:
        counted = await count_facets(info.context.resources.search, self.query)
        return OfferSearchFacets(
            brands=[BrandFacet(value=one.value, count=one.count) for one in counted.brands],
            categories=[
                CategoryFacet(key=UUID(one.value), count=one.count) for one in counted.categories
            ],
        )


def _connection(
    found: FoundOffers, query: AnalysedQuery, order: str, first_page: bool
) -> OfferSearchConnection:
    edges = [
        OfferSearchEdge(
            node=Offer.from_page(one.paged),
            cursor=encode_cursor(order, (one.rank,)),
            matched_by=SearchMatchReason(one.matched_by.value),
        )
        for one in found.offers
    ]
    return OfferSearchConnection(
        edges=edges,
        page_info=PageInfo(
            has_next_page=found.has_next,
            has_previous_page=not first_page,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
        total_count=found.total,
        query=query,
    )


@strawberry.type
class SearchQueries:
    """Root fields of search."""

    @field(
        "Offers by article number (with any separators, one wrong character, GTIN, analogs) or by "
        "words (Russian or English, with typos). A blank query lists all that the filter lets."
    )
    async def search_offers(
        self,
        info: Info,
        query: Annotated[str, argument("What to look for; 256 characters are read.")],
        filter: Annotated[OfferFilter | None, argument("Conditions.")] = None,
        first: First = 20,
        after: After = None,
    ) -> OfferSearchConnection:
        actor = viewer(info.context)
        filters = filter.checked() if filter else SearchFilters()
        tokens = await info.context.load(load_tokens, actor.company_id)
        analysed = await understand(actor, SearchQuery(query, filters), tokens)
        order = f"search.{analysed.fingerprint()}"
        page = page_of(first, after, order=order, keys=(int,))
        found = await search_offers(
            info.context.resources.search,
            actor,
            analysed,
            first=page.first,
            after=page.after[0] if page.after else 0,
            wanted=wanted_parts(info),
        )
        return _connection(found, analysed, order, page.after is None)
