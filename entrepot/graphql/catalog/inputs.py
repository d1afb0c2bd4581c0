"""Inputs of catalogue mutations, and how they become what the service takes."""

from collections.abc import Sequence
from decimal import Decimal

import strawberry

from entrepot.graphql.catalog.parts import AttributeKind
from entrepot.graphql.node import decode_id
from entrepot.graphql.scalars import Quantity
from entrepot.platform.catalog import service
from entrepot.platform.errors import InvalidInput

ONE = Quantity(Decimal(1))


@strawberry.input(description="A new category.")
class CreateCategoryInput:
    parent_id: strawberry.ID | None = strawberry.field(
        default=None, description="The category above; a root if absent."
    )
    slug: str = strawberry.field(description="Its part of the path: a–z, 0–9 and dashes.")
    name_en: str = strawberry.field(description="Name in English.")
    name_ru: str = strawberry.field(description="Name in Russian.")


@strawberry.input(description="New names of a category.")
class RenameCategoryInput:
    category_id: strawberry.ID = strawberry.field(description="The category.")
    name_en: str = strawberry.field(description="Name in English.")
    name_ru: str = strawberry.field(description="Name in Russian.")


@strawberry.input(description="A new attribute.")
class DefineAttributeInput:
    code: str = strawberry.field(description="Stable code: a–z, 0–9 and _.")
    name_en: str = strawberry.field(description="Name in English.")
    name_ru: str = strawberry.field(description="Name in Russian.")
    kind: AttributeKind = strawberry.field(description="Type of its values.")
    unit: str | None = strawberry.field(
        default=None, description="UN/ECE Rec 20 code; for numbers only."
    )


@strawberry.input(description="The value of an attribute.")
class AttributeInput:
    code: str = strawberry.field(description="Code of a defined attribute.")
    value: str = strawberry.field(description="The value as text: `12.5`, `true`, `steel`.")


@strawberry.input(description="A product for the shared catalogue.")
class CreateProductInput:
    brand: str = strawberry.field(description="The maker's brand.")
    manufacturer_number: str = strawberry.field(description="The maker's number.")
    title_en: str = strawberry.field(default="", description="Title in English.")
    title_ru: str = strawberry.field(
        default="", description="Title in Russian; one of the two titles is needed."
    )
    category_id: strawberry.ID | None = strawberry.field(default=None, description="Category.")
    gtins: list[str] = strawberry.field(default_factory=list, description="GTINs (EAN, UPC).")
    description: str = strawberry.field(default="", description="Longer text.")
    unit: str = strawberry.field(default="PCE", description="UN/ECE Rec 20 code of the unit.")
    attributes: list[AttributeInput] = strawberry.field(
        default_factory=list, description="Its properties."
    )

    def read(self) -> service.NewProduct:
        """Return what the service takes; raises `InvalidId`, `InvalidInput`."""
        return service.NewProduct(
            brand=self.brand,
            manufacturer_number=self.manufacturer_number,
            title_en=self.title_en,
            title_ru=self.title_ru,
            category_id=None
            if self.category_id is None
            else decode_id(self.category_id, "Category", "input", "categoryId"),
            gtins=tuple(self.gtins),
            description=self.description,
            unit=self.unit,
            attributes=_attributes(self.attributes),
        )


@strawberry.input(description="What to change in a product; what is absent stays.")
class UpdateProductInput:
    product_id: strawberry.ID = strawberry.field(description="The product.")
    title_en: str | None = strawberry.field(default=None, description="Title in English.")
    title_ru: str | None = strawberry.field(default=None, description="Title in Russian.")
    category_id: strawberry.ID | None = strawberry.field(default=None, description="Category.")
    gtins: list[str] | None = strawberry.field(default=None, description="All its GTINs.")
    description: str | None = strawberry.field(default=None, description="Longer text.")
    attributes: list[AttributeInput] | None = strawberry.field(
        default=None, description="All its properties."
    )
    discontinued: bool | None = strawberry.field(
        default=None, description="Whether it is no longer made."
    )
    replaced_by_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="The product that took its place; null: none did."
    )

    def read(self) -> service.ProductChanges:
        """Return what the service takes; raises `InvalidId`, `InvalidInput`."""
        replacement = None
        if self.replaced_by_id is None:
            replacement = service.Replacement(None)
        elif self.replaced_by_id is not strawberry.UNSET:
            key = decode_id(self.replaced_by_id, "Product", "input", "replacedById")
            replacement = service.Replacement(key)
        return service.ProductChanges(
            discontinued=self.discontinued,
            replacement=replacement,
            title_en=self.title_en,
            title_ru=self.title_ru,
            category_id=None
            if self.category_id is None
            else decode_id(self.category_id, "Category", "input", "categoryId"),
            gtins=None if self.gtins is None else tuple(self.gtins),
            description=self.description,
            attributes=None if self.attributes is None else _attributes(self.attributes),
        )


