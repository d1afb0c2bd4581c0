"""Searching offers in GraphQL: hits with their reason and the actor's price, facets, pages."""

from decimal import Decimal
from enum import Enum
from typing import Annotated

import strawberry

from entrepot.graphql.catalog.loading import load_products, viewer, wanted_parts
from entrepot.graphql.catalog.types import Offer
from entrepot.graphql.context import Info
from entrepot.graphql.fields import argument, field
from entrepot.graphql.paging import After, First, InvalidCursor, PageInfo, encode_cursor, page_of
from entrepot.graphql.pricing.types import ResolvedPrice
from entrepot.graphql.search.facets import OfferSearchFacets
from entrepot.graphql.search.filters import OfferFilter, OfferSort, checked
from entrepot.platform.catalog.unmet_demand.service import keep
from entrepot.search.asking import understand
from entrepot.search.find import FoundOffer, FoundOffers, count_facets, search_offers
from entrepot.search.highlight import highlighted
from entrepot.search.own_prices import PricedQuery
from entrepot.search.query import AnalysedQuery, SearchFilters, SearchQuery
from entrepot.search.suggest import remember


@strawberry.enum(description="Why an offer was found; better reasons stand first.")
class SearchMatchReason(Enum):
    """The engine's reasons, in the order of ranking."""

    BUYER_ALIAS = strawberry.enum_value(
        "BUYER_ALIAS", description="Your company calls the article by this number."
    )
    EXACT_NUMBER = strawberry.enum_value(
        "EXACT_NUMBER", description="The article number as it is printed, or a GTIN in any width."
    )
    NORMALIZED = strawberry.enum_value(
        "NORMALIZED",
        description="The number with other separators, look-alike letters, leading zeros, the"
        " brand beside it, in the other keyboard layout or alphabet.",
    )
    CROSS_REFERENCE = strawberry.enum_value(
        "CROSS_REFERENCE", description="It can stand in for the number (an analog)."
    )
    PARTIAL = strawberry.enum_value(
        "PARTIAL", description="The number begins with this, or holds it."
    )
    FUZZY = strawberry.enum_value(
        "FUZZY", description="The number but for one or two characters, or it sounds so."
    )
    TEXT = strawberry.enum_value("TEXT", description="The words.")


@strawberry.enum(description="Which price a filter or an order by price went by.")
class OfferPriceBasis(Enum):
    """As the search says."""

    OWN = strawberry.enum_value("OWN", description="What your company pays.")
    LIST = strawberry.enum_value(
        "LIST",
        description="The list price: too many offers have prices of your own to compare; narrow"
        " the search.",
    )


@strawberry.type(description="A stretch of a text; together they are the text.")
class TextFragment:
    """For showing what matched."""

    text: str = strawberry.field(description="As it stands in the text.")
    matched: bool = strawberry.field(description="Whether it matches the search.")


@strawberry.type(description="What of the offer matches the search, for showing it.")
class OfferHighlights:
    """Highlights of a hit."""

    article_number: list[TextFragment] = strawberry.field(description="The article number.")
    title: list[TextFragment] = strawberry.field(description="The title in your language.")
    brand: list[TextFragment] = strawberry.field(description="The maker's brand.")


@strawberry.type(description="A quantity read out of the search: `100 шт`. It is not searched by.")
class UnderstoodQuantity:
    """Fill it in where the buyer enters how much."""

    quantity: Decimal = strawberry.field(description="How much.")
    unit: str = strawberry.field(description="UN/ECE Rec 20 code, such as PCE.")
    written: str = strawberry.field(description="As it was written.")


@strawberry.type(description="A range read out of the search: `10–16 mm`. It is not searched by.")
class UnderstoodRange:
    """Offer it as a filter on the properties that have this unit."""

    least: Decimal | None = strawberry.field(description="Least value; null where it is open.")
    greatest: Decimal | None = strawberry.field(
        description="Greatest value; null where it is open."
    )
    unit: str = strawberry.field(description="UN/ECE Rec 20 code, such as MMT.")
    written: str = strawberry.field(description="As it was written.")


@strawberry.type(description="What was understood of the search beside its words and numbers.")
class SearchUnderstanding:
    """Proposals made of the text."""

    quantity: UnderstoodQuantity | None = strawberry.field(description="How much is wanted.")
    measures: list[UnderstoodRange] = strawberry.field(description="Ranges of properties.")


