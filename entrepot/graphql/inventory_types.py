"""Stock in GraphQL: buyers see what is available, sellers their own shelves."""

from decimal import Decimal

import strawberry

from entrepot.graphql.errors import UserError, as_id, error_type
from entrepot.graphql.node import encode_id
from entrepot.platform.inventory import errors, queries


@strawberry.type(description="How much of an offer can be ordered.")
class Availability:
    """What everyone who sees the offer may know."""

    available: Decimal = strawberry.field(description="Units that can be ordered now.")
    lead_time_days: int = strawberry.field(description="Days until it ships.")


@strawberry.type(description="A place where your company keeps stock.")
class Warehouse:
    """A warehouse of the actor's company."""

    id: strawberry.ID = strawberry.field(description="Global id.")
    code: str = strawberry.field(description="Its short code, unique in the company.")
    name: str = strawberry.field(description="Its name.")

    @classmethod
    def from_row(cls, row: queries.WarehouseRow) -> "Warehouse":
        """Show a row."""
        return cls(id=encode_id("Warehouse", row.id), code=row.code, name=row.name)


@strawberry.type(description="Stock of your own offer in one warehouse.")
class WarehouseStock:
    """Quantities in the product's unit."""

    warehouse: Warehouse = strawberry.field(description="Where.")
    on_hand: Decimal = strawberry.field(description="Units that lie there.")
    reserved: Decimal = strawberry.field(description="Of these, held by orders.")
    available: Decimal = strawberry.field(description="On hand less reserved.")
    incoming: Decimal = strawberry.field(description="Units on their way in.")

    @classmethod
    def of(cls, row: queries.StockRow) -> "WarehouseStock":
        """Show a row."""
        return cls(
            warehouse=Warehouse(
                id=encode_id("Warehouse", row.warehouse_id),
                code=row.warehouse_code,
                name=row.warehouse_name,
            ),
            on_hand=row.on_hand,
            reserved=row.reserved,
            available=row.on_hand - row.reserved,
            incoming=row.incoming,
        )


@error_type(
    errors.OutOfStock,
    offer_id=as_id("Offer", "The offer."),
    requested="Units asked for.",
    available="Units free, less what earlier lines took.",
)
class OutOfStock(UserError):
    """Fewer units are free than were asked for."""


@error_type(
    errors.StockBelowReserved,
    offer_id=as_id("Offer", "The offer."),
    on_hand="Units that were to be on hand.",
    reserved="Units that orders hold.",
)
class StockBelowReserved(UserError):
    """Less would be on hand than orders already hold."""


@error_type(errors.WarehouseCodeTaken, warehouse_code="The code.")
class WarehouseCodeTaken(UserError):
    """Your company already has a warehouse with this code."""
