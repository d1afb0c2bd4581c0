"""Facets: how the offers found are spread, for narrowing the search."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

import strawberry

from entrepot.graphql.catalog.loading import load_attributes, load_categories
from entrepot.graphql.catalog.parts import AttributeKind, Category, Seller
from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.fields import field
from entrepot.graphql.node import encode_id
from entrepot.platform.identity import queries as identity
from entrepot.platform.quantities import trimmed
from entrepot.search.engine import (
    ATTRIBUTES_MAX,
    ATTRIBUTES_OF_MAX,
    BRANDS_MAX,
    CATEGORIES_MAX,
    SELLERS_MAX,
    VALUES_MAX,
    AttributeFacet,
    Facets,
)


async def load_seller_names(
    _context: RequestContext, ids: Sequence[UUID]
) -> Mapping[UUID, identity.CompanyRow]:
    """Sellers of offers that the actor sees, by id."""
    return await identity.companies_by_ids(ids)


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

    @field("The category, with its `parent`; null where it was removed a moment ago.")
    async def category(self, info: Info) -> Category | None:
        row = await info.context.load(load_categories, self.key)
        return Category.from_row(row) if row else None


@strawberry.type(description="How many of the offers found are a seller's.")
class SellerFacet:
    """One value of the facet."""

    key: strawberry.Private[UUID]
    count: int = strawberry.field(description="Offers found.")

    @field("The seller: pass its id in `filter.sellerIds`.")
    async def seller(self, info: Info) -> Seller | None:
        row = await info.context.load(load_seller_names, self.key)
        return Seller(id=encode_id("Company", row.id), name=row.name) if row else None


@strawberry.type(description="How many of the offers found have a value of a property.")
class AttributeValueFacet:
    """One value of the facet."""

    value: str = strawberry.field(description="The value: pass it in `values`.")
    count: int = strawberry.field(description="Offers found.")


@strawberry.type(description="How a property is spread over the offers found.")
class OfferAttributeFacet:
    """One property: the values of a text, the least and greatest of a number."""

    facet: strawberry.Private[AttributeFacet]
    code: str = strawberry.field(description="Its code: pass it in `filter.attributes`.")
    count: int = strawberry.field(description="Offers found that have it.")

    @classmethod
    def of(cls, facet: AttributeFacet) -> "OfferAttributeFacet":
        """Show a facet of the engine."""
        return cls(facet=facet, code=facet.code, count=facet.count)

    @field("Its name in your language.")
    async def name(self, info: Info) -> str:
        row = await info.context.load(load_attributes, self.facet.code)
        return row.name(info.context.locale) if row else self.facet.code

    @field("Type of its values.")
    async def kind(self, info: Info) -> AttributeKind:
        row = await info.context.load(load_attributes, self.facet.code)
        if row is not None:
            return AttributeKind(row.kind)
        return AttributeKind.TEXT if self.facet.low is None else AttributeKind.NUMBER

    @field("UN/ECE Rec 20 code of a number's unit.")
    async def unit(self, info: Info) -> str | None:
        row = await info.context.load(load_attributes, self.facet.code)
        return row.unit if row else None

    @field(
        f"Values of a text or truth, most frequent first, at most {VALUES_MAX}; empty for a number."
    )
    def values(self) -> list[AttributeValueFacet]:
        return [AttributeValueFacet(value=one.value, count=one.count) for one in self.facet.values]

    @field("Least value of a number.")
    def least(self) -> Decimal | None:
        return _number(self.facet.low)

    @field("Greatest value of a number.")
    def greatest(self) -> Decimal | None:
        return _number(self.facet.high)


def _number(value: float | None) -> Decimal | None:
    return None if value is None else trimmed(Decimal(repr(value)))


@strawberry.type(description="Counts over all offers found, the most frequent first.")
class OfferSearchFacets:
    """Facets of a search."""

    brands: list[BrandFacet] = strawberry.field(description=f"By brand, at most {BRANDS_MAX}.")
    categories: list[CategoryFacet] = strawberry.field(
        description=f"By category, at most {CATEGORIES_MAX}."
    )
    sellers: list[SellerFacet] = strawberry.field(description=f"By seller, at most {SELLERS_MAX}.")
    in_stock: int = strawberry.field(description="Offers found with something to order now.")
    attributes: list[OfferAttributeFacet] = strawberry.field(
        description=f"By property, at most {ATTRIBUTES_MAX}; empty where more than"
        f" {ATTRIBUTES_OF_MAX:,} offers are found."
    )

    @classmethod
    def of(cls, counted: Facets) -> "OfferSearchFacets":
        """Show the counts of the engine."""
        return cls(
            brands=[BrandFacet(value=one.value, count=one.count) for one in counted.brands],
            categories=[
                CategoryFacet(key=UUID(one.value), count=one.count) for one in counted.categories
            ],
            sellers=[SellerFacet(key=UUID(one.value), count=one.count) for one in counted.sellers],
            in_stock=counted.in_stock,
            attributes=[OfferAttributeFacet.of(one) for one in counted.attributes],
        )
