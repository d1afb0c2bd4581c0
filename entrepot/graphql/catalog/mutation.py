"""Writing the catalogue in GraphQL: categories, attributes, products, offers."""

from typing import Annotated

import strawberry

from entrepot.graphql.catalog.errors import (
    AttributeExists,
    CategoryExists,
    ExternalIdTaken,
    NotSelling,
    ProductExists,
    ProductShared,
    ReplacementCycle,
)
from entrepot.graphql.catalog.inputs import (
    AddCrossReferenceInput,
    CreateCategoryInput,
    CreateOfferInput,
    CreateProductInput,
    DefineAttributeInput,
    RenameCategoryInput,
    UpdateOfferInput,
    UpdateProductInput,
)
from entrepot.graphql.catalog.parts import AttributeDefinition, Category
from entrepot.graphql.catalog.types import Offer, Product
from entrepot.graphql.context import Info
from entrepot.graphql.errors import CommonErrors
from entrepot.graphql.fields import argument, mutation
from entrepot.graphql.node import decode_id
from entrepot.graphql.once import once
from entrepot.platform.catalog import queries, service

_WHY = "The payload, or why nothing was done."


@strawberry.type(description="A category after the change.")
class CategoryPayload:
    category: Category = strawberry.field(description="The category.")


@strawberry.type(description="The new attribute.")
class DefineAttributePayload:
    attribute: AttributeDefinition = strawberry.field(description="Its definition.")


@strawberry.type(description="A product after the change.")
class ProductPayload:
    product: Product = strawberry.field(description="The product.")


@strawberry.type(description="An offer after the change.")
class OfferPayload:
    offer: Offer = strawberry.field(description="The offer.")


CreateCategoryResult = Annotated[
    CategoryPayload | CategoryExists | CommonErrors,
    strawberry.union("CreateCategoryResult", description=_WHY),
]
RenameCategoryResult = Annotated[
    CategoryPayload | CommonErrors, strawberry.union("RenameCategoryResult", description=_WHY)
]
DefineAttributeResult = Annotated[
    DefineAttributePayload | AttributeExists | CommonErrors,
    strawberry.union("DefineAttributeResult", description=_WHY),
]
CreateProductResult = Annotated[
    ProductPayload | ProductExists | NotSelling | CommonErrors,
    strawberry.union("CreateProductResult", description=_WHY),
]
UpdateProductResult = Annotated[
    ProductPayload | ProductShared | ReplacementCycle | NotSelling | CommonErrors,
    strawberry.union("UpdateProductResult", description=_WHY),
]
AddCrossReferenceResult = Annotated[
    ProductPayload | ProductShared | NotSelling | CommonErrors,
    strawberry.union("AddCrossReferenceResult", description=_WHY),
]
CreateOfferResult = Annotated[
    OfferPayload | ExternalIdTaken | NotSelling | CommonErrors,
    strawberry.union("CreateOfferResult", description=_WHY),
]
UpdateOfferResult = Annotated[
    OfferPayload | CommonErrors, strawberry.union("UpdateOfferResult", description=_WHY)
]


@strawberry.type
class CatalogMutation:
    """Root fields. What a payload shows was read after the commit."""

    @mutation("Add a category (operator, `category.manage`).")
    async def create_category(
        self, info: Info, input: Annotated[CreateCategoryInput, argument("The category.")]
    ) -> CreateCategoryResult:
        actor = info.context.require_actor()
        parent_id = None
        if input.parent_id is not None:
            parent_id = decode_id(input.parent_id, "Category", "input", "parentId")
        made = await once(
            info,
            input,
            lambda: service.create_category(
                actor, parent_id, input.slug, input.name_en, input.name_ru
            ),
        )
        rows = await queries.categories_by_ids([made])
        return CategoryPayload(category=Category.from_row(rows[made]))

    @mutation("Rename a category (operator, `category.manage`).")
    async def rename_category(
        self, info: Info, input: Annotated[RenameCategoryInput, argument("The new names.")]
    ) -> RenameCategoryResult:
        actor = info.context.require_actor()
        category_id = decode_id(input.category_id, "Category", "input", "categoryId")
        await service.rename_category(actor, category_id, input.name_en, input.name_ru)
        rows = await queries.categories_by_ids([category_id])
        return CategoryPayload(category=Category.from_row(rows[category_id]))

    @mutation("Define an attribute of products (operator, `category.manage`).")
    async def define_attribute(
        self, info: Info, input: Annotated[DefineAttributeInput, argument("The attribute.")]
    ) -> DefineAttributeResult:
        actor = info.context.require_actor()
        await once(
            info,
            input,
            lambda: service.define_attribute(
                actor, input.code, input.name_en, input.name_ru, str(input.kind.value), input.unit
            ),
        )
        rows = await queries.attributes_by_codes([input.code])
        return DefineAttributePayload(attribute=AttributeDefinition.from_row(rows[input.code]))

    @mutation("Propose a product for the shared catalogue (seller, `catalog.manage`).")
    async def create_product(
        self, info: Info, input: Annotated[CreateProductInput, argument("The product.")]
    ) -> CreateProductResult:
        actor = info.context.require_actor()
        made = await once(info, input, lambda: service.create_product(actor, input.read()))
        rows = await queries.products_by_ids([made])
        return ProductPayload(product=Product.from_row(rows[made]))

    @mutation("Change a product: the operator, or its only seller (`catalog.manage`).")
    async def update_product(
        self, info: Info, input: Annotated[UpdateProductInput, argument("The changes.")]
    ) -> UpdateProductResult:
        actor = info.context.require_actor()
        product_id = decode_id(input.product_id, "Product", "input", "productId")
        await service.update_product(actor, product_id, input.read())
        rows = await queries.products_by_ids([product_id])
        return ProductPayload(product=Product.from_row(rows[product_id]))

    @mutation("Say that a product can stand in for another maker's number (as `updateProduct`).")
    async def add_cross_reference(
        self, info: Info, input: Annotated[AddCrossReferenceInput, argument("The number.")]
    ) -> AddCrossReferenceResult:
        actor = info.context.require_actor()
        product_id = decode_id(input.product_id, "Product", "input", "productId")
        await service.add_cross_reference(actor, product_id, input.brand, input.number)
        rows = await queries.products_by_ids([product_id])
        return ProductPayload(product=Product.from_row(rows[product_id]))

    @mutation("Offer a product at your terms (seller, `catalog.manage`).")
    async def create_offer(
        self, info: Info, input: Annotated[CreateOfferInput, argument("Your terms.")]
    ) -> CreateOfferResult:
        actor = info.context.require_actor()
        made = await once(info, input, lambda: service.create_offer(actor, input.read()))
        rows = await queries.all_offers_by_ids([made])
        return OfferPayload(offer=Offer.from_row(rows[made]))

    @mutation("Change your offer's terms (seller, `catalog.manage`).")
    async def update_offer(
        self, info: Info, input: Annotated[UpdateOfferInput, argument("The changes.")]
    ) -> UpdateOfferResult:
        actor = info.context.require_actor()
        offer_id = decode_id(input.offer_id, "Offer", "input", "offerId")
        await service.update_offer(actor, offer_id, input.read())
        rows = await queries.all_offers_by_ids([offer_id])
        return OfferPayload(offer=Offer.from_row(rows[offer_id]))
