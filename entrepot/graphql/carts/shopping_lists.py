"""Shopping lists in GraphQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from entrepot.graphql.carts.types import Colleague, load_colleagues
from entrepot.graphql.catalog.loading import load_offers
from entrepot.graphql.catalog.types import Offer
from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.errors import CommonErrors, UserError, error_type
from entrepot.graphql.fields import argument, field, mutation
from entrepot.graphql.identity.types import LegalEntity, load_legal_entities
from entrepot.graphql.money import Money
from entrepot.graphql.node import Node, decode_id, encode_id, register_node
from entrepot.graphql.once import once
from entrepot.graphql.paging import After, Connection, First, connect, page_of
from entrepot.graphql.scalars import Quantity
from entrepot.platform.carts.shopping_lists import errors as list_errors
from entrepot.platform.carts.shopping_lists import queries, service
from entrepot.platform.errors import NotFound
from entrepot.platform.identity.permissions import Permission


async def load_lists(
    context: RequestContext, keys: Sequence[UUID]
) -> Mapping[UUID, queries.ShoppingListRow]:
    """Load the lists that the actor may use, without their lines."""
    return await queries.lists_by_ids(context.require_actor(), keys)


async def load_list_lines(
    context: RequestContext, keys: Sequence[UUID]
) -> Mapping[UUID, list[queries.ShoppingListLineView]]:
    """Load the lines of lists that the actor may use, at today's prices."""
    lists = await queries.lists_by_ids(context.require_actor(), keys)
    return await queries.views_of(lists.values(), context.resources.clock.now())


@strawberry.type(description="An offer with its usual quantity.")
class ShoppingListLine:
    row: strawberry.Private[queries.ShoppingListLineView]

    @field("Global id of the line.")
    def id(self) -> strawberry.ID:
        return encode_id("ShoppingListLine", self.row.line.id)

    @field("The usual quantity, in the product's unit.")
    def quantity(self) -> Decimal:
        return self.row.line.quantity

    @field("A note; may be empty.")
    def note(self) -> str:
        return self.row.line.note

    @field("The seller's article number.")
    def article_number(self) -> str:
        return self.row.article_number

    @field("Name of the selling company.")
    def seller_name(self) -> str:
        return self.row.seller_name

    @field("Whether it can be bought now.")
    def offered(self) -> bool:
        return self.row.offered

    @field("How much is available now.")
    def available(self) -> Decimal:
        return self.row.available

    @field("Your price of one for that quantity now; null where it is not offered.")
    def unit_price(self) -> Money | None:
        price = self.row.price
        return Money(amount=price.unit_price, currency=price.currency) if price else None

    @field("The offer, if you can still see it.")
    async def offer(self, info: Info) -> Offer | None:
        row = await info.context.load(load_offers, self.row.line.offer_id)
        return Offer.from_row(row) if row else None


