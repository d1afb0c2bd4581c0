"""Attaching files to products in GraphQL, from uploads that have arrived."""

from enum import Enum
from typing import Annotated
from uuid import UUID

import strawberry

from entrepot.graphql.catalog.errors import NotSelling, ProductShared
from entrepot.graphql.catalog.imports import UploadNotComplete
from entrepot.graphql.catalog.types import Product
from entrepot.graphql.context import Info
from entrepot.graphql.errors import CommonErrors
from entrepot.graphql.fields import argument, mutation
from entrepot.graphql.node import decode_id
from entrepot.graphql.once import once
from entrepot.platform.catalog import import_errors, queries, service
from entrepot.platform.documents import service as documents
from entrepot.platform.identity.permissions import Permission


@strawberry.enum(description="What a product's file is.")
class ProductFileKind(Enum):
    """As stored."""

    DATASHEET = strawberry.enum_value("datasheet", description="Technical data.")
    MANUAL = strawberry.enum_value("manual", description="How to use it.")
    CERTIFICATE = strawberry.enum_value("certificate", description="A proof of conformity.")
    DRAWING = strawberry.enum_value("drawing", description="A drawing or model.")
    PICTURE = strawberry.enum_value("picture", description="What it looks like.")


@strawberry.input(description="A file for a product.")
class AttachProductFileInput:
    product_id: strawberry.ID = strawberry.field(description="The product.")
    upload_id: strawberry.ID = strawberry.field(
        description="A completed upload of your company (`createUpload`)."
    )
    kind: ProductFileKind = strawberry.field(
        default=ProductFileKind.DATASHEET, description="What it is."
    )


@strawberry.type(description="The product with its files.")
class AttachProductFilePayload:
    product: Product = strawberry.field(description="The product.")


AttachProductFileResult = Annotated[
    AttachProductFilePayload | UploadNotComplete | ProductShared | NotSelling | CommonErrors,
    strawberry.union(
        "AttachProductFileResult", description="The payload, or why nothing was done."
    ),
]


@strawberry.type
class ProductFilesMutation:
    """Root fields."""

    @mutation("Show an uploaded file with a product you offer (`catalog.manage`).")
    async def attach_product_file(
        self, info: Info, input: Annotated[AttachProductFileInput, argument("File and product.")]
    ) -> AttachProductFileResult:
        actor = info.context.require_actor()
        if not actor.may(Permission.MARKETPLACE_OPERATE):
            actor.require(Permission.CATALOG_MANAGE)
        product_id = decode_id(input.product_id, "Product", "input", "productId")
        upload_id = decode_id(input.upload_id, "Upload", "input", "uploadId")

        async def attach() -> UUID:
            received = await documents.received_file(actor, upload_id)
            if received is None:
                raise import_errors.UploadNotComplete().at("input", "uploadId")
            file = service.ReceivedFile(received.blob_key, received.file_name, received.size)
            return await service.attach_product_file(actor, product_id, file, str(input.kind.value))

        await once(info, input, attach)
        rows = await queries.products_by_ids([product_id])
        return AttachProductFilePayload(product=Product.from_row(rows[product_id]))
