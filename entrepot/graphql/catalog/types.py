"""Products and offers in GraphQL; prices and stock as the actor may see them."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from entrepot.graphql.catalog.loading import (
    load_attributes,
    load_availability,
    load_categories,
    load_costs,
    load_cross_references,
    load_files,
    load_offers,
    load_price_sheets,
    load_product_pages,
    load_products,
    load_stock,
    load_units,
    wanted_parts,
)
from entrepot.graphql.catalog.parts import (
    Category,
    CrossReference,
    OfferUnit,
    ProductAttribute,
    ProductFile,
    Seller,
)
from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.fields import argument, field
from entrepot.graphql.inventory_types import Availability, WarehouseStock
from entrepot.graphql.money import Money
from entrepot.graphql.node import Node, encode_id, register_node
from entrepot.graphql.pricing.types import PriceStep, ResolvedPrice
from entrepot.graphql.scalars import Quantity
from entrepot.platform.catalog import queries
from entrepot.platform.catalog.rules import QuantityProposal as Proposal
from entrepot.platform.catalog.rules import check_quantity
from entrepot.platform.inventory import queries as inventory
from entrepot.platform.pricing.offer_pages import PagedOffer
from entrepot.platform.pricing.queries import PriceSheet


@strawberry.type(description="A shared article: what it is, whoever sells it.")
class Product(Node):
    brand: str = strawberry.field(description="The maker's brand.")
    manufacturer_number: str = strawberry.field(description="The maker's number.")
    title_en: str = strawberry.field(description="Title in English.")
    title_ru: str = strawberry.field(description="Title in Russian.")
    description: str = strawberry.field(description="Longer text; may be empty.")
    unit: str = strawberry.field(description="UN/ECE Rec 20 code of the unit, such as PCE.")
    gtins: list[str] = strawberry.field(description="GTINs (EAN, UPC) of the article.")
    row: strawberry.Private[queries.ProductRow]

    @classmethod
    def from_row(cls, row: queries.ProductRow) -> "Product":
        """Show a row."""
        return cls(
            id=encode_id("Product", row.id),
            brand=row.brand,
            manufacturer_number=row.manufacturer_number,
            title_en=row.title_en,
            title_ru=row.title_ru,
            description=row.description,
            unit=row.unit,
            gtins=list(row.gtins),
            row=row,
        )

    @field("Title in your language.")
    def title(self, info: Info) -> str:
        return self.row.title(info.context.locale)

    @field("Where it stands in the tree, if anywhere.")
    async def category(self, info: Info) -> Category | None:
        if self.row.category_id is None:
            return None
        row = await info.context.load(load_categories, self.row.category_id)
        return Category.from_row(row) if row else None

    @field("Whether it is no longer made; what is left of it may still be sold.")
    def discontinued(self) -> bool:
        return self.row.discontinued

    @field("The product that took its place, if you can see it.")
    async def replaced_by(self, info: Info) -> "Product | None":
        if self.row.replaced_by_id is None:
            return None
        row = await info.context.load(load_products, self.row.replaced_by_id)
        return Product.from_row(row) if row else None

    @field("Its properties, by code.")
    async def attributes(self, info: Info) -> list[ProductAttribute]:
        context = info.context
        values = sorted(self.row.attributes.items())
        known = await context.load_many(load_attributes, [code for code, _ in values])
        return [
            ProductAttribute.of(code, value, definition, context.locale)
            for (code, value), definition in zip(values, known, strict=True)
        ]

    @field("Numbers of other makers that it can stand in for (analogs).")
    async def cross_references(self, info: Info) -> list[CrossReference]:
        rows = await info.context.load(load_cross_references, self.row.id) or []
        return [CrossReference(brand=row.brand, number=row.number) for row in rows]

    @field("Its files, oldest first.")
    async def files(self, info: Info) -> list[ProductFile]:
        rows = await info.context.load(load_files, self.row.id) or []
        return [ProductFile.of(row) for row in rows]

    @field("Its offers that you may see, the cheapest list price first; at most 100.")
    async def offers(self, info: Info) -> list["Offer"]:
        page = await info.context.load(load_product_pages, (self.row.id, wanted_parts(info)))
        return [Offer.from_page(one) for one in page or ()]


@strawberry.type(description="What can be ordered instead of a quantity.")
class QuantityProposal:
    proposed: Decimal = strawberry.field(
        description="The nearest orderable quantity: not below, or the most."
    )
    sold_by: Decimal = strawberry.field(description="Every order is a multiple of this.")
    reason: str = strawberry.field(description="`24 → 30: sold by 10`; empty when it is fine.")

    @classmethod
    def of(cls, proposal: Proposal, locale: str) -> "QuantityProposal":
        """Show a proposal in a language."""
        return cls(
            proposed=proposal.proposed, sold_by=proposal.sold_by, reason=proposal.reason(locale)
        )


@strawberry.type(description="One seller's terms for a product.")
class Offer(Node):
    article_number: str = strawberry.field(description="The seller's number.")
    seller: Seller = strawberry.field(description="Who sells it.")
    list_price: Money = strawberry.field(description="List price of one unit.")
    tax_included: bool = strawberry.field(description="Whether its prices include tax.")
    tax_rate: Decimal = strawberry.field(description="Tax, percent.")
    pack_quantity: Decimal = strawberry.field(description="Units in a pack.")
    min_order_quantity: Decimal = strawberry.field(description="Least quantity of an order.")
    order_step: Decimal = strawberry.field(description="Orders grow in these steps.")
    max_order_quantity: Decimal | None = strawberry.field(
        description="Most that can be ordered at once; null without a limit."
    )
    lead_time_days: int = strawberry.field(description="Days until it ships.")
    active: bool = strawberry.field(description="Whether buyers see it.")
    row: strawberry.Private[queries.OfferRow]
    paged: strawberry.Private[PagedOffer | None] = None

    @classmethod
    def from_page(cls, paged: PagedOffer) -> "Offer":
        """Show an offer of a page with the parts that were loaded along."""
        return cls.from_row(paged.offer, paged)

    @classmethod
    def from_row(cls, row: queries.OfferRow, paged: PagedOffer | None = None) -> "Offer":
        """Show a row that the actor may see."""
        return cls(
            id=encode_id("Offer", row.id),
            article_number=row.article_number,
            seller=Seller(id=encode_id("Company", row.seller_id), name=row.seller_name),
            list_price=Money(amount=row.list_price, currency=row.currency),
            tax_included=row.tax_included,
            tax_rate=row.tax_rate,
            pack_quantity=row.pack_quantity,
            min_order_quantity=row.min_order_quantity,
            order_step=row.order_step,
            max_order_quantity=row.max_order_quantity,
            lead_time_days=row.lead_time_days,
            active=row.active,
            row=row,
            paged=paged,
        )

    @field("The seller's key for it; null for everyone else.")
    def external_id(self, info: Info) -> str | None:
        actor = info.context.actor
        own = actor is not None and actor.company_id == self.row.seller_id
        return self.row.external_id if own else None

    @field("Whether only audiences of your assortments see it; null for everyone but its seller.")
    def restricted(self, info: Info) -> bool | None:
        actor = info.context.actor
        own = actor is not None and actor.company_id == self.row.seller_id
        return self.row.restricted if own else None

    @field("What you paid for one unit; null for everyone but the seller's own people.")
    async def cost_price(self, info: Info) -> Money | None:
        actor = info.context.actor
        if actor is None or actor.company_id != self.row.seller_id:
            return None
        cost = await info.context.load(load_costs, self.row.id)
        return None if cost is None else Money(amount=cost, currency=self.row.currency)

    @field("Other units it can be ordered in, such as boxes and pallets, the smallest first.")
    async def units(self, info: Info) -> list[OfferUnit]:
        rows = await info.context.load(load_units, self.row.id) or []
        return [OfferUnit(unit=row.unit, quantity=row.quantity) for row in rows]

    # The next four answer at once where a page has loaded their part: a task for each field of
    # each offer would be most of the page's cost. graphql-core awaits what they return otherwise.

    @field("What it is.")
    def product(self, info: Info) -> Product | None:
        if self.paged is None or self.paged.product is None:
            return self._product_later(info.context)  # type: ignore[return-value]  # awaited
        return Product.from_row(self.paged.product)

    @field("Your company's price of one unit.")
    def price(
        self,
        info: Info,
        quantity: Annotated[
            Quantity | None, argument("How much you want; the least orderable if left out.")
        ] = None,
    ) -> ResolvedPrice | None:
        if self.paged is None or self.paged.sheet is None:
            return self._price_later(info.context, quantity)  # type: ignore[return-value]  # awaited
        return self._priced(self.paged.sheet, quantity, info.context)

    @field("Your company's prices by quantity, from the least orderable on.")
    def price_tiers(self, info: Info) -> list[PriceStep]:
        if self.paged is None or self.paged.sheet is None:
            return self._tiers_later(info.context)  # type: ignore[return-value]  # awaited
        return _tiers(self.paged.sheet, info.context)

    @field("How much can be ordered now.")
    def availability(self, info: Info) -> Availability | None:
        if self.paged is None or self.paged.stock is None:
            return self._stock_later(info.context)  # type: ignore[return-value]  # awaited
        return self._stocked(self.paged.stock)

    def _priced(
        self, sheet: PriceSheet, quantity: Quantity | None, context: RequestContext
    ) -> ResolvedPrice:
        wanted = quantity or self.row.min_order_quantity
        return ResolvedPrice.of(sheet.price(wanted, context.resources.clock.now()), context.locale)

    def _stocked(self, stock: inventory.Availability) -> Availability:
        return Availability(available=stock.available, lead_time_days=self.row.lead_time_days)

    async def _product_later(self, context: RequestContext) -> Product | None:
        row = await context.load(load_products, self.row.product_id)
        return Product.from_row(row) if row else None

    async def _price_later(
        self, context: RequestContext, quantity: Quantity | None
    ) -> ResolvedPrice | None:
        sheet = await context.load(load_price_sheets, self.row.id)
        return self._priced(sheet, quantity, context) if sheet else None

    async def _tiers_later(self, context: RequestContext) -> list[PriceStep]:
        sheet = await context.load(load_price_sheets, self.row.id)
        return _tiers(sheet, context) if sheet else []

    async def _stock_later(self, context: RequestContext) -> Availability | None:
        found = await context.load(load_availability, self.row.id)
        return self._stocked(found) if found else None

    @field("Stock in each warehouse; null unless it is your own offer (needs `stock.view`).")
    async def stock(self, info: Info) -> list[WarehouseStock] | None:
        actor = info.context.actor
        if actor is None or actor.company_id != self.row.seller_id:
            return None
        rows = await info.context.load(load_stock, self.row.id)
        return None if rows is None else [WarehouseStock.of(row) for row in rows]

    @field("The orderable quantity nearest to the one you want, not below it.")
    def orderable(
        self, info: Info, quantity: Annotated[Quantity, argument("How much you want.")]
    ) -> QuantityProposal:
        row = self.row
        proposal = check_quantity(
            quantity,
            row.pack_quantity,
            row.min_order_quantity,
            row.order_step,
            row.max_order_quantity,
        )
        return QuantityProposal.of(proposal, info.context.locale)


def _tiers(sheet: PriceSheet, context: RequestContext) -> list[PriceStep]:
    return [PriceStep.of(step) for step in sheet.steps(context.resources.clock.now())]


async def _product_node(context: RequestContext, key: UUID) -> Product | None:
    row = await context.load(load_products, key)
    return Product.from_row(row) if row else None


async def _offer_node(context: RequestContext, key: UUID) -> Offer | None:
    row = await context.load(load_offers, key)
    return Offer.from_row(row) if row else None


register_node("Product", _product_node)
register_node("Offer", _offer_node)