@strawberry.type(description="A named list of offers that a legal entity buys often.")
class ShoppingList(Node):
    name: str = strawberry.field(description="Its name.")
    shared_with_all: bool = strawberry.field(
        description="Whether everyone who buys for the company may use it, or its maker alone."
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    line_count: int = strawberry.field(description="How many lines it has.")
    row: strawberry.Private[queries.ShoppingListRow]

    @classmethod
    def from_row(cls, row: queries.ShoppingListRow) -> "ShoppingList":
        """Show a list that the actor may use."""
        return cls(
            id=encode_id("ShoppingList", row.id),
            name=row.name,
            shared_with_all=row.shared_with_all,
            created_at=row.created_at,
            line_count=row.line_count,
            row=row,
        )

    @field("Who made it; null when they left the company.")
    async def created_by(self, info: Info) -> Colleague | None:
        person = await info.context.load(load_colleagues, self.row.created_by_id)
        return Colleague.from_row(person) if person else None

    @field("For which legal entity of your company it is: its prices are shown.")
    async def legal_entity(self, info: Info) -> LegalEntity | None:
        entity = await info.context.load(load_legal_entities, self.row.legal_entity_id)
        return LegalEntity.from_row(entity) if entity else None

    @field("What is on it, in the order it was added.")
    async def lines(self, info: Info) -> list[ShoppingListLine]:
        lines = await info.context.load(load_list_lines, self.row.id)
        return [ShoppingListLine(row=line) for line in lines or ()]


async def _list_node(context: RequestContext, key: UUID) -> ShoppingList | None:
    if context.actor is None or not context.actor.may(Permission.CART_MANAGE):
        return None
    row = await context.load(load_lists, key)
    return ShoppingList.from_row(row) if row else None


register_node("ShoppingList", _list_node)


@error_type(list_errors.ShoppingListNameTaken, name="The name.")
class ShoppingListNameTaken(UserError):
    """You have a list of that name for the legal entity already."""


@error_type(list_errors.ShoppingListFull, limit="The most lines a list may hold.")
class ShoppingListFull(UserError):
    """The list holds as many lines as it may."""


@error_type(list_errors.ShoppingListNotYours)
class ShoppingListNotYours(UserError):
    """Only who made a shared list may make it private."""


@strawberry.type(description="The list after the change.")
class ShoppingListPayload:
    shopping_list: ShoppingList = strawberry.field(description="The list.")


@strawberry.type(description="The list is gone.")
class DeleteShoppingListPayload:
    list_id: strawberry.ID = strawberry.field(description="The list that was.")


CreateShoppingListResult = Annotated[
    ShoppingListPayload | ShoppingListNameTaken | CommonErrors,
    strawberry.union("CreateShoppingListResult", description="The list, or why there is none."),
]
UpdateShoppingListResult = Annotated[
    ShoppingListPayload | ShoppingListNameTaken | ShoppingListNotYours | CommonErrors,
    strawberry.union("UpdateShoppingListResult", description="The list, or why it stays as it is."),
]
DeleteShoppingListResult = Annotated[
    DeleteShoppingListPayload | CommonErrors,
    strawberry.union("DeleteShoppingListResult", description="The payload, or why it is there."),
]
SetShoppingListLineResult = Annotated[
    ShoppingListPayload | ShoppingListFull | CommonErrors,
    strawberry.union(
        "SetShoppingListLineResult", description="The list, or why it stays as it is."
    ),
]
RemoveShoppingListLineResult = Annotated[
    ShoppingListPayload | CommonErrors,
    strawberry.union(
        "RemoveShoppingListLineResult", description="The list, or why it stays as it is."
    ),
]


@strawberry.input(description="A new list.")
class CreateShoppingListInput:
    name: str = strawberry.field(description="Its name; up to 100 characters.")
    shared_with_all: bool = strawberry.field(
        default=False, description="Whether everyone who buys for your company may use it."
    )
    legal_entity_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="A legal entity of your company; the one you act for if left out.",
    )


@strawberry.input(description="Changes of a list; what is left out stays as it is.")
class UpdateShoppingListInput:
    list_id: strawberry.ID = strawberry.field(description="The list.")
    name: str | None = strawberry.field(default=None, description="Another name.")
    shared_with_all: bool | None = strawberry.field(
        default=None, description="Whether everyone who buys for your company may use it."
    )


@strawberry.input(description="Which list to delete.")
class DeleteShoppingListInput:
    list_id: strawberry.ID = strawberry.field(description="The list.")


@strawberry.input(description="An offer and its usual quantity.")
class SetShoppingListLineInput:
    list_id: strawberry.ID = strawberry.field(description="The list.")
    offer_id: strawberry.ID = strawberry.field(description="The offer.")
    quantity: Quantity = strawberry.field(description="The usual quantity.")
    note: str = strawberry.field(default="", description="A note.")


@strawberry.input(description="Which line to take out.")
class RemoveShoppingListLineInput:
    line_id: strawberry.ID = strawberry.field(description="The line.")


async def _shown(context: RequestContext, key: UUID) -> ShoppingListPayload:
    row = await context.load(load_lists, key)
    if row is None:
        raise NotFound("shopping list")
    return ShoppingListPayload(shopping_list=ShoppingList.from_row(row))


