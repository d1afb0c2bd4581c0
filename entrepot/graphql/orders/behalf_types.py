"""Mandates in GraphQL, and the refusals of orders under them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import strawberry

from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.errors import UserError, as_id, error_type
from entrepot.graphql.fields import field
from entrepot.graphql.node import Node, encode_id, register_node
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.orders.behalf import errors as behalf_errors
from entrepot.platform.orders.behalf import mandates


async def load_mandates(
    context: RequestContext, keys: Sequence[UUID]
) -> Mapping[UUID, mandates.MandateRow]:
    """Load mandates that the actor's side gave or has."""
    return await mandates.mandates_by_ids(context.require_actor(), keys)


async def load_people(
    _context: RequestContext, keys: Sequence[UUID]
) -> Mapping[UUID, list[mandates.BuyerPerson]]:
    """Load the buyers of companies whose mandate the actor was shown."""
    return await mandates.people_of(keys)


@strawberry.type(description="Somebody for whom may be ordered.")
class MandatePerson:
    """A person of the buyer, by name."""

    id: strawberry.ID = strawberry.field(description="Global id of the person.")
    name: str = strawberry.field(description="Their name.")


@strawberry.type(
    description="A buyer's leave for a seller's representatives to order for a legal entity."
)
class BuyingMandate(Node):
    """A mandate."""

    row: strawberry.Private[mandates.MandateRow]

    @classmethod
    def from_row(cls, row: mandates.MandateRow) -> "BuyingMandate":
        """Show a mandate to the side that gave or has it."""
        return cls(id=encode_id("BuyingMandate", row.id), row=row)

    @field("The legal entity for which may be ordered.")
    def legal_entity_id(self) -> strawberry.ID:
        return encode_id("LegalEntity", self.row.legal_entity_id)

    @field("Its registered name.")
    def legal_entity_name(self) -> str:
        return self.row.legal_entity_name

    @field("Name of the buying company.")
    def buyer_name(self) -> str:
        return self.row.buyer_name

    @field("The company whose representatives may order.")
    def company_id(self) -> strawberry.ID:
        return encode_id("Company", self.row.company_id)

    @field("Its name.")
    def company_name(self) -> str:
        return self.row.company_name

    @field("Name of the person who gave it.")
    def granted_by(self) -> str:
        return self.row.granted_by

    @field("When it was given.")
    def granted_at(self) -> datetime:
        return self.row.granted_at

    @field("When it was taken back.")
    def revoked_at(self) -> datetime | None:
        return self.row.revoked_at

    @field("The buyer's people for whom may be ordered, by name.")
    async def people(self, info: Info) -> list[MandatePerson]:
        found = await info.context.load(load_people, self.row.buyer_id) or []
        return [MandatePerson(id=encode_id("User", one.id), name=one.name) for one in found]


@error_type(
    behalf_errors.MandateRequired,
    legal_entity_id=as_id("LegalEntity", "The legal entity, as you gave it."),
)
class MandateRequired(UserError):
    """The buyer has not allowed your company to order for it."""


@error_type(behalf_errors.BuyerRefuses, person="Name of the person to talk to.")
class BuyerRefuses(UserError):
    """The buyer's own rules do not let the order pass."""


async def _mandate_node(context: RequestContext, key: UUID) -> BuyingMandate | None:
    actor = context.actor
    if actor is None or not (
        actor.may(Permission.COMPANY_MANAGE) or actor.may(Permission.ORDER_ON_BEHALF)
    ):
        return None
    row = await context.load(load_mandates, key)
    return BuyingMandate.from_row(row) if row else None


register_node("BuyingMandate", _mandate_node)
