"""Units of offers in GraphQL: the seller says what a box or a pallet holds."""

from decimal import Decimal
from typing import Annotated

import strawberry

from entrepot.graphql.catalog.mutation import OfferPayload
from entrepot.graphql.catalog.types import Offer
from entrepot.graphql.context import Info
from entrepot.graphql.errors import CommonErrors, UserError, error_type
from entrepot.graphql.fields import argument, mutation
from entrepot.graphql.node import decode_id
from entrepot.platform.catalog import errors, offer_units, queries


@error_type(
    errors.UnitNotSold,
    unit="The unit, UN/ECE Rec 20 code.",
    product_unit="The product's own unit.",
)
class UnitNotSold(UserError):
    """The seller has not said how much of the article this unit holds."""


@strawberry.input(description="Another unit and what one of it holds.")
class OfferUnitInput:
    unit: str = strawberry.field(description="UN/ECE Rec 20 code, such as BX; not the product's.")
    quantity: Decimal = strawberry.field(description="How many of the product's unit it holds.")


@strawberry.input(description="All other units of your offer.")
class SetOfferUnitsInput:
    offer_id: strawberry.ID = strawberry.field(description="Your offer.")
    units: list[OfferUnitInput] = strawberry.field(
        description="The units, at most 20; those left out are forgotten."
    )


SetOfferUnitsResult = Annotated[
    OfferPayload | CommonErrors,
    strawberry.union("SetOfferUnitsResult", description="The offer, or why nothing was done."),
]


@strawberry.type
class OfferUnitsMutation:
    """Root fields."""

    @mutation("Say in which other units your offer can be ordered (seller, `catalog.manage`).")
    async def set_offer_units(
        self, info: Info, input: Annotated[SetOfferUnitsInput, argument("The units.")]
    ) -> SetOfferUnitsResult:
        actor = info.context.require_actor()
        offer_id = decode_id(input.offer_id, "Offer", "input", "offerId")
        units = [(one.unit, one.quantity) for one in input.units]
        await offer_units.set_offer_units(actor, offer_id, units)
        rows = await queries.all_offers_by_ids([offer_id])
        return OfferPayload(offer=Offer.from_row(rows[offer_id]))