@strawberry.input(description="Another maker's number that a product can stand in for.")
class AddCrossReferenceInput:
    product_id: strawberry.ID = strawberry.field(description="The product.")
    brand: str = strawberry.field(description="The other maker.")
    number: str = strawberry.field(description="Its number.")


@strawberry.input(description="Your terms for a product.")
class CreateOfferInput:
    product_id: strawberry.ID = strawberry.field(description="The product.")
    article_number: str = strawberry.field(description="Your number for it.")
    list_price: Decimal = strawberry.field(description="List price of one unit, above 0.")
    currency: str = strawberry.field(description="ISO 4217 code, such as RUB.")
    external_id: str | None = strawberry.field(
        default=None, description="Your key for the offer; the article number if absent."
    )
    tax_included: bool = strawberry.field(default=False, description="Prices include tax.")
    tax_rate: Decimal = strawberry.field(default=Decimal(20), description="Tax, percent.")
    pack_quantity: Quantity = strawberry.field(default=ONE, description="Units in a pack.")
    min_order_quantity: Quantity = strawberry.field(default=ONE, description="Least quantity.")
    order_step: Quantity = strawberry.field(default=ONE, description="Orders grow in these steps.")
    max_order_quantity: Quantity | None = strawberry.field(
        default=None, description="Most that can be ordered at once; no limit if absent."
    )
    cost_price: Decimal | None = strawberry.field(
        default=None, description="What you paid for one unit; nobody else sees it."
    )
    lead_time_days: int = strawberry.field(default=3, description="Days until it ships.")
    active: bool = strawberry.field(default=True, description="Whether buyers see it.")

    def read(self) -> service.NewOffer:
        """Return what the service takes; raises `InvalidId`."""
        return service.NewOffer(
            product_id=decode_id(self.product_id, "Product", "input", "productId"),
            article_number=self.article_number,
            list_price=self.list_price,
            currency=self.currency,
            external_id=self.external_id,
            tax_included=self.tax_included,
            tax_rate=self.tax_rate,
            pack_quantity=self.pack_quantity,
            min_order_quantity=self.min_order_quantity,
            order_step=self.order_step,
            max_order_quantity=self.max_order_quantity,
            cost_price=self.cost_price,
            lead_time_days=self.lead_time_days,
            active=self.active,
        )


@strawberry.input(description="What to change in your offer; what is absent stays.")
class UpdateOfferInput:
    offer_id: strawberry.ID = strawberry.field(description="Your offer.")
    article_number: str | None = strawberry.field(default=None, description="Your number for it.")
    list_price: Decimal | None = strawberry.field(default=None, description="List price, above 0.")
    tax_included: bool | None = strawberry.field(default=None, description="Prices include tax.")
    tax_rate: Decimal | None = strawberry.field(default=None, description="Tax, percent.")
    pack_quantity: Quantity | None = strawberry.field(default=None, description="Units in a pack.")
    min_order_quantity: Quantity | None = strawberry.field(
        default=None, description="Least quantity of an order."
    )
    order_step: Quantity | None = strawberry.field(
        default=None, description="Orders grow in these steps."
    )
    max_order_quantity: Quantity | None = strawberry.field(
        default=None, description="Most that can be ordered at once."
    )
    without_maximum: bool = strawberry.field(
        default=False, description="Lift the limit of the quantity."
    )
    cost_price: Decimal | None = strawberry.field(
        default=None, description="What you paid for one unit; nobody else sees it."
    )
    lead_time_days: int | None = strawberry.field(default=None, description="Days until it ships.")
    active: bool | None = strawberry.field(default=None, description="Whether buyers see it.")

    def read(self) -> service.OfferChanges:
        """Return what the service takes."""
        return service.OfferChanges(
            article_number=self.article_number,
            list_price=self.list_price,
            tax_included=self.tax_included,
            tax_rate=self.tax_rate,
            pack_quantity=self.pack_quantity,
            min_order_quantity=self.min_order_quantity,
            order_step=self.order_step,
            max_order_quantity=self.max_order_quantity,
            without_maximum=self.without_maximum,
            cost_price=self.cost_price,
            lead_time_days=self.lead_time_days,
            active=self.active,
        )


def _attributes(given: Sequence[AttributeInput]) -> dict[str, str]:
    values: dict[str, str] = {}
    for item in given:
        if item.code in values:
            raise InvalidInput("attributes", "names an attribute twice", "код указан дважды")
        values[item.code] = item.value
    return values
