"""Quick orders in GraphQL: paste, send or choose a list, look at the lines, confirm."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

import strawberry

from entrepot.graphql.carts.errors import (
    CartAlreadyOrdered,
    CartClosed,
    CartFull,
    CartSubmitted,
    CartTooLarge,
    QuantityNotOrderable,
)
from entrepot.graphql.carts.quick_order_suggestions import near_offers
from entrepot.graphql.carts.quick_order_types import QuickOrder
from entrepot.graphql.carts.types import Cart
from entrepot.graphql.catalog.imports import ColumnInput, UploadNotComplete
from entrepot.graphql.catalog.units import UnitNotSold
from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.errors import CommonErrors, UserError, as_id, error_type
from entrepot.graphql.fields import argument, field, mutation
from entrepot.graphql.node import decode_id
from entrepot.graphql.once import once
from entrepot.graphql.scalars import Quantity
from entrepot.interchange.quick_order import read_list
from entrepot.interchange.spreadsheets import errors as spreadsheet_errors
from entrepot.platform.blobs import BlobMissing
from entrepot.platform.carts.quick_order import confirming, errors, queries, service
from entrepot.platform.carts.quick_order.outcomes import WantedArticle
from entrepot.platform.catalog import import_errors
from entrepot.platform.documents import service as documents
from entrepot.platform.errors import InvalidInput
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission


@error_type(errors.TooManyLines, limit="The most lines one quick order takes.")
class TooManyLines(UserError):
    """The list is longer than one quick order takes: split it."""


@error_type(errors.NothingToOrder)
class NothingToOrder(UserError):
    """No line names an article, or no line would go into the cart."""


@error_type(errors.QuickOrderConfirmed, cart_id=as_id("Cart", "The cart its lines went into."))
class QuickOrderConfirmed(UserError):
    """It was confirmed before; nothing was added now."""


@error_type(errors.LineNotTakeable, line_number="The line.")
class LineNotTakeable(UserError):
    """A chosen line has no proposal: name an offer and a quantity for it."""


@error_type(spreadsheet_errors.SpreadsheetError)
class SpreadsheetError(UserError):
    """The file cannot be read; `code` and `message` say why and how to mend it."""


@strawberry.input(description="A list: name one of `text`, `uploadId` and `shoppingListId`.")
class PrepareQuickOrderInput:
    text: str | None = strawberry.field(
        default=None,
        description="Lines as they come: `article,quantity`, also with tabs, semicolons, spaces, "
        "`x10`, `10 шт`, `2 box`, in either order, with or without a header.",
    )
    upload_id: strawberry.ID | None = strawberry.field(
        default=None, description="A CSV or XLSX file sent after `createUpload`."
    )
    columns: list[ColumnInput] | None = strawberry.field(
        default=None,
        description="Columns of the file that are not understood by themselves: `number`, "
        "`quantity`, `unit`.",
    )
    shopping_list_id: strawberry.ID | None = strawberry.field(
        default=None, description="A shopping list you may use."
    )
    legal_entity_id: strawberry.ID | None = strawberry.field(
        default=None, description="Whose prices decide; the one you act for if left out."
    )


@strawberry.input(description="What you say of a line.")
class QuickOrderChoiceInput:
    line_number: int = strawberry.field(description="The line.")
    offer_id: strawberry.ID | None = strawberry.field(
        default=None, description="The offer to take; the proposed one if left out."
    )
    quantity: Quantity | None = strawberry.field(
        default=None, description="How much, in the product's unit; as proposed if left out."
    )
    skip: bool = strawberry.field(default=False, description="Leave the line out.")


@strawberry.input(description="Which lines to put into which cart.")
class ConfirmQuickOrderInput:
    quick_order_id: strawberry.ID = strawberry.field(description="The quick order.")
    cart_id: strawberry.ID | None = strawberry.field(
        default=None, description="The cart; the default one of its legal entity if left out."
    )
    lines: list[QuickOrderChoiceInput] = strawberry.field(
        default_factory=list,
        description="Lines with a choice of yours. Of the others the good ones are taken.",
    )
    accept_proposals: bool = strawberry.field(
        default=False,
        description="Take the lines with a proposal too: CROSS_REFERENCE, PACK_ROUNDED, "
        "BELOW_MINIMUM, ABOVE_MAXIMUM, SHORT.",
    )


@strawberry.type(description="The quick order after the call.")
class QuickOrderPayload:
    quick_order: QuickOrder = strawberry.field(description="The quick order.")


@strawberry.type(description="The quick order and the cart its lines went into.")
class ConfirmQuickOrderPayload:
    quick_order: QuickOrder = strawberry.field(description="The quick order.")
    cart: Cart = strawberry.field(description="The cart.")


PrepareQuickOrderResult = Annotated[
    QuickOrderPayload
    | TooManyLines
    | NothingToOrder
    | SpreadsheetError
    | UploadNotComplete
    | CommonErrors,
    strawberry.union("PrepareQuickOrderResult", description="The quick order, or why not."),
]
ConfirmQuickOrderResult = Annotated[
    ConfirmQuickOrderPayload
    | QuickOrderConfirmed
    | NothingToOrder
    | LineNotTakeable
    | UnitNotSold
    | QuantityNotOrderable
    | CartFull
    | CartTooLarge
    | CartSubmitted
    | CartAlreadyOrdered
    | CartClosed
    | CommonErrors,
    strawberry.union("ConfirmQuickOrderResult", description="The cart, or why nothing was added."),
]


@strawberry.type
class QuickOrderQuery:
    """Root fields."""

    @field("A quick order of yours (needs `cart.manage`).")
    async def quick_order(
        self, info: Info, id: Annotated[strawberry.ID, argument("Its id.")]
    ) -> QuickOrder:
        actor = info.context.require_actor()
        key = decode_id(id, "QuickOrder", "id")
        return QuickOrder.from_row(await queries.quick_order_of(actor, key))


@strawberry.type
class QuickOrderMutation:
    """Root fields."""

    @mutation(
        "Read a list of up to 1,000 lines and say of each what it means and what is proposed; "
        "nothing is ordered (needs `cart.manage`)."
    )
    async def prepare_quick_order(
        self, info: Info, input: Annotated[PrepareQuickOrderInput, argument("The list.")]
    ) -> PrepareQuickOrderResult:
        context = info.context
        actor = context.require_actor()
        actor.require(Permission.CART_MANAGE)
        entity_id = _optional(input.legal_entity_id, "LegalEntity", "legalEntityId")

        async def prepare() -> UUID:
            wanted, source, file_name = await _wanted(context, actor, input)
            return await service.prepare(
                actor,
                wanted,
                source,
                now=context.resources.clock.now(),
                legal_entity_id=entity_id,
                file_name=file_name,
                suggest=lambda numbers: near_offers(
                    context.resources.search, actor, numbers, context.resources.clock.now()
                ),
            )

        key = await once(info, input, prepare)
        row = await queries.quick_order_of(actor, key)
        return QuickOrderPayload(quick_order=QuickOrder.from_row(row))

    @mutation(
        "Put the good lines and those you chose into a cart, once. A number for which you named "
        "an offer is remembered as your company's own (needs `cart.manage`)."
    )
    async def confirm_quick_order(
        self, info: Info, input: Annotated[ConfirmQuickOrderInput, argument("The lines.")]
    ) -> ConfirmQuickOrderResult:
        actor = info.context.require_actor()
        key = decode_id(input.quick_order_id, "QuickOrder", "input", "quickOrderId")
        cart_id = _optional(input.cart_id, "Cart", "cartId")
        choices = [_choice(one, index) for index, one in enumerate(input.lines)]
        cart = await once(
            info,
            input,
            lambda: confirming.confirm(
                actor,
                key,
                choices,
                clock=info.context.resources.clock,
                cart_id=cart_id,
                accept_proposals=input.accept_proposals,
            ),
        )
        row = await queries.quick_order_of(actor, key)
        return ConfirmQuickOrderPayload(
            quick_order=QuickOrder.from_row(row), cart=Cart.of(row.cart_id or cart)
        )


def _optional(given: strawberry.ID | None, kind: str, name: str) -> UUID | None:
    return None if given is None else decode_id(given, kind, "input", name)


def _choice(given: QuickOrderChoiceInput, index: int) -> confirming.LineChoice:
    offer_id = None
    if given.offer_id is not None:
        offer_id = decode_id(given.offer_id, "Offer", "input", "lines", str(index), "offerId")
    return confirming.LineChoice(given.line_number, offer_id, given.quantity, given.skip)


async def _wanted(
    context: RequestContext, actor: Actor, given: PrepareQuickOrderInput
) -> tuple[Sequence[WantedArticle], str, str | None]:
    """The lines, where they came from, and the file's name."""
    named = [
        one for one in (given.text, given.upload_id, given.shopping_list_id) if one is not None
    ]
    if len(named) != 1:
        raise InvalidInput(
            "text",
            "name one of text, uploadId and shoppingListId",
            "нужно одно из text, uploadId и shoppingListId",
        )
    if given.text is not None:
        return await asyncio.to_thread(service.wanted_of_text, given.text), "paste", None
    list_id = _optional(given.shopping_list_id, "ShoppingList", "shoppingListId")
    if list_id is not None:
        return await service.wanted_of_list(actor, list_id), "list", None
    assert given.upload_id is not None  # the only one left
    key = decode_id(given.upload_id, "Upload", "input", "uploadId")
    file = await documents.received_file(actor, key)
    if file is None:
        raise import_errors.UploadNotComplete().at("input", "uploadId")
    columns: Mapping[str, str] | None = None
    if given.columns:
        columns = {pair.field: pair.title for pair in given.columns}
    try:
        path = context.resources.blobs.path(file.blob_key)
        wanted = await asyncio.to_thread(read_list, path, columns)
    except BlobMissing:
        raise import_errors.UploadNotComplete().at("input", "uploadId") from None
    return wanted, "file", file.file_name
