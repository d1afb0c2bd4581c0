"""Delivery addresses in GraphQL."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

import strawberry

from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.errors import CommonErrors, UserError, error_type
from entrepot.graphql.fields import argument, field, mutation
from entrepot.graphql.node import Node, decode_id, encode_id, register_node
from entrepot.graphql.once import once
from entrepot.platform.errors import NotFound
from entrepot.platform.identity import addresses
from entrepot.platform.identity import errors as identity_errors
from entrepot.platform.identity.permissions import Permission


async def load_addresses(
    context: RequestContext, ids: Sequence[UUID]
) -> Mapping[UUID, addresses.AddressRow]:
    """Load addresses of the actor's company by id, retired ones too."""
    return await addresses.addresses_by_ids(context.require_actor(), ids)


@strawberry.type(description="Where goods of a legal entity can go.")
class DeliveryAddress(Node):
    name: str = strawberry.field(description="What colleagues call it.")
    country: str = strawberry.field(description="ISO 3166-1 alpha-2 code.")
    postal_code: str = strawberry.field(description="Postal code; may be empty.")
    city: str = strawberry.field(description="City or settlement.")
    street: str = strawberry.field(description="Street, house, gate.")
    recipient: str = strawberry.field(description="Who takes the goods; may be empty.")
    phone: str = strawberry.field(description="Phone at the place; may be empty.")
    is_default: bool = strawberry.field(description="Whether carts without an address go there.")
    active: bool = strawberry.field(description="False: retired, for the record only.")
    legal_entity_id: strawberry.ID = strawberry.field(description="The legal entity's global id.")

    @classmethod
    def from_row(cls, row: addresses.AddressRow) -> "DeliveryAddress":
        """Show an address to somebody of its company."""
        return cls(
            id=encode_id("DeliveryAddress", row.id),
            name=row.name,
            country=row.country,
            postal_code=row.postal_code,
            city=row.city,
            street=row.street,
            recipient=row.recipient,
            phone=row.phone,
            is_default=row.is_default,
            active=row.active,
            legal_entity_id=encode_id("LegalEntity", row.legal_entity_id),
        )


async def _address_node(context: RequestContext, key: UUID) -> DeliveryAddress | None:
    actor = context.actor
    if actor is None:
        return None
    if not (actor.may(Permission.CART_MANAGE) or actor.may(Permission.COMPANY_MANAGE)):
        return None
    row = await context.load(load_addresses, key)
    return DeliveryAddress.from_row(row) if row else None


register_node("DeliveryAddress", _address_node)


@error_type(identity_errors.AddressNameTaken, name="The name.")
class AddressNameTaken(UserError):
    """The legal entity has a delivery address of that name already."""


@error_type(identity_errors.AddressInUse, uses="How many carts and standing orders.")
class AddressInUse(UserError):
    """Carts or standing orders still deliver there."""


@strawberry.input(description="A new delivery address.")
class CreateDeliveryAddressInput:
    name: str = strawberry.field(description="What colleagues will call it; up to 100 characters.")
    country: str = strawberry.field(description="ISO 3166-1 alpha-2 code.")
    city: str = strawberry.field(description="City or settlement.")
    street: str = strawberry.field(description="Street, house, gate.")
    postal_code: str = strawberry.field(default="", description="Postal code.")
    recipient: str = strawberry.field(default="", description="Who takes the goods.")
    phone: str = strawberry.field(default="", description="Phone at the place.")
    is_default: bool = strawberry.field(
        default=False, description="Carts without an address go there from now on."
    )
    legal_entity_id: strawberry.ID | None = strawberry.field(
        default=None, description="A legal entity of your company; the one you act for if left out."
    )


@strawberry.input(description="Changes of a delivery address; what is left out stays.")
class UpdateDeliveryAddressInput:
    address_id: strawberry.ID = strawberry.field(description="The address.")
    name: str | None = strawberry.field(default=None, description="Another name.")
    country: str | None = strawberry.field(default=None, description="Another country.")
    city: str | None = strawberry.field(default=None, description="Another city.")
    street: str | None = strawberry.field(default=None, description="Another street.")
    postal_code: str | None = strawberry.field(default=None, description="Another postal code.")
    recipient: str | None = strawberry.field(default=None, description="Another recipient.")
    phone: str | None = strawberry.field(default=None, description="Another phone.")
    is_default: bool | None = strawberry.field(
        default=None, description="Whether carts without an address go there."
    )

    def terms(self) -> addresses.AddressTerms:
        """Return what was given."""
        terms = addresses.AddressTerms()
        if self.name is not None:
            terms["name"] = self.name
        if self.country is not None:
            terms["country"] = self.country
        if self.city is not None:
            terms["city"] = self.city
        if self.street is not None:
            terms["street"] = self.street
        if self.postal_code is not None:
            terms["postal_code"] = self.postal_code
        if self.recipient is not None:
            terms["recipient"] = self.recipient
        if self.phone is not None:
            terms["phone"] = self.phone
        if self.is_default is not None:
            terms["is_default"] = self.is_default
        return terms


