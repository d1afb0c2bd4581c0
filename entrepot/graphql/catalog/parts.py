"""What products are made of in GraphQL: categories, attributes, cross-references, files."""

from decimal import Decimal
from enum import Enum
from uuid import UUID

import strawberry

from entrepot.graphql.catalog.loading import load_categories, load_children
from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.documents import file_url
from entrepot.graphql.fields import field
from entrepot.graphql.node import Node, encode_id, register_node
from entrepot.platform.catalog import queries
from entrepot.platform.quantities import plain


@strawberry.type(description="A node of the category tree.")
class Category(Node):
    path: str = strawberry.field(description="Slugs from the root, joined by `/`.")
    name_en: str = strawberry.field(description="Name in English.")
    name_ru: str = strawberry.field(description="Name in Russian.")
    row: strawberry.Private[queries.CategoryRow]

    @classmethod
    def from_row(cls, row: queries.CategoryRow) -> "Category":
        """Show a row."""
        return cls(
            id=encode_id("Category", row.id),
            path=row.path,
            name_en=row.name_en,
            name_ru=row.name_ru,
            row=row,
        )

    @field("Name in your language.")
    def name(self, info: Info) -> str:
        return self.row.name(info.context.locale)

    @field("The category above; null for a root.")
    async def parent(self, info: Info) -> "Category | None":
        if self.row.parent_id is None:
            return None
        row = await info.context.load(load_categories, self.row.parent_id)
        return Category.from_row(row) if row else None

    @field("The categories right below, by path.")
    async def children(self, info: Info) -> list["Category"]:
        rows = await info.context.load(load_children, self.row.id) or []
        return [Category.from_row(row) for row in rows]


@strawberry.enum(description="Type of an attribute's values.")
class AttributeKind(Enum):
    """As stored."""

    TEXT = strawberry.enum_value("text", description="Words.")
    NUMBER = strawberry.enum_value("number", description="A number, with a unit where it has one.")
    BOOLEAN = strawberry.enum_value("boolean", description="Yes or no: `true` or `false`.")


@strawberry.type(description="Another unit that an offer can be ordered in.")
class OfferUnit:
    unit: str = strawberry.field(description="UN/ECE Rec 20 code, such as BX.")
    quantity: Decimal = strawberry.field(description="How many of the product's unit one holds.")


@strawberry.type(description="What an attribute's values are.")
class AttributeDefinition:
    code: str = strawberry.field(description="Its stable code.")
    name_en: str = strawberry.field(description="Name in English.")
    name_ru: str = strawberry.field(description="Name in Russian.")
    kind: AttributeKind = strawberry.field(description="Type of its values.")
    unit: str | None = strawberry.field(description="UN/ECE Rec 20 code of a number's unit.")

    @classmethod
    def from_row(cls, row: queries.AttributeRow) -> "AttributeDefinition":
        """Show a row."""
        return cls(
            code=row.code,
            name_en=row.name_en,
            name_ru=row.name_ru,
            kind=AttributeKind(row.kind),
            unit=row.unit,
        )


@strawberry.type(description="A property of a product.")
class ProductAttribute:
    code: str = strawberry.field(description="Stable code of the attribute.")
    name: str = strawberry.field(description="Its name in your language.")
    kind: AttributeKind = strawberry.field(description="Type of the value.")
    value: str = strawberry.field(description="The value as text: `12.5`, `true`, `steel`.")
    unit: str | None = strawberry.field(description="UN/ECE Rec 20 code of a number's unit.")

    @classmethod
    def of(
        cls,
        code: str,
        value: queries.AttributeValue,
        definition: queries.AttributeRow | None,
        locale: str,
    ) -> "ProductAttribute":
        """Show a value; without a definition its code is its name."""
        kind, text = AttributeKind.TEXT, str(value)
        if isinstance(value, bool):
            kind, text = AttributeKind.BOOLEAN, "true" if value else "false"
        elif isinstance(value, int | float):
            kind, text = AttributeKind.NUMBER, plain(Decimal(repr(value)))
        name = definition.name(locale) if definition else code
        unit = definition.unit if definition else None
        return cls(code=code, name=name, kind=kind, value=text, unit=unit)


@strawberry.type(description="Another maker's number that this product can stand in for.")
class CrossReference:
    brand: str = strawberry.field(description="The other maker.")
    number: str = strawberry.field(description="Its number.")


@strawberry.type(description="A file of a product, such as a datasheet.")
class ProductFile(Node):
    kind: str = strawberry.field(description="What it is, such as `datasheet`.")
    name: str = strawberry.field(description="File name.")
    media_type: str = strawberry.field(description="Media type (MIME).")
    size: int = strawberry.field(description="Size in bytes.")
    row: strawberry.Private[queries.ProductFileRow]

    @classmethod
    def of(cls, row: queries.ProductFileRow) -> "ProductFile":
        """Show a row."""
        return cls(
            id=encode_id("ProductFile", row.id),
            kind=row.kind,
            name=row.name,
            media_type=row.media_type,
            size=row.size,
            row=row,
        )

    @field("Where to fetch it, for 15 minutes.")
    def url(self, info: Info) -> str:
        return file_url(info.context, "product", self.row.id)


@strawberry.type(description="A selling company, as buyers see it.")
class Seller:
    id: strawberry.ID = strawberry.field(description="Global id of the company.")
    name: str = strawberry.field(description="Its name.")


async def _category_node(context: RequestContext, key: UUID) -> Category | None:
    row = await context.load(load_categories, key)
    return Category.from_row(row) if row else None


register_node("Category", _category_node)