def _list_key(given: strawberry.ID) -> UUID:
    return decode_id(given, "ShoppingList", "input", "listId")


@strawberry.type
class ShoppingListsQuery:
    """Reads of shopping lists."""

    @field("A shopping list that you may use, or null. Needs CART_MANAGE.")
    async def shopping_list(
        self, info: Info, id: Annotated[strawberry.ID, argument("The list.")]
    ) -> ShoppingList | None:
        row = await queries.usable_list(
            info.context.require_actor(), decode_id(id, "ShoppingList", "id")
        )
        return ShoppingList.from_row(row) if row else None

    @field("Shopping lists that you may use, by name. Needs CART_MANAGE.")
    async def shopping_lists(
        self,
        info: Info,
        legal_entity_id: Annotated[
            strawberry.ID | None, argument("A legal entity of your company; all if left out.")
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> Connection[ShoppingList]:
        page = page_of(first, after, order="shopping_lists.name", keys=(str, UUID))
        entity = None
        if legal_entity_id is not None:
            entity = decode_id(legal_entity_id, "LegalEntity", "legalEntityId")
        actor = info.context.require_actor()
        rows = await queries.lists_of(actor, entity, after=page.after, limit=page.limit)
        return connect(rows, page, node=ShoppingList.from_row, key=lambda row: (row.name, row.id))


@strawberry.type
class ShoppingListsMutation:
    """Changes of shopping lists; all need CART_MANAGE."""

    @mutation("Make a shopping list, your own unless shared. Needs CART_MANAGE.")
    async def create_shopping_list(
        self, info: Info, input: Annotated[CreateShoppingListInput, argument("The list.")]
    ) -> CreateShoppingListResult:
        actor = info.context.require_actor()
        entity = None
        if input.legal_entity_id is not None:
            entity = decode_id(input.legal_entity_id, "LegalEntity", "input", "legalEntityId")
        clock = info.context.resources.clock
        key = await once(
            info,
            input,
            lambda: service.create(
                actor,
                input.name,
                legal_entity_id=entity,
                shared_with_all=input.shared_with_all,
                clock=clock,
            ),
        )
        return await _shown(info.context, key)

    @mutation("Rename a list, share it, or make it private (its maker). Needs CART_MANAGE.")
    async def update_shopping_list(
        self, info: Info, input: Annotated[UpdateShoppingListInput, argument("The changes.")]
    ) -> UpdateShoppingListResult:
        key = await service.update(
            info.context.require_actor(),
            _list_key(input.list_id),
            name=input.name,
            shared_with_all=input.shared_with_all,
        )
        return await _shown(info.context, key)

    @mutation("Delete a list. Needs CART_MANAGE.")
    async def delete_shopping_list(
        self, info: Info, input: Annotated[DeleteShoppingListInput, argument("The list.")]
    ) -> DeleteShoppingListResult:
        actor, key = info.context.require_actor(), _list_key(input.list_id)
        await once(info, input, lambda: service.delete(actor, key))
        return DeleteShoppingListPayload(list_id=input.list_id)

    @mutation("Set an offer's usual quantity and note on a list, adding it if need be.")
    async def set_shopping_list_line(
        self, info: Info, input: Annotated[SetShoppingListLineInput, argument("The line.")]
    ) -> SetShoppingListLineResult:
        offer_id = decode_id(input.offer_id, "Offer", "input", "offerId")
        key = await service.set_line(
            info.context.require_actor(),
            _list_key(input.list_id),
            offer_id,
            input.quantity,
            input.note,
        )
        return await _shown(info.context, key)

    @mutation("Take a line out of its list. Needs CART_MANAGE.")
    async def remove_shopping_list_line(
        self, info: Info, input: Annotated[RemoveShoppingListLineInput, argument("The line.")]
    ) -> RemoveShoppingListLineResult:
        actor = info.context.require_actor()
        line_id = decode_id(input.line_id, "ShoppingListLine", "input", "lineId")
        key = await once(info, input, lambda: service.remove_line(actor, line_id))
        return await _shown(info.context, key)