@strawberry.input(description="The address to take out of use.")
class RetireDeliveryAddressInput:
    address_id: strawberry.ID = strawberry.field(description="The address.")


@strawberry.type(description="The address after the change.")
class DeliveryAddressPayload:
    address: DeliveryAddress = strawberry.field(description="The address.")


CreateDeliveryAddressResult = Annotated[
    DeliveryAddressPayload | AddressNameTaken | CommonErrors,
    strawberry.union(
        "CreateDeliveryAddressResult", description="The address, or why there is none."
    ),
]
UpdateDeliveryAddressResult = Annotated[
    DeliveryAddressPayload | AddressNameTaken | CommonErrors,
    strawberry.union(
        "UpdateDeliveryAddressResult", description="The address, or why it stays as it was."
    ),
]
RetireDeliveryAddressResult = Annotated[
    DeliveryAddressPayload | AddressInUse | CommonErrors,
    strawberry.union(
        "RetireDeliveryAddressResult", description="The address, or why it stays in use."
    ),
]


async def _payload(context: RequestContext, key: UUID) -> DeliveryAddressPayload:
    row = await context.load(load_addresses, key)
    if row is None:
        raise NotFound("delivery address")
    return DeliveryAddressPayload(address=DeliveryAddress.from_row(row))


@strawberry.type
class AddressQuery:
    """Reads of delivery addresses."""

    @field(
        "Delivery addresses in use, by name: of one legal entity of your company, or of all."
        " Needs CART_MANAGE or COMPANY_MANAGE."
    )
    async def delivery_addresses(
        self,
        info: Info,
        legal_entity_id: Annotated[
            strawberry.ID | None, argument("A legal entity of your company; all if left out.")
        ] = None,
    ) -> list[DeliveryAddress]:
        key = None
        if legal_entity_id is not None:
            key = decode_id(legal_entity_id, "LegalEntity", "legalEntityId")
        rows = await addresses.addresses_of(info.context.require_actor(), key)
        return [DeliveryAddress.from_row(row) for row in rows]


@strawberry.type
class AddressMutation:
    """Changes of delivery addresses; they need CART_MANAGE or COMPANY_MANAGE."""

    @mutation("Add a delivery address. Needs CART_MANAGE or COMPANY_MANAGE.")
    async def create_delivery_address(
        self, info: Info, input: Annotated[CreateDeliveryAddressInput, argument("The address.")]
    ) -> CreateDeliveryAddressResult:
        actor = info.context.require_actor()
        entity = None
        if input.legal_entity_id is not None:
            entity = decode_id(input.legal_entity_id, "LegalEntity", "input", "legalEntityId")
        draft = addresses.AddressDraft(
            name=input.name,
            country=input.country,
            city=input.city,
            street=input.street,
            postal_code=input.postal_code,
            recipient=input.recipient,
            phone=input.phone,
            is_default=input.is_default,
        )
        clock = info.context.resources.clock
        key = await once(
            info,
            input,
            lambda: addresses.create_address(actor, draft, legal_entity_id=entity, clock=clock),
        )
        return await _payload(info.context, key)

    @mutation("Change a delivery address; orders keep it as it was. Needs CART_MANAGE.")
    async def update_delivery_address(
        self, info: Info, input: Annotated[UpdateDeliveryAddressInput, argument("The changes.")]
    ) -> UpdateDeliveryAddressResult:
        key = decode_id(input.address_id, "DeliveryAddress", "input", "addressId")
        await addresses.update_address(info.context.require_actor(), key, input.terms())
        return await _payload(info.context, key)

    @mutation("Take a delivery address out of use; orders keep it. Needs CART_MANAGE.")
    async def retire_delivery_address(
        self, info: Info, input: Annotated[RetireDeliveryAddressInput, argument("The address.")]
    ) -> RetireDeliveryAddressResult:
        key = decode_id(input.address_id, "DeliveryAddress", "input", "addressId")
        await addresses.retire_address(info.context.require_actor(), key)
        return await _payload(info.context, key)