@strawberry.type(description="An offer found.")
class OfferSearchEdge:
    """One hit."""

    node: Offer = strawberry.field(description="The offer.")
    cursor: str = strawberry.field(description="Its place: pass it as `after` to go on from here.")
    matched_by: SearchMatchReason = strawberry.field(description="Why it was found.")
    times_bought: int = strawberry.field(
        description="Orders of your company with the article; counted for the first 100 offers"
        " in order of relevance."
    )
    query: strawberry.Private[AnalysedQuery]

    @field("Your company's price of one unit at the least quantity one can order.")
    def price(self, info: Info) -> ResolvedPrice | None:
        return self.node.price(info)

    @field("Which parts of number, title and brand match.")
    async def highlights(self, info: Info) -> OfferHighlights:
        paged = self.node.paged
        product = paged.product if paged else None
        if product is None:
            product = await info.context.load(load_products, self.node.row.product_id)
        title = product.title(info.context.locale) if product else ""
        return OfferHighlights(
            article_number=_fragments(self.node.article_number, self.query),
            title=_fragments(title, self.query),
            brand=_fragments(product.brand if product else "", self.query),
        )


def _fragments(text: str, query: AnalysedQuery) -> list[TextFragment]:
    return [TextFragment(text=one.text, matched=one.matched) for one in highlighted(text, query)]


@strawberry.type(description="One page of offers found, best first.")
class OfferSearchConnection:
    """A page of a search; fetch the next one with `after: pageInfo.endCursor`."""

    edges: list[OfferSearchEdge] = strawberry.field(description="The offers of this page.")
    page_info: PageInfo = strawberry.field(description="Whether and where to go on.")
    total_count: int = strawberry.field(
        description="Offers found in all; pages end at the 10,000th."
    )
    price_basis: OfferPriceBasis = strawberry.field(
        description="Which price `priceFrom`, `priceTo` and an order by price went by."
    )
    priced: strawberry.Private[PricedQuery]

    @field("Counts by brand, category, seller, stock and properties over all offers found.")
    async def facets(self, info: Info) -> OfferSearchFacets:
        return OfferSearchFacets.of(await count_facets(info.context.resources.search, self.priced))

    @field("Quantities and ranges in the text, proposed rather than searched by.")
    def understood(self) -> SearchUnderstanding:
        query = self.priced.query
        read = query.quantity
        return SearchUnderstanding(
            quantity=None
            if read is None
            else UnderstoodQuantity(quantity=read.quantity, unit=read.unit, written=read.written),
            measures=[
                UnderstoodRange(
                    least=one.low, greatest=one.high, unit=one.unit, written=one.written
                )
                for one in query.measures
            ],
        )


def _edge(one: FoundOffer, query: AnalysedQuery, order: str) -> OfferSearchEdge:
    return OfferSearchEdge(
        node=Offer.from_page(one.paged),
        cursor=encode_cursor(order, (one.rank,)),
        matched_by=SearchMatchReason(one.matched_by.value),
        times_bought=one.times_bought,
        query=query,
    )


def _connection(
    found: FoundOffers, query: AnalysedQuery, order: str, first_page: bool
) -> OfferSearchConnection:
    edges = [_edge(one, query, order) for one in found.offers]
    end = edges[-1].cursor if edges else None
    if end is None and found.has_next:
        # All of the page was withheld a moment ago; the caller is to get beyond it.
        end = encode_cursor(order, (found.last,))
    return OfferSearchConnection(
        edges=edges,
        page_info=PageInfo(
            has_next_page=found.has_next,
            has_previous_page=not first_page,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=end,
        ),
        total_count=found.total,
        price_basis=OfferPriceBasis(found.price_basis.value),
        priced=found.priced,
    )


@strawberry.type
class SearchQueries:
    """Root fields of search."""

    @field(
        "Offers by article number (with any separators, in part, with wrong characters, in the"
        " other keyboard layout, GTIN, analogs, your own numbers) or by words (Russian or English,"
        " with typos). A blank query lists all that the filter lets."
    )
    async def search_offers(
        self,
        info: Info,
        query: Annotated[str, argument("What to look for; 256 characters are read.")],
        filter: Annotated[OfferFilter | None, argument("Conditions.")] = None,
        sort: Annotated[OfferSort, argument("Order of the offers.")] = OfferSort.RELEVANCE,
        first: First = 20,
        after: After = None,
    ) -> OfferSearchConnection:
        actor = viewer(info.context)
        filters, order_by = await checked(info.context, filter, sort)
        analysed = await understand(actor, SearchQuery(query, filters, order_by))
        order = f"search.{analysed.fingerprint()}"
        page = page_of(first, after, order=order, keys=(int,))
        if page.after == (None,):
            raise InvalidCursor().at("after")
        resources = info.context.resources
        found = await search_offers(
            resources.search,
            actor,
            analysed,
            first=page.first,
            now=resources.clock.now(),
            after=page.after[0] if page.after else 0,
            wanted=wanted_parts(info),
        )
        if page.after is None and filters == SearchFilters():
            if found.total == 0:
                await keep(actor, query, clock=resources.clock)
            elif query.strip():
                await remember(resources.redis, actor, query)
        return _connection(found, analysed, order, page.after is None)
