"""Writing stock in GraphQL: warehouses and quantities of the actor's own company."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from entrepot.graphql.catalog.errors import NotSelling
from entrepot.graphql.catalog.types import Offer
from entrepot.graphql.context import Info
from entrepot.graphql.errors import CommonErrors
from entrepot.graphql.fields import argument, field, mutation
from entrepot.graphql.inventory_types import StockBelowReserved, Warehouse, WarehouseCodeTaken
from entrepot.graphql.node import decode_id
from entrepot.graphql.once import once
from entrepot.platform.catalog.queries import all_offers_by_ids
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.inventory import queries, service


@strawberry.type
class InventoryQuery:
    """Root fields."""

    @field("Your company's warehouses, by code (needs `stock.view`).")
    async def warehouses(self, info: Info) -> list[Warehouse]:
        actor = info.context.require_actor()
        actor.require(Permission.STOCK_VIEW)
        return [Warehouse.from_row(row) for row in await queries.own_warehouses(actor)]


@strawberry.input(description="A new warehouse.")
class CreateWarehouseInput:
    """Its code and name."""

    code: str = strawberry.field(description="Short code, unique in your company; sorts picking.")
    name: str = strawberry.field(description="Its name.")


@strawberry.type(description="The new warehouse.")
class CreateWarehousePayload:
    """What was made."""

    warehouse: Warehouse = strawberry.field(description="The warehouse.")


CreateWarehouseResult = Annotated[
    CreateWarehousePayload | WarehouseCodeTaken | NotSelling | CommonErrors,
    strawberry.union("CreateWarehouseResult", description="The payload, or why nothing was done."),
]


@strawberry.input(description="What lies in a warehouse.")
class SetStockInput:
    """Absolute quantities, so that sending it twice does no harm."""

    offer_id: strawberry.ID = strawberry.field(description="Your offer.")
    warehouse_id: strawberry.ID = strawberry.field(description="Your warehouse.")
    on_hand: Decimal = strawberry.field(description="Units that lie there, 0 or more.")
    incoming: Decimal | None = strawberry.field(
        default=None, description="Units on their way in; left as it is when absent."
    )


@strawberry.type(description="The offer after the change.")
class SetStockPayload:
    """What was changed."""

    offer: Offer = strawberry.field(description="The offer.")


SetStockResult = Annotated[
    SetStockPayload | StockBelowReserved | CommonErrors,
    strawberry.union("SetStockResult", description="The payload, or why nothing was done."),
]


@strawberry.type
class InventoryMutation:
    """Root fields."""

    @mutation("Open a warehouse of your company (needs `stock.manage`).")
    async def create_warehouse(
        self, info: Info, input: Annotated[CreateWarehouseInput, argument("The warehouse.")]
    ) -> CreateWarehouseResult:
        actor = info.context.require_actor()

        async def create() -> UUID:
            return (await service.create_warehouse(actor, input.code, input.name)).id

        made = await once(info, input, create)
        own = {row.id: row for row in await queries.own_warehouses(actor)}
        return CreateWarehousePayload(warehouse=Warehouse.from_row(own[made]))

    @mutation("State what lies in a warehouse (needs `stock.manage`).")
    async def set_stock(
        self, info: Info, input: Annotated[SetStockInput, argument("The quantities.")]
    ) -> SetStockResult:
        actor = info.context.require_actor()
        offer_id = decode_id(input.offer_id, "Offer", "input", "offerId")
        warehouse_id = decode_id(input.warehouse_id, "Warehouse", "input", "warehouseId")
        await service.set_stock(actor, offer_id, warehouse_id, input.on_hand, input.incoming)
        rows = await all_offers_by_ids([offer_id])  # the actor's own, as the service checked
        return SetStockPayload(offer=Offer.from_row(rows[offer_id]))
